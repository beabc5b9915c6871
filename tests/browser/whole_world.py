"""A group in which there is something to see on every page, and the addresses of all its pages."""

from __future__ import annotations

from typing import NamedTuple

from federation.mail.compose.newsletter import CONFIRM_PATH, STOP_PATH
from federation.mail.links import DATA_PATH, Purpose, make_link, write_token
from federation.mail.office import office_of
from federation.members import joining, pictures, profiles
from federation.members.reader import OPERATOR
from federation.node.identity import system_random
from federation.node.service import now_s
from federation.node.use_cases import new_key
from federation.public import consent, issues, subscribers
from federation.web.place import LoginMail
from tests.browser import group_world, mail_world, partner_world, post_world, trade_world
from tests.federation.web import test_joining
from tests.federation.web.conftest import House, Recorder
from tests.federation.web.post_help import drawing, put
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
    "/pages",
    "/pages/8",
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
    "/me/picture",
    "/me/devices",
    "/me/password",
    "/me/qr",
    "/me/household",
    "/me/household/1/leave",
    "/me/helpers?q=o",
    "/me/acting",
    "/me/data",
    "/me/erase",
    "/me/looked",
    "/me/thanks",
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
    "/pages/new",
    "/pages/8/edit",
    "/pages/8/remove",
    "/documents/new",
    "/documents/6/edit",
    "/documents/6/remove",
    "/group/settings",
    "/group/public",
    "/newsletter/issues",
    "/newsletter/issues/new",
    "/newsletter/issues/1",
    "/newsletter/issues/1/send",
    "/group/import",
    "/group/import/invite",
    "/group/reports",
    "/group/collective",
    "/group/digest",
    "/group/look",
    "/group/categories",
    "/group/mails",
    "/group/mails/welcome/nl",
    "/group/mails/newsletter/fr",
    "/group/hidden",
    "/group/roles",
    "/group/members/002/roles",
    "/group/members/002/roles/editor",
    "/group/members/003/roles/coordinator",
    "/group/retention",
    "/group/limits",
    "/group/partners",
    "/group/partners/new",
    "/group/partners/rate",
    "/group/balances?on=2026-01-01",
    "/group/far",
    "/group/export",
    "/group/joining",
    "/group/members",
    "/group/members?q=xyz",
    "/group/letters",
    "/group/member-file",
    "/group/doubles",
    "/group/closing",
    "/me/limits",
    "/group/members/002/merge",
    "/group/members/002/merge?into=001",
    "/group/letters/new",
    "/group/members/002",
    "/group/members/002/limits",
    "/group/members/002/note",
    "/group/members/002/status",
    "/me/acting?q=e",
    "/members/002/bookings",
    "/members/002/erase",
)
OF_STRANGERS = ("/", "/about", "/figures", "/privacy", "/login", "/login/password")


class Way(NamedTuple):
    """A page, and who opens it: a member by code, or nobody."""

    code: str
    path: str


def _data_link(house: House) -> str:
    """Give the page where a member of a group that stops fetches its data."""
    secret, until_s = office_of(house.node).secret, now_s() + 86_400
    link = make_link(
        secret,
        Purpose.DATA,
        account=house.account("002"),
        person=0,
        subject=house.node.id,
        expires_at_s=until_s,
    )
    return DATA_PATH + write_token(secret, link)


