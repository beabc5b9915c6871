"""The front door: the group's public page for who is not signed in; the start page for who is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.web.pages.home import show_home
from federation.web.pages.public_page import show_front
from federation.web.routes import Audience, Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.node.sending import Pieces
    from federation.web.visit import Visit

pages = Pages()


@pages.get("/", Audience.EVERYBODY)
async def front_door(visit: Visit) -> web.StreamResponse | Pieces:
    """Welcome a stranger; a member starts at once."""
    if visit.person is not None:
        return await show_home(visit)
    return await show_front(visit)
