"""What the umbrella adds to a node: its register, and the tasks that keep register and audit."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from events.recovery import STORAGE_TROUBLE
from events.restore import Mode
from federation.node.rooms import Room
from federation.umbrella import (
    finding_commands,
    register_commands,
    register_routes,
    registering,
)
from federation.umbrella.keeping_up import keep_up
from schemas.errors import RuilbrugError

if TYPE_CHECKING:
    from federation.node.service import Node

log = structlog.get_logger()

KEEP_EVERY_S: Final = 60.0


async def start(node: Node, tasks: asyncio.TaskGroup) -> None:
    """Let the register judge key statements, look for lines that both logs tell of, and audit."""
    if node.settings.role != "umbrella":
        return
    node.peers.judge = registering.RegisterJudge(node).fits
    tasks.create_task(_keep(node), name="register")
    tasks.create_task(keep_up(node), name="audits")


async def _keep(node: Node) -> None:
    while True:
        await asyncio.sleep(KEEP_EVERY_S)
        if node.gate.mode is not Mode.OPEN:
            continue
        try:
            await registering.record_known_keys(node)
            await registering.record_lines(node)
        except (*STORAGE_TROUBLE, RuilbrugError) as error:
            log.warning("register_not_kept", kind=type(error).__name__)


ROOM: Final = Room(
    start=start,
    commands={**register_commands.COMMANDS, **finding_commands.COMMANDS},
    routes=register_routes.add,
)
