"""Operations about trades: quote, give, ask, consent, decline, cancel, reverse, thank.

Inside the group and between groups alike, through `federation.members.trades`: whoever acts for
somebody else is on record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from federation.api import trade_shapes as shapes
from federation.api.access import acting, reader_for, require_own, seen_member
from federation.api.members import known_member
from federation.api.operation import ANYBODY, BOOKERS, TRADERS, Call, KeyUse, Operation
from federation.api.shapes import Empty
from federation.api.tokens import TokenRole
from federation.api.trade_shown import party, shown_trade
from federation.members import counterparts as counterparts_use_cases
from federation.members import giving
from federation.members import thanks as thanks_use_cases
from federation.members import trades as use_cases
from federation.node import payment_use_cases as payments
from federation.node.service import now_s
from federation.node.use_cases import account_by_code
from schemas.core_parts import Fixed
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from federation.members.trade_views import ShownTrade

WAIT_S: Final = 2
"""How long an answer waits for the other group; the trade goes on by itself."""


async def counterparts(call: Call, asked: shapes.CounterpartsAsked) -> shapes.Counterparts:
    """Find whom a member can give to or ask, by a part of a name or code: in all groups."""
    found = await counterparts_use_cases.find(call.node, acting(call), asked.said, now_s=now_s())
    return shapes.Counterparts(members=tuple(map(party, found)))


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
    """Say what a trade would come to on both sides, and whether it can be booked now."""
    reader = acting(call)
    other = None if asked.other is None else account_by_code(call.node, asked.other, field="other")
    if (other is None) == (asked.group is None):
        raise InputError(Code.MALFORMED, field="other", reason="name a member, or a group")
    form = use_cases.QuoteForm(
        amount_minor=asked.amount_minor,
        gives=asked.gives,
        account=None if other is None else other.account,
        node=asked.group or "",
        fixed=asked.fixed,
    )
    told = use_cases.quote(call.node, reader, form)
    why = told.refusal
    return shapes.Quoted(
        gives=told.gives,
        own_minor=told.own_minor,
        other_minor=told.other_minor,
        line_units=told.line_units,
        balance_minor=told.balance_minor,
        after_minor=told.after_minor,
        beyond_soft_limit=told.beyond_soft_limit,
        refusal=None if why is None else shapes.Reason(code=why.code, facts=dict(why.facts)),
    )


async def pay(call: Call, asked: shapes.PaymentAsked) -> shapes.Trade:
    """Give units to a member of another group; what has no end after a short wait goes on."""
    entered_by = require_own(call, asked.payer, field="payer")
    payment = payments.Payment(
        payer=asked.payer,
        group=asked.group,
        payee=_one_name(asked.payee, asked.pseudonym, field="payee"),
        pseudonym=asked.pseudonym or "",
        fixed=Fixed(asked.fixed.value),
        amount=asked.amount_minor,
        description=asked.description,
        path=call.key,
        expected_minor=asked.expected_minor,
        entered_by=entered_by,
    )
    made = await payments.pay_across(call.node, payment, wait_s=WAIT_S)
    return await _trade(call, made.account, made.path)


async def request(call: Call, asked: shapes.RequestAsked) -> shapes.Trade:
    """Ask another member, of this group or of another, to give units for help."""
    entered_by = require_own(call, asked.payee, field="payee")
    payee = account_by_code(call.node, asked.payee, field="payee").account
    if asked.group is None:
        payer = account_by_code(call.node, asked.payer or "", field="payer").account
        reader, text = reader_for(call, payee), asked.description
        made = await use_cases.ask(
            call.node, reader, payer, asked.amount_minor, key=call.key, description=text
        )
        return shown_trade(call, made)
    wanted = payments.Payment(
        payer=_one_name(asked.payer, asked.pseudonym, field="payer"),
        pseudonym=asked.pseudonym or "",
        group=asked.group,
        payee=asked.payee,
        fixed=Fixed(asked.fixed.value),
        amount=asked.amount_minor,
        description=asked.description,
        path=call.key,
        entered_by=entered_by,
    )
    return await _trade(call, payee, (await payments.request_payment(call.node, wanted)).path)


async def trades(call: Call, asked: shapes.TradesAsked) -> shapes.Trades:
    """Give an account's trades, inside the group and with other groups."""
    before = use_cases.NEWEST if asked.after is None else int(asked.after)
    found = await use_cases.trades_of(call.node, acting(call), before=before, limit=asked.limit + 1)
    done = [one for one in found if one.seq]
    more = len(done) > asked.limit
    page = found[:-1] if more else found
    return shapes.Trades(
        trades=tuple(shown_trade(call, one) for one in page),
        next=str(page[-1].seq) if more else None,
    )


