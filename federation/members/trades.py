"""A member's trades, inside the group and between groups: list, detail, quote, and what it may do.

One view for both (`trade_views`); each deed finds out which kind it is about. The payer always
consents; the numbers that are quoted are those that are booked, or it is asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from federation.group import agreeing
from federation.group.transfers import payee_refused
from federation.line.payer import admitted, not_now, payer_refused
from federation.line.requests import refused
from federation.members.acting import account_of, actor, derived_key, said
from federation.members.agreeing_queries import SQL
from federation.members.booked_once import other_ids_of
from federation.members.trade_loading import load_trade, load_trades
from federation.members.trade_reading import as_read, read_trade
from federation.members.trade_views import Action, ShownTrade
from federation.node import payment_use_cases as payments
from federation.node.line_use_cases import line_with
from federation.node.payment_use_cases import Payment, quote_payment
from federation.node.service import now_s
from projections.agreeing import RequestPhase
from projections.room import passes_soft_limit
from schemas.core_parts import Fixed
from schemas.errors import Code, InputError, Refusal, RefusedError
from schemas.openings import DESCRIPTION_LENGTH_MAX
from schemas.proposals import PricedBy

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node

__all__ = [
    "Action",
    "QuoteForm",
    "ShownQuote",
    "ShownTrade",
    "ask",
    "cancel",
    "consent",
    "decline",
    "quote",
    "reverse",
    "trade",
    "trades_of",
    "waiting",
]
PAGE_MAX: Final = 200
NEWEST: Final = 2**62
ASKED_MAX: Final = 20
"""More questions than these are on the list of trades."""


class QuoteForm(NamedTuple):
    """What somebody thinks of giving, or of asking for."""

    amount_minor: int
    gives: bool = True
    """The reader gives; else it asks."""
    account: int | None = None
    """The other side, when it is one of ours."""
    node: str = ""
    """The other side's group, by its node."""
    fixed: PricedBy = PricedBy.PAYEE


