"""Categories of offers and wants: two levels, made by the group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.group.member_commands import PlaceCategory
from federation.members import words
from federation.members.queries import SQL
from federation.members.submitting import actor_of, submit

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node

NAME_MAX: Final = 80


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A category; `parent` is none on the upper level."""

    category: int
    parent: int | None
    name: str


async def categories(node: Node) -> list[Category]:
    """Give all categories, each parent before its children, by name."""
    rows = await node.pool.fetch(SQL["categories"])
    return [Category(category=number, parent=parent, name=name) for number, parent, name in rows]


async def place(
    node: Node, reader: Reader, name: str, *, parent: int | None = None, key: str
) -> int:
    """Make a category and give its number; for coordinators.

    Raises:
        InputError: `text_missing`, `too_large`.
        RefusedError: the refusals of `federation.group.posts.place_category`, `conflict`.

    """
    name = words.line(name, "name", NAME_MAX, needed=True)
    return await submit(node, PlaceCategory(key, actor_of(reader), name, parent))