async def trade(call: Call, _: None) -> shapes.Trade:
    """Tell where a trade of an account stands."""
    return await _trade(call, seen_member(call).account, call.places["trade"])


async def consent(call: Call, asked: shapes.Consented) -> shapes.Trade:
    """Consent to exactly what was asked; units pass then."""
    return await _done(
        call,
        use_cases.consent(
            call.node,
            acting(call),
            call.places["trade"],
            expected_minor=asked.expected_minor,
            wait_s=WAIT_S,
        ),
    )


async def decline(call: Call, asked: shapes.Declined) -> shapes.TradeDeclined:
    """Decline what another member asks and tell it why, or take back what was asked here."""
    if asked.reason and call.token.role is not TokenRole.MEMBER:
        # what is written in a thread is written by its members
        raise RefusedError(Code.FORBIDDEN, field="reason")
    reader, name = acting(call), call.places["trade"]
    told = await giving.decline(call.node, reader, name, reason=asked.reason)
    made = shown_trade(call, await use_cases.trade(call.node, reader, name))
    return shapes.TradeDeclined(**msgspec.structs.asdict(made), told=told)


async def cancel(call: Call, _: Empty) -> shapes.Trade:
    """Take a payment back that the other group has not accepted yet."""
    return await _done(call, use_cases.cancel(call.node, acting(call), call.places["trade"]))


async def reverse(call: Call, asked: shapes.ReversalAsked) -> shapes.Trade:
    """Give back what was received, or ask for what was given; answers with the new trade."""
    return await _done(
        call,
        use_cases.reverse(
            call.node,
            acting(call),
            call.places["trade"],
            key=call.key,
            description=asked.description,
            wait_s=WAIT_S,
        ),
    )


async def thank(call: Call, asked: shapes.ThanksSaid) -> shapes.Trade:
    """Thank for a trade, once; its writer decides whether everybody may read it."""
    name, public = call.places["trade"], asked.public
    return await _done(
        call, thanks_use_cases.give(call.node, acting(call), name, asked.text, public=public)
    )


async def thanks_of(call: Call, _: None) -> shapes.ThanksOf:
    """Give the public words of thanks to a member, newest first."""
    found = await thanks_use_cases.public_thanks(call.node, known_member(call))
    return shapes.ThanksOf(
        thanks=tuple(
            shapes.PublicThanks(name=one.name, group_name=one.group, text=one.text, at_s=one.at_s)
            for one in found
        )
    )


async def _done(call: Call, deed: Awaitable[ShownTrade]) -> shapes.Trade:
    return shown_trade(call, await deed)


async def _trade(call: Call, account: int, name: str) -> shapes.Trade:
    return shown_trade(call, await use_cases.trade(call.node, reader_for(call, account), name))


def _one_name(code: str | None, pseudonym: str | None, *, field: str) -> str:
    """Give the code of a member of another group, empty when its pseudonym is given instead."""
    if (code is None) == (pseudonym is None):
        raise InputError(Code.MALFORMED, field=field, reason="one of a code and a pseudonym")
    return code or ""


