"""Steps out of a thread, each with its own page that asks for one tap: book, block, report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members import agreed, blocks, trades
from federation.members.threads import recipient_of
from federation.web import refusals
from federation.web.forms import Said
from federation.web.notices import REPORTED
from federation.web.pages import booking_form
from federation.web.pages.threads import read_thread
from federation.web.routes import Pages
from federation.web.units import unit_of
from federation.words.amounts import amount, number
from federation.words.texts import later
from projections.threads import ThreadState
from schemas.errors import InputError, RefusedError
from schemas.openings import DESCRIPTION_LENGTH_MAX, NOTE_LENGTH_MAX

if TYPE_CHECKING:
    from aiohttp import web

    from federation.members.thread_views import ShownThread
    from federation.members.trades import ShownQuote
    from federation.web.forms import Form
    from federation.web.visit import Visit

WAIT_S = 3
_CHANGED = later("Het is nu %(own)s. Nog goed?")

pages = Pages()


@pages.get("/threads/{thread}/book")
async def show_booking(visit: Visit) -> web.Response:
    """Show exactly what would be booked; what is booked already leads to its trade."""
    thread = await read_thread(visit)
    if thread.state is ThreadState.BOOKED and thread.trade:
        return visit.go(f"/trades/{thread.trade}", notice=_once(thread, thread.trade))
    return await _booking(visit, thread, await visit.blank())


@pages.post("/threads/{thread}/book")
async def book(visit: Visit) -> web.Response:
    """Book what was agreed, or as who gave the help ask for it."""
    form = await visit.form()
    thread, path = await read_thread(visit), ""
    if form.value("do") == "else":
        return await _with_another(visit, thread, form)
    description = form.text("description", most=DESCRIPTION_LENGTH_MAX)
    if form.fine:
        async with refusals.trying(visit, form, group=thread.other.group):
            path = await agreed.book(
                visit.node, visit.reader, thread.thread, description=description,
                expected_minor=form.number("own"), proposal=form.value("proposal"), wait_s=WAIT_S,
            )  # fmt: skip
    if not path:
        return await _booking(visit, await read_thread(visit), form, status=422)
    await visit.sent()
    return visit.go(f"/trades/{path}", notice=_once(thread, path))


async def _with_another(visit: Visit, thread: ShownThread, form: Form) -> web.Response:
    """Let somebody else be chosen for the same amount, with the words that stood on the page."""
    quote, _ = _quote(visit, thread)
    gives = thread.standing is None or thread.standing.gives
    where, minor = ("/give" if gives else "/ask"), None if quote is None else quote.own_minor
    if minor is not None:
        form.values["amount"] = number(minor, visit.unit.rate.decimals, visit.language)
    return await booking_form.elsewhere(visit, form, where)


def _once(thread: ShownThread, trade: str) -> str:
    """Name what tells a payer that this stood there before, and counts once."""
    gives = thread.standing is not None and thread.standing.gives
    before = thread.state is ThreadState.BOOKED and thread.trade == trade
    return "booked-once" if gives and before else ""


async def _booking(
    visit: Visit, thread: ShownThread, form: Form, *, status: int = 200
) -> web.Response:
    quote, refusal = _quote(visit, thread)
    return visit.show(
        "thread_book.html",
        status=status,
        form=form,
        thread=thread,
        quote=quote,
        refusal=refusal,
        newer=_newer(visit, form, quote),
        their_unit=await unit_of(visit, thread.other),
    )


def _quote(visit: Visit, thread: ShownThread) -> tuple[ShownQuote | None, Said | None]:
    standing, other = thread.standing, thread.other
    if standing is None:
        return None, None
    asked = trades.QuoteForm(
        standing.amount_minor, standing.gives, other.account, other.node, standing.fixed
    )
    try:
        quote = trades.quote(visit.node, visit.reader, asked)
    except (InputError, RefusedError) as error:
        return None, refusals.words(visit, error.code, error.facts, group=other.group)
    return quote, refusals.of_refusal(visit, quote.refusal, group=other.group)


def _newer(visit: Visit, form: Form, quote: ShownQuote | None) -> Said | None:
    """Say what it is by now, when the page showed another number; then that is the question."""
    before = form.number("own")
    if quote is None or before is None or before == quote.own_minor:
        return None
    form.errors.pop("", None)
    return Said(_CHANGED, {"own": amount(quote.own_minor, visit.unit, visit.language)})


@pages.get("/threads/{thread}/block")
async def show_block(visit: Visit) -> web.Response:
    """Ask whether somebody wants no messages of the other any more."""
    return visit.show(
        "thread_block.html", thread=await read_thread(visit), form=await visit.blank()
    )


@pages.post("/threads/{thread}/block")
async def block(visit: Visit) -> web.Response:
    """Want no messages of the other, or want them again."""
    form, thread = await visit.form(), await read_thread(visit)
    blocked = form.value("do") != "unblock"
    await blocks.block(visit.node, visit.reader, recipient_of(thread.other), blocked=blocked)
    if blocked:
        return visit.go("/threads", notice="blocked")
    return visit.go(f"/threads/{thread.thread}", notice="unblocked")


@pages.get("/threads/{thread}/report")
async def show_report(visit: Visit) -> web.Response:
    """Ask what is not right."""
    return _report(visit, await read_thread(visit), await visit.blank())


@pages.post("/threads/{thread}/report")
async def report(visit: Visit) -> web.Response:
    """Tell the coordinators, with the newest message of the other where that is wanted."""
    form, thread = await visit.form(), await read_thread(visit)
    text = form.text("text", most=NOTE_LENGTH_MAX, lines=True, required=True)
    key = form.command_key(visit.member)
    if form.fine:
        async with refusals.trying(visit, form, group=thread.other.group):
            message = form.value("message")
            told = await blocks.report(
                visit.node, visit.reader, text, key=key, thread=thread.thread, message=message
            )
    if not form.fine:
        return _report(visit, thread, form, status=422)
    await visit.sent()
    return visit.go(f"/threads/{thread.thread}", notice=REPORTED[told])


def _report(visit: Visit, thread: ShownThread, form: Form, *, status: int = 200) -> web.Response:
    theirs = [message for message in thread.messages if not message.own and message.text]
    return visit.show(
        "thread_report.html",
        status=status,
        thread=thread,
        form=form,
        theirs=theirs[-1] if theirs else None,
        text_max=NOTE_LENGTH_MAX,
    )
