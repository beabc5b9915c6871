"""Pictures of offers and wants, of this group and of others: to whom their post is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from federation.members import pictures as own_pictures
from federation.members.one_post import picture_of_group
from federation.node.packed import give
from federation.web.routes import Audience, Pages
from schemas.errors import PeerUnavailable

if TYPE_CHECKING:
    from federation.web.visit import Visit

KEPT: Final = "private, max-age=86400"
"""By this one browser: what a member may see is not for a cache that others share."""
NOT_KEPT: Final = "no-store"
SMALL: Final = "small"

pages = Pages()


@pages.get("/pictures/{digest}/{size}", Audience.EVERYBODY)
async def own_picture(visit: Visit) -> web.Response:
    """Give a picture of this group's."""
    part = visit.request.match_info
    small = part["size"] == SMALL
    content = await own_pictures.read(visit.node, part["digest"], visit.reader, thumbnail=small)
    return _jpeg(content)


@pages.get("/pictures/{node}/{digest}/{size}", Audience.EVERYBODY)
async def picture_of_others(visit: Visit) -> web.Response:
    """Give a picture of another group's; a drawing says that it is not here just now."""
    part, now_s = visit.request.match_info, visit.now_s
    small = part["size"] == SMALL
    try:
        content = await picture_of_group(
            visit.node, visit.reader, part["node"], part["digest"], thumbnail=small, now_s=now_s
        )
    except PeerUnavailable:
        drawing = visit.place.static.by_name["no-picture.svg"]
        return give(visit.request, drawing.content, {"Cache-Control": NOT_KEPT})
    return _jpeg(content)


def _jpeg(content: bytes) -> web.Response:
    return web.Response(body=content, headers={"Cache-Control": KEPT, "Content-Type": "image/jpeg"})
