"""The front door of an umbrella, and the own page of who has an account there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.umbrella.flow_figures import Audience as Seen
from federation.umbrella.publishing import may_see
from federation.web.routes import Audience, Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

pages = Pages()


@pages.get("/", Audience.EVERYBODY)
async def front_door(visit: Visit) -> web.Response:
    """Welcome a stranger; an auditor starts at once."""
    if Audience.AUDITORS.admits(visit.person):
        return visit.go("/flows")
    if visit.person is not None:
        return visit.go("/me")
    return visit.show("umbrella.html", figures=may_see(visit.node, Seen.PUBLIC).totals)


@pages.get("/me")
async def show_me(visit: Visit) -> web.Response:
    """Show devices, password and the way out."""
    return visit.show("umbrella_me.html")
