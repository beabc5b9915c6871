"""What rooms above the node add to it: tasks, commands of the control socket, HTTP routes.

Rooms above import the node and never the other way round; so they are named here and loaded when a
node starts. Each module gives one `ROOM`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Mapping

    from aiohttp import web

    from federation.node.control_shapes import ControlCommand
    from federation.node.service import Node

NAMES: Final = (
    "federation.umbrella.flow_room",
    "federation.umbrella.room",
    "federation.node.moving_room",
    "federation.members.room",
    "federation.members.feed_room",
    "federation.leaving.room",
    "federation.mail.room",
    "federation.public.room",
    "federation.web.room",
    "federation.api.room",
    "federation.metrics.room",
)
"""Lower rooms first; they start in this order."""


async def _nothing_to_start(_node: Node, _tasks: asyncio.TaskGroup) -> None:
    return None


class Room(NamedTuple):
    """One room above the node."""

    start: Callable[[Node, asyncio.TaskGroup], Awaitable[None]] = _nothing_to_start
    """Called when the sequencer runs; what it starts belongs to the node's task group."""
    commands: Mapping[str, ControlCommand] = {}
    routes: Callable[[web.Application], None] = lambda _app: None
    reloaded: Callable[[Node], None] = lambda _node: None
    """Called when the books were read anew, after a recovery: the log may be another one."""


@cache
def rooms() -> tuple[Room, ...]:
    """Give every room, loaded once."""
    return tuple(import_module(name).ROOM for name in NAMES)
