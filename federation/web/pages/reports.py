"""What members told the coordinators, and that somebody has seen to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import blocks
from federation.web.routes import Audience, Pages
from schemas.openings import NOTE_LENGTH_MAX

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

HANDLED_SHOWN: Final = 20

pages = Pages()


@pages.get("/group/reports", Audience.COORDINATORS)
async def show_reports(visit: Visit) -> web.Response:
    """List what is open, and below what was seen to lately."""
    found = await blocks.reports(visit.node, visit.reader)
    handled = [one for one in found if one.handled_by]
    return visit.show(
        "reports.html",
        waiting=[one for one in found if not one.handled_by],
        handled=handled[:HANDLED_SHOWN],
        note_max=NOTE_LENGTH_MAX,
    )


@pages.post("/group/reports", Audience.COORDINATORS)
async def handle_report(visit: Visit) -> web.Response:
    """Note that one was seen to, and how; pressed twice, or by two, the first counts."""
    form = await visit.form()
    note = form.text("note", most=NOTE_LENGTH_MAX, lines=True)
    await blocks.handle_report(visit.node, visit.reader, form.value("report"), note)
    return visit.go("/group/reports", notice="report-handled")
