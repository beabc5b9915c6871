"""Trades and their sides in the shapes of the API; for auditors without names and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.api import trade_shapes as shapes
from federation.api.tokens import TokenRole

if TYPE_CHECKING:
    from federation.api.operation import Call
    from federation.members.people import Party
    from federation.members.trade_views import ShownTrade
    from federation.node.service import Node


def shown_trade(call: Call, trade: ShownTrade) -> shapes.Trade:
    """Give a trade as whoever asks may see it."""
    bare = call.token.role is TokenRole.AUDITOR
    rate = trade.other_rate
    return shapes.Trade(
        trade=trade.id,
        between=trade.between,
        gives=trade.gives,
        other=party(trade.other, bare=bare),
        more=trade.more,
        own_minor=trade.own_minor,
        other_minor=trade.other_minor,
        line_units=trade.line_units,
        other_per_hour=None if rate is None else rate.per_hour,
        other_decimals=None if rate is None else rate.decimals,
        state=trade.state,
        code=trade.code,
        description=None if bare else trade.description,
        at_s=trade.at_s,
        expires_at_s=trade.expires_at_s,
        asked=trade.asked,
        reverses=trade.reverses or None,
        reversed_by=trade.reversed_by or None,
        activity=None if trade.activity is None else str(trade.activity),
        entered_by=code_of(call.node, trade.entered_by),
        actions=() if bare else trade.actions,
        thanks=()
        if bare
        else tuple(
            shapes.Thanks(own=said.own, text=said.text, public=said.public, at_s=said.at_s)
            for said in trade.thanks
        ),
    )


def party(other: Party, *, bare: bool = False) -> shapes.Party:
    """Give the other side of a trade or a thread."""
    return shapes.Party(
        code=other.code or None,
        group=other.node or None,
        group_name=other.group or None,
        name=None if bare else other.name or None,
        pseudonym=None if bare else other.pseudonym or None,
        place=None if bare else other.place or None,
    )


def code_of(node: Node, account: int | None) -> str | None:
    """Give the code of an account, if there is one."""
    return None if account is None else node.machine.books.ledger.accounts[account].code
