"""Categories of offers and wants: two levels, made by the group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, cast

import msgspec

from federation.group.member_commands import PlaceCategory
from federation.members import projector, words
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


class _Kept(NamedTuple):
    """Categories as the tables held them when they had come so far."""

    position: tuple[str, int]
    found: tuple[Category, ...]


async def categories(node: Node) -> tuple[Category, ...]:
    """Give all categories, each parent before its children, by name.

    Read anew when the tables have gone on since: every page of search shows them.
    """
    position = projector.of(node).position
    kept = cast("_Kept | None", node.parts.get(_Kept))
    if kept is None or kept.position != position:
        rows = await node.pool.fetch(SQL["categories"])
        found = (Category(category=number, parent=over, name=name) for number, over, name in rows)
        kept = node.parts[_Kept] = _Kept(position, tuple(found))
    return kept.found


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
