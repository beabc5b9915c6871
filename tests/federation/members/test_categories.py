"""Categories are read from the tables once, until these have gone on."""

from __future__ import annotations

from federation.members.categories import categories
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
