"""Telling the coordinators that something is not right with an offer or a want."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members import blocks
from federation.members.one_post import look
from federation.web.notices import REPORTED
from federation.web.routes import Pages
from schemas.openings import NOTE_LENGTH_MAX

if TYPE_CHECKING:
    from aiohttp import web

    from federation.members.one_post import SeenPost
    from federation.web.forms import Form
    from federation.web.visit import Visit

pages = Pages()


@pages.get("/posts/{post}/report")
async def show_report(visit: Visit) -> web.Response:
    """Ask what is not right."""
    return _show(visit, await _seen(visit), await visit.blank())


@pages.post("/posts/{post}/report")
async def report(visit: Visit) -> web.Response:
    """Tell the coordinators."""
    form, seen = await visit.form(), await _seen(visit)
    text = form.text("text", most=NOTE_LENGTH_MAX, lines=True, required=True)
    if form.fine:
        async with visit.trying(form):
            key = form.command_key(visit.member)
            told = await blocks.report_post(visit.node, visit.reader, text, seen, key=key)
    if not form.fine:
        return _show(visit, seen, form, status=422)
    await visit.sent()
    return visit.go(f"/posts/{visit.request.match_info['post']}", notice=REPORTED[told])


async def _seen(visit: Visit) -> SeenPost:
    group, _, post = visit.request.match_info["post"].rpartition(".")
    return await look(visit.node, visit.reader, group, post, now_s=visit.now_s)


def _show(visit: Visit, seen: SeenPost, form: Form, *, status: int = 200) -> web.Response:
    back = f"/posts/{visit.request.match_info['post']}"
    return visit.show(
        "post_report.html",
        status=status,
        hit=seen.hit,
        back=back,
        form=form,
        text_max=NOTE_LENGTH_MAX,
    )
