"""Being erased: asked for by the member itself, or carried out by a coordinator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members import erasing, profiles
from federation.node.use_cases import account_by_code
from federation.web.routes import Audience, Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.visit import Visit

pages = Pages()


@pages.get("/me/erase")
async def show_erase(visit: Visit) -> web.Response:
    """Say what goes and what stays, before anybody asks for it."""
    return await _show(visit, await visit.blank(), visit.member.account)


@pages.post("/me/erase")
async def ask_erase(visit: Visit) -> web.Response:
    """Let the time to think begin, or stay after all."""
    form, account = await visit.form(), visit.member.account
    stays = form.value("do") == "stay"
    async with visit.trying(form):
        deed = erasing.withdraw if stays else erasing.ask
        await deed(visit.node, visit.reader, account, key=form.command_key(visit.member))
    if not form.fine:
        return await _show(visit, form, account, status=422)
    return visit.go("/me/erase", notice="stays" if stays else "")


@pages.get("/members/{code}/erase", Audience.COORDINATORS)
async def show_erase_member(visit: Visit) -> web.Response:
    """Say the same of a member."""
    return await _show(visit, await visit.blank(), _account(visit))


@pages.post("/members/{code}/erase", Audience.COORDINATORS)
async def erase_member(visit: Visit) -> web.Response:
    """Erase a member at once, or in fourteen days."""
    form, account = await visit.form(), _account(visit)
    now = form.value("do") == "now"
    async with visit.trying(form):
        if now:
            await erasing.erase(visit.node, visit.reader, account)
        else:
            deed = erasing.withdraw if form.value("do") == "stay" else erasing.ask
            await deed(visit.node, visit.reader, account, key=form.command_key(visit.member))
    if not form.fine:
        return await _show(visit, form, account, status=422)
    if now:
        return visit.go("/members", notice="erased")
    return visit.go(visit.request.path, notice="saved" if form.value("do") == "stay" else "")


def _account(visit: Visit) -> int:
    return account_by_code(visit.node, visit.request.match_info["code"], field="code").account


async def _show(visit: Visit, form: Form, account: int, *, status: int = 200) -> web.Response:
    return visit.show(
        "erase.html",
        status=status,
        form=form,
        mine=account == visit.member.account and visit.request.path.startswith("/me/"),
        profile=await profiles.profile(visit.node, account, visit.reader),
        erasing=erasing.erasing_of(visit.node, account),
        backup_days=2 * visit.node.settings.privacy.wrapping_days,
    )
