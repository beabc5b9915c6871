"""What members do across groups: pay, ask to be paid, consent, decline, take back, reverse.

Each gives the trade as it stands after a short wait; what has no end by then goes on by itself.
The same path with the same content gives the same trade again, however often it is sent.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from federation.group.commands import GROUP_SUBJECT
from federation.line import commands
from federation.line.conversion import Quote, quote
from federation.node.expiry import REQUEST_S, expires_at_s
from federation.node.line_deeds import settle_refused
from federation.node.line_use_cases import group_account_code, line_with
from federation.node.patience import connection_in_time
from federation.node.payees import forget_payee, payee_pseudonym, told_pseudonym
from federation.node.queries import SQL
from federation.node.service import now_s
from federation.node.use_cases import account_by_code, find_peer, new_key
from federation.node.written import written_text
from projections import tables
from projections.lines import Phase
from schemas.bodies import AccountKind
from schemas.core_parts import Fixed
from schemas.encoding import b64, unb64
from schemas.errors import Code, InputError, Refusal, RefusedError
from schemas.openings import DESCRIPTION_LENGTH_MAX, PeerText

if TYPE_CHECKING:
    from federation.node.service import Node
    from projections.ledger import Account
    from projections.lines import Direction, Transfer

_PEER_TEXT: Final = msgspec.json.Decoder(PeerText)


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
    pseudonym: str = ""
    """The other group's name for its member, when it is known: nobody is asked by code then."""
    entered_by: int | None = None
    other_ids: tuple[str, ...] = ()
    """Paths under which what was agreed on can be paid too: it is paid once."""


def quote_payment(node: Node, payment: Payment, *, we_pay: bool = True) -> Quote:
    """Say what a payment would cost on both sides; nothing is booked.

    With `we_pay` false the other group's member is the payer.

    Raises:
        InputError, RefusedError: as `pay_across`.

    """
    line = line_with(node, find_peer(node, payment.group).node)
    if line.terms is None:
        raise InputError(Code.LINE_NOT_OPEN, field="line")
    ours, theirs = line.terms.side(line.us).rate, line.terms.other(line.us).rate
    payer, payee = (ours, theirs) if we_pay else (theirs, ours)
    numbers = quote(payment.fixed, payment.amount, payer=payer, payee=payee)
    if isinstance(numbers, Refusal):
        raise RefusedError.of(numbers)
    return numbers


async def pay_across(node: Node, payment: Payment, *, wait_s: float = 10) -> Transfer:
    """Pay a member of another group.

    Raises:
        InputError: `peer_unknown`, `line_not_open`, `account_unknown`; as `written_text`.
        RefusedError: the refusals of `federation.line.payer.start`; `payee_unknown`.
        PeerUnavailable: the payee was never asked for before, and the group cannot be asked now.
        StorageError: as `Node.do`.

    """
    node.gate.require_writable()  # before anybody is asked
    peer = find_peer(node, payment.group)
    line = line_with(node, peer.node)
    account = account_by_code(node, payment.payer, field="payer")
    payee = payment.pseudonym or await payee_pseudonym(node, peer, payment.payee)
    subject = _subject(account)
    command = commands.StartPayment(
        path=payment.path or new_key(),
        line=line.line,
        payer=account.account,
        fixed=payment.fixed,
        amount=payment.amount,
        expires_at_s=expiry(node, line.line),
        peer=PeerText(
            v=1,
            payer=await told_pseudonym(node, subject, peer.node),
            payee=payee,
            description=_described(payment.description),
        ),
        subject=subject,
        entered_by=payment.entered_by,
        expected_minor=payment.expected_minor,
        other_ids=payment.other_ids,
    )
    transfer = await _watch(node, command, wait_s)
    if transfer.code == Code.PAYEE_UNKNOWN and not payment.pseudonym:
        await forget_payee(node, peer, payment.payee)
    return transfer


