"""Doing things together: activities, who comes along, and one booking for all who helped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import activities
from federation.members.activities import ActivityForm
from federation.web import when_form
from federation.web.routes import Pages
from federation.words.texts import later
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from aiohttp import web

    from federation.members.activities import ShownActivity
    from federation.web.forms import Form
    from federation.web.visit import Visit

REALLY: Final = later("%(title)s afblazen?")
TOLD: Final = later("Wie mee zou komen, ziet dat het niet doorgaat.")
CALL_OFF: Final = later("Ja, afblazen")

pages = Pages()


@pages.get("/activities")
async def list_activities(visit: Visit) -> web.Response:
    """List what comes, and what was."""
    coming = await activities.coming(visit.node, visit.reader)
    past = await activities.past(visit.node, visit.reader, limit=20)
    return visit.show("activities.html", coming=coming, past=past)


@pages.get("/activities/new")
async def blank_activity(visit: Visit) -> web.Response:
    """Show an empty form."""
    return _form(visit, await visit.blank(), None)


@pages.post("/activities/new")
async def place_activity(visit: Visit) -> web.Response:
    """Place an activity."""
    return await _save(visit, await visit.form(), None)


@pages.get("/activities/{activity}")
async def show_activity(visit: Visit) -> web.Response:
    """Show an activity and who comes."""
    return visit.show("activity.html", found=await _found(visit))


@pages.get("/activities/{activity}/edit")
async def edit_activity(visit: Visit) -> web.Response:
    """Show an own activity as a form."""
    found = _theirs(visit, await _found(visit))
    times = when_form.values_of(found.starts_at_s, found.ends_at_s, visit.place.zone)
    known = {"title": found.title, "text": found.text, "place": found.place, **times}
    return _form(visit, await visit.blank(**known), found)


@pages.post("/activities/{activity}/edit")
async def save_activity(visit: Visit) -> web.Response:
    """Change an own activity."""
    form = await visit.form()
    return await _save(visit, form, _theirs(visit, await _found(visit)))


@pages.get("/activities/{activity}/cancel")
async def ask_to_cancel(visit: Visit) -> web.Response:
    """Ask whether it is really off."""
    found = await activities.to_cancel(visit.node, visit.reader, visit.part("activity"))
    return _really(visit, found, await visit.blank())


@pages.post("/activities/{activity}/cancel")
async def cancel_activity(visit: Visit) -> web.Response:
    """Call it off."""
    form, number = await visit.form(), visit.part("activity")
    async with visit.trying(form):
        await activities.cancel(visit.node, visit.reader, number)
    if not form.fine:
        return _really(visit, await _found(visit), form, status=422)
    return visit.go(f"/activities/{number}", notice="called-off")


@pages.post("/activities/{activity}/join")
async def join_activity(visit: Visit) -> web.Response:
    """Come along, or not after all."""
    joins = (await visit.form()).value("joins") != "no"
    number = visit.part("activity")
    await activities.join(visit.node, visit.reader, number, joins=joins)
    return visit.go(f"/activities/{number}", notice="joined" if joins else "not-joined")


async def _found(visit: Visit) -> ShownActivity:
    return await activities.show(visit.node, visit.reader, visit.part("activity"))


def _theirs(visit: Visit, found: ShownActivity) -> ShownActivity:
    """Give an activity to who may change it: its organiser, for the group a coordinator.

    Raises:
        RefusedError: `forbidden`.
        InputError: `not_found` when it was called off.

    """
    if found.cancelled:
        raise InputError(Code.NOT_FOUND, field="activity")
    if not (found.own or (found.for_group and visit.reader.coordinator)):
        raise RefusedError(Code.FORBIDDEN, field="activity")
    return found


async def _save(visit: Visit, form: Form, before: ShownActivity | None) -> web.Response:
    """Place an activity, or change one, as the form says it."""
    said = _read(visit, form)
    number = None if before is None else before.activity
    for_group = form.flag("for-group") if before is None else before.for_group
    if form.fine:
        async with visit.trying(form):
            key = form.command_key(visit.member)
            shown = await activities.place(
                visit.node, visit.reader, said, key=key, activity=number, for_group=for_group
            )
    if not form.fine:
        return _form(visit, form, before, status=422)
    await visit.sent()
    return visit.go(f"/activities/{shown.activity}", notice="saved")


def _read(visit: Visit, form: Form) -> ActivityForm:
    times = when_form.read_when(form, visit.place.zone, whole=False)
    return ActivityForm(
        title=form.text("title", most=activities.TITLE_LENGTH_MAX, required=True),
        starts_at_s=times.starts_at_s,
        ends_at_s=times.starts_at_s if times.ends_at_s is None else times.ends_at_s,
        text=form.text("text", most=activities.TEXT_LENGTH_MAX, lines=True),
        place=form.text("place", most=activities.PLACE_LENGTH_MAX),
    )


def _form(
    visit: Visit, form: Form, before: ShownActivity | None, *, status: int = 200
) -> web.Response:
    return visit.show("activity_edit.html", status=status, form=form, before=before)


def _really(visit: Visit, found: ShownActivity, form: Form, *, status: int = 200) -> web.Response:
    return visit.show(
        "really.html",
        status=status,
        form=form,
        title=visit.texts.say(REALLY, title=found.title),
        said=visit.texts.say(TOLD),
        yes=visit.texts.say(CALL_OFF),
        back=f"/activities/{found.activity}",
    )
