"""The front door: what this is, for who is not signed in; the start page for who is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.web.pages.home import show_home
from federation.web.routes import Audience, Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

pages = Pages()


@pages.get("/", Audience.EVERYBODY)
async def front_door(visit: Visit) -> web.StreamResponse:
    """Welcome a stranger; a member starts at once."""
    if visit.person is not None:
        return await show_home(visit)
    return visit.show("door.html")
