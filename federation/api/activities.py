"""Operations about doing things together: place, change, join, call off, give units to all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.api import activity_shapes as shapes
from federation.api.access import reader_for, require_own
from federation.api.operation import BOOKERS, Call, KeyUse, Operation
from federation.api.trade_shapes import Reason, Trade
from federation.api.trade_shown import party, shown_trade
from federation.api.trades import INSIDE_CODES
from federation.members import activities as use_cases
from federation.node.use_cases import account_by_code, new_key
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from federation.members.reader import Reader


async def activities(call: Call, asked: shapes.ActivitiesAsked) -> shapes.Activities:
    """Give what is to be done together, soonest first, or what is over, newest first."""
    given = use_cases.past if asked.past else use_cases.coming
    found = await given(call.node, reader_for(call), limit=asked.limit)
    return shapes.Activities(activities=tuple(_shown(one) for one in found))


async def activity(call: Call, _: None) -> shapes.Activity:
    """Give an activity and who comes along."""
    return _shown(await use_cases.show(call.node, reader_for(call), _number(call)))


async def activity_place(call: Call, asked: shapes.ActivityPlaced) -> shapes.Activity:
    """Place something to do together; with `for_group` a coordinator does it for the group."""
    made = await use_cases.place(
        call.node, _acting(call, asked.code), _form(asked), key=call.key, for_group=asked.for_group
    )
    return _shown(made)


async def activity_change(call: Call, asked: shapes.ActivityPlaced) -> shapes.Activity:
    """Let an activity say something else, as a whole."""
    made = await use_cases.place(
        call.node,
        _acting(call, asked.code),
        _form(asked),
        key=new_key(),
        activity=_number(call),
        for_group=asked.for_group,
    )
    return _shown(made)


async def activity_join(call: Call, asked: shapes.Joined) -> shapes.Activity:
    """Come along to an activity, or not after all."""
    reader = _acting(call, asked.code)
    return _shown(await use_cases.join(call.node, reader, _number(call), joins=asked.comes))


async def activity_cancel(call: Call, asked: shapes.CalledOff) -> shapes.Activity:
    """Call an own activity off, or as a coordinator any."""
    return _shown(await use_cases.cancel(call.node, _acting(call, asked.code), _number(call)))


async def activity_quote(call: Call, asked: shapes.Spread) -> shapes.SpreadQuoted:
    """Say exactly what the same content would book as shares; nothing is booked."""
    reader, shares = _acting(call, asked.payer), _shares(call, asked)
    told = use_cases.quote_spread(
        call.node, reader, _number(call), shares, from_group=asked.from_group
    )
    accounts, why = call.node.machine.books.ledger.accounts, told.refusal
    return shapes.SpreadQuoted(
        payer=accounts[told.payer].code,
        shares=tuple(
            shapes.ShareGiven(code=accounts[account].code, amount_minor=amount)
            for account, amount in told.shares
        ),
        total_minor=told.total_minor,
        after_minor=told.after_minor,
        refusal=None if why is None else Reason(code=why.code, facts=dict(why.facts)),
    )


async def activity_spread(call: Call, asked: shapes.Spread) -> Trade:
    """Give units to those who helped, in one booking; `from_group`: the group's."""
    made = await use_cases.spread(
        call.node,
        _acting(call, asked.payer),
        _number(call),
        _shares(call, asked),
        key=call.key,
        description=asked.description,
        from_group=asked.from_group,
    )
    return shown_trade(call, made)


def _shares(call: Call, asked: shapes.Spread) -> tuple[tuple[int, int], ...]:
    """Give who gets how much, by account.

    Raises:
        InputError: `malformed`, `account_unknown`, `amount_not_positive`.

    """
    if (asked.total_minor is None) == (not asked.shares):
        reason = "a total and helpers, or shares"
        raise InputError(Code.MALFORMED, field="shares", reason=reason)
    node, field = call.node, "shares"
    if asked.total_minor is None:
        return tuple(
            (account_by_code(node, one.code, field=field).account, one.amount_minor)
            for one in asked.shares
        )
    helpers = [account_by_code(node, code, field=field).account for code in asked.helpers]
    return use_cases.evenly(asked.total_minor, helpers)


