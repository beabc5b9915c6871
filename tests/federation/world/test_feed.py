"""The offer feed between running nodes: what is shown where, and when it is no longer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from events.restore import Judgement, Mode
from federation.members import feed as feed_module
from federation.members import feed_serving
from federation.members.feed_of import feed_of
from federation.node.control import call
from federation.node.service import now_s
from schemas.encoding import b64
from schemas.errors import Code, RefusedError, RuilbrugError
from tests.federation.world.conftest import World, WorldNode, eventually
from tests.federation.world.feed_posts import Posts, read_feed

POSTS_OF = """
SELECT post, title, text, poster, poster_name, want, goods, category_name, price_kind, price_minor,
    per_hour, decimals, unit_singular, unit_plural, postcode, place, latitude, placed_at_s,
    expires_at_s, pictures::text AS pictures, visibility, refreshed_at_s, account
FROM plain.post WHERE node = $1 ORDER BY title
"""

FOUND_BY = """
SELECT title FROM plain.post
WHERE search @@ plain.wanted($1) AND heading @@ plain.wanted($1)
    AND search = plain.stems(plain.simplified(concat_ws(' ', title, category_name, place, text)))
"""

ANOTHER_GENERATION = """
INSERT INTO plain.progress (seq, generation) VALUES (0, 'another')
ON CONFLICT (only_row) DO UPDATE SET generation = 'another'
"""


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the list whenever somebody asks."""
    monkeypatch.setattr(feed_serving, "REST", 0)


async def shown(node: WorldNode, other: WorldNode) -> list[str]:
    """Give the titles of another group's posts."""
    return [row["title"] for row in await node.node.pool.fetch(POSTS_OF, other.node.id)]


async def linked(world: World, *names: str) -> list[WorldNode]:
    """Make groups that invited each other; there is no line between them."""
    nodes = [await world.make(name, 20 * (at + 1)) for at, name in enumerate(names)]
    for one in nodes:
        await world.add_members(one)
        for other in nodes:
            if one is not other:
                await one.ask("line.invite", invitation=other.invitation)
    return nodes


async def read(node: WorldNode, other: WorldNode) -> dict[str, Any]:
    """Have one feed read, and give how it is then."""
    await read_feed(node, other)
    rows = await node.ask("feed.status")
    return dict(next(row for row in rows if row["node"] == other.node.id))