async def furnish(house: House) -> list[Way]:
    """Fill a group of five and another one with a line, and name every page."""
    await keep_mails(house)
    house.node.parts[LoginMail] = house.mail
    await group_world.fill(house)
    await house.group.ask("group.share_names", names_shared=True)
    posts = await post_world.furnish(house)
    await _face(house)
    other = house.world.nodes[-1]
    await other.ask("member.add", code="002", name="Marc Claes")
    there = House(house.world, other, Recorder())
    posts.append(f"{posts[4]}/report")
    mails = await mail_world.mailed(house)
    trades = await trade_world.trade(Two(house, there))
    by_mail = await partner_world.furnish(house)
    own, theirs = [await _booked(house, code) for code in ("001", "002")]
    proofs = (f"/statement/{own}/proof",)
    letters = await _newsletter(house)
    asked, applicant = await _joining(house)
    category, hidden = await _content(house)
    return [
        *(Way(MEMBER, path) for path in (*OF_MEMBERS, *posts, *mails, *trades, *proofs)),
        *(Way(COORDINATOR, path) for path in OF_COORDINATORS),
        *(Way(COORDINATOR, path) for path in by_mail.of_coordinators),
        *(Way(MEMBER, path) for path in by_mail.of_members),
        *(Way(STRANGER, path) for path in by_mail.of_contact),
        *(Way(COORDINATOR, path) for path in (applicant, f"{applicant}/decline")),
        *(Way(COORDINATOR, path) for path in (category, f"{category}/end")),
        *(Way(COORDINATOR, f"{hidden}{deed}") for deed in ("", "/hide", "/unhide")),
        Way(MEMBER, hidden),
        *(Way(STRANGER, path) for path in ("/join", "/join/sent", asked)),
        Way(COORDINATOR, await _collective(house)),
        Way(COORDINATOR, f"/members/002/bookings/{theirs}/proof"),
        *(Way(STRANGER, path) for path in (*OF_STRANGERS, posts[7], "/search", "/posts/999")),
        *(Way(STRANGER, path) for path in (*mails[:5], *letters, _data_link(house))),
    ]


async def _face(house: House) -> None:
    """Let the member show a picture."""
    account, reader = house.account(MEMBER), group_world.reader(house, MEMBER)
    picture = await pictures.take_over(house.node, account, drawing())
    await profiles.show_picture(house.node, reader, account, picture, key=new_key())


async def _content(house: House) -> tuple[str, str]:
    """Name the page of a category, and of an offer of the member that is hidden."""
    ask = house.group.ask
    made = await ask("category.place", name="Moestuin", by=COORDINATOR)
    post = await put(house.group, MEMBER, "Wonderpil", category=made["category"])
    await ask("post.hide", by=COORDINATOR, post=post, reason="Dit is reclame.")
    await house.seen()
    return f"/group/categories/{made['category']}", f"/posts/{post}"


async def _newsletter(house: House) -> list[str]:
    """Let there be an issue of the newsletter, and name the pages of its links."""
    said = issues.Issue(subject={"nl": "Lentefeest"}, text={"nl": "Kom je ook?"})
    await issues.write(house.node, OPERATOR, said, now_s=now_s())
    secret = office_of(house.node).secret
    asked = consent.Asked("mia@voorbeeld.be", "nl", subscribers.CONSENT, now_s())
    stop = consent.Stop(b"s" * subscribers.SUBJECT_SIZE)
    return [
        "/newsletter",
        CONFIRM_PATH + consent.write_link(secret, asked, consent.ASK, system_random),
        STOP_PATH + consent.write_link(secret, stop, consent.STOP, system_random),
    ]


async def _joining(house: House) -> tuple[str, str]:
    """Let two people ask to become members; gives the link of one, and the page of the other."""
    await joining.set_open(house.node, OPERATOR, is_open=True)
    stranger = house.browser()
    applicant = await test_joining.confirmed(house, stranger)
    typed = {**test_joining.TYPED, "name": "Omar", "address": "omar@voorbeeld.be"}
    await stranger.post("/join", typed, form=(await stranger.get("/join")).key)
    newest = (await test_joining.mails(house))[-1]
    return test_joining.link(newest["text"], "/join"), applicant


async def _collective(house: House) -> str:
    """Let everybody contribute, and name the page of it."""
    asked = {"by": COORDINATOR, "amount_minor": 2, "description": "Ledenbijdrage"}
    made = await house.group.ask("collective.book", **asked)
    return f"/group/collective/{made['seq']}"


async def _booked(house: House, code: str) -> int:
    """Give the place of the newest booking of a member."""
    sql = "SELECT max(seq) FROM posting WHERE account = $1"
    found = await house.node.pool.fetchval(sql, house.account(code))
    assert isinstance(found, int)
    return found
