"""Colour and logo of a group: chosen by the group; the logo is given to every browser as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from federation.members.pictures import UPLOAD_MAX
from federation.node.app import IMMUTABLE
from federation.web import colours, look
from federation.web.routes import Audience, Pages

if TYPE_CHECKING:
    from federation.web.forms import Form
    from federation.web.visit import Visit

EVERYBODY: Final = Audience.EVERYBODY
FORM_BYTES_MAX: Final = UPLOAD_MAX + 2**16
USUAL: Final = "#a63c11"
"""Where a browser's chooser of colours begins: the colour of the stylesheet."""

pages = Pages()


@pages.get("/look/{digest}/logo.jpg", EVERYBODY)
async def give_logo(visit: Visit) -> web.Response:
    """Give the logo; of an older one, what is so now."""
    found = look.look_of(visit.node)
    if not found.logo:
        raise web.HTTPNotFound
    fresh = visit.request.match_info["digest"] == found.logo_digest
    headers = {"Cache-Control": IMMUTABLE if fresh else "no-cache"}
    return web.Response(body=found.logo, content_type="image/jpeg", headers=headers)


@pages.get("/group/look", Audience.EDITORS)
async def show_look(visit: Visit) -> web.Response:
    """Show how the pages look, as a form."""
    colour = look.look_of(visit.node).colour
    return _page(visit, await visit.blank(colour=colour or USUAL, own="yes" if colour else ""))


@pages.post("/group/look", Audience.EDITORS, bytes_max=FORM_BYTES_MAX)
async def save_look(visit: Visit) -> web.Response:
    """Choose how they look from now on."""
    form = await visit.form(bytes_max=FORM_BYTES_MAX)
    uploads = form.files.get("logo", [])
    logo = b"" if form.flag("without-logo") else next(iter(uploads), None)
    colour = form.text("colour", most=7) if form.flag("own") else ""
    async with visit.trying(form):
        if form.fine:
            await look.choose(visit.node, visit.reader, colour, logo=logo)
    if not form.fine:
        return _page(visit, form, status=422)
    await visit.sent()
    return visit.go("/group/look", notice="saved")


def _page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    found = look.look_of(visit.node)
    read = colours.read_colour(found.colour)
    themes = (colours.LIGHT, colours.DARK)
    changed = read is not None and any(colours.shades(read, one).main != read for one in themes)
    return visit.show("look.html", status=status, form=form, changed=changed)
