"""How much of the group's own unit an hour is: another rate, read first, then proposed to all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.node import line_use_cases
from federation.node.rate_deed import concerned
from federation.web.routes import Audience, Pages
from federation.words.texts import later
from schemas.amounts import LINE_UNITS_PER_HOUR

if TYPE_CHECKING:
    from aiohttp import web

    from federation.node.rate_deed import RateChange
    from federation.web.forms import Form
    from federation.web.visit import Visit

_NUMBER: Final = later("Schrijf een geheel getal van 1 tot %(most)s.")
_CHANGED: Final = later(
    "Intussen is er iets veranderd. Er is nog niets gedaan: lees het nog eens, en druk dan opnieuw."
)
pages = Pages()


@pages.get("/group/partners/rate", Audience.COORDINATORS)
async def show_rate(visit: Visit) -> web.Response:
    """Show what an hour is now, and ask for another rate."""
    return _form_page(visit, await visit.blank(per_hour=str(visit.unit.rate.per_hour)))


@pages.post("/group/partners/rate", Audience.COORDINATORS)
async def take_rate(visit: Visit) -> web.Response:
    """Show what would change; do it, and ask every partner, once exactly that was read."""
    form = await visit.form()
    per_hour = _per_hour(visit, form)
    if not form.fine:
        return _form_page(visit, form, status=422)
    change = line_use_cases.look_at_rate(visit.node, per_hour)
    if not form.value("seen"):
        return _confirm(visit, form, change)
    if form.value("seen") != change.seen():
        form.fail("", _CHANGED)
        form.again()
        return _confirm(visit, form, change, status=409)
    async with visit.trying(form):
        asked = await line_use_cases.change_rate(visit.node, per_hour)
    if not form.fine:
        return _form_page(visit, form, status=422)
    await visit.sent()
    notice = "rate-part" if asked.not_asked else "saved"
    return visit.go("/group/partners", notice=notice)


def _per_hour(visit: Visit, form: Form) -> int:
    most = LINE_UNITS_PER_HOUR // 10**visit.unit.rate.decimals
    typed = form.value("per_hour").strip()
    fits = typed.isascii() and typed.isdigit() and len(typed) <= len(str(most))
    if not fits or not 1 <= int(typed) <= most:
        form.fail("per_hour", _NUMBER, most=most)
        return 1
    return int(typed)


def _form_page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    waits = len(concerned(visit.node.machine.books, visit.unit.rate))
    return visit.show("partner_rate.html", status=status, form=form, waits=waits)


def _confirm(visit: Visit, form: Form, change: RateChange, *, status: int = 200) -> web.Response:
    names = {peer.node: peer.name for peer in visit.node.peers.everyone()}
    return visit.show(
        "partner_rate_confirm.html",
        status=status,
        form=form,
        change=change,
        names=names,
        seen=change.seen(),
    )
