"""The start page of a member: balance, what waits, what is new, one button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members.board import headlines
from federation.members.home import new_near, waiting_for
from federation.web.pages.my_mail import mark as mail_mark
from federation.web.routes import Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

pages = Pages()


@pages.get("/home")
async def show_home(visit: Visit) -> web.Response:
    """Show what a member needs first."""
    waiting = await waiting_for(visit.node, visit.reader, now_s=visit.now_s)
    new = await new_near(visit.node, visit.reader, now_s=visit.now_s)
    told = await headlines(visit.node, visit.reader, now_s=visit.now_s, language=visit.language)
    mark = await mail_mark(visit)
    return visit.show("home.html", waiting=waiting, new=new, headlines=told, mail_mark=mark)
