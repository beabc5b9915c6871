"""What only an umbrella answers: the register of groups, and to each group its mirrored log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from events.growing import TILE_WIDTH
from federation.node.node_key import NODE
from federation.peer.server import CALLER
from federation.umbrella.queries import SQL
from schemas.encoding import b64, encode
from schemas.errors import Code, RefusedError
from schemas.messages import MirroredTile, RegisterEntry, SealedBundle, WireEvent

if TYPE_CHECKING:
    from aiohttp.web import Application


def add(app: Application) -> None:
    """Add the umbrella's routes."""
    app.add_routes(
        [
            web.get("/federation/v1/register", register),
            web.get("/federation/v1/mirror/{tile:[0-9]{1,12}}", mirrored),
        ]
    )


async def register(request: web.Request) -> web.Response:
    """Give the registered groups to one of them."""
    entries = tuple(
        RegisterEntry(node=peer.node, url=peer.url, name=peer.name)
        for peer in request.app[NODE].peers.all()
        if peer.standing == "registered"
    )
    return web.Response(body=encode(entries), content_type="application/json")


async def mirrored(request: web.Request) -> web.Response:
    """Give a node a tile of its own log, with its sealed bodies; answered in every mode."""
    node, caller, tile = request.app[NODE], request[CALLER], int(request.match_info["tile"])
    start = tile * TILE_WIDTH
    rows = await node.pool.fetch(SQL["mirrored_range"], caller, start, start + TILE_WIDTH)
    if not rows:
        raise RefusedError(Code.NOT_FOUND, field="tile")
    bundles = await node.pool.fetch(SQL["mirrored_bodies"], caller, tile)
    answer = MirroredTile(
        entries=tuple(
            WireEvent(core=b64(row["core"]), signature=b64(row["signature"])) for row in rows
        ),
        bodies=tuple(
            SealedBundle(width=row["width"], sealed=b64(row["sealed"])) for row in bundles
        ),
    )
    return web.Response(body=encode(answer), content_type="application/json")
