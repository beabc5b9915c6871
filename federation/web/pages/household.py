"""Who shares an account, who helps whom, and in whose name somebody acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import profiles, roles
from federation.members.acting import derived_key
from federation.web.languages import NAMES
from federation.web.routes import Pages
from federation.web.sessions import helped_by
from federation.words.texts import later
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.visit import Visit

REALLY: Final = later("%(name)s niet meer laten aanmelden?")
NO_LONGER: Final = later(
    "Die persoon kan zich dan niet meer aanmelden voor jullie rekening. Wat gebeurde, blijft staan."
)
NO_MORE: Final = later("Ja, niet meer laten aanmelden")
FOUND_MAX: Final = 8
WORDS_MAX: Final = 100

pages = Pages()


@pages.get("/me/household")
async def show_household(visit: Visit) -> web.Response:
    """List who signs in for the account, with a form for one more."""
    return await _household(visit, await visit.blank())


@pages.post("/me/household")
async def join_household(visit: Visit) -> web.Response:
    """Let one more person sign in."""
    form, account = await visit.form(), visit.member.shown_account
    name, address = form.text("name", most=100, required=True), form.address("address")
    language = form.choice("language", ("", *NAMES))
    if form.fine:
        async with visit.trying(form):
            key = form.command_key(visit.member)
            said = {"name": name, "address": address, "language": language}
            await roles.join_person(visit.node, visit.reader, account, **said, key=key)
    if not form.fine:
        return await _household(visit, form, status=422)
    await visit.sent()
    return visit.go("/me/household", notice="person-new")


async def _household(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    account = visit.member.shown_account
    return visit.show(
        "household.html",
        status=status,
        form=form,
        persons=await profiles.persons_of(visit.node, account),
        own=_is_own(visit),
        languages={"": "", **{language.value: name for language, name in NAMES.items()}},
    )


def _is_own(visit: Visit) -> bool:
    """Tell whether this one may change the household: a helper may not."""
    return visit.member.acting_for is None or visit.reader.coordinator


@pages.get("/me/household/{person}/leave")
async def ask_to_leave(visit: Visit) -> web.Response:
    """Ask whether a person is really to sign in no longer."""
    found = await profiles.person(visit.node, visit.member.shown_account, visit.part("person"))
    if found is None or not found.person:
        raise InputError(Code.NOT_FOUND, field="person")
    return visit.show(
        "really.html",
        form=await visit.blank(),
        title=visit.texts.say(REALLY, name=found.name),
        said=visit.texts.say(NO_LONGER),
        yes=visit.texts.say(NO_MORE),
        back="/me/household",
    )


@pages.post("/me/household/{person}/leave")
async def leave_household(visit: Visit) -> web.Response:
    """Let a person sign in no longer."""
    key, account = (await visit.form()).command_key(visit.member), visit.member.shown_account
    await roles.leave_person(visit.node, visit.reader, account, visit.part("person"), key=key)
    return visit.go("/me/household", notice="person-gone")


@pages.get("/me/helpers")
async def show_helpers(visit: Visit) -> web.Response:
    """List who may act for this member, and look for one more."""
    return await _helpers(visit, await visit.blank())


@pages.post("/me/helpers")
async def change_helpers(visit: Visit) -> web.Response:
    """Let a member act for this one, or no longer."""
    form, account = await visit.form(), visit.member.shown_account
    name = "appoint" if form.flag("appoint") else "dismiss"
    helper = form.number(name) or 0
    deed = roles.appoint_helper if name == "appoint" else roles.dismiss_helper
    key = derived_key(name, form.command_key(visit.member), helper)
    async with visit.trying(form):
        try:
            await deed(visit.node, visit.reader, account, helper, key=key)
        except RefusedError as error:
            if error.code is not Code.ALREADY_SO:
                raise
    if not form.fine:
        return await _helpers(visit, form, status=422)
    return visit.go("/me/helpers", notice="helper-new" if name == "appoint" else "helper-gone")


async def _helpers(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    account = visit.member.shown_account
    words = " ".join(visit.query("q").split())[:WORDS_MAX]
    helping = roles.helpers_of(visit.node, account)
    found = []
    if words:
        seen = await profiles.profiles(visit.node, visit.reader, said=words, limit=FOUND_MAX + 2)
        found = [member for member in seen if member.account not in (account, *helping)]
    return visit.show(
        "helpers.html",
        status=status,
        form=form,
        helpers=[await profiles.profile(visit.node, helper, visit.reader) for helper in helping],
        words=words,
        found=found[:FOUND_MAX],
        own=_is_own(visit),
    )


@pages.get("/me/acting")
async def choose_whom(visit: Visit) -> web.Response:
    """Let somebody choose in whose name to act: members it helps, as a coordinator any."""
    words, found = " ".join(visit.query("q").split())[:WORDS_MAX], []
    if words and visit.reader.coordinator:
        seen = await profiles.profiles(visit.node, visit.reader, said=words, limit=FOUND_MAX + 1)
        found = [member for member in seen if member.account != visit.member.account]
    helped = await helped_by(visit.node, visit.member)
    return visit.show("acting.html", helped=helped, words=words, found=found[:FOUND_MAX])
