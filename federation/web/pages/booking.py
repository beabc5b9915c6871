"""Booking without a thread, one decision a screen: whom, how much, and exactly what is booked.

"Ik kreeg hulp" gives at once, "Ik gaf hulp" asks the other, who consents or not. What may be the
same as a moment ago is said first, and done again when the reader says so (`booked_lately`). What
cannot be done as it stands there keeps its words, for another amount or for somebody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members import counterparts, giving
from federation.web import booked_lately, refusals
from federation.web.forms import KEY_FIELD
from federation.web.pages import booking_form
from federation.web.routes import Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.members.giving import Done
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
    if form.value("do"):
        return await _differently(visit, form)
    wanted = await booking_form.read(visit, form, gives=True)
    group = "" if wanted.other is None else wanted.other.group
    done = None
    if await _may_do(visit, form, wanted, gives=True) and wanted.other is not None:
        async with refusals.trying(visit, form, group=group):
            done = await giving.give(
                visit.node, visit.reader, wanted.other, booking_form.seen(form),
                key=form.command_key(visit.member),
                description=booking_form.description(form), wait_s=WAIT_S,
            )  # fmt: skip
    return await _after(visit, form, wanted, done, gives=True)


@pages.post("/ask")
async def book_ask(visit: Visit) -> web.Response:
    """Ask for what stood on the page."""
    form = await visit.form()
    if form.value("do"):
        return await _differently(visit, form)
    wanted = await booking_form.read(visit, form, gives=False)
    group = "" if wanted.other is None else wanted.other.group
    done = None
    if await _may_do(visit, form, wanted, gives=False) and wanted.other is not None:
        async with refusals.trying(visit, form, group=group):
            done = await giving.ask(
                visit.node, visit.reader, wanted.other, booking_form.seen(form),
                key=form.command_key(visit.member), description=booking_form.description(form),
            )  # fmt: skip
    return await _after(visit, form, wanted, done, gives=False)


async def _differently(visit: Visit, form: Form) -> web.Response:
    """Choose somebody else, or another amount, with the words that stood on the page."""
    if form.value("do") == "else":
        return await booking_form.elsewhere(visit, form, visit.page_path)
    await booking_form.keep(visit, form)
    names = (*booking_form.WHOM, *booking_form.ABOUT, booking_form.KEPT)
    whom = {name: form.value(name) for name in names if form.value(name)}
    return visit.go(visit.page_path, **whom, amount="")


async def _may_do(visit: Visit, form: Form, wanted: Wanted, *, gives: bool) -> bool:
    """Tell whether all is well, and the reader knows of what this may be again."""
    if not form.fine:
        return False
    lately = await booking_form.lately(visit, form, wanted, gives=gives)
    return booked_lately.is_told(form, lately)


async def _after(
    visit: Visit, form: Form, wanted: Wanted, done: Done | None, *, gives: bool
) -> web.Response:
    """Go to the trade, or show what stands in its way."""
    if form.fine and done is not None:
        await visit.sent()
        once = "booked-once" if gives else "asked-once"
        return visit.go(f"/trades/{done.trade}", notice=once if done.before else "")
    if form.gone or wanted.quote is None or wanted.refusal is not None:
        await booking_form.keep(visit, form)
    if wanted.other is None or wanted.quote is None:
        return await _choose_or_amount(visit, form, wanted, gives=gives, status=422)
    newer = booking_form.changed(visit, form, wanted)
    return await _confirm(visit, form, wanted, gives=gives, newer=newer, status=422)


async def _next_screen(visit: Visit, *, gives: bool) -> web.Response:
    form = await booking_form.asked(visit)
    wanted = await booking_form.read(visit, form, gives=gives)
    if wanted.occasion is not None and wanted.occasion.want is gives:
        where = booking_form.handed_on(wanted)
        return visit.go("/ask" if gives else "/give", **where)
    if wanted.other is None or wanted.quote is None or not form.fine:
        return await _choose_or_amount(visit, form, wanted, gives=gives)
    if KEY_FIELD not in visit.request.query:  # so that the same page, loaded again, books once
        return visit.go(visit.page_path, **visit.request.query, **{KEY_FIELD: form.key})
    if wanted.occasion is not None:
        form.values.setdefault("description", wanted.occasion.title)
    return await _confirm(visit, form, wanted, gives=gives)


async def _choose_or_amount(
    visit: Visit, form: Form, wanted: Wanted, *, gives: bool, status: int = 200
) -> web.Response:
    if wanted.other is not None:
        hidden = booking_form.handed_on(wanted, form)
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
        by_mail=bool(visit.node.machine.books.agreeing.partners),
    )  # fmt: skip


async def _confirm(
    visit: Visit,
    form: Form,
    wanted: Wanted,
    *,
    gives: bool,
    newer: object = None,
    status: int = 200,
) -> web.Response:
    back = booking_form.handed_on(wanted, form)
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
    lately = await booking_form.lately(visit, form, wanted, gives=gives)
    if lately is not None:
        hidden[booked_lately.AGAIN] = lately.trade.id
    return visit.show(
        "give_confirm.html",
        status=status,
        form=form, wanted=wanted, quote=quote, hidden=hidden, back=back, gives=gives, newer=newer,
        lately=lately,
    )  # fmt: skip
