"""A group in which there is something to see on every page, and the addresses of all its pages."""

from __future__ import annotations

from typing import NamedTuple

from federation.web.place import LoginMail
from tests.browser import group_world, mail_world, post_world, trade_world
from tests.federation.web.conftest import House, Recorder
from tests.federation.web.test_mail_pages import keep_mails
from tests.federation.web.two_groups import Two

MEMBER, COORDINATOR, STRANGER = "001", "003", ""
OF_MEMBERS = (
    "/home",
    "/group",
    "/news",
    "/news/1",
    "/calendar",
    "/calendar/3",
    "/documents",
    "/documents/6",
    "/activities",
    "/activities/1",
    "/activities/new",
    "/activities/1/edit",
    "/activities/1/cancel",
    "/activities/1/spread",
    "/members",
    "/members/002",
    "/members?q=xyz",
    "/me",
    "/me/profile",
    "/me/devices",
    "/me/password",
    "/me/qr",
    "/me/household",
    "/me/household/1/leave",
    "/me/helpers?q=o",
    "/me/acting",
    "/me/data",
    "/statement",
)
OF_COORDINATORS = (
    "/group",
    "/news/new",
    "/news/1/edit",
    "/news/1/remove",
    "/calendar/new",
    "/calendar/3/edit",
    "/calendar/3/remove",
    "/documents/new",
    "/documents/6/edit",
    "/documents/6/remove",
    "/group/settings",
    "/group/reports",
    "/me/acting?q=e",
    "/members/002/bookings",
)
OF_STRANGERS = ("/", "/login", "/login/password")


class Way(NamedTuple):
    """A page, and who opens it: a member by code, or nobody."""

    code: str
    path: str


async def furnish(house: House) -> list[Way]:
    """Fill a group of five and another one with a line, and name every page."""
    await keep_mails(house)
    house.node.parts[LoginMail] = house.mail
    await group_world.fill(house)
    posts = await post_world.furnish(house)
    other = house.world.nodes[-1]
    await other.ask("member.add", code="002", name="Marc Claes")
    there = House(house.world, other, Recorder())
    posts.append(f"{posts[4]}/report")
    mails = await mail_world.mailed(house)
    trades = await trade_world.trade(Two(house, there))
    own, theirs = [await _booked(house, code) for code in ("001", "002")]
    proofs = (f"/statement/{own}/proof",)
    return [
        *(Way(MEMBER, path) for path in (*OF_MEMBERS, *posts, *mails, *trades, *proofs)),
        *(Way(COORDINATOR, path) for path in OF_COORDINATORS),
        Way(COORDINATOR, f"/members/002/bookings/{theirs}/proof"),
        *(Way(STRANGER, path) for path in (*OF_STRANGERS, posts[7], "/search", "/posts/999")),
        *(Way(STRANGER, path) for path in mails[:5]),
    ]


async def _booked(house: House, code: str) -> int:
    """Give the place of the newest booking of a member."""
    sql = "SELECT max(seq) FROM posting WHERE account = $1"
    found = await house.node.pool.fetchval(sql, house.account(code))
    assert isinstance(found, int)
    return found
