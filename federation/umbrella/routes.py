"""What only an umbrella answers: the register of groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from federation.node.node_key import NODE
from schemas.encoding import encode
from schemas.messages import RegisterEntry

if TYPE_CHECKING:
    from aiohttp.web import Application


def add(app: Application) -> None:
    """Add the umbrella's routes."""
    app.add_routes([web.get("/federation/v1/register", register)])


async def register(request: web.Request) -> web.Response:
    """Give the registered groups to one of them."""
    entries = tuple(
        RegisterEntry(node=peer.node, url=peer.url, name=peer.name)
        for peer in request.app[NODE].peers.all()
        if peer.standing == "registered"
    )
    return web.Response(body=encode(entries), content_type="application/json")
