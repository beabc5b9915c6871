"""Reports per quarter and year for auditors: to print, and as signed files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from federation.node.sending import Pieces
from federation.umbrella import cores_export, flow_reports, flow_views
from federation.umbrella.flow_report import read_report_period
from federation.umbrella.flows import Span, calendar_day, day_of, quarter_of, span_of
from federation.web import security
from federation.web.pages import flows
from federation.web.routes import Audience, Pages
from schemas.errors import Code, InputError
from schemas.published_figures import quarter_name

if TYPE_CHECKING:
    from federation.web.visit import Visit

FILES: Final = {
    "report.json": "application/json",
    "report.csv": "text/csv",
    "report.note": "text/plain",
    "report.zip": "application/zip",
}

pages = Pages()


@pages.get("/flows/reports", Audience.AUDITORS)
async def list_reports(visit: Visit) -> web.Response:
    """List the quarters and years of which there is a report."""
    known = await flow_views.spans(visit.node, today=day_of(visit.now_s))
    periods = [
        (
            _name(span, first),
            flows.period_name(span, first, visit.texts),
            day_of(visit.now_s) < span_of(span, first).end,
        )
        for span, first in known
        if span is not Span.MONTH
    ]
    return visit.show("flow_reports.html", periods=periods)


@pages.get("/flows/reports/{period}", Audience.AUDITORS)
async def show_report(visit: Visit) -> web.Response:
    """Show a report to be read and printed."""
    name = visit.request.match_info["period"]
    made = await flow_reports.report(visit.node, name)
    year, _, quarter = name.partition("-Q")
    return visit.show(
        "flow_report.html",
        made=made,
        report=made.report,
        period=read_report_period(name),
        today=day_of(visit.now_s),
        named=flows.quarter_name(int(year), int(quarter), visit.texts) if quarter else year,
        groups=await flows.named_groups(visit),
        note=made.note.decode(),
    )


@pages.get("/flows/reports/{period}/{file}", Audience.AUDITORS)
async def save_report(visit: Visit) -> web.Response:
    """Give one file of a report, or all of them packed."""
    name, file = visit.request.match_info["period"], visit.request.match_info["file"]
    if file not in FILES:
        raise InputError(Code.NOT_FOUND, field="file")
    made = await flow_reports.report(visit.node, name)
    content = {
        "report.json": made.json,
        "report.csv": made.table,
        "report.note": made.note,
        "report.zip": made.packed(),
    }[file]
    return web.Response(
        body=content,
        content_type=FILES[file],
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{file}"',
            "Cache-Control": "no-store",
        },
    )


@pages.get("/flows/logs/cores.zip", Audience.AUDITORS)
async def give_cores(visit: Visit) -> Pieces:
    """Send what reports are made from: every core with its signature, piece by piece."""
    day = calendar_day(day_of(visit.now_s)).isoformat()
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="cores-{day}.zip"',
        "Cache-Control": "no-store",
    }
    security.add_headers(headers, https=visit.place.https)
    return Pieces(cores_export.sent(visit.node), headers)


def _name(span: Span, first: int) -> str:
    return quarter_name(*quarter_of(first)) if span is Span.QUARTER else f"{calendar_day(first):%Y}"
