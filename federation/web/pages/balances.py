"""All balances on a day of choice, as a table and a file; and who may need a hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from federation.members import balances, calendar
from federation.web import dates
from federation.web.csv_file import balances_csv
from federation.web.forms import Form
from federation.web.routes import Audience, Pages
from federation.web.when_form import NO_DAY

if TYPE_CHECKING:
    from datetime import date

    from federation.web.visit import Visit

pages = Pages()


@pages.get("/group/balances", Audience.AUDITORS)
async def show_balances(visit: Visit) -> web.Response:
    """Show where everybody stood at the end of a day; today when none is chosen."""
    form, day = _day(visit)
    moment_s = calendar.end_of(day, visit.place.zone)
    found = await balances.balances_before(visit.node, visit.reader, moment_s)
    return visit.show("balances.html", form=form, found=found, day_s=moment_s - 1, day=day)


@pages.get("/group/balances/csv", Audience.AUDITORS)
async def balances_file(visit: Visit) -> web.Response:
    """Give the same as a file for a spreadsheet."""
    _form, day = _day(visit)
    moment_s = calendar.end_of(day, visit.place.zone)
    found = await balances.balances_before(visit.node, visit.reader, moment_s)
    named = f'attachment; filename="{visit.texts.say("saldo-per-lid")}-{day.isoformat()}.csv"'
    return web.Response(
        body=balances_csv(found, visit.unit, visit.texts),
        headers={"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": named},
    )


@pages.get("/group/far", Audience.AUDITORS)
async def show_far(visit: Visit) -> web.Response:
    """Show who is far from zero, and since when."""
    found = await balances.far_from_zero(visit.node, visit.reader, now_s=visit.now_s)
    return visit.show("far.html", found=found)


def _day(visit: Visit) -> tuple[Form, date]:
    today = calendar.date_of(visit.now_s, visit.place.zone)
    form = Form.filled(on=visit.query("on"))
    typed = form.text("on", most=20)
    chosen = dates.read_day(typed)
    if typed and chosen is None:
        form.fail("on", NO_DAY)
    return form, chosen or today
