"""In which order posts are found, page by page, and what reading them costs; real PostgreSQL."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from federation.members.reader import ANONYMOUS, Reader
from federation.members.search import PAGE, TOTAL_MAX, search
from federation.members.search_queries import SEARCH
from federation.members.search_shapes import Hit, Query, Sort
from federation.node.service import Node
from tests.federation.members.conftest import Group
from tests.federation.members.post_rows import DAY_S, NOW_S, SPREAD, THEM, put, put_many, read_rows
from tests.federation.world.conftest import World


async def every_page(node: Node, reader: Reader, query: Query) -> list[Hit]:
    hits: list[Hit] = []
    while True:
        page = await search(node, reader, query, now_s=NOW_S)
        assert 0 < len(page.hits) <= PAGE
        hits += page.hits
        if not page.next:
            return hits
        query = msgspec.structs.replace(query, page=page.next)


async def fill(group: Group, count: int) -> None:
    """Write posts of which many share a place, a time, or both."""
    rows = [
        (
            THEM if number % 3 else "",
            str(number),
            "Fiets" if number % 2 else "Hulp",
            "met de fiets",
            NOW_S - (number % 7) * 40 * DAY_S,
            (None, 51.05, 50.9, 50.2)[number % 4],
            (None, 3.72, 4.7, 5.0)[number % 4],
        )
        for number in range(count)
    ]
    await group.node.pool.executemany(
        "INSERT INTO plain.post (node, post, title, text, placed_at_s, latitude, longitude, want,"
        " visibility, expires_at_s, refreshed_at_s)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, false, 'interlets', 9000000000, 9000000000)",
        rows,
    )


@pytest.mark.parametrize("count", [45, TOTAL_MAX, TOTAL_MAX + 1, 430])
@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("text", ["", "fiets"])
async def test_pages_neither_repeat_nor_lose_a_post(
    group: Group, count: int, sort: Sort, text: str
) -> None:
    await fill(group, count)
    query = Query(text=text, sort=sort, near="9000")

    first = await search(group.node, group.reader("001"), query, now_s=NOW_S)
    hits = await every_page(group.node, group.reader("001"), query)

    names = [(hit.node, hit.post) for hit in hits]
    assert len(names) == len(set(names)) == count
    assert first.total == min(count, TOTAL_MAX)
    assert first.more == (count > TOTAL_MAX)


@pytest.mark.parametrize("count", [45, 430])
@pytest.mark.parametrize("sort", Sort)
async def test_the_whole_list_is_in_order(group: Group, count: int, sort: Sort) -> None:
    """Between the pages, what no line lets pass behind all; within one, what cannot be booked."""
    await fill(group, count)
    query = Query(text="fiets", sort=sort, near="9000")
    hits = await every_page(group.node, group.reader("001"), query)

    pages = [hits[at : at + PAGE] for at in range(0, len(hits), PAGE)]
    for page in pages:
        assert page == sorted(page, key=lambda hit: hit.refusal is not None)

    def place(hit: Hit) -> tuple[Any, ...]:
        away = 10**9 if hit.distance_m is None else hit.distance_m
        later = hit.node == THEM
        if sort is Sort.NEW:
            return (later, -hit.placed_at_s, hit.node, hit.post)
        rest = sort is Sort.FIT and hit.title != "Fiets"
        return (later, rest, away, -hit.placed_at_s, hit.node, hit.post)

    for page, following in pairwise(pages):
        assert max(map(place, page)) < min(map(place, following))


@pytest.mark.usefixtures("no_feed")
@pytest.mark.parametrize("count", [45, TOTAL_MAX, 430])
@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("text", ["", "fiets"])
async def test_what_cannot_be_booked_comes_last_over_all_pages(
    world: World, count: int, sort: Sort, text: str
) -> None:
    """Of a group without a line, however near and new; the reader's own posts too."""
    a, b = await world.pair(20, 60)
    node, account = a.node, a.node.machine.books.ledger.codes["001"]
    for number in range(count):
        whose, theirs = (b.node.id, THEM, "")[number % 3], ("3000", "9000", "9000")[number % 3]
        await put(
            node,
            "Fiets" if number % 2 else "Hulp met fiets",
            node_id=whose,
            postcode=theirs,
            account=account if not whose else None,
            placed_at_s=NOW_S - DAY_S * (number % 9 + (9 if whose == b.node.id else 0)),
            **PRICED,
        )
    reader = Reader(account=account)

    hits = await every_page(node, reader, Query(text=text, sort=sort, near="9000"))

    assert len(hits) == count
    passes = [hit.refusal is None for hit in hits]
    assert {hit.node for hit in hits[: passes.count(True)]} == {b.node.id}
    assert passes == sorted(passes, reverse=True)


async def test_who_is_nobody_here_finds_all_in_one_order(group: Group) -> None:
    await put(group.node, "Near", node_id=THEM, postcode="9000", visibility="public")
    await put(group.node, "Far", postcode="3000", account=1, visibility="public")

    page = await search(group.node, ANONYMOUS, Query(near="9000"), now_s=NOW_S)

    assert [hit.title for hit in page.hits] == ["Near", "Far"]


@pytest.mark.parametrize("sort", [Sort.NEAR, Sort.NEW])
async def test_setting_apart_what_cannot_be_booked_reads_no_more_posts(
    group: Group, sort: Sort
) -> None:
    """Both halves of a list of many go by an index: of few groups, and in the order asked for."""
    await put_many(group.world)
    name = {Sort.NEAR: "nearest", Sort.NEW: "newest"}[sort]
    here = (0.0, 0.0)
    asked = (None, ["interlets"], 1, NOW_S, 0, None, None, None, None, here, None, None, None)
    page = (None, None, None, None, 21) if sort is Sort.NEAR else (None, None, None, 21, None)

    async with group.node.finder.acquire() as connection:
        for now in (True, False, None):
            told = await connection.fetchval(
                "EXPLAIN (ANALYZE, FORMAT JSON) " + SEARCH[name], *asked, *page, ["", "open"], now
            )
            (plan,) = json.loads(told)
            assert read_rows(plan["Plan"]) <= READ_MAX, (now, told)


PRICED = {
    "per_hour": 60,
    "decimals": 0,
    "unit_singular": "ster",
    "unit_plural": "sterren",
    "price_kind": "talk",
}
READ_MAX = 300
"""Of 20,000 posts: a page, those beside it, and the 40 of the group with a line."""


@pytest.mark.parametrize("count", [30, 150])
async def test_pages_of_what_is_only_like_it(group: Group, count: int) -> None:
    for number in range(count):
        await put(group.node, "Massage", postcode=SPREAD[number % len(SPREAD)])
    query = Query(text="masage", near="9000")

    hits = await every_page(group.node, group.reader("001"), query)

    assert len({hit.post for hit in hits}) == len(hits)
    assert len(hits) >= min(count, PAGE)
    away = [hit.distance_m or 0 for hit in hits]
    assert away == sorted(away)
