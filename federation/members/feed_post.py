"""One post of another group, whole, as a member of this one sees it; asks no other node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members.feed_of import feed_of
from federation.members.found import FoundRow, hits
from federation.members.reader import visibilities
from federation.members.search import FRESH_S
from federation.members.search_queries import SEARCH
from federation.node.patience import connection_in_time
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.members.search_shapes import Hit
    from federation.node.service import Node


async def post(node: Node, reader: Reader, group: str, name: str, *, now_s: int) -> Hit:
    """Give a post of another group: one that a search would find.

    Raises:
        InputError: `post_unknown` when it is not there (any more), or not for this reader.

    """
    if group not in feed_of(node).choices.shown():
        raise InputError(Code.POST_UNKNOWN, field="post")
    seen = sorted(visibilities(reader))
    async with connection_in_time(node.pool) as connection:
        row = await connection.fetchrow(
            SEARCH["post_of_group"], group, name, seen, now_s, now_s - FRESH_S
        )
    if row is None:
        raise InputError(Code.POST_UNKNOWN, field="post")
    found = [FoundRow.of(row, located=False)]
    return hits(node, reader.subject_account, found, now_s=now_s)[0]
