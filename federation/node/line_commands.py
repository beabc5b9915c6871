"""The control socket's commands about lines: arguments, use case, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from events.restore import Mode
from federation.node import line_notes, line_use_cases, use_cases
from federation.node.control_shapes import ControlCommand, Invited, Named, Nothing
from federation.node.line_doctor import examine
from federation.node.line_use_cases import Proposal
from federation.node.line_views import held, state_of_line, would_hold
from federation.node.service import now_s
from projections.lines import granted_by_them, granted_by_us, near_limit, used_percent
from schemas.core_parts import FreezeReason
from schemas.ids import Amount, Count, PathId, Positive

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
    """An answer to a proposal, by the hash of what was read; where an opening comes from."""

    group: str
    terms: str
    old_account: str = ""


class Lowered(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much a group may owe us from now on; who has decided: a member code."""

    group: str
    grants_units: Count
    coordinator: str = ""


class Frozen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why no new trades are admitted; who has decided: a member code."""

    group: str
    reason: FreezeReason = FreezeReason.COORDINATOR
    coordinator: str = ""


class Decided(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who has decided about a line: a member code; else whoever runs the server."""

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
    return show_with_terms(
        node, await line_use_cases.propose_terms(node, group, Proposal(**fields))
    )


async def line_accept(node: Node, arguments: Answered) -> dict[str, Any]:
    """Accept what another group proposes."""
    return await _answered(node, arguments, accept=True)


async def line_refuse(node: Node, arguments: Answered) -> dict[str, Any]:
    """Refuse what another group proposes."""
    return await _answered(node, arguments, accept=False)


async def _answered(node: Node, arguments: Answered, *, accept: bool) -> dict[str, Any]:
    old, terms = arguments.old_account, arguments.terms
    line = await line_use_cases.answer_terms(
        node, arguments.group, terms, accept=accept, old_account=old
    )
    return show_with_terms(node, line)


async def line_show(node: Node, arguments: Named) -> dict[str, Any]:
    """Give one line: what holds, and what is proposed."""
    peer = use_cases.find_peer(node, arguments.group)
    return show_with_terms(node, line_use_cases.line_with(node, peer.node))


async def line_lower(node: Node, arguments: Lowered) -> dict[str, Any]:
    """Lower how much another group may owe us."""
    by = line_use_cases.who_decided(node, arguments.coordinator)
    units = arguments.grants_units
    line = await line_use_cases.lower_limit(node, arguments.group, units, by=by)
    return show_with_terms(node, line)


async def line_freeze(node: Node, arguments: Frozen) -> dict[str, Any]:
    """Admit no new trades with a group."""
    by = line_use_cases.who_decided(node, arguments.coordinator)
    line = await line_use_cases.freeze(node, arguments.group, arguments.reason, by=by)
    return show_with_terms(node, line)


async def line_unfreeze(node: Node, arguments: Decided) -> dict[str, Any]:
    """Admit new trades again."""
    by = line_use_cases.who_decided(node, arguments.coordinator)
    return show_with_terms(node, await line_use_cases.unfreeze(node, arguments.group, by=by))


async def line_close(node: Node, arguments: Decided) -> dict[str, Any]:
    """Close the line with a group."""
    by = line_use_cases.who_decided(node, arguments.coordinator)
    return show_with_terms(node, await line_use_cases.close(node, arguments.group, by=by))


async def line_heads(node: Node, arguments: Named) -> dict[str, Any]:
    """Tell a group where our books stand."""
    return show_with_terms(node, await line_use_cases.send_heads(node, arguments.group))


async def line_release(node: Node, arguments: Decided) -> dict[str, Any]:
    """End a quarantine by a coordinator's decision."""
    by = arguments.coordinator
    return show_with_terms(node, await line_use_cases.end_quarantine(node, arguments.group, by))


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
    return show_with_terms(node, await line_notes.forget_note(node, arguments.group, arguments.n))


async def line_list(node: Node, _: Nothing) -> list[dict[str, Any]]:
    """Give every line."""
    return [show_with_terms(node, line) for line in node.machine.books.lines.values()]


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


def show_with_terms(node: Node, line: Line) -> dict[str, Any]:
    """Give the same with its terms: what holds, and what would by each open proposal."""
    return {
        **show_line(node, line),
        "agreed": held(line),
        "proposed": would_hold(line, line.their_proposal),
        "own_proposal": would_hold(line, line.own_proposal),
    }


def show_line(node: Node, line: Line) -> dict[str, Any]:
    """Give what a coordinator wants to know of a line; effective limits, alarm included."""
    ours = theirs = largest = 0
    terms = line.terms or line.their_proposal or line.own_proposal
    if terms is not None:
        ours, theirs = terms.other(line.us).grants_units, terms.side(line.us).grants_units
        largest = terms.largest_units
    if line.terms is not None:
        ours, theirs = granted_by_them(line), granted_by_us(line)
    owed = ((line.owed_by_us(), ours), (line.owed_to_us(), theirs))
    used = max(used_percent(*one) for one in owed)
    alarmed = any(near_limit(*one) for one in owed)
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
        "alarm": bool(line.terms) and alarmed,
        "partner_left": node.peers.get(line.peer) is None,
        "unconfirmed": line.out_n - node.outbox.delivery(line.line).acknowledged_n,
    }


COMMANDS = {
    "line.invite": ControlCommand(Invited, line_invite),
    "line.propose": ControlCommand(Propose, line_propose),
    "line.accept": ControlCommand(Answered, line_accept),
    "line.refuse": ControlCommand(Answered, line_refuse),
    "line.show": ControlCommand(Named, line_show),
    "line.lower": ControlCommand(Lowered, line_lower),
    "line.freeze": ControlCommand(Frozen, line_freeze),
    "line.unfreeze": ControlCommand(Decided, line_unfreeze),
    "line.close": ControlCommand(Decided, line_close),
    "line.heads": ControlCommand(Named, line_heads),
    "line.release": ControlCommand(Decided, line_release),
    "line.rate": ControlCommand(NewRate, line_rate),
    "line.note": ControlCommand(Noted, line_note),
    "line.notes": ControlCommand(Named, line_read_notes),
    "line.forget": ControlCommand(Forgotten, line_forget),
    "line.list": ControlCommand(Nothing, line_list),
    "line.doctor": ControlCommand(Nothing, line_doctor),
}
