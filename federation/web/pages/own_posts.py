"""My offers and wants, and being away for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.members import calendar, posts, profiles
from federation.web import dates
from federation.web.forms import Form
from federation.web.pages import post_form
from federation.web.routes import Pages
from federation.words.texts import later

if TYPE_CHECKING:
    from aiohttp import web

    from federation.members.posts import ShownPost
    from federation.web.visit import Visit

RENEWED_FROM_S: Final = 60 * 86_400
"""What ends within two months can be renewed in one tap."""
_NO_DAY: Final = later("Dit is geen dag. Schrijf hem als 3/12/2026, of vul niets in.")

pages = Pages()


class OwnPost(NamedTuple):
    """One row of the list."""

    post: ShownPost
    over: bool
    renewal: Form | None
    """The form of its button, where there is one; each has a key of its own."""


@pages.get("/me/posts")
async def list_own_posts(visit: Visit) -> web.Response:
    """List what this member placed, what has ended too."""
    account = visit.member.shown_account
    found = await posts.posts_of(visit.node, account, visit.reader, all_of_them=True)
    profile = await profiles.profile(visit.node, account, visit.reader)
    own = [_row(visit, post) for post in found]
    away = _away(visit, profile.paused_until_s)
    return visit.show("own_posts.html", own=own, away=away, forever=posts.FOREVER)


def _row(visit: Visit, post: ShownPost) -> OwnPost:
    over = post.ended or post.expires_at_s <= visit.now_s
    soon = over or post.expires_at_s < visit.now_s + RENEWED_FROM_S
    renewal = Form.filled(until=post_form.usual_end(visit)) if soon else None
    return OwnPost(post, over, renewal)


def _away(visit: Visit, until_s: int) -> str | None:
    """Say until which day somebody is away; empty: until told otherwise; nothing: not away."""
    if until_s <= visit.now_s:
        return None
    if until_s >= posts.FOREVER:
        return ""
    return dates.day_text(calendar.date_of(until_s - 1, visit.place.zone), visit.language)


@pages.get("/me/away")
async def show_away(visit: Visit) -> web.Response:
    """Ask until when this member is away, or whether it is back."""
    return await _show_away(visit, await visit.blank())


@pages.post("/me/away")
async def go_away(visit: Visit) -> web.Response:
    """Hide this member's offers and wants for a while, or show them again."""
    form, account = await visit.form(), visit.member.shown_account
    back, until_s = bool(form.value("back")), _until(visit, form)
    if form.fine:
        async with visit.trying(form):
            key = form.command_key(visit.member)
            if back:
                await posts.resume(visit.node, visit.reader, account, key=key)
            else:
                await posts.pause(visit.node, visit.reader, account, until_s, key=key)
    if not form.fine:
        return await _show_away(visit, form, status=422)
    await visit.sent()
    return visit.go("/me/posts", notice="back" if back else "away")


def _until(visit: Visit, form: Form) -> int | None:
    """Read the last day away; none: until told otherwise."""
    if form.value("back") or not form.value("until").strip():
        return None
    day = dates.read_day(form.value("until"))
    if day is None:
        form.fail("until", _NO_DAY)
        return None
    return calendar.end_of(day, visit.place.zone)


async def _show_away(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    profile = await profiles.profile(visit.node, visit.member.shown_account, visit.reader)
    away = _away(visit, profile.paused_until_s)
    return visit.show("away.html", status=status, form=form, away=away)
