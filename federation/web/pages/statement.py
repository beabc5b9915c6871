"""The statement: by period, person and text; twelve months as a picture; as a file, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from federation.members import calendar
from federation.members import statement as use_cases
from federation.web.chart import draw_months
from federation.web.csv_file import statement_csv
from federation.web.pages.statement_form import read_wanted
from federation.web.routes import Pages

if TYPE_CHECKING:
    from federation.web.visit import Visit

FILE_LINES_MAX = 20_000

pages = Pages()


@pages.get("/statement")
async def show_statement(visit: Visit) -> web.Response:
    """Show bookings, newest first, and what the last months came to."""
    account, zone = visit.member.shown_account, visit.place.zone
    form, wanted = read_wanted(visit)
    found = await use_cases.statement(visit.node, account, visit.reader, wanted)
    starts = calendar.months_until(calendar.date_of(visit.now_s, zone))
    months = await use_cases.months(
        visit.node, account, visit.reader, [calendar.start_of(day, zone) for day in starts]
    )
    chart = draw_months(months, starts, visit.language)
    return visit.show("statement.html", form=form, found=found, chart=chart)


@pages.get("/statement/csv")
async def statement_file(visit: Visit) -> web.Response:
    """Give the same bookings as a file for a spreadsheet."""
    _form, wanted = read_wanted(visit)
    found = await use_cases.statement(
        visit.node, visit.member.shown_account, visit.reader, wanted, limit=FILE_LINES_MAX
    )
    body = statement_csv(found.lines, visit.unit, visit.place.zone, visit.texts)
    named = f'attachment; filename="{visit.texts.say("rekening")}-{visit.member.code_in_file}.csv"'
    return web.Response(
        body=body, headers={"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": named}
    )