def _acting(call: Call, code: str) -> Reader:
    """Give the reader that acts for an account that the content names.

    Raises:
        RefusedError: `forbidden` for one of somebody else.

    """
    require_own(call, code, field="code")
    return reader_for(call, account_by_code(call.node, code, field="code").account)


def _number(call: Call) -> int:
    return int(call.places["activity"])


def _form(asked: shapes.ActivityPlaced) -> use_cases.ActivityForm:
    return use_cases.ActivityForm(
        title=asked.title,
        starts_at_s=asked.starts_at_s,
        ends_at_s=asked.ends_at_s,
        text=asked.text,
        place=asked.place,
    )


def _shown(found: use_cases.ShownActivity) -> shapes.Activity:
    return shapes.Activity(
        activity=str(found.activity),
        by=party(found.by),
        title=found.title,
        text=found.text,
        place=found.place,
        starts_at_s=found.starts_at_s,
        ends_at_s=found.ends_at_s,
        joined=tuple(party(one) for one in found.joined),
        cancelled=found.cancelled,
        booked=found.booked,
        own=found.own,
        comes=found.comes,
    )


CODES: Final = (Code.NOT_FOUND, Code.ACCOUNT_UNKNOWN, Code.ACCOUNT_INACTIVE)
CHANGE_CODES: Final = (*CODES, Code.ALREADY_DECIDED, Code.FORBIDDEN)
PLACE_CODES: Final = (*CHANGE_CODES, Code.TEXT_MISSING, Code.NOT_CONFIGURED)
_ACTIVITY: Final = "/activities/{activity}"
OPERATIONS: Final = (
    Operation(
        "activities",
        "GET",
        "/activities",
        BOOKERS,
        activities,
        shapes.Activities,
        shapes.ActivitiesAsked,
    ),
    Operation("activity", "GET", _ACTIVITY, BOOKERS, activity, shapes.Activity, codes=CODES),
    Operation(
        "activity_place",
        "POST",
        "/activities",
        BOOKERS,
        activity_place,
        shapes.Activity,
        shapes.ActivityPlaced,
        codes=PLACE_CODES,
        key=KeyUse.KEPT,
        status=201,
    ),
    Operation(
        "activity_change",
        "PUT",
        _ACTIVITY,
        BOOKERS,
        activity_change,
        shapes.Activity,
        shapes.ActivityPlaced,
        codes=PLACE_CODES,
    ),
    Operation(
        "activity_join",
        "PUT",
        _ACTIVITY + "/joined",
        BOOKERS,
        activity_join,
        shapes.Activity,
        shapes.Joined,
        codes=CHANGE_CODES,
    ),
    Operation(
        "activity_cancel",
        "POST",
        _ACTIVITY + "/cancel",
        BOOKERS,
        activity_cancel,
        shapes.Activity,
        shapes.CalledOff,
        codes=CHANGE_CODES,
        key=KeyUse.KEPT,
    ),
    Operation(
        "activity_quote",
        "POST",
        _ACTIVITY + "/shares/quote",
        BOOKERS,
        activity_quote,
        shapes.SpreadQuoted,
        shapes.Spread,
        codes=(
            *CODES,
            Code.NOT_CONFIGURED,
            Code.AMOUNT_NOT_POSITIVE,
        ),
    ),
    Operation(
        "activity_spread",
        "POST",
        _ACTIVITY + "/shares",
        BOOKERS,
        activity_spread,
        Trade,
        shapes.Spread,
        codes=(
            *PLACE_CODES,
            *INSIDE_CODES,
            Code.PAYER_LIMIT,
            Code.AMOUNT_NOT_POSITIVE,
            Code.AMOUNT_TOO_LARGE,
            Code.NOT_JOINED,
        ),
        key=KeyUse.KEPT,
        status=201,
    ),
)
