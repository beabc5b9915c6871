"""What the picture of the flows adds to an umbrella: the task that sums what the mirror holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.node.rooms import Room
from federation.umbrella.flow_tables import FlowTables

if TYPE_CHECKING:
    import asyncio

    from federation.node.service import Node


async def _start(node: Node, tasks: asyncio.TaskGroup) -> None:
    if node.settings.role == "umbrella":
        tables = node.parts[FlowTables] = FlowTables(node)
        tasks.create_task(tables.run(), name="flows")


ROOM: Final = Room(start=_start)
