"""What the picture of the flows adds to an umbrella: its task, figures for groups, a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from federation.node.control_shapes import ControlCommand, Nothing
from federation.node.node_key import NODE
from federation.node.rooms import Room
from federation.node.service import now_s
from federation.peer.server import CALLER
from federation.umbrella.cores_export import CoresFile, export_cores, progress_of
from federation.umbrella.flow_figures import Audience
from federation.umbrella.flow_reports import Claimed, made_anew
from federation.umbrella.flow_tables import FlowTables
from federation.umbrella.publishing import published
from schemas.encoding import encode
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    import asyncio

    from federation.node.service import Node
    from federation.umbrella.cores_export import CoresProgress


async def _start(node: Node, tasks: asyncio.TaskGroup) -> None:
    if node.settings.role == "umbrella":
        tables = node.parts[FlowTables] = FlowTables(node)
        tasks.create_task(tables.run(), name="flows")


def _routes(app: web.Application) -> None:
    if app[NODE].settings.role == "umbrella":
        app.router.add_get("/federation/v1/figures", figures)


async def figures(request: web.Request) -> web.Response:
    """Give a registered group the figures that are for groups."""
    node, caller = request.app[NODE], request[CALLER]
    peer = node.peers.get(caller)
    if peer is None or peer.standing != "registered":
        raise RefusedError(Code.FORBIDDEN, field="caller")
    found = await published(node, Audience.PARTNERS, now_s=now_s())
    return web.Response(body=encode(tuple(found)), content_type="application/json")


async def check_report(node: Node, claimed: Claimed) -> dict[str, Any]:
    """Make a report anew from the cores that this umbrella holds itself."""
    made = await made_anew(node, claimed)
    return {"json": made.json_digest, "csv": made.table_digest, "other_logs": made.other_logs}


async def _progress(node: Node, _: Nothing) -> CoresProgress:
    """Tell how far an export of cores is."""
    return progress_of(node)


ROOM: Final = Room(
    start=_start,
    routes=_routes,
    commands={
        "flows.check": ControlCommand(Claimed, check_report),
        "flows.cores": ControlCommand(CoresFile, export_cores),
        "flows.cores.progress": ControlCommand(Nothing, _progress),
    },
)
