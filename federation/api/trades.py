"""Operations about trades with other groups: quote, pay, ask, consent, decline, cancel, reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.api import trade_shapes as shapes
from federation.api.access import require_own, seen_account, seen_trade, waiting_for
from federation.api.operation import ANYBODY, BOOKERS, MEMBER, Call, KeyUse, Operation
from federation.api.queries import SQL
from federation.api.shapes import Empty
from federation.node import payment_use_cases as payments
from federation.node.patience import connection_in_time
from projections.lines import Phase, Transfer
from projections.trade_state import TradeState, trade_state
from schemas.core_parts import Fixed
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from federation.node.service import Node

WAIT_S: Final = 2
"""How long an answer waits for the other group; the trade goes on by itself."""
_TRANSFER: Final = msgspec.json.Decoder(Transfer)


async def partners(call: Call, _: None) -> shapes.Partners:
    """Give the other groups, and whether trades with them can be booked now."""
    books = call.node.machine.books
    bookable = {line.peer for line in books.lines.values() if line.open()}
    peers = [peer for peer in call.node.peers.all() if peer.standing != "umbrella"]
    return shapes.Partners(
        groups=tuple(
            shapes.Partner(group=peer.node, name=peer.name, bookable=peer.node in bookable)
            for peer in sorted(peers, key=lambda peer: peer.name.casefold())
        )
    )


async def quote(call: Call, asked: shapes.QuoteAsked) -> shapes.Quoted:
    """Say what a payment to a member of another group would cost on both sides."""
    fixed, group = Fixed(asked.fixed.value), call.places["group"]
    payment = payments.Payment("", group, "", fixed, asked.amount_minor)
    numbers = payments.quote_payment(call.node, payment)
    return shapes.Quoted(group=group, **numbers._asdict())


async def pay(call: Call, asked: shapes.PaymentAsked) -> shapes.Trade:
    """Pay a member of another group; what has no end after a short wait goes on by itself."""
    require_own(call, asked.payer, field="payer")
    payment = payments.Payment(
        payer=asked.payer,
        group=asked.group,
        payee=asked.payee,
        fixed=Fixed(asked.fixed.value),
        amount=asked.amount_minor,
        description=asked.description,
        path=call.key,
        expected_minor=asked.expected_minor,
    )
    return shown(call.node, await payments.pay_across(call.node, payment, wait_s=WAIT_S))


async def request(call: Call, asked: shapes.RequestAsked) -> shapes.Trade:
    """Ask a member of another group to pay a member of this one."""
    require_own(call, asked.payee, field="payee")
    wanted = payments.Payment(
        payer=asked.payer,
        group=asked.group,
        payee=asked.payee,
        fixed=Fixed(asked.fixed.value),
        amount=asked.amount_minor,
        description=asked.description,
        path=call.key,
    )
    return shown(call.node, await payments.request_payment(call.node, wanted))


async def trade(call: Call, _: None) -> shapes.Trade:
    """Tell where a trade stands."""
    found, state = await seen_trade(call)
    return shown(call.node, found, state)


async def trades(call: Call, asked: shapes.TradesAsked) -> shapes.Trades:
    """Give an account's trades with other groups."""
    account = seen_account(call).account
    async with connection_in_time(call.node.pool) as connection:
        rows = await connection.fetch(
            SQL["account_trades"], account, asked.after or "", asked.limit + 1
        )
    found = [_TRANSFER.decode(row["state"]) for row in rows]
    page = found[: asked.limit]
    return shapes.Trades(
        trades=tuple(shown(call.node, one) for one in page),
        next=page[-1].path if len(found) > len(page) else None,
    )


async def requests(call: Call, _: None) -> shapes.Trades:
    """Give the requests of other groups that wait for an account's consent."""
    found = await waiting_for(call.node, seen_account(call).account)
    return shapes.Trades(trades=tuple(shown(call.node, one) for one in found))


async def consent(call: Call, asked: shapes.Consented) -> shapes.Trade:
    """Consent to exactly what was asked; units pass then."""
    found, _ = await seen_trade(call)
    if found.direction != "out":
        raise RefusedError(Code.NOT_FOUND, field="path")
    answered = await payments.consent(
        call.node, found.path, expected_minor=asked.expected_minor, wait_s=WAIT_S
    )
    return shown(call.node, answered)


async def decline(call: Call, _: Empty) -> shapes.Trade:
    """Decline what another group asks, or take back what was asked here."""
    found, _state = await seen_trade(call)
    return shown(call.node, await payments.decline(call.node, found.path))


async def cancel(call: Call, _: Empty) -> shapes.Trade:
    """Take a payment back that the other group has not accepted yet."""
    found, _state = await seen_trade(call)
    if found.direction != "out" or found.phase is Phase.REQUESTED:
        raise RefusedError(Code.NOT_FOUND, field="path")
    return shown(call.node, await payments.cancel(call.node, found.path))


