"""Offers and wants: the page of each, placing one, changing, renewing and ending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import moderation, posts
from federation.members.categories import categories
from federation.members.one_post import changeable, look, reach
from federation.web.forms import Form
from federation.web.kinds import VISIBILITIES
from federation.web.pages import post_form
from federation.web.reasons import reason_of
from federation.web.routes import Audience, Pages
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from aiohttp import web

    from federation.members.posts import ShownPost
    from federation.web.visit import Visit

GONE: Final = {Code.POST_ENDED: 410, Code.POST_PAUSED: 404, Code.POST_UNKNOWN: 404}

pages = Pages()


@pages.get("/posts/new")
async def new_post(visit: Visit) -> web.Response:
    """Show the form for a new offer or want."""
    return await _form(visit, await visit.blank(**post_form.blank(visit)))


@pages.post("/posts/new", bytes_max=post_form.BYTES_MAX)
async def place_post(visit: Visit) -> web.Response:
    """Place an offer or a want, once however often the form is sent."""
    form, post = await visit.form(bytes_max=post_form.BYTES_MAX), 0
    async with visit.trying(form):
        await post_form.take_pictures(visit, form, account=visit.member.shown_account)
        said = await post_form.read(visit, form)
        if form.fine:
            key = form.command_key(visit.member)
            post = await posts.place(visit.node, visit.reader, said, key=key)
    if not form.fine:
        return await _form(visit, form, status=422)
    await visit.sent()
    return visit.go(f"/posts/{post}", notice="post-placed")


@pages.get("/posts/{post}", Audience.EVERYBODY)
async def show_post(visit: Visit) -> web.Response:
    """Show an offer or a want, of this group or of another."""
    group, _, post = visit.request.match_info["post"].rpartition(".")
    try:
        seen = await look(visit.node, visit.reader, group, post, now_s=visit.now_s)
    except InputError as error:
        return visit.show("post_gone.html", status=GONE[error.code], code=error.code)
    why = await moderation.reasons(visit.node, [int(post)]) if seen.hidden else {}
    return visit.show(
        "post.html",
        seen=seen,
        hidden_reason=next(iter(why.values()), ""),
        reach=await reach(visit.node, visit.reader, seen),
        reason=reason_of(seen.hit),
        link=f"{visit.node.settings.public_url}{visit.page_path}",
        form=Form.filled(until=post_form.usual_end(visit)),
        forever=posts.FOREVER,
        visibilities=VISIBILITIES,
    )


@pages.get("/posts/{post}/edit")
async def edit_post(visit: Visit) -> web.Response:
    """Show an own offer or want as a form."""
    post = await _own(visit)
    known = await post_form.values_of(visit, post)
    return await _form(visit, await visit.blank(**known), post)


@pages.post("/posts/{post}/edit", bytes_max=post_form.BYTES_MAX)
async def change_post(visit: Visit) -> web.Response:
    """Let an own offer or want say something else."""
    form = await visit.form(bytes_max=post_form.BYTES_MAX)
    post = await _own(visit)
    async with visit.trying(form):
        await post_form.take_pictures(visit, form, account=post.account)
        said = await post_form.read(visit, form, post)
        if form.fine:
            key = form.command_key(visit.member)
            await posts.change(visit.node, visit.reader, post.post, said, key=key)
    if not form.fine:
        return await _form(visit, form, post, status=422)
    await visit.sent()
    return visit.go(f"/posts/{post.post}", notice="saved")


async def _form(
    visit: Visit, form: Form, post: ShownPost | None = None, *, status: int = 200
) -> web.Response:
    return visit.show(
        "post_edit.html",
        status=status,
        form=form,
        post=post,
        pictures=post_form.kept_pictures(form),
        categories=await categories(visit.node),
        visibilities=VISIBILITIES,
        ends=post_form.ends(visit, form),
    )


@pages.get("/posts/{post}/renew")
async def ask_renewal(visit: Visit) -> web.Response:
    """Ask until when an own offer or want goes on."""
    form = Form.filled(until=post_form.usual_end(visit))
    return _sure(visit, "post_renew.html", await _own(visit), form)


@pages.post("/posts/{post}/renew")
async def renew_post(visit: Visit) -> web.Response:
    """Let an own offer or want go on; one that had ended is there again."""
    form, post = await visit.form(), await _own(visit)
    expires_at_s = post_form.end_of(visit, form)
    if form.fine:
        async with visit.trying(form):
            key = form.command_key(visit.member)
            await posts.renew(visit.node, visit.reader, post.post, expires_at_s, key=key)
    if not form.fine:
        return _sure(visit, "post_renew.html", post, form, status=422)
    return visit.go(f"/posts/{post.post}", notice="post-renewed")


@pages.get("/posts/{post}/end")
async def ask_end(visit: Visit) -> web.Response:
    """Ask whether an own offer or want may go."""
    return _sure(visit, "post_end.html", await _own(visit), Form.filled())


@pages.post("/posts/{post}/end")
async def end_post(visit: Visit) -> web.Response:
    """Take an own offer or want away."""
    form, post = await visit.form(), await _own(visit)
    async with visit.trying(form):
        key = form.command_key(visit.member)
        await posts.end(visit.node, visit.reader, post.post, key=key)
    if not form.fine:
        return _sure(visit, "post_end.html", post, form, status=422)
    return visit.go(f"/posts/{post.post}", notice="post-ended")


def _sure(
    visit: Visit, template: str, post: ShownPost, form: Form, *, status: int = 200
) -> web.Response:
    ends = post_form.ends(visit, form)
    return visit.show(template, status=status, post=post, form=form, ends=ends)


async def _own(visit: Visit) -> ShownPost:
    return await changeable(visit.node, visit.reader, visit.request.match_info["post"])
