"""The files beside the pages, cached for ever: their address changes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from federation.node.app import IMMUTABLE
from federation.node.packed import give
from federation.node.stylesheet import STYLESHEET
from federation.web.look import look_of, style_name
from federation.web.place import PLACE

if TYPE_CHECKING:
    from federation.web.place import Place
    from federation.web.static_files import StaticFile


def add_static(app: web.Application, place: Place) -> None:
    """Add the addresses of all files, and of the icon that browsers ask for by themselves."""
    assert app[PLACE] is place
    app[STYLESHEET] = lambda: look_of(place.node).stylesheet
    app.router.add_get("/static/{digest}/" + style_name("{style}"), coloured_style)
    app.router.add_get("/static/{digest}/{name}", static_file)
    app.router.add_get("/favicon.ico", favicon)


async def static_file(request: web.Request) -> web.Response:
    """Give a file; one of an older digest is given too, but not kept for long."""
    file = request.app[PLACE].static.by_name.get(request.match_info["name"])
    if file is None:
        raise web.HTTPNotFound
    return _given(request, file, fresh=True)


async def coloured_style(request: web.Request) -> web.Response:
    """Give the stylesheet with the group's colour; of an older colour, what is so now."""
    style = look_of(request.app[PLACE].node).style
    if style is None:
        raise web.HTTPNotFound
    asked = style_name(request.match_info["style"])
    return _given(request, style, fresh=asked == style.name)


def _given(request: web.Request, file: StaticFile, *, fresh: bool) -> web.Response:
    """Give a file, packed for whoever takes that; kept for ever when its whole address is fresh."""
    fresh = fresh and request.match_info["digest"] == request.app[PLACE].static.digest
    return give(request, file.content, {"Cache-Control": IMMUTABLE if fresh else "no-cache"})


async def favicon(request: web.Request) -> web.Response:
    """Give the small icon, for what asks for it by itself: old browsers, and lists of pages."""
    file = request.app[PLACE].static.by_name["favicon.ico"]
    return give(request, file.content, {"Cache-Control": "public, max-age=86400"})
