"""The files beside the pages, cached for ever: their address changes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from federation.node.app import IMMUTABLE
from federation.web.place import PLACE

if TYPE_CHECKING:
    from federation.web.place import Place


def add_static(app: web.Application, place: Place) -> None:
    """Add the one address of all files, and the icon that browsers ask for by themselves."""
    assert app[PLACE] is place
    app.router.add_get("/static/{digest}/{name}", static_file)
    app.router.add_get("/favicon.ico", favicon)


async def static_file(request: web.Request) -> web.Response:
    """Give a file; one of an older digest is given too, but not kept for long."""
    static = request.app[PLACE].static
    file = static.by_name.get(request.match_info["name"])
    if file is None:
        raise web.HTTPNotFound
    headers = {"Content-Type": file.content_type, "Vary": "Accept-Encoding"}
    fresh = request.match_info["digest"] == static.digest
    headers["Cache-Control"] = IMMUTABLE if fresh else "no-cache"
    if file.packed and "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=file.packed, headers={**headers, "Content-Encoding": "gzip"})
    return web.Response(body=file.plain, headers=headers)


async def favicon(request: web.Request) -> web.Response:
    """Give the small icon, for what asks for it by itself: old browsers, and lists of pages."""
    file = request.app[PLACE].static.by_name["favicon.ico"]
    headers = {"Content-Type": file.content_type, "Cache-Control": "public, max-age=86400"}
    return web.Response(body=file.plain, headers=headers)
