"""The offer feed as a part of the running node: its task, its routes, its commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import feed_commands, feed_routes
from federation.members.feed_of import feed_of
from federation.node.rooms import Room

if TYPE_CHECKING:
    import asyncio

    from federation.node.service import Node


async def start(node: Node, tasks: asyncio.TaskGroup) -> None:
    """Read the choices, and begin to read the feeds of other groups."""
    feed = feed_of(node)
    await feed.choices.load()
    if node.settings.role == "group":
        tasks.create_task(feed.reader.run(), name="feed")


def reloaded(node: Node) -> None:
    """After a recovery everybody reads our feed from its beginning."""
    feed_of(node).server.forget()


ROOM: Final = Room(start, feed_commands.COMMANDS, feed_routes.add, reloaded)
