"""What moving out adds to a node: its commands, where peers tell a move, and who tells its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from federation.leaving import announcing, closed, closing, moved
from federation.leaving.exporting import LogExportFile, export_log, turn_of
from federation.leaving.hand_over import hand_over
from federation.node.control_shapes import ControlCommand, Nothing
from federation.node.rooms import Room

if TYPE_CHECKING:
    from federation.leaving.log_export import ExportProgress
    from federation.node.service import Node


async def _progress(node: Node, _: Nothing) -> ExportProgress:
    """Tell how far an export is."""
    return turn_of(node).progress


async def _closing(node: Node, _: Nothing) -> closing.Closing:
    """Say what is left before the group can end."""
    return closing.show(node)


async def _go_on(node: Node, _: Nothing) -> closing.Closing:
    """Do what can be done now."""
    return await closing.go_on(node)


def _routes(app: web.Application) -> None:
    app.add_routes([web.post(moved.PATH, moved.moved), web.post(closed.PATH, closed.closed)])


ROOM: Final = Room(
    start=announcing.start,
    routes=_routes,
    commands={
        "hand-over": ControlCommand(LogExportFile, hand_over),
        "hand-over.progress": ControlCommand(Nothing, _progress),
        "close-group": ControlCommand(Nothing, _closing),
        "close-group.go": ControlCommand(Nothing, _go_on),
        "close-group.end": ControlCommand(LogExportFile, closing.end),
        "close-group.end.progress": ControlCommand(Nothing, _progress),
        "export.log": ControlCommand(LogExportFile, export_log),
        "export.log.progress": ControlCommand(Nothing, _progress),
    },
)
