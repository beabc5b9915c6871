"""The thank-you notes that a member wrote, and which of them everybody on the web may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.public import web_thanks
from federation.web.routes import Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

pages = Pages()


@pages.get("/me/thanks")
async def show_thanks(visit: Visit) -> web.Response:
    """List them with a box each."""
    found = await web_thanks.own(visit.node, visit.reader)
    return visit.show("own_thanks.html", form=await visit.blank(), found=found)


@pages.post("/me/thanks")
async def choose(visit: Visit) -> web.Response:
    """Let everybody read those that are ticked, and no others."""
    form = await visit.form()
    found = await web_thanks.own(visit.node, visit.reader)
    chosen = [one.seq for one in found if form.flag(f"thanks-{one.seq}")]
    await web_thanks.choose(visit.node, visit.reader, chosen, now_s=visit.now_s)
    await visit.sent()
    return visit.go("/me/thanks", notice="saved")
