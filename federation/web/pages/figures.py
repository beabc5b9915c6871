"""Figures for everybody, as far as the umbrella's settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.umbrella import flow_views, publishing
from federation.umbrella.flow_figures import Audience as Seen
from federation.web.pages import flows
from federation.web.routes import Audience, Pages
from federation.web.sankey import Amount, draw_sankey
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

pages = Pages()


@pages.get("/figures", Audience.EVERYBODY)
async def show_figures(visit: Visit) -> web.Response:
    """Show the newest figures, or those of a chosen quarter or year."""
    seen = Seen.AUDITORS if Audience.AUDITORS.admits(visit.person) else Seen.PUBLIC
    found = await publishing.published(visit.node, seen, now_s=visit.now_s)
    name = visit.query("period")
    chosen = next((one for one in found if name in ("", one.name)), None)
    if chosen is None and name:
        raise InputError(Code.NOT_FOUND, field="period")
    cells = () if chosen is None else chosen.cells or ()
    return visit.show(
        "figures.html",
        periods={one.name: _name(visit, one.name) for one in found},
        chosen=chosen,
        groups=await flow_views.groups(visit.node),
        pictures=draw_sankey(Amount(cell.payee, cell.payer, cell.hours) for cell in cells),
    )


def _name(visit: Visit, name: str) -> str:
    year, _, quarter = name.partition("-Q")
    return flows.quarter_name(int(year), int(quarter), visit.texts) if quarter else year
