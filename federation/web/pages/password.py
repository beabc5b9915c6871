"""A password for who wants one; without it a mail lets in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members.devices import end_other_devices
from federation.members.profiles import person
from federation.web.passwords import LENGTH_MIN, drop_password, has_password, set_password
from federation.web.routes import Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.visit import Visit

pages = Pages()


@pages.get("/me/password")
async def show_password(visit: Visit) -> web.Response:
    """Show the form."""
    return await _form(visit, await visit.blank())


@pages.post("/me/password")
async def change_password(visit: Visit) -> web.Response:
    """Set a password, or take it away; other devices are signed out."""
    form = await visit.form()
    if form.value("what") == "drop":
        await drop_password(visit.node, visit.member)
        return visit.go("/me/password", notice="password-off")
    await set_password(visit.place, visit.member, form, now_s=visit.now_s)
    if not form.fine:
        return await _form(visit, form, status=422)
    await end_other_devices(visit.node, visit.member, now_s=visit.now_s)
    return visit.go("/me/password", notice="password-set")


async def _form(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    member = visit.member
    known = await person(visit.node, member.account, member.person)
    return visit.show(
        "password.html",
        status=status,
        form=form,
        has_password=await has_password(visit.node, member),
        address="" if known is None else known.address,
        length_min=LENGTH_MIN,
    )
