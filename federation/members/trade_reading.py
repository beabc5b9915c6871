"""A trade as a reader may read it: its numbers, and its words where they are this reader's.

Who acts in a member's name by a right alone does what there is to do, and reads no texts of theirs
(`federation.group.rights.reads_words`). Deeds themselves go by the whole trade.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from federation.group.rights import reads_words
from federation.members.acting import account_of, actor
from federation.members.reader import looks_at
from federation.members.trade_loading import load_trade
from schemas.bodies import AccountKind

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.members.trade_views import ShownTrade
    from federation.node.service import Node


async def read_trade(node: Node, reader: Reader, name: str) -> ShownTrade:
    """Give one trade of the reader's.

    Raises:
        InputError: `not_found`, also for a trade between others.
        RefusedError: `forbidden`.

    """
    return as_read(node, reader, await load_trade(node, actor(reader).account, name))


def as_read(node: Node, reader: Reader, trade: ShownTrade) -> ShownTrade:
    """Leave out what was written of a trade for its two alone, for who is none of them."""
    account = actor(reader).account
    of_group = account_of(node, account).kind is AccountKind.GROUP
    if reads_words(looks_at(reader, account), of_group=of_group, to_all=trade.to_all):
        return trade
    public = tuple(said for said in trade.thanks if said.public)
    return replace(trade, description="", reason="", thanks=public)
