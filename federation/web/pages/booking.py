"""Booking without a thread, one decision a screen: whom, how much, and exactly what is booked.

"Ik kreeg hulp" gives at once, "Ik gaf hulp" asks the other, who consents or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members import counterparts, giving
from federation.web import refusals
from federation.web.pages import booking_form
from federation.web.routes import Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.pages.booking_form import Wanted
    from federation.web.visit import Visit

WORDS_MAX = 60
WAIT_S = 3
"""How long the page waits for the other group; the trade goes on by itself."""

pages = Pages()


@pages.get("/give")
async def show_give(visit: Visit) -> web.Response:
    """Show the next screen of "Ik kreeg hulp"."""
    return await _next_screen(visit, gives=True)


@pages.get("/ask")
async def show_ask(visit: Visit) -> web.Response:
    """Show the next screen of "Ik gaf hulp"."""
    return await _next_screen(visit, gives=False)


@pages.post("/give")
async def book_give(visit: Visit) -> web.Response:
    """Book what stood on the page."""
    form = await visit.form()
    wanted = await booking_form.read(visit, form, gives=True)
    group = "" if wanted.other is None else wanted.other.group
    path = ""
    if form.fine and wanted.other is not None:
        async with refusals.trying(visit, form, group=group):
            path = await giving.give(
                visit.node, visit.reader, wanted.other, booking_form.seen(form),
                key=form.command_key(visit.member),
                description=booking_form.description(form), wait_s=WAIT_S,
            )  # fmt: skip
    return await _after(visit, form, wanted, path, gives=True)


@pages.post("/ask")
async def book_ask(visit: Visit) -> web.Response:
    """Ask for what stood on the page."""
    form = await visit.form()
    wanted = await booking_form.read(visit, form, gives=False)
    group = "" if wanted.other is None else wanted.other.group
    path = ""
    if form.fine and wanted.other is not None:
        async with refusals.trying(visit, form, group=group):
            path = await giving.ask(
                visit.node, visit.reader, wanted.other, booking_form.seen(form),
                key=form.command_key(visit.member), description=booking_form.description(form),
            )  # fmt: skip
    return await _after(visit, form, wanted, path, gives=False)


async def _after(
    visit: Visit, form: Form, wanted: Wanted, path: str, *, gives: bool
) -> web.Response:
    """Go to the trade, or show what stands in its way."""
    if form.fine and path:
        await visit.sent()
        return visit.go(f"/trades/{path}")
    if wanted.other is None or wanted.quote is None:
        return await _choose_or_amount(visit, form, wanted, gives=gives, status=422)
    newer = booking_form.changed(visit, form, wanted)
    return _confirm(visit, form, wanted, gives=gives, newer=newer, status=422)


async def _next_screen(visit: Visit, *, gives: bool) -> web.Response:
    form = await booking_form.asked(visit)
    wanted = await booking_form.read(visit, form, gives=gives)
    if wanted.occasion is not None and wanted.occasion.want is gives:
        where = booking_form.handed_on(wanted)
        return visit.go("/ask" if gives else "/give", **where)
    if wanted.other is None or wanted.quote is None or not form.fine:
        return await _choose_or_amount(visit, form, wanted, gives=gives)
    if wanted.occasion is not None:
        form.values.setdefault("description", wanted.occasion.title)
    return _confirm(visit, form, wanted, gives=gives)


async def _choose_or_amount(
    visit: Visit, form: Form, wanted: Wanted, *, gives: bool, status: int = 200
) -> web.Response:
    if wanted.other is not None:
        hidden = booking_form.handed_on(wanted)
        form.values["amount"] = form.value("amount") or form.value("suggested")
        return visit.show(
            "give_amount.html",
            status=status,
            form=form, wanted=wanted, hidden=hidden, gives=gives,
        )  # fmt: skip
    words = " ".join(form.value("q").split())[:WORDS_MAX]
    found = await counterparts.find(visit.node, visit.reader, words, now_s=visit.now_s)
    groups = counterparts.groups(visit.node)
    return visit.show(
        "give_whom.html",
        status=status,
        form=form, words=words, found=found, groups=groups, gives=gives,
    )  # fmt: skip


def _confirm(
    visit: Visit,
    form: Form,
    wanted: Wanted,
    *,
    gives: bool,
    newer: object = None,
    status: int = 200,
) -> web.Response:
    back = booking_form.handed_on(wanted)
    quote = wanted.quote
    assert quote is not None
    if newer is not None:
        form.errors.pop("", None)
    hidden = {
        **back,
        "amount": form.value("amount"),
        "own": str(quote.own_minor),
        "theirs": str(quote.other_minor),
    }
    return visit.show(
        "give_confirm.html",
        status=status,
        form=form, wanted=wanted, quote=quote, hidden=hidden, back=back, gives=gives, newer=newer,
    )  # fmt: skip
