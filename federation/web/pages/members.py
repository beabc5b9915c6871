"""The list of members, and the page of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import posts, profiles
from federation.members.thanks_loading import public_thanks
from federation.node.use_cases import account_by_code
from federation.web.routes import Pages

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

PAGE: Final = 50
WORDS_MAX: Final = 100

pages = Pages()


@pages.get("/members")
async def list_members(visit: Visit) -> web.Response:
    """List members by code, narrowed by what was typed."""
    words = " ".join(visit.query("q").split())[:WORDS_MAX]
    offset = visit.number("from")
    found = await profiles.profiles(
        visit.node, visit.reader, said=words, offset=offset, limit=PAGE + 1
    )
    following = offset + PAGE if len(found) > PAGE else None
    return visit.show("members.html", found=found[:PAGE], words=words, following=following)


@pages.get("/members/{code}")
async def show_member(visit: Visit) -> web.Response:
    """Show a member as this reader may see it, with what it offers and asks."""
    account = account_by_code(visit.node, visit.request.match_info["code"], field="code").account
    profile = await profiles.profile(visit.node, account, visit.reader)
    offered = await posts.posts_of(visit.node, account, visit.reader)
    thanks = await public_thanks(visit.node, account)
    return visit.show("member.html", profile=profile, posts=offered, thanks=thanks)