PEER_CODES: Final = (
    Code.PEER_UNKNOWN,
    Code.LINE_NOT_OPEN,
    Code.LINE_FROZEN,
    Code.AMOUNT_TOO_LARGE,
    Code.TOO_SMALL,
)
INSIDE_CODES: Final = (
    Code.ACCOUNT_UNKNOWN,
    Code.ACCOUNT_INACTIVE,
    Code.ACCOUNT_SAME,
    Code.PAYEE_LIMIT,
    Code.EXPIRED,
)
ASK_CODES: Final = (
    *PEER_CODES,
    *INSIDE_CODES,
    Code.PAYEE_UNKNOWN,
    Code.PEER_UNREACHABLE,
    Code.PEER_WRONG,
    Code.ADDRESS_REFUSED,
    Code.LINE_BUSY,
    Code.LINE_LIMIT,
    Code.TOO_LARGE_FOR_LINE,
)
PAY_CODES: Final = (*ASK_CODES, Code.PAYER_LIMIT, Code.QUOTE_CHANGED)
ANSWER_CODES: Final = (Code.NOT_FOUND, Code.ALREADY_DECIDED, Code.LINE_NOT_OPEN, Code.LINE_FROZEN)


def _deed(
    name: str,
    run: Any,
    asked: Any,
    codes: tuple[Code, ...],
    *,
    last: str = "",
    status: int = 200,
    answer: type[shapes.Trade] = shapes.Trade,
) -> Operation:
    path, kept = f"/accounts/{{code}}/trades/{{trade}}/{last or name}", KeyUse.KEPT
    return Operation(name, "POST", path, BOOKERS, run, answer, asked, codes, kept, status)


OPERATIONS: Final = (
    Operation(
        "counterparts",
        "GET",
        "/accounts/{code}/counterparts",
        BOOKERS,
        counterparts,
        shapes.Counterparts,
        shapes.CounterpartsAsked,
        codes=(Code.NOT_FOUND,),
    ),
    Operation("partners", "GET", "/groups", ANYBODY, partners, shapes.Partners),
    Operation(
        "quote",
        "GET",
        "/accounts/{code}/quote",
        BOOKERS,
        quote,
        shapes.Quoted,
        shapes.QuoteAsked,
        codes=(*PEER_CODES, Code.NOT_FOUND, Code.ACCOUNT_UNKNOWN, Code.ACCOUNT_SAME),
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
        key=KeyUse.KEPT,
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
        key=KeyUse.KEPT,
        status=201,
    ),
    Operation(
        "trades",
        "GET",
        "/accounts/{code}/trades",
        TRADERS,
        trades,
        shapes.Trades,
        shapes.TradesAsked,
        codes=(Code.NOT_FOUND,),
    ),
    Operation(
        "trade",
        "GET",
        "/accounts/{code}/trades/{trade}",
        TRADERS,
        trade,
        shapes.Trade,
        codes=(Code.NOT_FOUND,),
    ),
    _deed(
        "consent",
        consent,
        shapes.Consented,
        (*ANSWER_CODES, *PAY_CODES, Code.REQUEST_STALE, Code.BOOKED_ALREADY),
    ),
    _deed(
        "decline",
        decline,
        shapes.Declined,
        (*ANSWER_CODES, Code.FORBIDDEN),
        answer=shapes.TradeDeclined,
    ),
    _deed("cancel", cancel, Empty, ANSWER_CODES),
    _deed(
        "reverse",
        reverse,
        shapes.ReversalAsked,
        (*ANSWER_CODES, *PAY_CODES, Code.REVERSAL_UNKNOWN, Code.ALREADY_REVERSED),
        last="reversal",
        status=201,
    ),
    _deed(
        "thank",
        thank,
        shapes.ThanksSaid,
        (*ANSWER_CODES, Code.TEXT_MISSING, Code.ALREADY_THANKED, Code.NOT_AGREED),
        last="thanks",
        status=201,
    ),
    Operation(
        "thanks_of",
        "GET",
        "/members/{code}/thanks",
        BOOKERS,
        thanks_of,
        shapes.ThanksOf,
        codes=(Code.NOT_FOUND,),
    ),
)
