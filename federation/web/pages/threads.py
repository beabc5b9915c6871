"""Threads: the list, a new one from an offer or a want, the talk itself, and booking from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import occasions, threads
from federation.members.threads import NEWEST, recipient_of
from federation.web import refusals
from federation.web.forms import Form
from federation.web.pages import thread_page
from federation.web.pages.thread_deeds import DEEDS, proposal
from federation.web.routes import Pages
from federation.web.units import unit_of
from federation.web.visit import NUMBER_LENGTH_MAX
from federation.words.amounts import number
from schemas.errors import RuilbrugError
from schemas.openings import NOTE_LENGTH_MAX

if TYPE_CHECKING:
    from aiohttp import web

    from federation.members.occasions import Occasion
    from federation.members.thread_views import ShownThread
    from federation.web.visit import Visit

PAGE: Final = 20
ABOUT: Final = ("post", "node", "offer")
TYPED: Final = ("text", "amount")
NEW: Final = "/threads/new"

pages = Pages()


@pages.get("/threads")
async def list_threads(visit: Visit) -> web.Response:
    """List threads, newest first, and say whose turn it is."""
    at_s, _, name = visit.query("before").partition(".")
    fine = at_s.isascii() and at_s.isdigit() and len(at_s) <= NUMBER_LENGTH_MAX
    before = (int(at_s), name) if fine else NEWEST
    found = await threads.threads_of(visit.node, visit.reader, before=before, limit=PAGE)
    following = f"{found[-1].at_s}.{found[-1].thread}" if len(found) == PAGE else ""
    return visit.show("threads.html", found=found, following=following)


@pages.get("/threads/new")
async def new_thread(visit: Visit) -> web.Response:
    """Show the form that begins a thread about an offer or a want."""
    named = {name: visit.query(name) for name in ABOUT if visit.query(name)}
    form = await visit.blank(**named)
    if named and any(form.value(name) != named.get(name, "") for name in ABOUT):
        form = Form.filled(**named)  # what was typed here was for somebody else
    try:
        occasion = await _occasion(visit, form)
    except RuilbrugError as error:
        return refusals.page(visit, error)
    if occasion.own_minor is not None:
        shown = number(occasion.own_minor, visit.unit.rate.decimals, visit.language)
        form.values.setdefault("amount", shown)
    return await _new(visit, form, occasion)


@pages.post("/threads/new")
async def start_thread(visit: Visit) -> web.Response:
    """Begin it: with a word, or with a proposal at once."""
    form = await visit.form()
    if form.value("do") == "else":
        return await look_elsewhere(visit, form)
    try:
        occasion = await _occasion(visit, form)
    except RuilbrugError as error:
        refusals.note(visit, form, error)
        return await _new(visit, form, None, status=refusals.status(error))
    found = None
    async with refusals.trying(visit, form, group=occasion.other.group):
        found = await _start(visit, form, occasion)
    if found is None or not form.fine:
        return await _new(visit, form, occasion, status=422)
    await visit.sent()
    return visit.go(f"/threads/{found.thread}", notice="sent")


async def _start(visit: Visit, form: Form, occasion: Occasion) -> ShownThread | None:
    text = form.text("text", most=NOTE_LENGTH_MAX, lines=True)
    form.values["gives"] = "no" if occasion.want else "yes"
    wanted = proposal(visit, form) if form.value("amount").strip() else None
    if not form.fine:
        return None
    return await threads.start(
        visit.node,
        visit.reader,
        recipient_of(occasion.other),
        key=form.command_key(visit.member),
        text=text,
        offer=occasion.post,
        proposal=wanted,
    )


async def _occasion(visit: Visit, form: Form) -> Occasion:
    node, offer = form.value("node"), form.value("offer")
    if node or offer:
        return await occasions.elsewhere(visit.node, visit.reader, node, offer, now_s=visit.now_s)
    return await occasions.here(
        visit.node, visit.reader, form.number("post") or 0, now_s=visit.now_s
    )


async def look_elsewhere(visit: Visit, form: Form) -> web.Response:
    """Keep the words, and let somebody else be looked for who may read them."""
    await visit.keep(NEW, **{name: form.value(name) for name in TYPED})
    return visit.go("/search", notice="words-kept")


async def _new(
    visit: Visit, form: Form, occasion: Occasion | None, *, status: int = 200
) -> web.Response:
    """Show the form; without an occasion what was typed, once that is gone."""
    refusal = their_unit = None
    if occasion is not None:
        refusal = refusals.of_refusal(visit, occasion.refusal, group=occasion.other.group)
        their_unit = await unit_of(visit, occasion.other)
    return visit.show(
        "thread_new.html",
        status=status,
        form=form,
        occasion=occasion,
        refusal=refusal,
        hidden={name: form.value(name) for name in ABOUT if form.value(name)},
        text_max=NOTE_LENGTH_MAX,
        their_unit=their_unit,
    )


@pages.get("/threads/{thread}")
async def show_thread(visit: Visit) -> web.Response:
    """Show a thread and what may be done now."""
    return await thread_page.show(visit, await read_thread(visit))


@pages.post("/threads/{thread}")
async def go_on(visit: Visit) -> web.Response:
    """Answer, propose, or say something."""
    form = await visit.form()
    if form.value("do") == "else":
        return await look_elsewhere(visit, form)
    thread = await read_thread(visit)
    deed = DEEDS.get(form.value("do"), DEEDS["say"])
    async with refusals.trying(visit, form, group=thread.other.group):
        await deed(visit, thread.thread, form)
    if not form.fine:
        return await thread_page.show(visit, await read_thread(visit), form, status=422)
    await visit.sent()
    return visit.go(f"/threads/{thread.thread}", notice="sent")


async def read_thread(visit: Visit) -> ShownThread:
    """Give the thread of the address.

    Raises:
        InputError: `not_found`, also for a thread between others.

    """
    return await threads.thread(visit.node, visit.reader, visit.request.match_info["thread"])
