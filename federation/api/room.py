"""What the API adds to a node: its routes, its tokens, and the commands that make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.api import keys, token_commands, tokens
from federation.api.app import add
from federation.node.rooms import Room

if TYPE_CHECKING:
    import asyncio

    from federation.node.service import Node


async def start(node: Node, tasks: asyncio.TaskGroup) -> None:
    """Read the tokens, and let answers go that are kept long enough."""
    await tokens.start(node, tasks)
    tasks.create_task(keys.run(node), name="api-answers")


ROOM: Final = Room(start=start, commands=token_commands.COMMANDS, routes=add)