async def test_posts_of_another_group_are_here_without_a_line(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    posts = await Posts.of(b)
    await posts.place(
        "1",
        title="Fiets herstellen",
        text="Banden en remmen\nKom langs",
        category_name="Vervoer / Fietsen",
        price_kind="hour",
        price_minor=8,
        postcode="3000",
        pictures=[{"digest": b64(b"d" * 32), "size": 1234}],
    )
    await posts.place("2", title="Boor gezocht", want=True, goods=True, visibility="public")

    status = await read(a, b)

    assert status["posts"] == 2
    assert status["trouble"] == ""
    assert now_s() - status["refreshed_at_s"] < 60
    want, offer = await a.node.pool.fetch(POSTS_OF, b.node.id)
    assert (want["title"], want["want"], want["goods"]) == ("Boor gezocht", True, True)
    assert (offer["text"], offer["category_name"]) == (
        "Banden en remmen\nKom langs",
        "Vervoer / Fietsen",
    )
    assert (offer["price_kind"], offer["price_minor"]) == ("hour", 8)
    assert (offer["per_hour"], offer["unit_plural"]) == (40, "units")
    assert (offer["postcode"], offer["place"]) == ("3000", "Leuven")
    assert 50 < offer["latitude"] < 51
    assert offer["poster_name"] == "Marc"
    assert offer["account"] is None
    assert json.loads(offer["pictures"]) == [{"digest": b64(b"d" * 32), "size": 1234}]
    assert offer["post"] != "1"
    assert await feed_of(b.node).server.post_of(offer["post"]) == 1
    found = await a.node.pool.fetchval("SELECT post FROM plain.post WHERE words LIKE '%fietsen%'")
    assert found == offer["post"], "it is searched as our own are"


async def test_contacts_and_whole_names_stay_at_home(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    posts = await Posts.of(b)
    await posts.place("1", title="Fiets herstellen")

    page = await a.node.client.get(b.node.id, b.node.settings.public_url, feed_module.PATH)

    assert b"Fiets herstellen" in page
    for secret in (b"Peeters", b"0470", b"marc@", b"001"):
        assert secret not in page


async def test_each_reading_group_knows_a_poster_by_another_name(world: World) -> None:
    a, b, c = await linked(world, "alfa", "beta", "gamma")
    posts = await Posts.of(c)
    await posts.place("1", title="Een")
    await posts.place("2", title="Twee")
    await read(a, c)
    await read(b, c)

    one = await a.node.pool.fetch(POSTS_OF, c.node.id)
    other = await b.node.pool.fetch(POSTS_OF, c.node.id)

    assert len({row["poster"] for row in one}) == 1
    assert {row["poster"] for row in one}.isdisjoint({row["poster"] for row in other})
    assert [row["post"] for row in one] == [row["post"] for row in other]
    known = await c.node.pool.fetchval(
        "SELECT subject FROM pseudonym WHERE reader = $1 AND pseudonym = $2",
        a.node.id,
        one[0]["poster"],
    )
    assert known == posts.subject, "who answers to it is found by it"


async def test_what_may_no_longer_be_seen_goes_away(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    posts = await Posts.of(b)
    changes: list[dict[str, Any]] = [
        {"visibility": "members"},
        {"visibility": "staff"},
        {"shown": False},
        {"ended": True},
        {"expires_at_s": 1},
    ]
    await posts.place("1", title="Blijft")
    for at, _ in enumerate(changes):
        await posts.place(str(at + 2), title=f"Gaat {at}")
    await read(a, b)
    assert await shown(a, b) == ["Blijft", *(f"Gaat {at}" for at, _ in enumerate(changes))]

    for at, change in enumerate(changes):
        await posts.change(str(at + 2), **change)
        await read(a, b)

        left = [f"Gaat {at}" for at in range(at + 1, len(changes))]
        assert await shown(a, b) == ["Blijft", *left]


async def test_posts_of_who_is_away_or_no_member_are_not_told(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    posts = await Posts.of(b)
    await posts.place("1", title="Een")
    await read(a, b)
    assert await shown(a, b) == ["Een"]

    await posts.member(paused_until_s=now_s() + 1000)
    await read(a, b)
    assert await shown(a, b) == []
    await posts.member(paused_until_s=now_s())
    await read(a, b)
    assert await shown(a, b) == ["Een"], "back again, without any event"
    await posts.member(status="leaving")
    await read(a, b)
    assert await shown(a, b) == []


async def test_a_change_alone_travels(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = await linked(world, "alfa", "beta")
    posts = await Posts.of(b)
    for number in range(1, 8):
        await posts.place(str(number), title=f"Post {number}")
    await read(a, b)
    asked: list[list[str]] = []
    entries = feed_serving.FeedServer._entries

    async def watched(self: Any, caller: str, places: Any) -> Any:
        asked.append([place.post for place in places])
        return await entries(self, caller, places)

    monkeypatch.setattr(feed_serving.FeedServer, "_entries", watched)
    await posts.change("3", title="Nieuw")
    await read(a, b)
    await read(a, b)

    assert asked == [["3"], []]
    assert "Nieuw" in await shown(a, b)


async def test_a_post_is_found_by_what_it_says_now(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    posts = await Posts.of(b)
    for number, title in enumerate(("Fiets herstellen", "Ladder lenen", "Fietsen wassen")):
        await posts.place(str(number), title=title)
    await read(a, b)
    await posts.change("0", title="Haag scheren")
    await read(a, b)

    for node in (a, b):
        for text, title in (("haag", "Haag scheren"), ("fiets", "Fietsen wassen")):
            found = await node.node.pool.fetch(FOUND_BY, text)
            assert [row["title"] for row in found] == [title]


async def test_a_feed_longer_than_a_page_is_read_in_pages(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await linked(world, "alfa", "beta")
    posts = await Posts.of(b)
    monkeypatch.setattr(feed_serving, "PAGE_BYTES_MAX", 3_000)
    monkeypatch.setattr(feed_serving, "ENTRIES_MAX", 4)
    monkeypatch.setattr(feed_module, "VISIT_PAGES_MAX", 2)
    for number in range(1, 20):
        await posts.place(str(number), title=f"Post {number:02}", text="x" * 40 * number)

    await read(a, b)
    assert 0 < len(await shown(a, b)) < 19, "the rest comes with the next visits"
    for _ in range(20):
        await read(a, b)

    assert await shown(a, b) == [f"Post {number:02}" for number in range(1, 20)]
    assert (await read(a, b))["trouble"] == ""


async def test_what_was_built_anew_is_read_anew_and_what_is_lost_goes(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    posts = await Posts.of(b)
    await posts.place("1", title="Blijft")
    await posts.place("2", title="Gaat")
    await read(a, b)
    before = await a.node.pool.fetch(POSTS_OF, b.node.id)

    await posts.execute("DELETE FROM plain.post WHERE post = '2'")
    await b.stop()
    await b.start()
    await read(a, b)

    after = await a.node.pool.fetch(POSTS_OF, b.node.id)
    assert [row["title"] for row in after] == ["Blijft"]
    assert after[0]["post"] == before[0]["post"], "a post keeps its name"


async def test_a_reader_whose_own_tables_were_lost_reads_everything_again(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    posts = await Posts.of(b)
    await posts.place("1", title="Een")
    await read(a, b)

    mine = a.node.pool
    await mine.execute("DELETE FROM plain.post")
    await mine.execute(ANOTHER_GENERATION)
    await read(a, b)

    assert await shown(a, b) == ["Een"]


async def test_an_erased_member_is_gone_everywhere(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    posts = await Posts.of(b)
    await posts.place("1", title="Een")
    await read(a, b)
    assert await shown(a, b) == ["Een"]

    del b.node.machine.keyring._base[posts.subject]  # what erasing does to a running node
    await read(a, b)

    assert await shown(a, b) == []


async def test_a_node_that_is_not_sure_of_its_log_tells_nothing(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    posts = await Posts.of(b)
    await posts.place("1", title="Een")
    await read(a, b)
    b.node.gate.judgement = Judgement(Mode.RELEASES_NOTHING, "asked nobody yet")
    await posts.place("2", title="Twee")

    status = await read(a, b)

    assert status["trouble"].startswith("peer_unreachable")
    assert await shown(a, b) == ["Een"]


async def test_who_may_not_read_gets_nothing_and_loses_what_it_had(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    posts = await Posts.of(b)
    await posts.place("1", title="Een")
    await read(a, b)
    assert await shown(a, b) == ["Een"]

    await b.ask("feed.choose", group="alfa", reads_ours=False)
    status = await read(a, b)

    assert await shown(a, b) == []
    assert status["trouble"] == "forbidden"
    await b.ask("feed.choose", group="alfa", reads_ours=True)
    assert (await read(a, b))["trouble"] == ""
    assert await shown(a, b) == ["Een"]


async def test_no_second_visit_begins_while_it_is_noted_what_was_wrong_with_the_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await linked(world, "alfa", "beta")
    reader, running = feed_of(a.node).reader, []
    noted = reader._note

    async def note(peer: Any, error: Any) -> None:
        running.append(peer.node in reader._running)
        await noted(peer, error)

    monkeypatch.setattr(reader, "_note", note)
    await b.ask("feed.choose", group="alfa", reads_ours=False)

    await read(a, b)

    assert running
    assert all(running)
    await eventually(lambda: not reader._running)


async def test_a_group_that_is_hidden_here_goes_at_once_and_comes_back(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    posts = await Posts.of(b)
    await posts.place("1", title="Een")
    await read(a, b)

    await a.ask("feed.choose", group="beta", shown_here=False)
    await feed_of(a.node).reader.sweep()

    assert await shown(a, b) == []
    (row,) = await a.ask("feed.status")
    assert (row["shown_here"], row["reads_ours"], row["posts"]) == (False, True, 0)
    await a.ask("feed.choose", group="beta", shown_here=True)
    await read(a, b)
    assert await shown(a, b) == ["Een"]


async def test_the_choice_for_all_others_counts_where_nothing_else_was_chosen(
    world: World,
) -> None:
    a, b, c = await linked(world, "alfa", "beta", "gamma")
    await a.ask("feed.choose", group="beta", reads_ours=True)

    await a.ask("feed.choose", reads_ours=False)
    await a.stop()
    await a.start()

    assert (await read(b, a))["trouble"] == ""
    assert (await read(c, a))["trouble"] == "forbidden"


async def test_strangers_and_the_umbrella_do_not_read(world: World) -> None:
    umbrella = await world.make("koepel", None)
    a = await world.make("alfa", 20, umbrella=umbrella.invitation)
    await umbrella.ask("audit.admit", invitation=a.invitation)
    await umbrella.node.peers.refresh(a.node.id)

    with pytest.raises(RefusedError) as caught:
        await umbrella.node.client.get(a.node.id, a.node.settings.public_url, feed_module.PATH)

    assert caught.value.code is Code.FORBIDDEN


async def test_groups_of_one_register_find_each_other(world: World) -> None:
    umbrella = await world.make("koepel", None)
    a = await world.make("alfa", 20, umbrella=umbrella.invitation)
    b = await world.make("beta", 20, umbrella=umbrella.invitation)
    await world.add_members(b)
    await umbrella.ask("audit.admit", invitation=a.invitation)
    await umbrella.ask("audit.admit", invitation=b.invitation)
    await (await Posts.of(b)).place("1", title="Een")
    for node in (a, b):
        await eventually(lambda node=node: node.node.gate.mode is Mode.OPEN)  # type: ignore[misc]
        await node.node.peers.read_register()

    await read(a, b)

    assert await shown(a, b) == ["Een"]


async def test_a_group_that_left_or_fell_silent_loses_its_posts(world: World) -> None:
    a, b, c = await linked(world, "alfa", "beta", "gamma")
    for node in (b, c):
        await (await Posts.of(node)).place("1", title="Een")
        await read(a, node)
    mine = a.node.pool
    old = now_s() - feed_module.FRESH_S - 1
    await mine.execute("UPDATE plain.post SET refreshed_at_s = $1 WHERE node = $2", old, b.node.id)
    await a.node.peers.add(a.node.peers.require(c.node.id)._replace(standing="removed"))

    await feed_of(a.node).reader.sweep()

    assert await shown(a, b) == await shown(a, c) == []
    await read(a, b)
    assert await shown(a, b) == ["Een"], "it is read anew when it is heard of again"


async def test_what_expires_goes_without_being_told(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    await (await Posts.of(b)).place("1", title="Een")
    await read(a, b)
    mine = a.node.pool
    await mine.execute("UPDATE plain.post SET expires_at_s = $1", now_s() - 1)

    await feed_of(a.node).reader.sweep()

    assert await shown(a, b) == []


async def test_what_is_read_again_and_again_stays_fresh(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    await (await Posts.of(b)).place("1", title="Een")
    await read(a, b)
    mine = a.node.pool
    old = now_s() - feed_module.TOUCH_S - 1
    await mine.execute("UPDATE plain.post SET refreshed_at_s = $1", old)

    await read(a, b)

    (row,) = await a.node.pool.fetch(POSTS_OF, b.node.id)
    assert now_s() - row["refreshed_at_s"] < 60


async def test_an_unknown_group_cannot_be_chosen(world: World) -> None:
    (a,) = await linked(world, "alfa")

    with pytest.raises(RuilbrugError) as caught:
        await call(a.node, "feed.choose", {"group": "nergens", "shown_here": True})

    assert caught.value.code is Code.PEER_UNKNOWN
