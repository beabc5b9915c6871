"""The commands of the control socket about hiding posts and keeping categories in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.members import categories, moderation, posts
from federation.members.commands import Asked
from federation.node.control_shapes import ControlCommand
from schemas.ids import Positive

if TYPE_CHECKING:
    from federation.node.service import Node


class Hide(Asked, frozen=True, kw_only=True):
    """An offer or a want, and why nobody is to see it."""

    post: Positive
    reason: str


class Unhide(Asked, frozen=True, kw_only=True):
    """An offer or a want that is to be seen again."""

    post: Positive


class Change(Asked, frozen=True, kw_only=True):
    """What a category is called, and below which it stands."""

    category: Positive
    name: str
    parent: Positive | None = None


class Order(Asked, frozen=True, kw_only=True):
    """Categories in their order."""

    categories: tuple[Positive, ...]


class End(Asked, frozen=True, kw_only=True):
    """A category that ends, and where what it holds goes on."""

    category: Positive
    into: Positive | None = None


async def hide(node: Node, asked: Hide) -> posts.ShownPost:
    """Hide an offer or a want, with a reason for its member."""
    reader = asked.reader(node)
    await moderation.hide(node, reader, asked.post, asked.reason, key=asked.once())
    return await posts.post(node, asked.post, reader)


async def unhide(node: Node, asked: Unhide) -> posts.ShownPost:
    """Show it again."""
    reader = asked.reader(node)
    await moderation.unhide(node, reader, asked.post, key=asked.once())
    return await posts.post(node, asked.post, reader)


async def change(node: Node, asked: Change) -> Any:
    """Call a category something else, or put it below another."""
    said = (asked.category, asked.name)
    reader, key = asked.reader(node), asked.once()
    await categories.change(node, reader, *said, parent=asked.parent, key=key)
    return list(await categories.categories(node))


async def order(node: Node, asked: Order) -> Any:
    """Put categories in an order."""
    await categories.order(node, asked.reader(node), asked.categories, key=asked.once())
    return list(await categories.categories(node))


async def end(node: Node, asked: End) -> Any:
    """End a category; merges it into another."""
    reader, key = asked.reader(node), asked.once()
    await categories.end(node, reader, asked.category, into=asked.into, key=key)
    return list(await categories.categories(node))


COMMANDS = {
    "post.hide": ControlCommand(Hide, hide),
    "post.unhide": ControlCommand(Unhide, unhide),
    "category.change": ControlCommand(Change, change),
    "category.order": ControlCommand(Order, order),
    "category.end": ControlCommand(End, end),
}
