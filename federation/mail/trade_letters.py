"""Which letter tells how a trade stands, to one of its two. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.mail.compose import trades
from federation.mail.compose.asking import asked
from federation.members.trade_views import Action
from projections.trade_state import TradeState
from schemas.core_parts import WireCode

if TYPE_CHECKING:
    from federation.mail.compose.trade_facts import Trade
    from federation.mail.letter import Desk, Letter, Recipient
    from federation.members.trade_views import ShownTrade


def trade_letter(
    desk: Desk,
    to: Recipient,
    shown: ShownTrade,
    trade: Trade,
    *,
    balance_minor: int,
    entered_by: str,
    waits: bool,
    at_s: int,
) -> Letter | None:
    """Write how a trade stands; nothing when this one knows already, or is told by what follows.

    What waits for another group is told only with `waits`: most such waits last a second.
    """
    match shown.state:
        case TradeState.REQUESTED if Action.CONSENT in shown.actions:
            return asked(
                desk,
                to,
                trade,
                balance_after_minor=balance_minor - shown.own_minor,
                answer_until_s=shown.expires_at_s,
                at_s=at_s,
                reverses=bool(shown.reverses),
            )
        case TradeState.HELD if waits and shown.gives:
            return trades.held(desk, to, trade, until_s=shown.expires_at_s, at_s=at_s)
        case TradeState.SETTLED if shown.reverses:
            return trades.reversed_(
                desk, to, trade, gave=not shown.gives, balance_minor=balance_minor, at_s=at_s
            )
        case TradeState.SETTLED | TradeState.COMMITTED:
            if shown.state is TradeState.COMMITTED and not waits:
                return None
            return trades.booked(
                desk,
                to,
                trade,
                gave=shown.gives,
                seen=_seen(shown),
                balance_minor=balance_minor,
                at_s=at_s,
                entered_by=entered_by,
            )
        case TradeState.EXPIRED if shown.gives or shown.asked:
            return trades.expired(desk, to, trade, silent=_silent(shown), at_s=at_s)
        case TradeState.REFUSED | TradeState.CANCELLED:
            return _ended(desk, to, shown, trade, at_s=at_s)
        case _:
            return None


def _seen(shown: ShownTrade) -> trades.Seen:
    if not shown.between:
        return trades.Seen.SAME_GROUP
    waits = shown.state is TradeState.COMMITTED
    return trades.Seen.WAITING if waits else trades.Seen.CONFIRMED


def _silent(shown: ShownTrade) -> trades.Silent:
    if not shown.asked:
        return trades.Silent.OTHER_GROUP
    return trades.Silent.ME if shown.gives else trades.Silent.OTHER


def _ended(
    desk: Desk, to: Recipient, shown: ShownTrade, trade: Trade, *, at_s: int
) -> Letter | None:
    """Tell the one who did not end it; whoever tried to give learns why it was not taken."""
    code = shown.code or shown.state.value
    by_asker = shown.asked and code == WireCode.CANCELLED
    by_asked = shown.asked and code == WireCode.REFUSED
    told = {
        "cancelled": by_asker and shown.gives,
        "refused": not shown.gives if by_asked else shown.gives or shown.asked,
    }[shown.state.value]
    known = code in set(WireCode)
    reason = WireCode(code) if known else WireCode.REFUSED
    return trades.refused(desk, to, trade, reason=reason, at_s=at_s) if told else None
