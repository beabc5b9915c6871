"""What coordinators do with a line: asked on one page, read on the next, done as it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.line.closing import pending
from federation.members.submitting import actor_of
from federation.node.line_decisions import carry_out, line_named, look_at, settled_already
from federation.node.line_deeds import Asked, Deed, offered
from federation.web import refusals
from federation.web.deed_words import ABOUT, LOSS, MEASURES, OFFERS, THEY, YES
from federation.web.hours import HUNDREDTHS
from federation.web.line_words import PAUSES
from federation.web.pages.partner_line import shown_line
from federation.web.routes import Audience, Pages
from federation.words.texts import later
from schemas.amounts import LINE_UNITS_PER_HOUR
from schemas.core_parts import FreezeReason
from schemas.errors import Code, InputError
from schemas.terms import HOURS_GRANTED_MAX

if TYPE_CHECKING:
    from aiohttp import web

    from federation.node.line_deeds import Change
    from federation.web.forms import Form
    from federation.web.visit import Visit

PATH: Final = "/group/partners/line/{line}/{deed}"
LINE_UNITS_PER_HUNDREDTH: Final = LINE_UNITS_PER_HOUR // HUNDREDTHS.minor_per_hour()
HAS_FORM: Final = frozenset({Deed.LIMIT, Deed.TERMS, Deed.PAUSE})
_MOST: Final = later("Hoogstens %(most)s uur.")
_CHANGED: Final = later(
    "Intussen is er iets veranderd. Er is nog niets gedaan: lees het nog eens, en druk dan opnieuw."
)
_NEEDS_HOURS: Final = later("Schrijf een aantal uren, zoals 8 of 1,5.")
pages = Pages()


@pages.get(PATH, Audience.COORDINATORS)
async def show_deed(visit: Visit) -> web.Response:
    """Show what has to be filled in, or what would change where nothing has."""
    deed, form = _deed(visit), await visit.blank()
    if deed in HAS_FORM:
        return _form_page(visit, form)
    return await _looked(visit, form, Asked(deed=deed), refused=200)


@pages.post(PATH, Audience.COORDINATORS)
async def take_deed(visit: Visit) -> web.Response:
    """Show what would change; do it once exactly that was read."""
    form = await visit.form()
    asked = _asked(form, _deed(visit))
    if not form.fine:
        return _form_page(visit, form, status=422)
    line = line_named(visit.node, visit.request.match_info["line"])
    key = form.command_key(visit.member)
    back = f"/group/partners/line/{line.line}"
    if asked.deed is Deed.SETTLE and await settled_already(visit.node, key):
        return visit.go(back, notice="saved")
    if not form.value("seen"):
        return await _looked(visit, form, asked)
    by = actor_of(visit.reader)
    async with refusals.trying(visit, form, group=shown_line(visit).name):
        looked = await look_at(visit.node, line, asked, by=by)
        if looked.change.seen() != form.value("seen"):
            form.fail("", _CHANGED)
            return _confirm(visit, form, looked.change, status=409)
        await carry_out(visit.node, line, looked, key=key, by=by)
    if not form.fine:
        return _form_page(visit, form, status=422)
    await visit.sent()
    return visit.go(_after(asked.deed, back), notice="saved")


async def _looked(visit: Visit, form: Form, asked: Asked, *, refused: int = 422) -> web.Response:
    """Show what would change; where it cannot be done now, why, with status `refused`."""
    line = line_named(visit.node, visit.request.match_info["line"])
    async with refusals.trying(visit, form, group=shown_line(visit).name):
        looked = await look_at(visit.node, line, asked, by=actor_of(visit.reader))
        return _confirm(visit, form, looked.change)
    return _form_page(visit, form, status=refused)


def _after(deed: Deed, back: str) -> str:
    """Say where to go on: a closed line has no page any more."""
    return "/group/partners" if deed is Deed.CLOSE else back


def _deed(visit: Visit) -> Deed:
    try:
        return Deed(visit.request.match_info["deed"])
    except ValueError as error:
        raise InputError(Code.NOT_FOUND, field="path") from error


def _asked(form: Form, deed: Deed) -> Asked:
    """Read what a deed needs; notes what is wrong."""
    grants = largest = None
    reason = ""
    match deed:
        case Deed.LIMIT:
            grants = _units(form, "limit", needed=True)
        case Deed.TERMS:
            grants, largest = _above_zero(form, "limit"), _above_zero(form, "largest")
        case Deed.PAUSE:
            reason = form.choice("reason", list(FreezeReason))
        case _:
            pass
    return Asked(deed=deed, grants_units=grants, largest_units=largest, reason=reason)


def _above_zero(form: Form, name: str) -> int | None:
    units = _units(form, name)
    if units == 0:
        form.fail(name, _NEEDS_HOURS)
    return units


def _units(form: Form, name: str, *, needed: bool = False) -> int | None:
    """Read hours; nothing where the field was left empty."""
    typed = form.value(name).strip()
    if not typed:
        if needed:
            form.fail(name, _NEEDS_HOURS)
        return None
    read = 0 if typed.strip("0,.") == "" else form.amount(name, HUNDREDTHS.decimals)
    if read > HOURS_GRANTED_MAX * HUNDREDTHS.minor_per_hour():
        form.fail(name, _MOST, most=HOURS_GRANTED_MAX)
    return read * LINE_UNITS_PER_HUNDREDTH


def _form_page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    """Show the form of a deed; of one without fields, why it cannot be done now."""
    found, deed = shown_line(visit), _deed(visit)
    line = line_named(visit.node, found.line)
    return visit.show(
        "partner_deed.html",
        status=status,
        form=form,
        found=found,
        line=line,
        deed=deed.value,
        title=OFFERS[deed],
        about=ABOUT[deed],
        fields=deed in HAS_FORM,
        pending=pending(visit.node.machine.books, line),
        settles=Deed.SETTLE in offered(visit.node.machine.books, line),
        pauses={one.value: visit.texts.say(words) for one, words in PAUSES.items()},
    )


def _confirm(visit: Visit, form: Form, change: Change, *, status: int = 200) -> web.Response:
    deed = change.asked.deed
    sent = {name: form.value(name) for name in ("limit", "largest", "reason") if form.value(name)}
    return visit.show(
        "partner_deed_confirm.html",
        status=status,
        form=form,
        found=shown_line(visit),
        change=change,
        measures={one.value: words for one, words in MEASURES.items()},
        title=OFFERS[deed],
        about=LOSS if change.loss else ABOUT[deed],
        they=THEY[deed],
        yes=YES[deed],
        sent={**sent, "seen": change.seen()},
        pauses={one.value: words for one, words in PAUSES.items()},
    )
