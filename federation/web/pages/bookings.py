"""Balance and bookings of another member, for who may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members import profiles
from federation.members import statement as use_cases
from federation.node.use_cases import account_by_code
from federation.web.pages.statement_form import read_wanted
from federation.web.routes import Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

pages = Pages()


@pages.get("/members/{code}/bookings")
async def show_bookings(visit: Visit) -> web.Response:
    """Show a member's bookings, the newest first; the use case says to whom."""
    account = account_by_code(visit.node, visit.request.match_info["code"], field="code").account
    profile = await profiles.profile(visit.node, account, visit.reader)
    _form, wanted = read_wanted(visit)
    found = await use_cases.statement(visit.node, account, visit.reader, wanted)
    return visit.show("bookings.html", profile=profile, found=found)
