"""One line to another group, for coordinators: where it stands, what they propose, and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.node import line_notes, line_use_cases
from federation.node.line_decisions import line_named
from federation.node.line_deeds import offered
from federation.node.line_views import lines_with_partners
from federation.web import refusals
from federation.web.deed_words import OFFERS
from federation.web.limit_bar import draw_bar
from federation.web.line_words import PAUSES, doubts
from federation.web.routes import Audience, Pages
from schemas.errors import Code, InputError
from schemas.openings import NOTE_LENGTH_MAX

if TYPE_CHECKING:
    from aiohttp import web

    from federation.node.line_views import PartnerLine
    from federation.web.forms import Form
    from federation.web.visit import Visit

HASH_LENGTH: Final = 43
PATH: Final = "/group/partners/line/{line}"
pages = Pages()


@pages.get(PATH, Audience.COORDINATORS)
async def show_line(visit: Visit) -> web.Response:
    """Show one line: its limits, what is in doubt, what can be done, and what both wrote."""
    return await _line(visit, await visit.blank())


@pages.post(PATH, Audience.COORDINATORS)
async def answer_line(visit: Visit) -> web.Response:
    """Answer what the other group proposes, or write to its coordinators."""
    form = await visit.form()
    found = shown_line(visit)
    do = form.choice("do", ("accept", "refuse", "note"))
    terms = form.text("terms", most=HASH_LENGTH, required=do != "note")
    text = form.text("text", most=NOTE_LENGTH_MAX, required=do == "note", lines=True)
    if form.fine:
        async with refusals.trying(visit, form, group=found.name):
            if do == "note":
                key = form.command_key(visit.member)
                await line_notes.send_note_once(visit.node, found.peer, text, key=key)
            else:
                accept = do == "accept"
                await line_use_cases.answer_terms(visit.node, found.peer, terms, accept=accept)
    if not form.fine:
        return await _line(visit, form, status=422)
    await visit.sent()
    return visit.go(visit.page_path, notice="sent" if do == "note" else "saved")


@pages.get(f"{PATH}/notes/{{note}}", Audience.COORDINATORS)
async def show_note(visit: Visit) -> web.Response:
    """Show a note of ours, and ask whether both sides shall drop its text."""
    note = await _own_note(visit)
    return visit.show(
        "partner_note.html", form=await visit.blank(), found=shown_line(visit), note=note
    )


@pages.post(f"{PATH}/notes/{{note}}", Audience.COORDINATORS)
async def forget_note(visit: Visit) -> web.Response:
    """Have both sides drop the text; once more changes nothing."""
    form = await visit.form()
    line, found = line_named(visit.node, visit.request.match_info["line"]), shown_line(visit)
    async with visit.trying(form):
        await line_notes.forget_note_on(visit.node, line, visit.part("note"))
    if not form.fine:
        note = await _own_note(visit)
        return visit.show("partner_note.html", status=422, form=form, found=found, note=note)
    return visit.go(f"/group/partners/line/{line.line}", notice="note-forgotten")


def shown_line(visit: Visit) -> PartnerLine:
    """Give the line that the address names.

    Raises:
        InputError: `not_found`.

    """
    name = visit.request.match_info["line"]
    found = lines_with_partners(visit.node, now_s=visit.now_s)
    shown = next((one for one in found if one.line == name), None)
    if shown is None:
        raise InputError(Code.NOT_FOUND, field="line")
    return shown


async def _own_note(visit: Visit) -> line_notes.Note:
    line, number = line_named(visit.node, visit.request.match_info["line"]), visit.part("note")
    notes = await line_notes.notes_on(visit.node, line)
    found = next((one for one in notes if one.own and one.n == number), None)
    if found is None:
        raise InputError(Code.NOT_FOUND, field="path")
    return found


async def _line(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    shown = shown_line(visit)
    line = line_named(visit.node, shown.line)
    return visit.show(
        "partner_line.html",
        status=status,
        form=form,
        found=shown,
        bar=draw_bar(
            shown.balance_minor,
            lower=-shown.they_may_owe_minor,
            upper=shown.we_may_owe_minor,
            held_in=shown.held_in_minor,
            held_out=shown.held_out_minor,
        ),
        doubts=doubts(shown.advice),
        pauses={one.value: visit.texts.say(words) for one, words in PAUSES.items()},
        deeds=[(deed.value, OFFERS[deed]) for deed in offered(visit.node.machine.books, line)],
        notes=await line_notes.notes_on(visit.node, line),
        text_max=NOTE_LENGTH_MAX,
    )
