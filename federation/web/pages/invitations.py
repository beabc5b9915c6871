"""The page on which a coordinator invites members in waves, after the group has moved in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from federation.web import invitations
from federation.web.invitations import AT_ONCE_MAX, NAME_MAX
from federation.web.routes import Audience, Pages
from federation.words.texts import later

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.visit import Visit

PATH: Final = "/group/import/invite"
_WHO: Final = re.compile(r"who-(?P<account>[0-9]{1,15})-(?P<person>[0-9]{1,15})")
_NOBODY: Final = later("Kies minstens één lid.")

pages = Pages()


@pages.get(PATH, Audience.COORDINATORS)
async def show(visit: Visit) -> web.Response:
    """Show the waves so far, and who waits."""
    return await _page(visit, await visit.blank())


async def _page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    return visit.show(
        "invitations.html",
        status=status,
        form=form,
        standing=await invitations.standing(visit.node),
        name_max=NAME_MAX,
        most=AT_ONCE_MAX,
    )


@pages.post(PATH, Audience.COORDINATORS)
async def invite(visit: Visit) -> web.Response:
    """Invite whom the coordinator chose, as one wave."""
    form = await visit.form()
    wave = form.text("wave", most=NAME_MAX, required=True)
    found = (_WHO.fullmatch(name) for name in form.values if form.flag(name))
    who = {(int(each["account"]), int(each["person"])) for each in found if each is not None}
    if not who:
        form.fail("who", _NOBODY)
    if form.fine:
        async with visit.trying(form):
            await invitations.invite(
                visit.node, who, wave, language=visit.language, now_s=visit.now_s
            )
    if not form.fine:
        return await _page(visit, form, status=422)
    await visit.sent()
    return visit.go(PATH, notice="sent")