class ShownQuote(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly the numbers that would be booked now."""

    gives: bool
    own_minor: int
    other_minor: int
    line_units: int = 0
    balance_minor: int
    """Before."""
    after_minor: int
    """What the balance becomes."""
    beyond_soft_limit: bool = False
    """The balance would lie, or move on, further from zero than the group likes."""
    refusal: Refusal | None = None
    """Why it cannot be booked now; nothing when it can."""


async def trades_of(
    node: Node, reader: Reader, *, before: int = NEWEST, limit: int = 50
) -> list[ShownTrade]:
    """Give a page of the reader's trades: on the first what is not done, then the newest first.

    `seq` of the last one leads on to the next page.
    """
    who = actor(reader)
    found = await load_trades(node, who.account, before=before, limit=min(limit, PAGE_MAX))
    return [as_read(node, reader, trade) for trade in found if before == NEWEST or trade.seq]


async def trade(node: Node, reader: Reader, name: str) -> ShownTrade:
    """Give one trade of the reader's.

    Raises:
        InputError: `not_found`, also for a trade between others.
        RefusedError: `forbidden`.

    """
    return await read_trade(node, reader, name)


async def waiting(node: Node, reader: Reader) -> list[ShownTrade]:
    """Give what waits for the reader: what it is asked to consent to, in the group and by others.

    The first `ASKED_MAX` of it.
    """
    account = actor(reader).account
    names = await _asked_names(node, account)
    return [await read_trade(node, reader, name) for name in names[:ASKED_MAX]]


async def _asked_names(node: Node, account: int) -> list[str]:
    requests = node.machine.books.agreeing.requests.values()
    inside = [
        request.request
        for request in requests
        if (request.payer, request.phase) == (account, RequestPhase.OPEN)
        and request.confirms is None
    ]
    elsewhere = [transfer.path for transfer in await payments.requests_waiting(node)]
    rows = await node.pool.fetch(SQL["asked_of"], account, elsewhere) if elsewhere else []
    return [*inside, *(row["about"] for row in rows)]


def quote(node: Node, reader: Reader, form: QuoteForm) -> ShownQuote:
    """Say what would be booked, what the balance becomes, and whether it can be done now.

    Raises:
        InputError: `account_unknown`, `peer_unknown`, `line_not_open`.
        RefusedError: `amount_not_positive`, `amount_too_large`, `too_small`, `forbidden`.

    """
    account = actor(reader).account
    balance = node.machine.books.ledger.balance(account)
    if form.account is not None:
        own = other = form.amount_minor
        line_units = 0
        refusal = _inside_refused(node, account, form)
    else:
        peer = node.peers.get(form.node)
        if peer is None:
            raise InputError(Code.PEER_UNKNOWN, field="group")
        asked = Payment("", peer.node, "", Fixed(form.fixed.value), form.amount_minor)
        numbers = quote_payment(node, asked, we_pay=form.gives)
        line_units = numbers.line_units
        own, other = numbers.payer_minor, numbers.payee_minor
        if not form.gives:
            own, other = other, own
        refusal = _between_refused(node, account, peer.node, numbers, gives=form.gives)
    return ShownQuote(
        gives=form.gives,
        own_minor=own,
        other_minor=other,
        line_units=line_units,
        balance_minor=balance,
        after_minor=balance - own if form.gives else balance + own,
        beyond_soft_limit=passes_soft_limit(
            node.machine.books.ledger, account_of(node, account), -own if form.gives else own
        ),
        refusal=refusal,
    )


def _inside_refused(node: Node, account: int, form: QuoteForm) -> Refusal | None:
    assert form.account is not None
    if form.amount_minor < 1:
        raise RefusedError(Code.AMOUNT_NOT_POSITIVE, field="amount")
    books = node.machine.books
    mine, theirs = account_of(node, account), account_of(node, form.account)
    if mine.account == theirs.account:
        raise RefusedError(Code.ACCOUNT_SAME, field="payee")
    payer, payee = (mine, theirs) if form.gives else (theirs, mine)
    refusal = payee_refused(books, payee, form.amount_minor, now_s=now_s())
    if form.gives:  # what the other may give is its own to know
        refusal = payer_refused(books, payer, form.amount_minor, now_s=now_s()) or refusal
    return refusal


def _between_refused(
    node: Node, account: int, peer: str, numbers: Any, *, gives: bool
) -> Refusal | None:
    books, line = node.machine.books, line_with(node, peer)
    now = now_s()
    refusal = not_now(books, line.line, now + 1, now_s=now)
    if refusal is not None:
        return refusal
    if gives:
        return admitted(books, line.line, account, numbers, reverses=False, now_s=now)
    return refused(books, account, line, numbers, reverses=False, now_s=now)


async def ask(
    node: Node,
    reader: Reader,
    payer: int,
    amount_minor: int,
    *,
    key: str,
    description: str = "",
) -> ShownTrade:
    """Ask another member of the group for units: "Ik gaf hulp". `key` is the id of the trade.

    Raises:
        InputError: `malformed`, `too_large`.
        RefusedError: the refusals of `federation.group.requests.ask`, `conflict`, `forbidden`.

    """
    who = actor(reader)
    text = said(description, field="description", length_max=DESCRIPTION_LENGTH_MAX)
    command = agreeing.AskPayment(key, payer, who.account, amount_minor, text, who.entered_by)
    await node.do(command)
    return await read_trade(node, reader, key)


async def consent(
    node: Node, reader: Reader, name: str, *, expected_minor: int | None = None, wait_s: float = 10
) -> ShownTrade:
    """Consent to what the reader is asked for; once more is the same.

    Raises:
        InputError: `not_found`, also for who was not asked.
        RefusedError: `quote_changed`, `already_decided`, `booked_already`, `expired`, the refusals
            of a booking.

    """
    who = actor(reader)
    found = await load_trade(node, who.account, name)
    if not (found.gives and found.asked):
        raise InputError(Code.NOT_FOUND, field="trade")
    if Action.CONSENT not in found.actions:
        if found.state.value in ("refused", "cancelled", "expired"):
            raise RefusedError(Code.ALREADY_DECIDED, field="trade")
        return as_read(node, reader, found)
    others = await other_ids_of(node, who.account, found)
    if found.between:
        await payments.consent(
            node,
            name,
            expected_minor=expected_minor,
            entered_by=who.entered_by,
            other_ids=others,
            wait_s=wait_s,
        )
    else:
        key = derived_key("consent", name)
        await node.do(
            agreeing.ConsentToAsked(
                key, name, who.account, expected_minor, found.description, who.entered_by, others
            )
        )
    return await read_trade(node, reader, name)


async def decline(node: Node, reader: Reader, name: str) -> ShownTrade:
    """Refuse a request, or take an own one back; once more is the same.

    Raises:
        InputError: `not_found`.
        RefusedError: `already_decided` when it was consented to.

    """
    who = actor(reader)
    found = await load_trade(node, who.account, name)
    if not found.asked:
        raise InputError(Code.NOT_FOUND, field="trade")
    if found.between:
        await payments.decline(node, name)
    else:
        await node.do(agreeing.DeclineAsked(name, who.account))
    return await read_trade(node, reader, name)


async def cancel(node: Node, reader: Reader, name: str) -> ShownTrade:
    """Take a payment to another group back that is not booked yet.

    Raises:
        InputError: `not_found`.
        RefusedError: `already_decided`; it can be reversed then.

    """
    who = actor(reader)
    found = await load_trade(node, who.account, name)
    if not (found.between and found.gives):
        raise RefusedError(Code.ALREADY_DECIDED, field="trade")
    await payments.cancel(node, name)
    return await read_trade(node, reader, name)


async def reverse(
    node: Node, reader: Reader, name: str, *, key: str, description: str = "", wait_s: float = 10
) -> ShownTrade:
    """Give back what the reader received, or ask for what it gave; gives the new trade.

    Raises:
        InputError: `not_found`, `malformed`, `too_large`.
        RefusedError: `reversal_unknown`, `already_reversed`, the refusals of a booking.

    """
    who = actor(reader)
    found = await load_trade(node, who.account, name)
    text = said(description, field="description", length_max=DESCRIPTION_LENGTH_MAX)
    if found.between:
        made = await payments.reverse(
            node, name, path=key, description=text, entered_by=who.entered_by, wait_s=wait_s
        )
        return await read_trade(node, reader, made.path)
    if found.state.value == "reversed":
        raise RefusedError(Code.ALREADY_REVERSED, field="trade")
    if not found.seq:
        raise RefusedError(Code.REVERSAL_UNKNOWN, field="trade")
    command: Any = (
        agreeing.AskBack(key, found.seq, who.account, text, who.entered_by)
        if found.gives
        else agreeing.ReverseBooking(key, found.seq, who.account, text, who.entered_by)
    )
    answer = await node.do(command)
    return await read_trade(node, reader, key if found.gives else str(answer.seq))
