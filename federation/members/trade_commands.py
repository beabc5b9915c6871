"""The commands of the control socket about a member's trades, thanks and activities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from federation.members import activities, thanks, trades
from federation.members.thread_commands import Deed, Toward
from federation.node.control_shapes import ControlCommand
from federation.node.use_cases import account_by_code
from schemas.ids import Amount, Count, Positive
from schemas.proposals import PricedBy

if TYPE_CHECKING:
    from federation.node.service import Node


class Trades(Deed, frozen=True, kw_only=True):
    """A page of trades, before a place in the log."""

    before: Count | None = None
    limit: Positive = 50


class OneTrade(Deed, frozen=True, kw_only=True):
    """A trade; `expected_minor` is what the payer has seen that it gives."""

    trade: str
    description: str = ""
    expected_minor: Amount | None = None
    wait_s: float = 10


class Thank(Deed, frozen=True, kw_only=True):
    """A word of thanks."""

    trade: str
    text: str
    public: bool = False


class Quoted(Toward, frozen=True, kw_only=True):
    """What a trade would come to."""

    amount_minor: Amount
    asks: bool = False
    fixed: PricedBy = PricedBy.PAYEE


class AskFor(Deed, frozen=True, kw_only=True):
    """Ask another member of the group for units."""

    payer: str
    amount_minor: Amount
    description: str = ""


class Place(Deed, frozen=True, kw_only=True):
    """Something to do together; with `activity` it replaces what was said."""

    title: str
    starts_at_s: Count
    ends_at_s: Count
    text: str = ""
    place: str = ""
    activity: Positive | None = None
    for_group: bool = False


class OneActivity(Deed, frozen=True, kw_only=True):
    """An activity."""

    activity: Positive
    leave: bool = False


class Spread(Deed, frozen=True, kw_only=True):
    """Units for those who helped: a sum in equal shares, or an amount each."""

    activity: Positive
    helpers: tuple[str, ...]
    total_minor: Amount | None = None
    amounts_minor: tuple[Amount, ...] = ()
    description: str = ""
    from_group: bool = False


async def trade_list(node: Node, asked: Trades) -> Any:
    """Give a page of trades."""
    before = trades.NEWEST if asked.before is None else asked.before
    return await trades.trades_of(node, asked.reader(node), before=before, limit=asked.limit)


async def trade_show(node: Node, asked: OneTrade) -> Any:
    """Give a trade."""
    return await trades.trade(node, asked.reader(node), asked.trade)


async def trade_quote(node: Node, asked: Quoted) -> Any:
    """Say what would be booked."""
    to = asked.recipient(node)
    form = trades.QuoteForm(asked.amount_minor, not asked.asks, to.account, to.node, asked.fixed)
    shown = trades.quote(node, asked.reader(node), form)
    refusal = shown.refusal
    return {
        **msgspec.structs.asdict(shown),
        "refusal": None if refusal is None else {"code": refusal.code, "facts": refusal.facts},
    }


async def trade_ask(node: Node, asked: AskFor) -> Any:
    """Ask another member for units."""
    payer = account_by_code(node, asked.payer, field="payer").account
    reader, key = asked.reader(node), asked.once()
    return await trades.ask(
        node, reader, payer, asked.amount_minor, key=key, description=asked.description
    )


async def trade_consent(node: Node, asked: OneTrade) -> Any:
    """Consent to what was asked."""
    return await trades.consent(
        node,
        asked.reader(node),
        asked.trade,
        expected_minor=asked.expected_minor,
        wait_s=asked.wait_s,
    )


async def trade_decline(node: Node, asked: OneTrade) -> Any:
    """Refuse a request, or take an own one back."""
    return await trades.decline(node, asked.reader(node), asked.trade)


async def trade_cancel(node: Node, asked: OneTrade) -> Any:
    """Take back a payment that is not booked yet."""
    return await trades.cancel(node, asked.reader(node), asked.trade)


async def trade_reverse(node: Node, asked: OneTrade) -> Any:
    """Give back, or ask for it."""
    return await trades.reverse(
        node,
        asked.reader(node),
        asked.trade,
        key=asked.once(),
        description=asked.description,
        wait_s=asked.wait_s,
    )


async def trade_thank(node: Node, asked: Thank) -> Any:
    """Thank for a trade."""
    reader = asked.reader(node)
    return await thanks.give(node, reader, asked.trade, asked.text, public=asked.public)


async def thanks_list(node: Node, asked: Toward) -> Any:
    """Give the public words of thanks to a member."""
    asked.reader(node)
    return await thanks.public_thanks(node, account_by_code(node, asked.code).account)


async def activity_place(node: Node, asked: Place) -> Any:
    """Place an activity, or change one."""
    form = activities.ActivityForm(
        asked.title, asked.starts_at_s, asked.ends_at_s, asked.text, asked.place
    )
    reader, key = asked.reader(node), asked.once()
    return await activities.place(
        node, reader, form, key=key, activity=asked.activity, for_group=asked.for_group
    )


async def activity_list(node: Node, asked: Deed) -> Any:
    """Give what is to be done together."""
    return await activities.coming(node, asked.reader(node))


async def activity_show(node: Node, asked: OneActivity) -> Any:
    """Give an activity."""
    return await activities.show(node, asked.reader(node), asked.activity)


async def activity_join(node: Node, asked: OneActivity) -> Any:
    """Come along, or not."""
    reader = asked.reader(node)
    return await activities.join(node, reader, asked.activity, joins=not asked.leave)


async def activity_cancel(node: Node, asked: OneActivity) -> Any:
    """Call an activity off."""
    return await activities.cancel(node, asked.reader(node), asked.activity)


async def activity_spread(node: Node, asked: Spread) -> Any:
    """Give units to those who helped."""
    helpers = [account_by_code(node, code, field="shares").account for code in asked.helpers]
    shares = tuple(zip(helpers, asked.amounts_minor, strict=False))
    if asked.total_minor is not None:
        shares = activities.evenly(asked.total_minor, helpers)
    return await activities.spread(
        node,
        asked.reader(node),
        asked.activity,
        shares,
        key=asked.once(),
        description=asked.description,
        from_group=asked.from_group,
    )


COMMANDS = {
    "trade.list": ControlCommand(Trades, trade_list),
    "trade.show": ControlCommand(OneTrade, trade_show),
    "trade.quote": ControlCommand(Quoted, trade_quote),
    "trade.ask": ControlCommand(AskFor, trade_ask),
    "trade.consent": ControlCommand(OneTrade, trade_consent),
    "trade.decline": ControlCommand(OneTrade, trade_decline),
    "trade.cancel": ControlCommand(OneTrade, trade_cancel),
    "trade.reverse": ControlCommand(OneTrade, trade_reverse),
    "trade.thank": ControlCommand(Thank, trade_thank),
    "thanks.list": ControlCommand(Toward, thanks_list),
    "activity.place": ControlCommand(Place, activity_place),
    "activity.list": ControlCommand(Deed, activity_list),
    "activity.show": ControlCommand(OneActivity, activity_show),
    "activity.join": ControlCommand(OneActivity, activity_join),
    "activity.cancel": ControlCommand(OneActivity, activity_cancel),
    "activity.spread": ControlCommand(Spread, activity_spread),
}
