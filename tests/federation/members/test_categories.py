"""Categories are read from the tables once, until these have gone on; posts follow them."""

from __future__ import annotations

from federation.members import posts
from federation.members.categories import Category, categories, moved
from federation.members.search import search
from federation.members.search_shapes import Query
from federation.node.service import now_s
from tests.federation.members.conftest import Group


async def test_a_new_category_is_there_at_once(group: Group) -> None:
    assert await categories(group.node) == ()

    over = (await group.ask("category.place", by="003", name="Tuin"))["category"]
    assert [found.name for found in await categories(group.node)] == ["Tuin"]
    await group.ask("category.place", by="003", name="Snoeien", parent=over)

    assert [(found.name, found.parent) for found in await categories(group.node)] == [
        ("Tuin", None),
        ("Snoeien", over),
    ]


async def test_they_are_kept_while_nothing_changes(group: Group) -> None:
    await group.ask("category.place", by="003", name="Tuin")
    first = await categories(group.node)

    assert await categories(group.node) is first


async def change_of(group: Group, post: int) -> int:
    found: int = await group.node.pool.fetchval(
        "SELECT change_n FROM plain.post WHERE post = $1", str(post)
    )
    return found


async def found_by(group: Group, word: str) -> list[int]:
    wanted = Query(text=word)
    page = await search(group.node, group.reader("002"), wanted, now_s=now_s())
    return [int(hit.post) for hit in page.hits]


async def test_posts_search_and_feed_follow_another_name(group: Group) -> None:
    category = (await group.ask("category.place", by="003", name="Tuin"))["category"]
    post = (await group.post(category=category))["post"]
    other = (await group.post())["post"]
    before, untouched = await change_of(group, post), await change_of(group, other)

    await group.ask("category.change", by="003", category=category, name="Moestuin")

    seen = await posts.post(group.node, post, group.reader("002"))
    assert (seen.category, seen.category_name) == (category, "Moestuin")
    assert await found_by(group, "moestuin") == [post]
    assert await change_of(group, post) > before
    assert await change_of(group, other) == untouched


async def test_two_are_merged_and_what_stood_below_moves_along(group: Group) -> None:
    garden, house, low = [
        (await group.ask("category.place", by="003", **said))["category"]
        for said in ({"name": "Tuin"}, {"name": "Huis"}, {"name": "Snoeien", "parent": 1})
    ]
    post = (await group.post(category=garden))["post"]
    before = await change_of(group, post)

    await group.ask("category.end", by="003", category=garden, into=house)

    seen = await posts.post(group.node, post, group.reader("002"))
    assert (seen.category, seen.category_name) == (house, "Huis")
    assert await change_of(group, post) > before
    assert [(one.category, one.parent) for one in await categories(group.node)] == [
        (house, None),
        (low, house),
    ]
    assert group.node.machine.books.members.posts[post].category == house


async def test_they_stand_in_the_order_of_the_group_the_others_behind_by_name(
    group: Group,
) -> None:
    for name in ("Aa", "Bb", "Cc", "Dd"):
        await group.ask("category.place", by="003", name=name)

    await group.ask("category.order", by="003", categories=[4, 2])
    assert [one.name for one in await categories(group.node)] == ["Dd", "Bb", "Aa", "Cc"]
    await group.ask("category.order", by="003", categories=[3])
    assert [one.name for one in await categories(group.node)] == ["Cc", "Aa", "Bb", "Dd"]


def test_one_moves_past_its_neighbour_of_the_same_level() -> None:
    known = tuple(
        Category(category=number, parent=parent, name=str(number))
        for number, parent in ((1, None), (2, 1), (3, 1), (4, None))
    )

    assert moved(known, 4, up=True) == (4, 1, 2, 3)
    assert moved(known, 2, up=False) == (3, 2, 1, 4)
    assert moved(known, 1, up=True) == (1, 4, 2, 3)
