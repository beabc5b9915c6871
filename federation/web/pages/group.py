"""The page of the group: what it tells, what is coming; and how coordinators want its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import blocks, board, joining, roles
from federation.web.beginning import facts_of, steps_left
from federation.web.routes import Audience, Pages
from federation.web.shelves import CALENDAR, DOCUMENTS, NEWS, PAGES
from schemas.board_bodies import ItemKind

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

FEW: Final = 3

pages = Pages()


@pages.get("/group")
async def show_group(visit: Visit) -> web.Response:
    """Gather the newest of everything."""
    node, reader, said = visit.node, visit.reader, visit.language
    lead = reader.coordinator
    waiting = await blocks.open_reports(node, reader) if lead else 0
    left = steps_left(await facts_of(node)) if lead else []
    return visit.show(
        "group.html",
        reports=waiting,
        joining=await joining.how_many_wait(node) if lead else 0,
        left=left,
        shelves=(PAGES, NEWS, CALENDAR, DOCUMENTS),
        about=await board.items(node, reader, ItemKind.PAGE, limit=FEW, language=said),
        news=await board.items(node, reader, ItemKind.NEWS, limit=FEW, language=said),
        coming=await board.coming(node, reader, now_s=visit.now_s, limit=FEW, language=said),
        documents=await board.items(node, reader, ItemKind.DOCUMENT, limit=FEW, language=said),
    )


@pages.get("/group/settings", Audience.COORDINATORS)
async def show_settings(visit: Visit) -> web.Response:
    """Show the settings as a form."""
    members = visit.node.machine.books.members
    said = {"see": members.members_see_balances, "names": members.names_shared}
    values = {name: "yes" if yes else "no" for name, yes in said.items()}
    return visit.show("group_settings.html", form=await visit.blank(**values))


@pages.post("/group/settings", Audience.COORDINATORS)
async def save_settings(visit: Visit) -> web.Response:
    """Set what members see of each other, and others of them; what is so already stays so."""
    form, members = await visit.form(), visit.node.machine.books.members
    see = form.choice("see", ("yes", "no")) == "yes"
    names = form.choice("names", ("yes", "no")) == "yes"
    if form.fine and (see, names) != (members.members_see_balances, members.names_shared):
        async with visit.trying(form):
            await roles.set_rules(
                visit.node,
                visit.reader,
                members_see_balances=see,
                names_shared=names,
                key=form.command_key(visit.member),
            )
    if not form.fine:
        return visit.show("group_settings.html", status=422, form=form)
    await visit.sent()
    return visit.go("/group/settings", notice="saved")
