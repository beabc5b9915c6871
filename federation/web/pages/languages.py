"""The switch of languages at the foot of every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.web.languages import FIRST, read_language
from federation.web.routes import Audience, Pages
from federation.web.security import local_path
from federation.web.sessions import COOKIE_LASTS_S, choose_language

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

pages = Pages()


@pages.post("/language", Audience.EVERYBODY)
async def switch_language(visit: Visit) -> web.Response:
    """Go on in another language, on this device."""
    form = await visit.form()
    chosen = read_language(form.value("language")) or FIRST
    if visit.person is not None:
        await choose_language(visit.node, visit.person, chosen)
    response = visit.go(local_path(form.value("next")))
    visit.place.set_cookie(response, "-language", chosen, lasts_s=COOKIE_LASTS_S)
    return response
