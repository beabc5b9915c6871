"""The control socket's commands about lines: arguments, use case, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from events.restore import Mode
from federation.node import line_notes, line_use_cases, use_cases
from federation.node.control_shapes import ControlCommand, Invited, Named, Nothing
from federation.node.line_doctor import examine
from federation.node.line_use_cases import Proposal
from federation.node.service import now_s
from projections.lines import granted_by_them, granted_by_us
from schemas.core_parts import FreezeReason
from schemas.ids import Amount, Count, PathId, Positive
from schemas.terms import ALARM_PERCENT

if TYPE_CHECKING:
    from federation.node.service import Node
    from projections.lines import Line


class Propose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms for a group; what is left out has a default."""

    group: str
    grants_units: Positive | None = None
    largest_units: Positive | None = None
    we_owe_units: Amount = 0
    old_account: str = ""


class Answered(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer to a proposal; the old account that an opening position comes from."""

    group: str
    old_account: str = ""


class Lowered(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much a group may owe us from now on."""

    group: str
    grants_units: Count


class Frozen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why no new trades are admitted."""

    group: str
    reason: FreezeReason = FreezeReason.COORDINATOR


class Looked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who has looked into what set a line aside: a member code."""

    group: str
    coordinator: str = ""


class NewRate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units an hour."""

    per_hour: Positive


class Noted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text for another group's coordinator; `trade` is the path of what it is about."""

    group: str
    text: str
    trade: PathId | None = None


class Forgotten(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A note of ours, by its place in our chain."""

    group: str
    n: Positive


async def line_invite(node: Node, arguments: Invited) -> dict[str, Any]:
    """Trust an invitation."""
    peer = await use_cases.invite(node, arguments.invitation, arguments.name)
    return {"node": peer.node, "name": peer.name}


async def line_propose(node: Node, arguments: Propose) -> dict[str, Any]:
    """Propose terms."""
    fields = msgspec.structs.asdict(arguments)
    group = fields.pop("group")
    return show_line(node, await line_use_cases.propose_terms(node, group, Proposal(**fields)))


async def line_accept(node: Node, arguments: Answered) -> dict[str, Any]:
    """Accept what another group proposes."""
    old = arguments.old_account
    line = await line_use_cases.answer_terms(node, arguments.group, accept=True, old_account=old)
    return show_line(node, line)


async def line_refuse(node: Node, arguments: Named) -> dict[str, Any]:
    """Refuse what another group proposes."""
    return show_line(node, await line_use_cases.answer_terms(node, arguments.group, accept=False))


async def line_lower(node: Node, arguments: Lowered) -> dict[str, Any]:
    """Lower how much another group may owe us."""
    units = arguments.grants_units
    return show_line(node, await line_use_cases.lower_limit(node, arguments.group, units))


async def line_freeze(node: Node, arguments: Frozen) -> dict[str, Any]:
    """Admit no new trades with a group."""
    reason = arguments.reason
    return show_line(node, await line_use_cases.freeze(node, arguments.group, reason))


async def line_unfreeze(node: Node, arguments: Named) -> dict[str, Any]:
    """Admit new trades again."""
    return show_line(node, await line_use_cases.unfreeze(node, arguments.group))


async def line_close(node: Node, arguments: Named) -> dict[str, Any]:
    """Close the line with a group."""
    return show_line(node, await line_use_cases.close(node, arguments.group))


async def line_heads(node: Node, arguments: Named) -> dict[str, Any]:
    """Tell a group where our books stand."""
    return show_line(node, await line_use_cases.send_heads(node, arguments.group))


async def line_release(node: Node, arguments: Looked) -> dict[str, Any]:
    """End a quarantine by a coordinator's decision."""
    by = arguments.coordinator
    return show_line(node, await line_use_cases.end_quarantine(node, arguments.group, by))


async def line_rate(node: Node, arguments: NewRate) -> dict[str, Any]:
    """Give the group's unit another rate."""
    return (await line_use_cases.change_rate(node, arguments.per_hour))._asdict()


async def line_note(node: Node, arguments: Noted) -> dict[str, Any]:
    """Write to another group's coordinator."""
    text, trade = arguments.text, arguments.trade or ""
    return (await line_notes.send_note(node, arguments.group, text, about=trade))._asdict()


async def line_read_notes(node: Node, arguments: Named) -> list[dict[str, Any]]:
    """Give the notes of both sides, oldest first."""
    return [note._asdict() for note in await line_notes.notes(node, arguments.group)]


async def line_forget(node: Node, arguments: Forgotten) -> dict[str, Any]:
    """Have both sides drop the text of a note of ours."""
    return show_line(node, await line_notes.forget_note(node, arguments.group, arguments.n))


async def line_list(node: Node, _: Nothing) -> list[dict[str, Any]]:
    """Give every line."""
    return [show_line(node, line) for line in node.machine.books.lines.values()]


async def line_doctor(node: Node, _: Nothing) -> list[dict[str, Any]]:
    """Say what is in doubt, what happens by itself, and what needs a person."""
    books = node.machine.books
    return [
        {"group": _name(node, line), **msgspec.structs.asdict(advice)}
        for line in books.lines.values()
        for advice in examine(
            books,
            line,
            node.outbox.delivery(line.line),
            left=node.peers.get(line.peer) is None,
            releases=node.gate.mode is Mode.OPEN,
            now_s=now_s(),
        )
    ]


def _name(node: Node, line: Line) -> str:
    return next((p.name for p in node.peers.everyone() if p.node == line.peer), line.peer)


def state_of_line(line: Line) -> str:
    """Name the state of a line in one word."""
    states = (
        ("quarantined", bool(line.quarantined)),
        ("closed", line.closed()),
        ("closing", line.own_closed or line.their_closed),
        ("frozen", bool(line.own_frozen or line.their_frozen)),
        ("open", line.open()),
        ("proposed", bool(line.own_proposal or line.their_proposal)),
    )
    return next((name for name, holds in states if holds), "refused")


def show_line(node: Node, line: Line) -> dict[str, Any]:
    """Give what a coordinator wants to know of a line; effective limits, alarm included."""
    ours = theirs = largest = 0
    terms = line.terms or line.their_proposal or line.own_proposal
    if terms is not None:
        ours, theirs = terms.other(line.us).grants_units, terms.side(line.us).grants_units
        largest = terms.largest_units
    if line.terms is not None:
        ours, theirs = granted_by_them(line), granted_by_us(line)
    used = max(line.owed_by_us() * 100 // max(ours, 1), line.owed_to_us() * 100 // max(theirs, 1))
    return {
        "line": line.line,
        "group": _name(node, line),
        "state": state_of_line(line),
        "reason": line.quarantined or line.own_frozen or line.their_frozen,
        "waits_for_us": line.their_proposal is not None,
        "balance_units": line.balance_units,
        "held_out_units": line.held_out_units,
        "held_in_units": line.held_in_units,
        "we_may_owe_units": ours,
        "they_may_owe_units": theirs,
        "largest_units": largest,
        "used_percent": used if line.terms else 0,
        "alarm": bool(line.terms) and used >= ALARM_PERCENT,
        "partner_left": node.peers.get(line.peer) is None,
        "unconfirmed": line.out_n - node.outbox.delivery(line.line).acknowledged_n,
    }


COMMANDS = {
    "line.invite": ControlCommand(Invited, line_invite),
    "line.propose": ControlCommand(Propose, line_propose),
    "line.accept": ControlCommand(Answered, line_accept),
    "line.refuse": ControlCommand(Named, line_refuse),
    "line.lower": ControlCommand(Lowered, line_lower),
    "line.freeze": ControlCommand(Frozen, line_freeze),
    "line.unfreeze": ControlCommand(Named, line_unfreeze),
    "line.close": ControlCommand(Named, line_close),
    "line.heads": ControlCommand(Named, line_heads),
    "line.release": ControlCommand(Looked, line_release),
    "line.rate": ControlCommand(NewRate, line_rate),
    "line.note": ControlCommand(Noted, line_note),
    "line.notes": ControlCommand(Named, line_read_notes),
    "line.forget": ControlCommand(Forgotten, line_forget),
    "line.list": ControlCommand(Nothing, line_list),
    "line.doctor": ControlCommand(Nothing, line_doctor),
}
