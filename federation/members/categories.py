"""Categories of offers and wants: two levels, made by the group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, cast

import msgspec

from federation.group.member_commands import (
    ChangeCategory,
    EndCategory,
    OrderCategories,
    PlaceCategory,
)
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
    """Give all categories, each parent before its children, as the group orders them, else by name.

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
    """Make a category and give its number; for coordinators and editors.

    Raises:
        InputError: `text_missing`, `too_large`.
        RefusedError: the refusals of `federation.group.categories.place`, `conflict`.

    """
    name = words.line(name, "name", NAME_MAX, needed=True)
    return await submit(node, PlaceCategory(key, actor_of(reader), name, parent))


async def change(
    node: Node, reader: Reader, category: int, name: str, *, parent: int | None, key: str
) -> None:
    """Call a category something else, or put it below another; `place` says who may.

    Raises:
        InputError: `text_missing`, `too_large`.
        RefusedError: the refusals of `federation.group.categories.change`, `conflict`.

    """
    name = words.line(name, "name", NAME_MAX, needed=True)
    await submit(node, ChangeCategory(key, actor_of(reader), category, name, parent))


async def move(node: Node, reader: Reader, category: int, *, up: bool, key: str) -> None:
    """Let a category stand one place higher or lower among those beside it.

    Raises:
        RefusedError: the refusals of `federation.group.categories.order`, `conflict`.

    """
    known = await categories(node)
    await order(node, reader, moved(known, category, up=up), key=key)


async def order(node: Node, reader: Reader, numbers: tuple[int, ...], *, key: str) -> None:
    """Let categories stand in this order; those that are not named come behind, by name.

    Raises:
        RefusedError: the refusals of `federation.group.categories.order`, `conflict`.

    """
    await submit(node, OrderCategories(key, actor_of(reader), numbers))


def moved(known: tuple[Category, ...], category: int, *, up: bool) -> tuple[int, ...]:
    """Give all categories in order, one of them past its neighbour of the same parent. Pure."""
    parents = {one.category: one.parent for one in known}
    beside = [one.category for one in known if one.parent == parents.get(category)]
    place = beside.index(category) if category in beside else 0
    other = place - 1 if up else place + 1
    if category in beside and 0 <= other < len(beside):
        beside[place], beside[other] = beside[other], beside[place]
    rest = [one.category for one in known if one.category not in beside]
    return (*beside, *rest)


async def end(node: Node, reader: Reader, category: int, *, into: int | None, key: str) -> None:
    """End a category; what it holds goes on `into` another: so two are merged.

    Raises:
        RefusedError: the refusals of `federation.group.categories.end`, `conflict`.

    """
    await submit(node, EndCategory(key, actor_of(reader), category, into))
