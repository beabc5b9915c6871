"""My own page: how others see me, changing it, and acting for somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members import profiles
from federation.web.kinds import KINDS, VISIBILITIES
from federation.web.languages import NAMES
from federation.web.pages import found_elsewhere, profile_form
from federation.web.routes import Pages
from federation.web.sessions import act_for, helped_by

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.visit import Visit

pages = Pages()


@pages.get("/me")
async def show_me(visit: Visit) -> web.Response:
    """Show how others see this member, and what can be changed."""
    return await _me(visit, await visit.blank())


@pages.post("/me/found")
async def save_found(visit: Visit) -> web.Response:
    """Let members of other groups find this one by name, or no longer."""
    form = await visit.form()
    await found_elsewhere.choose(visit, form)
    if not form.fine:
        return await _me(visit, form, status=422)
    return visit.go("/me", notice="saved")


async def _me(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    return visit.show(
        "me.html",
        status=status,
        form=form,
        profile=await profiles.profile(visit.node, visit.member.shown_account, visit.reader),
        helped=await helped_by(visit.node, visit.member),
        choice=found_elsewhere.choice_of(visit),
    )


@pages.get("/me/profile")
async def edit_profile(visit: Visit) -> web.Response:
    """Show the profile as a form."""
    text = await profile_form.known(visit)
    return _form(visit, await visit.blank(**profile_form.values_of(text)))


@pages.post("/me/profile")
async def save_profile(visit: Visit) -> web.Response:
    """Replace the profile."""
    form = await visit.form()
    text = profile_form.read(form, await profile_form.known(visit))
    if form.fine:
        async with visit.trying(form):
            await profiles.describe(
                visit.node,
                visit.reader,
                visit.member.shown_account,
                text,
                key=form.command_key(visit.member),
            )
    if not form.fine:
        return _form(visit, form, status=422)
    await visit.sent()
    return visit.go("/me", notice="saved")


def _form(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    names = {"": "", **{language.value: name for language, name in NAMES.items()}}
    return visit.show(
        "profile.html",
        status=status,
        form=form,
        languages=names,
        contacts=profile_form.rows(form),
        kinds=KINDS,
        visibilities=VISIBILITIES,
    )


@pages.post("/me/acting")
async def start_acting(visit: Visit) -> web.Response:
    """Act for a member from now on, or for oneself again."""
    form = await visit.form()
    account = form.number("account")
    await act_for(visit.node, visit.member, account)
    return visit.go("/home", notice="acting-over" if account is None else "acting")