async def settle_line(
    node: Node, peer_name: str, *, path: str = "", entered_by: int | None = None, wait_s: float = 10
) -> Transfer:
    """Bring a line to exactly zero: the group account of the side that is owed gives the rest.

    The same `path` again gives the same answer.

    Raises:
        RefusedError: as `line_deeds.settle_refused`; those of `pay_across`.

    """
    peer = find_peer(node, peer_name)
    line = line_with(node, peer.node)
    begun = await begun_by(node, path) if path else None
    if begun is not None:
        return begun
    refusal = settle_refused(node.machine.books, line, now_s=now_s())
    if refusal is not None:
        raise RefusedError.of(refusal)
    code = group_account_code(node)
    payment = Payment(
        code, peer_name, code, Fixed.LINE, -line.balance_units, path=path, entered_by=entered_by
    )
    return await pay_across(node, payment, wait_s=wait_s)


async def request_payment(node: Node, asked: Payment) -> Transfer:
    """Ask a member of another group (`payer`) to pay a member of ours (`payee`).

    Raises:
        InputError: `peer_unknown`, `line_not_open`, `account_unknown`; as `written_text`.
        RefusedError: the refusals of `federation.line.requests.request`; `payee_unknown`.

    """
    node.gate.require_writable()  # before anybody is asked
    peer = find_peer(node, asked.group)
    line = line_with(node, peer.node)
    account = account_by_code(node, asked.payee, field="payee")
    payer = asked.pseudonym or await payee_pseudonym(node, peer, asked.payer)
    subject = _subject(account)
    transfer: Transfer = await node.do(
        commands.RequestPayment(
            path=asked.path or new_key(),
            line=line.line,
            payee=account.account,
            fixed=asked.fixed,
            amount=asked.amount,
            expires_at_s=now_s() + REQUEST_S,
            peer=PeerText(
                v=1,
                payer=payer,
                payee=await told_pseudonym(node, subject, peer.node),
                description=_described(asked.description),
            ),
            subject=subject,
            entered_by=asked.entered_by,
        )
    )
    return transfer


async def consent(
    node: Node,
    path: str,
    *,
    expected_minor: int | None = None,
    entered_by: int | None = None,
    other_ids: tuple[str, ...] = (),
    wait_s: float = 10,
) -> Transfer:
    """Consent, for the member who was asked, to exactly what was asked; `other_ids` as `Payment`.

    Raises:
        RefusedError: `not_found`, and the refusals of `federation.line.payer.start`.

    """
    transfer = await trade(node, path, "out")
    text, subject = await _received_text(node, transfer)
    accounts = node.machine.accounts_by_subject()
    if subject not in accounts:
        raise RefusedError(Code.NOT_FOUND, field="path")
    command = commands.ConsentToRequest(
        path=path,
        line=transfer.line,
        payer=accounts[subject],
        expires_at_s=expiry(node, transfer.line),
        peer=text,
        subject=subject,
        entered_by=entered_by,
        expected_minor=expected_minor,
        other_ids=other_ids,
    )
    return await _watch(node, command, wait_s)


async def decline(node: Node, path: str) -> Transfer:
    """Decline what we were asked, or take back what we asked. Raises as `requests.decline`."""
    transfer = await trade(node, path)
    answered: Transfer = await node.do(commands.DeclineRequest(path, transfer.line))
    return answered


async def cancel(node: Node, path: str) -> Transfer:
    """Take a payment of ours back before its commit. Raises as `payer.cancel` refuses."""
    transfer = await trade(node, path, "out")
    answered: Transfer = await node.do(commands.CancelPayment(path, transfer.line))
    return answered


async def reverse(
    node: Node,
    original: str,
    *,
    path: str = "",
    description: str = "",
    entered_by: int | None = None,
    wait_s: float = 10,
) -> Transfer:
    """Give back what was received, or ask for what was paid; the other side consents then.

    Raises:
        InputError: as `written_text`.
        RefusedError: `not_found`, `reversal_unknown`, `already_reversed`, those of a payment.

    """
    described = _described(description)
    before = await trade(node, original)
    line = node.machine.books.lines[before.line]
    account = node.machine.books.ledger.accounts.get(before.account)
    if account is None:
        raise RefusedError(Code.REVERSAL_UNKNOWN, field="path")
    subject = _subject(account)
    own = await told_pseudonym(node, subject, line.peer)
    if before.direction == "in":
        text = await _sealed_text(node, before, subject)
        command: Any = commands.ReversePayment(
            path=path or new_key(),
            line=line.line,
            original=original,
            expires_at_s=expiry(node, line.line),
            peer=PeerText(v=1, payer=own, payee=text.payer, description=described),
            subject=subject,
            entered_by=entered_by,
        )
        return await _watch(node, command, wait_s)
    command = commands.RequestPayment(
        path=path or new_key(),
        line=line.line,
        payee=account.account,
        fixed=before.fixed,
        amount=0,
        expires_at_s=now_s() + REQUEST_S,
        peer=PeerText(v=1, payer=before.payee, payee=own, description=described),
        subject=subject,
        entered_by=entered_by,
        original=original,
    )
    asked: Transfer = await node.do(command)
    return asked


