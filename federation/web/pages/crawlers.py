"""What programs ask of the site by themselves: robots.txt, and the picture of a shared page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiohttp import web

from federation.public import page
from federation.web.routes import Audience, Pages
from federation.web.share_card import share_card

if TYPE_CHECKING:
    from federation.web.visit import Visit

NOT_FOR_PROGRAMS: Final = ("/login", "/do/", "/mail/", "/newsletter/", "/pictures/", "/federation/")
CACHED: Final = {"Cache-Control": "public, max-age=3600"}

pages = Pages()


@pages.get("/robots.txt", Audience.EVERYBODY)
async def robots(visit: Visit) -> web.Response:
    """Say what search engines may read (RFC 9309); each page says itself whether it is listed."""
    umbrella = visit.node.settings.role == "umbrella"
    findable = umbrella or (await page.read(visit.node)).page.findable
    closed = NOT_FOR_PROGRAMS if findable else ("/",)
    text = "".join(f"{line}\n" for line in ("User-agent: *", *(f"Disallow: {p}" for p in closed)))
    return web.Response(text=text, headers=CACHED)


@pages.get("/share.png", Audience.EVERYBODY)
async def picture(visit: Visit) -> web.Response:
    """Give the picture that goes with the public page where it is shared."""
    drawn = await asyncio.to_thread(share_card, visit.node.settings.name)
    # the one thing here that other sites show: that is what it is for
    headers = {**CACHED, "Cross-Origin-Resource-Policy": "cross-origin"}
    return web.Response(body=drawn, content_type="image/png", headers=headers)
