"""What other groups ask of the offer feed: pages, and pictures of what is in them."""

from __future__ import annotations

from aiohttp import web

from federation.members import pictures
from federation.members.feed_of import feed_of
from federation.members.reader import NEIGHBOUR
from federation.node.node_key import NODE
from federation.peer.server import CALLER
from schemas.errors import Code, InputError


def add(app: web.Application) -> None:
    """Add the routes."""
    app.add_routes(
        [
            web.get("/federation/v1/offers", offers),
            web.get("/federation/v1/pictures/{digest:[A-Za-z0-9_-]{43}}", picture),
        ]
    )


async def offers(request: web.Request) -> web.Response:
    """Give the page of our feed behind a cursor; cards only to who says that it knows them."""
    server, query = feed_of(request.app[NODE]).server, request.query
    cards = query.get("cards") == "1"
    page = await server.page(request[CALLER], query.get("after", ""), cards=cards)
    return web.Response(body=page, content_type="application/json")


async def picture(request: web.Request) -> web.Response:
    """Give a picture that a post names which the asking group may see."""
    node, size = request.app[NODE], request.query.get("size", "full")
    if size not in ("full", "thumb"):
        raise InputError(Code.MALFORMED, field="size", reason="it is full or thumb")
    await feed_of(node).server.require_served(request[CALLER])
    digest = request.match_info["digest"]
    content = await pictures.read(node, digest, NEIGHBOUR, thumbnail=size == "thumb")
    return web.Response(body=content, content_type="image/jpeg")
