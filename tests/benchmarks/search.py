"""How long a search takes in the server: 100,000 posts of 200 groups, one client."""

from __future__ import annotations

import itertools
import time
from collections.abc import Awaitable, Callable
from typing import Any

from events.recovery import connect
from federation.members.reader import Reader
from federation.members.search import search
from federation.members.search_shapes import Query, Side, Sort
from federation.node.service import running_node
from tests.benchmarks.place import Place
from tests.benchmarks.post_words import SEARCHES, TYPING_ERRORS
from tests.benchmarks.posts import GROUPS, NOW_S, POSTS, fill_posts, know_groups
from tests.benchmarks.report import Limit, Report

PLACES = ("9000", "3000", "2000", "8500", "1050", "3500")
WITHIN_KM = 25
ROUNDS = 3
SHARE = 0.95
TARGET_MS = 10
BARE = "SELECT node, post, title FROM plain.post WHERE (node, post) > ('', '1') LIMIT 20"


def queries() -> list[Query]:
    """Give searches as people type them: mostly known words, now and then an error."""
    orders = itertools.cycle(Sort)
    texts = [(text, place) for text in SEARCHES for place in PLACES]
    texts += zip(TYPING_ERRORS, PLACES, strict=False)
    return [
        Query(text=text, near=place, within_km=WITHIN_KM, side=Side.OFFER, sort=next(orders))
        for text, place in texts
    ]


async def measure_search(place: Place, report: Report, *, posts: int = POSTS) -> None:
    """Fill a node's tables with posts and search in them, one search after the other."""
    folder = await place.make_node()
    owner = await connect(folder.settings().database_owner)
    await know_groups(owner)
    async with running_node(folder) as node:
        try:
            await fill_posts(owner, posts, GROUPS)
        finally:
            await owner.close()
        reader = Reader(account=1)

        async def ask(query: Query) -> None:
            await search(node, reader, query, now_s=NOW_S)

        async def bare(_query: Query) -> None:
            await node.pool.fetch(BARE)

        asked = queries()
        limit = Limit(await _p95_ms(bare, asked), "20 rows by their key")
        found = await _p95_ms(ask, asked)
    report.figure("search.p95", found, "ms", limit=limit, target=f"below {TARGET_MS}")


async def _p95_ms(ask: Callable[[Query], Awaitable[Any]], asked: list[Query]) -> float:
    """Give the time that all but one in twenty stay below, after a round that does not count."""
    taken = []
    for number in range(ROUNDS + 1):
        for query in asked:
            start = time.perf_counter()
            await ask(query)
            if number:
                taken.append(time.perf_counter() - start)
    return sorted(taken)[int(SHARE * len(taken))] * 1000
