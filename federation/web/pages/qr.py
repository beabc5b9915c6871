"""A member's own QR code: it holds a plain link, to show on a phone or to print and hang up."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote

import segno
from aiohttp import web

from federation.web.routes import Pages

if TYPE_CHECKING:
    from federation.web.visit import Visit

pages = Pages()


@pages.get("/me/qr")
async def show_qr(visit: Visit) -> web.Response:
    """Show the code, large enough for a phone held at arm's length."""
    return visit.show("qr.html", link=link_of(visit), code=_code_of(visit))


@pages.get("/me/qr.svg")
async def qr_picture(visit: Visit) -> web.Response:
    """Give the code as a picture."""
    drawn = BytesIO()
    segno.make(link_of(visit), error="m", micro=False).save(
        drawn,
        kind="svg",
        border=4,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        light="#fff",
        omitsize=True,
    )
    return web.Response(body=drawn.getvalue(), content_type="image/svg+xml")


def link_of(visit: Visit) -> str:
    """Give the address that gives to whom this page is about."""
    url = visit.node.settings.public_url.rstrip("/")
    return f"{url}/give?to={quote(_code_of(visit), safe='')}"


def _code_of(visit: Visit) -> str:
    person = visit.member
    return person.code if person.acting_for is None else person.acting_code
