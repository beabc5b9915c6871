"""Who finds what, and what each hit says; real PostgreSQL. The order is in `test_search_order`."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from asyncpg import Pool, Record

from federation.members.reader import ANONYMOUS, NEIGHBOUR, Reader
from federation.members.search import FRESH_S, search
from federation.members.search_shapes import Cursor, Kind, Page, Query, Scope, Side, Sort
from schemas.encoding import b64
from schemas.errors import Code, InputError
from schemas.member_bodies import PriceKind
from tests.federation.members.conftest import Group
from tests.federation.members.post_rows import NOW_S, SPREAD, THEM, put
from tests.federation.world.conftest import World


async def find(group: Group, by: str = "001", /, **asked: Any) -> Page:
    return await search(group.node, group.reader(by), Query(**asked), now_s=NOW_S)


async def found(group: Group, by: str = "001", /, **asked: Any) -> set[str]:
    return {hit.title for hit in (await find(group, by, **asked)).hits}


async def test_own_and_other_groups_posts_are_one_list(group: Group) -> None:
    await put(group.node, "Ours", account=group.account("002"))
    await put(group.node, "Theirs", node_id=THEM, poster="p", poster_name="Marc")

    assert await found(group) == {"Ours", "Theirs"}
    assert await found(group, scope=Scope.GROUP) == {"Ours"}
    assert await found(group, group=THEM) == {"Theirs"}
    assert await found(group, group=group.node.id) == {"Ours"}


@pytest.mark.parametrize("node_id", ["", THEM])
async def test_what_is_over_is_not_found(group: Group, node_id: str) -> None:
    await put(group.node, "Just", node_id=node_id, expires_at_s=NOW_S + 1)
    await put(group.node, "Expired", node_id=node_id, expires_at_s=NOW_S)
    await put(group.node, "Paused or ended", node_id=node_id, shown=False)

    assert await found(group) == {"Just"}


async def test_a_copy_that_was_not_refreshed_for_seven_days_is_gone(group: Group) -> None:
    await put(group.node, "Fresh", node_id=THEM, refreshed_at_s=NOW_S - FRESH_S + 1)
    await put(group.node, "Stale", node_id=THEM, refreshed_at_s=NOW_S - FRESH_S)
    await put(group.node, "Own", refreshed_at_s=0)

    assert await found(group) == {"Fresh", "Own"}


async def test_each_reader_finds_what_is_meant_for_it(group: Group) -> None:
    for visibility in ("staff", "members", "interlets", "public"):
        await put(group.node, visibility, visibility=visibility, account=group.account("002"))
    await put(group.node, "theirs", node_id=THEM)
    await put(group.node, "theirs for all", node_id=THEM, visibility="public")

    everybody = {"public", "theirs for all"}
    partners = everybody | {"interlets", "theirs"}

    async def seen(reader: Reader) -> set[str]:
        page = await search(group.node, reader, Query(), now_s=NOW_S)
        return {hit.title for hit in page.hits}

    assert await seen(ANONYMOUS) == everybody
    assert await seen(NEIGHBOUR) == partners
    assert await found(group, "001") == partners | {"members"}
    assert await found(group, "003") == partners | {"members", "staff"}
    assert await found(group, "002") == partners | {"members", "staff"}  # its own


async def test_filters_are_all_kept_at_once(group: Group) -> None:
    for want in (False, True):
        for goods in (False, True):
            await put(group.node, f"{want} {goods}", want=want, goods=goods)

    assert await found(group, side=Side.OFFER) == {"False False", "False True"}
    assert await found(group, kind=Kind.SERVICE) == {"False False", "True False"}
    assert await found(group, side=Side.WANT, kind=Kind.GOODS) == {"True True"}


async def test_a_category_holds_those_under_it_and_other_groups_of_the_same_name(
    group: Group,
) -> None:
    execute = group.node.pool.execute
    await execute("INSERT INTO plain.category VALUES (1, NULL, 'Tuin'), (2, 1, 'Snoeien')")
    await put(group.node, "Haag", category_name="Snoeien")
    await put(group.node, "Gras", category_name="Tuin")
    await put(group.node, "Theirs", category_name="TUIN", node_id=THEM)
    await put(group.node, "Brood", category_name="Eten")

    assert await found(group, category="tuin") == {"Haag", "Gras", "Theirs"}
    assert await found(group, category="Snoeien") == {"Haag"}
    assert await found(group, category="Nergens") == set()


async def test_near_is_where_the_reader_looks_from(group: Group) -> None:
    for postcode in SPREAD:
        await put(group.node, postcode, postcode=postcode)
    await put(group.node, "nowhere")

    near = await find(group, near="9000")
    away = [hit.distance_m for hit in near.hits]

    assert near.located
    assert [hit.title for hit in near.hits][:3] == ["9000", "9050", "9940"]
    assert away[-1] is None
    assert near.hits[-1].title == "nowhere"
    assert all(one <= other for one, other in pairwise(away[:-1]) if one is not None and other)
    assert await found(group, near="9000 Gent", within_km=12) == {"9000", "9050", "9940"}
    assert await found(group, near="Leuven", within_km=25) == {"3000", "1050"}
    assert await found(group, near="9000", scope=Scope.NEAR) == {"9000", "9050", "9940"}


async def test_a_reader_is_near_its_own_home(group: Group) -> None:
    await group.node.pool.execute(
        "UPDATE plain.member SET latitude = 50.8796, longitude = 4.7009 WHERE account = $1",
        group.account("001"),
    )
    await put(group.node, "Gent", postcode="9000")
    await put(group.node, "Leuven", postcode="3000")

    assert [hit.title for hit in (await find(group)).hits] == ["Leuven", "Gent"]
    assert await found(group, within_km=10) == {"Leuven"}


async def test_without_a_place_nothing_is_said_about_distance(group: Group) -> None:
    await put(group.node, "Old", postcode="9000", placed_at_s=1)
    await put(group.node, "New", postcode="3000")

    page = await find(group, within_km=1)

    assert not page.located
    assert [(hit.title, hit.distance_m) for hit in page.hits] == [("New", None), ("Old", None)]


async def test_a_place_that_nobody_knows_is_refused(group: Group) -> None:
    with pytest.raises(InputError) as caught:
        await find(group, near="Nergenshuizen")

    assert caught.value.code is Code.PLACE_UNKNOWN


@pytest.mark.parametrize(
    "page",
    [
        "x",
        "AAAA",
        b64(b"{}"),
        b64(b'{"order":"near","total":1,"away":1e999}'),
        b64(b'{"order":"near","total":1,"node":"\\u0000"}'),
        b64(b'{"order":"side","total":1}'),
        b64(b'{"order":"near","total":-1}'),
        b64(b'{"order":"alike","total":1,"skip":-5}'),
        b64(b'{"order":"near","total":1,"placed_at_s":99999999999999999999}'),
        b64(msgspec.json.encode(Cursor(order="fit", total=300))),
        "é",
        "A" * 10_000,
    ],
)
async def test_a_page_that_nobody_gave_is_refused(group: Group, page: str) -> None:
    with pytest.raises(InputError) as caught:
        await find(group, page=page, near="9000")

    assert caught.value.code is Code.MALFORMED


@pytest.mark.usefixtures("no_feed")
async def test_a_hit_says_the_price_in_both_units_and_whether_it_can_be_booked(
    world: World,
) -> None:
    alfa, beta = await world.pair(20, 60)
    node, them = alfa.node, beta.node.id
    me = Reader(account=node.machine.books.ledger.codes.get("001"))
    there = {"node_id": them, "per_hour": 60, "decimals": 0, "unit_singular": "ster",
             "unit_plural": "sterren", "price_kind": "hour"}  # fmt: skip
    await put(node, "Offer", price_minor=60, poster_name="Marc", **there)
    await put(node, "Want", price_minor=60, want=True, **there)
    await put(node, "Dear", price_minor=6000, placed_at_s=NOW_S, **there)
    await put(node, "Stranger", **{**there, "node_id": THEM}, price_minor=60)
    neighbour = node.machine.books.ledger.codes.get("002")
    await put(node, "Own", account=neighbour, price_kind="talk")

    page = await search(node, me, Query(sort=Sort.NEW), now_s=NOW_S)
    hits = {hit.title: hit for hit in page.hits}

    offer = hits["Offer"]
    assert offer.refusal is None
    assert offer.group_name == "beta"
    assert offer.poster_name == "Marc"
    assert (offer.price.kind, offer.price.own_minor) == (PriceKind.HOUR, 20)
    assert offer.price.their_minor == 60
    assert offer.price.their_unit is not None
    assert offer.price.their_unit.plural == "sterren"
    assert (hits["Want"].refusal, hits["Want"].price.own_minor) == (None, 20)
    assert hits["Own"].group_name == "alfa"
    assert hits["Own"].price.own_minor is None
    dear, stranger = hits["Dear"].refusal, hits["Stranger"].refusal
    assert dear is not None
    assert dear.code is Code.TOO_LARGE_FOR_LINE
    assert stranger is not None
    assert stranger.code is Code.LINE_NOT_OPEN
    assert {hit.title for hit in page.hits[-2:]} == {"Dear", "Stranger"}


async def test_a_feed_that_says_no_unit_has_no_price(group: Group) -> None:
    await put(group.node, "Odd", node_id=THEM, price_kind="piece", price_minor=5, per_hour=0)

    (hit,) = (await find(group)).hits

    assert hit.price.own_minor is None
    assert hit.refusal is not None


async def test_pictures_come_along(group: Group) -> None:
    picture = json.dumps([{"digest": b64(bytes(32)), "size": 5}])
    await put(group.node, "Cake", pictures=picture)

    (hit,) = (await find(group)).hits

    assert [p.size for p in hit.pictures] == [5]


async def test_each_question_has_a_plan_of_its_own(group: Group) -> None:
    """A plan for all of them reads every post: the quickest index depends on what is asked."""
    await put(group.node, "Fiets herstellen", account=group.account("002"))
    for _ in range(8):  # after five, PostgreSQL would make one plan for all
        assert await found(group, text="fiets") == {"Fiets herstellen"}

    own, shared = await plans(group.node.finder, "findable")
    assert own >= 8
    assert shared == 0


async def test_words_in_a_neighbourhood_share_a_plan(group: Group) -> None:
    """Making one takes a fifth of such a search, and it is the same whatever else is asked."""
    for _ in range(8):
        assert await found(group, text="fiets", near="9000", within_km=25) == set()

    own, shared = await plans(group.node.pool, "findable_near")
    assert own == 0
    assert shared >= 8


async def plans(pool: Pool[Record], function: str) -> tuple[int, int]:
    """Count how often the statements over a function were planned alone, and ran by one plan."""
    async with pool.acquire() as connection:
        row = await connection.fetchrow(
            "SELECT sum(custom_plans) AS own, sum(generic_plans) AS shared"
            " FROM pg_prepared_statements WHERE statement LIKE $1",
            f"%FROM plain.{function}(%",
        )
    assert row is not None
    return row["own"], row["shared"]
