"""The page of the group: what it tells, what is coming; and how coordinators want its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import blocks, board, roles
from federation.web.routes import Audience, Pages
from federation.web.shelves import CALENDAR, DOCUMENTS, NEWS
from schemas.board_bodies import ItemKind

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

FEW: Final = 3

pages = Pages()


@pages.get("/group")
async def show_group(visit: Visit) -> web.Response:
    """Gather the newest of everything."""
    node, reader = visit.node, visit.reader
    waiting = await blocks.open_reports(node, reader) if reader.coordinator else 0
    return visit.show(
        "group.html",
        reports=waiting,
        shelves=(NEWS, CALENDAR, DOCUMENTS),
        news=await board.items(node, reader, ItemKind.NEWS, limit=FEW),
        coming=await board.coming(node, reader, now_s=visit.now_s, limit=FEW),
        documents=await board.items(node, reader, ItemKind.DOCUMENT, limit=FEW),
    )


@pages.get("/group/settings", Audience.COORDINATORS)
async def show_settings(visit: Visit) -> web.Response:
    """Show the settings as a form."""
    see = visit.node.machine.books.members.members_see_balances
    return visit.show("group_settings.html", form=await visit.blank(see="yes" if see else "no"))


@pages.post("/group/settings", Audience.COORDINATORS)
async def save_settings(visit: Visit) -> web.Response:
    """Set what members see of each other; what is so already stays so."""
    form = await visit.form()
    see = form.choice("see", ("yes", "no")) == "yes"
    if form.fine and see is not visit.node.machine.books.members.members_see_balances:
        async with visit.trying(form):
            key = form.command_key(visit.member)
            await roles.set_rules(visit.node, visit.reader, members_see_balances=see, key=key)
    if not form.fine:
        return visit.show("group_settings.html", status=422, form=form)
    await visit.sent()
    return visit.go("/group/settings", notice="saved")
