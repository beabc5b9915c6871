"""Hiding an offer or a want with a reason, showing it again, and the list of what is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members import moderation, one_post
from federation.members.moderation import REASON_MAX
from federation.web.routes import Audience, Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.members.one_post import SeenPost
    from federation.web.forms import Form
    from federation.web.visit import Visit

pages = Pages()


@pages.get("/group/hidden", Audience.MODERATORS)
async def show_hidden(visit: Visit) -> web.Response:
    """List what the group hides just now, with why."""
    found = await moderation.hidden_posts(visit.node, visit.reader)
    return visit.show("hidden_posts.html", posts=found)


@pages.get("/posts/{post}/hide", Audience.MODERATORS)
async def ask_reason(visit: Visit) -> web.Response:
    """Ask why, and say what hiding does."""
    return _page(visit, await _seen(visit), await visit.blank())


@pages.post("/posts/{post}/hide", Audience.MODERATORS)
async def hide_post(visit: Visit) -> web.Response:
    """Hide it; its member is told why."""
    form, seen = await visit.form(), await _seen(visit)
    reason = form.text("reason", most=REASON_MAX, lines=True, required=True)
    if form.fine:
        async with visit.trying(form):
            key = form.command_key(visit.member)
            await moderation.hide(visit.node, visit.reader, int(seen.hit.post), reason, key=key)
    if not form.fine:
        return _page(visit, seen, form, status=422)
    await visit.sent()
    return visit.go(f"/posts/{seen.hit.post}", notice="post-hidden")


@pages.get("/posts/{post}/unhide", Audience.MODERATORS)
async def ask_unhide(visit: Visit) -> web.Response:
    """Ask whether others may see it again."""
    return visit.show("post_unhide.html", seen=await _seen(visit), form=await visit.blank())


@pages.post("/posts/{post}/unhide", Audience.MODERATORS)
async def unhide_post(visit: Visit) -> web.Response:
    """Show it again; its member is told."""
    form, seen = await visit.form(), await _seen(visit)
    async with visit.trying(form):
        key = form.command_key(visit.member)
        await moderation.unhide(visit.node, visit.reader, int(seen.hit.post), key=key)
    if not form.fine:
        return visit.show("post_unhide.html", status=422, seen=seen, form=form)
    return visit.go(f"/posts/{seen.hit.post}", notice="post-unhidden")


async def _seen(visit: Visit) -> SeenPost:
    """Give an offer or a want of this group; what others place, their own group sees to."""
    post = visit.request.match_info["post"]
    return await one_post.look(visit.node, visit.reader, "", post, now_s=visit.now_s)


def _page(visit: Visit, seen: SeenPost, form: Form, *, status: int = 200) -> web.Response:
    return visit.show("post_hide.html", status=status, seen=seen, form=form)
