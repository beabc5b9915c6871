"""What this room adds to a node: the projector, and commands of the control socket."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from federation.members import (
    board_commands,
    collective_commands,
    commands,
    content_commands,
    erasing,
    erasing_commands,
    partner_control,
    pictures,
    profiles,
    projector,
    retention_commands,
    search_commands,
    sharing_commands,
    thread_commands,
    trade_commands,
)
from federation.node import wrapping
from federation.node.import_pictures import PictureTaker
from federation.node.rooms import Room

if TYPE_CHECKING:
    import asyncio

    from federation.node.service import Node


async def start(node: Node, tasks: asyncio.TaskGroup) -> None:
    """Follow the log, carry out what members asked for, let keys grow old."""
    node.parts[PictureTaker] = PictureTaker(
        partial(pictures.take_over, node), partial(profiles.take_over_picture, node)
    )
    await projector.start(node, tasks)
    await erasing.start(node, tasks)
    tasks.create_task(wrapping.run(node), name="wrapping")


ROOM: Final = Room(
    start=start,
    commands={
        **commands.COMMANDS,
        **board_commands.COMMANDS,
        **collective_commands.COMMANDS,
        **content_commands.COMMANDS,
        **erasing_commands.COMMANDS,
        **sharing_commands.COMMANDS,
        **partner_control.COMMANDS,
        **retention_commands.COMMANDS,
        **search_commands.COMMANDS,
        **thread_commands.COMMANDS,
        **trade_commands.COMMANDS,
    },
    reloaded=lambda node: projector.of(node).look_again(),
)
