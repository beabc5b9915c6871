"""What people do with a node: one function for each command.

Handlers, the command line and the demo call these; the rules are in `federation.group` and
`federation.line`, the waiting is here.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from federation.group import commands as group
from federation.group.decide import GROUP_SUBJECT
from federation.line import commands as line_commands
from federation.line.conversion import Quote, quote
from federation.node.identity import system_random
from federation.node.payees import payee_pseudonym, pseudonym_for
from federation.node.peers import Peer
from federation.node.service import now_s
from federation.node.settings import parse_invitation
from projections.ledger import code_key
from projections.lines import Phase
from schemas.amounts import Unit
from schemas.bodies import AccountKind, PeerInvited, RestoreOverridden
from schemas.cores import Fixed
from schemas.encoding import b64
from schemas.errors import Code, InputError, PeerUnavailable, Refusal, RefusedError
from schemas.ids import line_id
from schemas.messages import About
from schemas.openings import MemberText, PeerText
from schemas.terms import Side, Terms, default_grant_units, default_largest_units, terms_hash

if TYPE_CHECKING:
    from federation.node.machine import Answer
    from federation.node.service import Node
    from projections.ledger import Account
    from projections.lines import Line, Transfer

REACHABLE_S: Final = 60
EXPIRY_REACHABLE_S: Final = 60
EXPIRY_HOUR: Final = 18
_ABOUT: Final = msgspec.json.Decoder(About)


def new_key() -> str:
    """Give a random key for a command: 16 bytes."""
    return b64(system_random(16))


def account_by_code(node: Node, code: str, *, field: str = "account") -> Account:
    """Find an account by its code; case and spaces do not matter.

    Raises:
        InputError: `account_unknown`, naming the field.

    """
    ledger = node.machine.books.ledger
    number = ledger.codes.get(code_key(code))
    if number is None:
        raise InputError(Code.ACCOUNT_UNKNOWN, field=field)
    return ledger.accounts[number]


async def configure(node: Node, unit: Unit, lower: int | None, upper: int | None) -> None:
    """Set unit and default limits."""
    await node.do(group.Configure(unit, lower, upper))


async def add_member(
    node: Node,
    *,
    code: str,
    name: str,
    key: str | None = None,
    lower_minor: int | None = None,
    upper_minor: int | None = None,
) -> int:
    """Open an account for a new member and give its number.

    Raises:
        RefusedError: `code_taken`.

    """
    command = group.OpenAccount(
        key=key or new_key(),
        code=code,
        kind=AccountKind.MEMBER,
        subject=new_key(),
        text=MemberText(name=name),
        lower_minor=lower_minor,
        upper_minor=upper_minor,
    )
    answer: Answer = await node.do(command)
    return int(answer.value)


async def pay_inside(
    node: Node,
    *,
    payer: str,
    payee: str,
    amount_minor: int,
    description: str = "",
    key: str | None = None,
) -> Answer:
    """Book a transfer between two members of the group.

    Raises:
        InputError: `account_unknown`.
        RefusedError: the refusals of `federation.group.decide.transfer`, `conflict`.

    """
    answer: Answer = await node.do(
        group.Transfer(
            key=key or new_key(),
            payer=account_by_code(node, payer, field="payer").account,
            payee=account_by_code(node, payee, field="payee").account,
            amount_minor=amount_minor,
            description=description,
        )
    )
    return answer


async def invite(node: Node, invitation: str, name: str = "") -> Peer:
    """Trust another group's invitation, and fetch the keys that its id proves.

    Raises:
        InputError: `malformed`, `peer_unreachable` when its key statements cannot be had.

    """
    invited = parse_invitation(invitation)
    peer = Peer(invited.node, invited.url, name, "invited")
    about = await about_peer(node, peer)
    peer = peer._replace(name=name or about.name)
    body = PeerInvited(v=1, at_s=now_s(), node=peer.node, url=peer.url, name=peer.name)
    await node.do(group.Note(new_key(), body))
    await node.peers.add(peer)
    await node.peers.refresh(peer.node)
    if not node.peers.http_keys(peer.node):
        raise PeerUnavailable(Code.PEER_UNREACHABLE, reason="key statements")
    return peer


async def about_peer(node: Node, peer: Peer) -> About:
    """Ask a node for its name and unit; the answer must be of the node that was meant."""
    data = await node.client.get_unsigned(peer.url, "/federation/v1/about")
    try:
        about = _ABOUT.decode(data)
    except msgspec.MsgspecError as error:
        raise PeerUnavailable(Code.PEER_WRONG, reason="about") from error
    if about.node != peer.node:
        raise PeerUnavailable(Code.PEER_WRONG, reason="another node answers there")
    return about


def find_peer(node: Node, name: str) -> Peer:
    """Find a peer by node id, or by a name that only one has.

    Raises:
        InputError: `peer_unknown`.

    """
    found = [p for p in node.peers.all() if p.node == name or p.name.casefold() == name.casefold()]
    if len(found) != 1:
        raise InputError(Code.PEER_UNKNOWN, field="group")
    return found[0]


def line_with(node: Node, peer: str) -> Line:
    """Give the line with a peer: the one in force before one that is only proposed.

    Raises:
        InputError: `line_not_open` when there is none.

    """
    lines = [line for line in node.machine.books.lines.values() if line.peer == peer]
    if not lines:
        raise InputError(Code.LINE_NOT_OPEN, field="line")
    return max(lines, key=lambda line: (line.open(), line.counter))


async def propose_terms(
    node: Node,
    peer_name: str,
    *,
    grants_units: int | None = None,
    largest_units: int | None = None,
) -> Line:
    """Propose terms to another group; what is left out has a default (20 hours, 5 at once).

    Raises:
        InputError: `peer_unknown`, `not_configured`.
        RefusedError: the refusals of `federation.line.terms.propose`.

    """
    if not any(peer_name in (peer.node, peer.name) for peer in node.peers.all()):
        await node.peers.read_register()
    peer = find_peer(node, peer_name)
    if not node.peers.http_keys(peer.node):
        await node.peers.refresh(peer.node)
    about = await about_peer(node, peer)
    settings = node.machine.books.ledger.settings
    if settings is None or about.unit is None:
        raise InputError(Code.NOT_CONFIGURED, field="unit")
    known = [line for line in node.machine.books.lines.values() if line.peer == peer.node]
    counter = known[0].counter if known else 0
    line = line_id(node.id, peer.node, counter)
    before = known[0].terms if known else None
    grants = default_grant_units() if grants_units is None else grants_units
    sides = sorted(
        (
            Side(node=node.id, rate=settings.unit.rate, grants_units=grants),
            Side(node=peer.node, rate=about.unit.rate, grants_units=grants),
        ),
        key=lambda side: side.node,
    )
    terms = Terms(
        line=line,
        rev=1 if before is None else before.rev + 1,
        lower=sides[0],
        higher=sides[1],
        largest_units=default_largest_units() if largest_units is None else largest_units,
        previous=None if before is None else terms_hash(before),
    )
    command = line_commands.ProposeTerms(terms, peer.node, counter, known=True)
    answered: Line = await node.do(command)
    return answered


async def answer_terms(node: Node, peer_name: str, *, accept: bool) -> Line:
    """Accept or refuse the open proposal of another group.

    Raises:
        InputError: `peer_unknown`, `line_not_open`, `not_found` when nothing is proposed.

    """
    line = line_with(node, find_peer(node, peer_name).node)
    proposal = line.their_proposal or line.terms
    if proposal is None:
        raise InputError(Code.NOT_FOUND, field="terms")
    answered: Line = await node.do(
        line_commands.AnswerTerms(line.line, terms_hash(proposal), accept)
    )
    return answered


class Payment(NamedTuple):
    """A payment to a member of another group, as a member or program asks for it."""

    payer: str
    group: str
    payee: str
    fixed: Fixed
    amount: int
    description: str = ""
    path: str = ""
    expected_minor: int | None = None


def quote_payment(node: Node, payment: Payment) -> Quote:
    """Say what a payment would cost on both sides; nothing is booked.

    Raises:
        InputError, RefusedError: as `pay_across`.

    """
    line = line_with(node, find_peer(node, payment.group).node)
    if line.terms is None:
        raise InputError(Code.LINE_NOT_OPEN, field="line")
    numbers = quote(
        payment.fixed,
        payment.amount,
        payer=line.terms.side(line.us).rate,
        payee=line.terms.other(line.us).rate,
    )
    if isinstance(numbers, Refusal):
        raise RefusedError.of(numbers)
    return numbers


async def pay_across(node: Node, payment: Payment, *, wait_s: float = 10) -> Transfer:
    """Pay a member of another group; gives the trade as it stands after `wait_s` at most.

    The same `path` with the same content gives the same trade again, however often it is sent.
    What is not settled by then goes on by itself.

    Raises:
        InputError: `peer_unknown`, `line_not_open`, `account_unknown`.
        RefusedError: the refusals of `federation.line.payer.start`; `payee_unknown`.
        PeerUnavailable: the payee was never asked for before, and the group cannot be asked now.

    """
    peer = find_peer(node, payment.group)
    line = line_with(node, peer.node)
    account = account_by_code(node, payment.payer, field="payer")
    assert account.subject is not None or account.kind is AccountKind.GROUP
    payee = await payee_pseudonym(node, peer, payment.payee)
    path = payment.path or new_key()
    subject = account.subject or GROUP_SUBJECT
    payer_name = pseudonym_for(node, subject, peer.node)
    command = line_commands.StartPayment(
        path=path,
        line=line.line,
        payer=account.account,
        fixed=payment.fixed,
        amount=payment.amount,
        expires_at_s=expiry(node, line.line),
        peer=PeerText(v=1, payer=payer_name, payee=payee, description=payment.description),
        subject=subject,
        expected_minor=payment.expected_minor,
    )
    settled: asyncio.Future[Transfer] = asyncio.get_running_loop().create_future()
    node.watchers.setdefault(path, []).append(settled)
    try:
        transfer: Transfer = await node.do(command)
        if transfer.phase not in (Phase.PREPARED, Phase.COMMITTED):
            return transfer
        async with asyncio.timeout(wait_s):
            return await settled
    except TimeoutError:
        return node.machine.books.transfers.get(transfer.key()) or transfer
    finally:
        waiting = node.watchers.get(path, [])
        if settled in waiting:
            waiting.remove(settled)
            if not waiting:
                node.watchers.pop(path, None)


def expiry(node: Node, line: str) -> int:
    """Say until when a payment waits: 60 s when the partner was there, else tomorrow 18:00."""
    delivery = node.outbox.delivery(line)
    now = now_s()
    if not delivery.failures and now - delivery.last_contact_at_s <= REACHABLE_S:
        return now + EXPIRY_REACHABLE_S
    zone = ZoneInfo(node.settings.timezone)
    tomorrow = datetime.fromtimestamp(now, zone).date() + timedelta(days=1)
    return int(datetime.combine(tomorrow, time(EXPIRY_HOUR), zone).timestamp())


async def override_restore(node: Node) -> None:
    """Vouch, as the operator, that no longer log of this node exists; it is written to the log.

    Lets a node go on whose mark is missing and whom nobody else can vouch for. A node that only
    reads because somebody has seen more is not overridden.
    """
    await node.do(
        group.Note(new_key(), RestoreOverridden(v=1, at_s=now_s(), size=node.sequencer.size))
    )
    node.overridden = True


def invitation_of(node: Node) -> str:
    """Give the node's own invitation."""
    return f"{node.settings.public_url}#{node.id}"
