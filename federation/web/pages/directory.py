"""The umbrella's directory, "Vind jouw plaats": a list, a map, and the same as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from federation.members.postcodes import SOURCES, read_spot
from federation.public import directory
from federation.public.page import said_in
from federation.web.directory_map import draw_map
from federation.web.forms import Form
from federation.web.routes import Audience, Pages
from federation.words.texts import later
from schemas.encoding import encode

if TYPE_CHECKING:
    from federation.web.visit import Visit

NEAR_MAX = 80
UNKNOWN = later("Die plaats kennen we niet. Probeer een postcode, zoals 9000.")

pages = Pages()


@pages.get("/groups", Audience.EVERYBODY)
async def show_groups(visit: Visit) -> web.Response:
    """List the groups; those nearest to a place first, when one is given."""
    form = Form.filled(near=visit.query("near")[:NEAR_MAX])
    typed = form.value("near").strip()
    here = read_spot(typed) if typed else None
    if typed and here is None:
        form.fail("near", UNKNOWN)
    groups = directory.in_order(await directory.listed(visit.node, now_s=visit.now_s), here)
    return visit.show(
        "groups.html",
        form=form,
        groups=groups,
        map=draw_map(groups, here),
        said_in=lambda texts: said_in(texts, visit.language),
        located=here is not None,
        url=visit.node.settings.public_url,
        sources=SOURCES,
    )


@pages.get("/groups.json", Audience.EVERYBODY)
async def give_groups(visit: Visit) -> web.Response:
    """Give the same list for programs."""
    found = await directory.listed(visit.node, now_s=visit.now_s)
    ordered = tuple(near.group for near in directory.in_order(found, None))
    return web.Response(body=encode(ordered), content_type="application/json")