async def trade(node: Node, path: str, direction: Direction | None = None) -> Transfer:
    """Give the trade with a path, done ones too.

    Raises:
        RefusedError: `not_found`.

    """
    found = await begun_by(node, path, direction)
    if found is None:
        raise RefusedError(Code.NOT_FOUND, field="path")
    return found


async def begun_by(node: Node, path: str, direction: Direction | None = None) -> Transfer | None:
    """Give what was begun under a path, done ones too; nothing when nothing was."""
    async with connection_in_time(node.pool) as connection:
        found = await tables.read_transfers(connection, [path])
    return next((t for t in found if direction in (None, t.direction)), None)


async def whose(node: Node, path: str) -> frozenset[int]:
    """Give the accounts here whose trade it is, also of who was asked and has not answered."""
    async with connection_in_time(node.pool) as connection:
        found = await tables.read_transfers(connection, [path])
        asked = [
            await connection.fetchrow(SQL["request_text"], one.line, unb64(one.request))
            for one in found
            if not one.account and one.request
        ]
    of_subject = node.machine.accounts_by_subject()
    subjects = (b64(row["subject"]) for row in asked if row is not None)
    named = (of_subject.get(subject, 0) for subject in subjects)
    return frozenset({*(one.account for one in found), *named} - {0})


def _described(text: str) -> str:
    return written_text(text, field="description", length_max=DESCRIPTION_LENGTH_MAX)


def _subject(account: Account) -> str:
    assert account.subject is not None or account.kind is AccountKind.GROUP
    return account.subject or GROUP_SUBJECT


async def _received_text(node: Node, asked: Transfer) -> tuple[PeerText, str]:
    """Open what came with a request, and say which member of ours it concerns."""
    async with connection_in_time(node.pool) as connection:
        row = await connection.fetchrow(SQL["request_text"], asked.line, unb64(asked.request))
    if row is None:
        raise RefusedError(Code.NOT_FOUND, field="path")
    plain = node.machine.keyring.open(row["subject"], row["commitment"], row["sealed"])
    if plain is None:
        raise RefusedError(Code.NOT_FOUND, field="path")
    return _PEER_TEXT.decode(plain[1]), b64(row["subject"])


async def _sealed_text(node: Node, transfer: Transfer, subject: str) -> PeerText:
    """Open the peer text that lies beside the accept of a payment which we received."""
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["texts_of"], [transfer.first_seq, transfer.last_seq])
    for row in rows:
        if row["layer"] != "peer" or b64(row["subject"]) != subject:
            continue
        plain = node.machine.keyring.open(row["subject"], row["commitment"], row["sealed"])
        if plain is not None:
            return _PEER_TEXT.decode(plain[1])
    raise RefusedError(Code.REVERSAL_UNKNOWN, field="path")


async def _watch(node: Node, command: Any, wait_s: float) -> Transfer:
    """Hand in a payment and wait, for a while, until it has an end."""
    path = command.path
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


async def requests_waiting(node: Node) -> list[Transfer]:
    """Give the requests that wait for a consent of ours."""
    transfers = node.machine.books.transfers.values()
    return [t for t in transfers if (t.phase, t.direction) == (Phase.REQUESTED, "out")]


def expiry(node: Node, line: str) -> int:
    """Say until when a payment that is made now waits, by the rule of `federation.node.expiry`."""
    zone = ZoneInfo(node.settings.timezone)
    return expires_at_s(node.outbox.delivery(line), zone=zone, now_s=now_s())
