"""What coordinators do with a line: agree, lower, pause, change the rate, settle, close.

One function a command. What is left out has a default, what can be derived is never asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.group import commands as group
from federation.group.members import is_coordinator
from federation.line import commands
from federation.node.looked import What, note_line
from federation.node.rate_deed import concerned, rate_change, was_asked
from federation.node.service import now_s
from federation.node.use_cases import about_peer, account_by_code, find_peer
from schemas.amounts import LINE_UNITS_PER_HOUR, Rate, Unit
from schemas.bodies import AccountKind
from schemas.core_parts import FreezeReason
from schemas.errors import Code, InputError, RefusedError, RuilbrugError
from schemas.ids import line_id
from schemas.terms import Side, Terms, default_grant_units, default_largest_units, terms_hash

if TYPE_CHECKING:
    from federation.line.commands import LineCommand
    from federation.node.peers import Peer
    from federation.node.rate_deed import RateChange
    from federation.node.service import Node
    from projections.ledger import Settings
    from projections.lines import Line

_NOTED: Final[dict[type, What]] = {
    commands.LowerLimit: What.LINE_LIMIT,
    commands.Freeze: What.LINE_PAUSE,
    commands.Unfreeze: What.LINE_RESUME,
    commands.CloseLine: What.LINE_CLOSE,
}
"""What one coordinator decides alone, and no event names who; the rest takes both sides or is
signed with a member (`EndQuarantine`, a settlement)."""


def line_with(node: Node, peer: str) -> Line:
    """Give the line with a peer: the one in force before one that is only proposed.

    Raises:
        InputError: `line_not_open` when there is none.

    """
    lines = [line for line in node.machine.books.lines.values() if line.peer == peer]
    if not lines:
        raise InputError(Code.LINE_NOT_OPEN, field="line")
    return max(lines, key=lambda line: (line.open(), line.counter))


class Proposal(NamedTuple):
    """What a coordinator may say about terms; everything has a default."""

    grants_units: int | None = None
    """How much each side lets the other owe; left out: as it is, at first 20 hours."""
    largest_units: int | None = None
    """Largest single transfer; left out: as it is, at first 5 hours."""
    we_owe_units: int = 0
    """Opening position of a new line: what we owe from before, negative when we are owed."""
    old_account: str = ""
    """Code of the account of the former system that the opening position comes from."""


async def propose_terms(node: Node, peer_name: str, proposal: Proposal) -> Line:
    """Propose terms to another group; our rate is the group's, theirs is what they say it is.

    Raises:
        InputError: `peer_unknown`, `not_configured`, `account_unknown`.
        RefusedError: the refusals of `federation.line.terms.propose`.

    """
    answered: Line = await node.do(await proposal_to(node, peer_name, proposal))
    return answered


async def proposal_to(node: Node, peer_name: str, proposal: Proposal) -> commands.ProposeTerms:
    """Give the command that proposes terms; what is not said is as it is, or has a default.

    Raises:
        InputError: `peer_unknown`, `not_configured`, `account_unknown`.
        PeerUnavailable: the other group cannot be asked for its rate now.

    """
    if not any(peer_name in (peer.node, peer.name) for peer in node.peers.all()):
        await node.peers.read_register()
    peer = find_peer(node, peer_name)
    if not node.peers.http_keys(peer.node):
        await node.peers.refresh(peer.node)
    known = [line for line in node.machine.books.lines.values() if line.peer == peer.node]
    newest = max(known, key=lambda line: line.counter, default=None)
    fresh = newest is None or newest.own_closed
    counter = 0 if newest is None else newest.counter + newest.own_closed
    before = None if fresh or newest is None else newest.terms
    terms = await _terms(node, peer, counter, before, proposal)
    old = account_by_code(node, proposal.old_account).account if proposal.old_account else 0
    return commands.ProposeTerms(terms, peer.node, counter, known=True, old_account=old)


async def _terms(
    node: Node, peer: Peer, counter: int, before: Terms | None, proposal: Proposal
) -> Terms:
    about = await about_peer(node, peer)
    settings = node.machine.books.ledger.settings
    if settings is None or about.unit is None:
        raise InputError(Code.NOT_CONFIGURED, field="unit")
    sides = []
    for name, rate in ((node.id, settings.unit.rate), (peer.node, about.unit.rate)):
        usual = default_grant_units() if before is None else before.side(name).grants_units
        grants = usual if proposal.grants_units is None else proposal.grants_units
        sides.append(Side(node=name, rate=rate, grants_units=grants))
    lower, higher = sorted(sides, key=lambda side: side.node)
    usual_largest = default_largest_units() if before is None else before.largest_units
    owed = proposal.we_owe_units
    return Terms(
        line=line_id(node.id, peer.node, counter),
        rev=1 if before is None else before.rev + 1,
        lower=lower,
        higher=higher,
        largest_units=(usual_largest if proposal.largest_units is None else proposal.largest_units),
        previous=None if before is None else terms_hash(before),
        opening_units=owed if lower.node == node.id else -owed,
    )


async def answer_terms(
    node: Node, peer_name: str, terms: str, *, accept: bool, old_account: str = ""
) -> Line:
    """Accept or refuse the open proposal of another group, by the hash of what was read.

    Raises:
        InputError: `peer_unknown`, `line_not_open`.
        RefusedError: `not_found` when this is not what is proposed now.

    """
    line = line_with(node, find_peer(node, peer_name).node)
    old = account_by_code(node, old_account).account if old_account else 0
    answered: Line = await node.do(commands.AnswerTerms(line.line, terms, accept, old))
    return answered


async def lower_limit(
    node: Node, peer_name: str, grants_units: int, *, by: int | None = None
) -> Line:
    """Lower, alone, how much another group may owe us; `by` a member, else whoever runs the server.

    Raises as `life.lower_limit` refuses.
    """
    name = line_with(node, find_peer(node, peer_name).node).line
    return await decided(node, commands.LowerLimit(name, grants_units), by=by)


async def freeze(
    node: Node, peer_name: str, reason: FreezeReason, *, by: int | None = None
) -> Line:
    """Admit no new trades with a group for a while, with a reason that it is told."""
    name = line_with(node, find_peer(node, peer_name).node).line
    return await decided(node, commands.Freeze(name, reason), by=by)


async def unfreeze(node: Node, peer_name: str, *, by: int | None = None) -> Line:
    """Admit new trades with a group again."""
    name = line_with(node, find_peer(node, peer_name).node).line
    return await decided(node, commands.Unfreeze(name), by=by)


def who_decided(node: Node, code: str) -> int | None:
    """Give the coordinator with this code; none for no code: whoever runs the server.

    Raises:
        InputError: `account_unknown` naming `coordinator`.
        RefusedError: `not_coordinator`.

    """
    if not code:
        return None
    by = account_by_code(node, code, field="coordinator").account
    if not is_coordinator(node.machine.books, by):
        raise RefusedError(Code.NOT_COORDINATOR, field="coordinator")
    return by


async def decided(node: Node, command: LineCommand, *, by: int | None) -> Line:
    """Do what one coordinator decides about a line, and note in the register who it was.

    What the log says of such a decision the other group reads too, so it names no member.
    Should the process die in between, it is done and not noted.
    """
    answered: Line = await node.do(command)
    what = _NOTED.get(type(command))
    if what is not None:
        await note_line(node, answered.peer, what, by=by, now_s=now_s())
    return answered


async def close(node: Node, peer_name: str, *, by: int | None = None) -> Line:
    """Close the line with a group: at zero, or with a loss when it has left the register."""
    found = [p for p in node.peers.everyone() if peer_name in (p.node, p.name)]
    if len(found) != 1:
        raise InputError(Code.PEER_UNKNOWN, field="group")
    line = line_with(node, found[0].node)
    gone = found[0].standing == "removed"
    return await decided(node, commands.CloseLine(line.line, gone=gone), by=by)


async def send_heads(node: Node, peer_name: str) -> Line:
    """Tell a group now where our books stand; it compares them with its own."""
    name = line_with(node, find_peer(node, peer_name).node).line
    answered: Line = await node.do(commands.SendHeads(name))
    return answered


async def end_quarantine(node: Node, peer_name: str, coordinator: str = "") -> Line:
    """Let a line admit trades again after a coordinator has looked into what set it aside.

    Raises:
        InputError: `peer_unknown`, `line_not_open`; `account_unknown` naming `coordinator`.

    """
    name = line_with(node, find_peer(node, peer_name).node).line
    by = None
    if coordinator:
        by = account_by_code(node, coordinator, field="coordinator").account
    answered: Line = await node.do(commands.EndQuarantine(name, by))
    return answered


def look_at_rate(node: Node, per_hour: int) -> RateChange:
    """Say what another rate would change; nothing is done. Raises as `change_rate`."""
    settings, rate = _other_rate(node, per_hour)
    return rate_change(node.machine.books, settings.unit.rate, rate)


def _other_rate(node: Node, per_hour: int) -> tuple[Settings, Rate]:
    settings = node.machine.books.ledger.settings
    if settings is None:
        raise InputError(Code.NOT_CONFIGURED, field="unit")
    decimals = settings.unit.rate.decimals
    if not 1 <= per_hour <= LINE_UNITS_PER_HOUR // 10**decimals:
        raise InputError(Code.MALFORMED, field="per_hour", reason="too many units an hour")
    return settings, Rate(per_hour, decimals)


class RateAsked(NamedTuple):
    """Whom a new rate was proposed to, and who could not be asked now, each with the code."""

    asked: list[str]
    not_asked: dict[str, str]


async def change_rate(node: Node, per_hour: int) -> RateAsked:
    """Give the group's unit another rate, and propose it on every line.

    Payments go on by the old rate until a partner has accepted; each line is revalued then. A
    partner that cannot be asked now holds up no other: the same command again asks it.

    Raises:
        InputError: `not_configured`, `malformed`.

    """
    settings, rate = _other_rate(node, per_hour)
    unit = Unit(singular=settings.unit.singular, plural=settings.unit.plural, rate=rate)
    await node.do(group.Configure(unit, settings.limits.lower_minor, settings.limits.upper_minor))
    change = RateAsked([], {})
    for line in concerned(node.machine.books, rate):
        peer = node.peers.get(line.peer)
        if peer is None:
            continue
        if was_asked(line, rate):
            change.asked.append(peer.name)
            continue
        try:
            await propose_terms(node, peer.node, Proposal())
        except RuilbrugError as error:
            change.not_asked[peer.name] = error.code.value
        else:
            change.asked.append(peer.name)
    return change


def group_account_code(node: Node) -> str:
    """Give the code of the group's own account.

    Raises:
        RefusedError: `not_configured`.

    """
    account = node.machine.books.ledger.account_of_kind(AccountKind.GROUP)
    if account is None:
        raise RefusedError(Code.NOT_CONFIGURED)
    return account.code
