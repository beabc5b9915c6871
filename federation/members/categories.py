"""Categories of offers and wants: two levels, made by the group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A category; `parent` is none on the upper level."""

    category: int
    parent: int | None
    name: str


async def categories(node: Node) -> list[Category]:
    """Give all categories, each parent before its children, by name."""
    raise NotImplementedError


async def place(
    node: Node, reader: Reader, name: str, *, parent: int | None = None, key: str
) -> int:
    """Make a category and give its number; for coordinators."""
    raise NotImplementedError
