"""What coordinators do with a line: agree, lower, pause, change the rate, settle, close.

One function a command. What is left out has a default, what can be derived is never asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from federation.group import commands as group
from federation.line import commands
from federation.node.use_cases import about_peer, account_by_code, find_peer
from schemas.amounts import Rate, Unit
from schemas.bodies import AccountKind
from schemas.core_parts import FreezeReason
from schemas.errors import Code, InputError, RefusedError, RuilbrugError
from schemas.ids import line_id
from schemas.terms import Side, Terms, default_grant_units, default_largest_units, terms_hash

if TYPE_CHECKING:
    from federation.node.peers import Peer
    from federation.node.service import Node
    from projections.lines import Line


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
    answered: Line = await node.do(
        commands.ProposeTerms(terms, peer.node, counter, known=True, old_account=old)
    )
    return answered


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


async def answer_terms(node: Node, peer_name: str, *, accept: bool, old_account: str = "") -> Line:
    """Accept or refuse the open proposal of another group.

    Raises:
        InputError: `peer_unknown`, `line_not_open`, `not_found` when nothing is proposed.

    """
    line = line_with(node, find_peer(node, peer_name).node)
    proposal = line.their_proposal or line.terms
    if proposal is None:
        raise InputError(Code.NOT_FOUND, field="terms")
    old = account_by_code(node, old_account).account if old_account else 0
    answered: Line = await node.do(
        commands.AnswerTerms(line.line, terms_hash(proposal), accept, old)
    )
    return answered


async def lower_limit(node: Node, peer_name: str, grants_units: int) -> Line:
    """Lower, alone, how much another group may owe us. Raises as `life.lower_limit` refuses."""
    name = line_with(node, find_peer(node, peer_name).node).line
    answered: Line = await node.do(commands.LowerLimit(name, grants_units))
    return answered


async def freeze(node: Node, peer_name: str, reason: FreezeReason) -> Line:
    """Admit no new trades with a group for a while, with a reason that it is told."""
    name = line_with(node, find_peer(node, peer_name).node).line
    answered: Line = await node.do(commands.Freeze(name, reason))
    return answered


async def unfreeze(node: Node, peer_name: str) -> Line:
    """Admit new trades with a group again."""
    name = line_with(node, find_peer(node, peer_name).node).line
    answered: Line = await node.do(commands.Unfreeze(name))
    return answered


async def close(node: Node, peer_name: str) -> Line:
    """Close the line with a group: at zero, or with a loss when it has left the register."""
    found = [p for p in node.peers.everyone() if peer_name in (p.node, p.name)]
    if len(found) != 1:
        raise InputError(Code.PEER_UNKNOWN, field="group")
    line = line_with(node, found[0].node)
    gone = found[0].standing == "removed"
    answered: Line = await node.do(commands.CloseLine(line.line, gone=gone))
    return answered


async def send_heads(node: Node, peer_name: str) -> Line:
    """Tell a group now where our books stand; it compares them with its own."""
    name = line_with(node, find_peer(node, peer_name).node).line
    answered: Line = await node.do(commands.SendHeads(name))
    return answered


async def end_quarantine(node: Node, peer_name: str, coordinator: str = "") -> Line:
    """Let a line admit trades again after a coordinator has looked into what set it aside."""
    name = line_with(node, find_peer(node, peer_name).node).line
    by = account_by_code(node, coordinator).account if coordinator else None
    answered: Line = await node.do(commands.EndQuarantine(name, by))
    return answered


class RateChange(NamedTuple):
    """Whom a new rate was proposed to, and who could not be asked now, each with the code."""

    asked: list[str]
    not_asked: dict[str, str]


async def change_rate(node: Node, per_hour: int) -> RateChange:
    """Give the group's unit another rate, and propose it on every line.

    Payments go on by the old rate until a partner has accepted; each line is revalued then. A
    partner that cannot be asked now holds up no other: the same command again asks it.

    Raises:
        InputError: `not_configured`, `malformed`.

    """
    settings = node.machine.books.ledger.settings
    if settings is None:
        raise InputError(Code.NOT_CONFIGURED, field="unit")
    rate = Rate(per_hour, settings.unit.rate.decimals)
    if not rate.terms_rule():
        raise InputError(Code.MALFORMED, field="per_hour", reason="too many units an hour")
    unit = Unit(singular=settings.unit.singular, plural=settings.unit.plural, rate=rate)
    await node.do(group.Configure(unit, settings.lower_minor, settings.upper_minor))
    change = RateChange([], {})
    for line in list(node.machine.books.lines.values()):
        peer = node.peers.get(line.peer)
        if line.terms is None or line.own_closed or peer is None:
            continue
        if line.terms.side(line.us).rate == rate:
            continue
        open_one = line.own_proposal
        if open_one is not None and open_one.side(line.us).rate == rate:
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
