"""Search over all groups: one box, one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members.postcodes import SOURCES
from federation.members.search import search
from federation.web.hit_rows import rows_of
from federation.web.pages import search_form
from federation.web.routes import Audience, Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

pages = Pages()


@pages.get("/search", Audience.EVERYBODY)
async def show_search(visit: Visit) -> web.Response:
    """List what was looked for; without a question everything, nearest first."""
    form, found = search_form.asked(visit), None
    async with visit.trying(form):
        query = search_form.read(form, visit.query("page"))
        found = await search(visit.node, visit.reader, query, now_s=visit.now_s)
    account = visit.reader.subject_account
    response = visit.show(
        "search.html",
        form=form,
        found=found,
        rows=[] if found is None else rows_of(found.hits, account, visit.texts),
        filters=await search_form.filters(visit, form),
        sources=SOURCES,
    )
    return search_form.remember(visit, form, response)