async def reverse(call: Call, asked: shapes.ReversalAsked) -> shapes.Trade:
    """Give back what was received, or ask for what was paid."""
    found, _ = await seen_trade(call)
    answered = await payments.reverse(
        call.node, found.path, path=call.key, description=asked.description, wait_s=WAIT_S
    )
    return shown(call.node, answered)


def shown(node: Node, transfer: Transfer, state: TradeState | None = None) -> shapes.Trade:
    """Give a trade as both sides show it."""
    account = node.machine.books.ledger.accounts.get(transfer.account)
    return shapes.Trade(
        path=transfer.path,
        group=node.machine.books.lines[transfer.line].peer,
        direction=transfer.direction,
        state=state or trade_state(transfer),
        code=transfer.code,
        account=None if account is None else account.code,
        payer_minor=transfer.payer_minor,
        payee_minor=transfer.payee_minor,
        line_units=transfer.line_units,
        expires_at_s=transfer.expires_at_s,
        reverses=transfer.reverses or None,
    )


PEER_CODES: Final = (
    Code.PEER_UNKNOWN,
    Code.LINE_NOT_OPEN,
    Code.LINE_FROZEN,
    Code.AMOUNT_TOO_LARGE,
    Code.TOO_SMALL,
)
ASK_CODES: Final = (
    *PEER_CODES,
    Code.ACCOUNT_UNKNOWN,
    Code.ACCOUNT_INACTIVE,
    Code.PAYEE_UNKNOWN,
    Code.PAYEE_LIMIT,
    Code.PEER_UNREACHABLE,
    Code.PEER_WRONG,
    Code.ADDRESS_REFUSED,
    Code.LINE_BUSY,
    Code.LINE_LIMIT,
    Code.TOO_LARGE_FOR_LINE,
    Code.EXPIRED,
)
PAY_CODES: Final = (*ASK_CODES, Code.PAYER_LIMIT, Code.QUOTE_CHANGED)
ANSWER_CODES: Final = (Code.NOT_FOUND, Code.ALREADY_DECIDED, Code.LINE_NOT_OPEN, Code.LINE_FROZEN)
OPERATIONS: Final = (
    Operation("partners", "GET", "/groups", ANYBODY, partners, shapes.Partners),
    Operation(
        "quote",
        "GET",
        "/groups/{group}/quote",
        ANYBODY,
        quote,
        shapes.Quoted,
        shapes.QuoteAsked,
        codes=PEER_CODES,
    ),
    Operation(
        "pay",
        "POST",
        "/payments",
        BOOKERS,
        pay,
        shapes.Trade,
        shapes.PaymentAsked,
        codes=PAY_CODES,
        key=KeyUse.PATH,
        status=201,
    ),
    Operation(
        "request",
        "POST",
        "/requests",
        BOOKERS,
        request,
        shapes.Trade,
        shapes.RequestAsked,
        codes=ASK_CODES,
        key=KeyUse.PATH,
        status=201,
    ),
    Operation(
        "trades",
        "GET",
        "/accounts/{code}/trades",
        ANYBODY,
        trades,
        shapes.Trades,
        shapes.TradesAsked,
        codes=(Code.NOT_FOUND,),
    ),
    Operation(
        "requests",
        "GET",
        "/accounts/{code}/requests",
        ANYBODY,
        requests,
        shapes.Trades,
        codes=(Code.NOT_FOUND,),
    ),
    Operation(
        "trade", "GET", "/trades/{path}", ANYBODY, trade, shapes.Trade, codes=(Code.NOT_FOUND,)
    ),
    Operation(
        "consent",
        "POST",
        "/trades/{path}/consent",
        MEMBER,
        consent,
        shapes.Trade,
        shapes.Consented,
        codes=(*ANSWER_CODES, *PAY_CODES, Code.REQUEST_STALE),
        key=KeyUse.KEPT,
    ),
    Operation(
        "decline",
        "POST",
        "/trades/{path}/decline",
        MEMBER,
        decline,
        shapes.Trade,
        Empty,
        codes=ANSWER_CODES,
        key=KeyUse.KEPT,
    ),
    Operation(
        "cancel",
        "POST",
        "/trades/{path}/cancel",
        MEMBER,
        cancel,
        shapes.Trade,
        Empty,
        codes=ANSWER_CODES,
        key=KeyUse.KEPT,
    ),
    Operation(
        "reverse",
        "POST",
        "/trades/{path}/reversal",
        MEMBER,
        reverse,
        shapes.Trade,
        shapes.ReversalAsked,
        codes=(*ANSWER_CODES, *PAY_CODES, Code.REVERSAL_UNKNOWN, Code.ALREADY_REVERSED),
        key=KeyUse.PATH,
        status=201,
    ),
)
