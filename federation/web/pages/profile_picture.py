"""The picture by which others know a member: chosen, replaced, taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import pictures, profiles
from federation.web.routes import Pages
from federation.web.visit import FORM_BYTES_MAX
from federation.words.texts import later
from schemas.errors import InputError

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.visit import Visit
    from schemas.member_bodies import Picture

PATH: Final = "/me/picture"
BYTES_MAX: Final = pictures.UPLOAD_MAX + FORM_BYTES_MAX
_NONE: Final = later("Kies eerst een foto.")

pages = Pages()


@pages.get(PATH)
async def ask_picture(visit: Visit) -> web.Response:
    """Show the picture, and a form for another one."""
    return await _page(visit, await visit.blank())


@pages.post(PATH, bytes_max=BYTES_MAX)
async def save_picture(visit: Visit) -> web.Response:
    """Show another picture from now on, or none."""
    form = await visit.form(bytes_max=BYTES_MAX)
    account, key = visit.member.shown_account, form.command_key(visit.member)
    async with visit.trying(form):
        picture = None if form.flag("remove") else await _taken(visit, form)
        if form.fine:
            await profiles.show_picture(visit.node, visit.reader, account, picture, key=key)
    if not form.fine:
        return await _page(visit, form, status=422)
    await visit.sent()
    return visit.go("/me", notice="saved")


async def _taken(visit: Visit, form: Form) -> Picture | None:
    """Take in what was sent along; what is wrong with it stands by the field."""
    account, uploads = visit.member.shown_account, form.files.get("picture")
    if not uploads:
        form.fail("picture", _NONE)
        return None
    try:
        stored = await pictures.store(visit.node, visit.reader, uploads[0], account=account)
    except InputError as error:
        form.fail("picture", "%(said)s", said=visit.explain(error))
        return None
    return stored.picture


async def _page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    account = visit.member.shown_account
    profile = await profiles.profile(visit.node, account, visit.reader)
    return visit.show("profile_picture.html", status=status, form=form, profile=profile)
