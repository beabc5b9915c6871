"""Forms with the real ids of somebody else's things: refused to whoever asks, and nothing changes.

Every page that takes a form with an id, in its address or in its fields, is asked so by strangers,
by members of another group, and by members of every role who have nothing to do with the thing. The
owner sends the very same form at the end, and it does something: so it was the right form.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

import aiohttp
import pytest

from federation.node.settings import NodeLimits
from federation.web.app import MODULES
from tests.federation.api.conftest import Group, session
from tests.federation.api.test_agreeing import made
from tests.federation.api.test_walk import OF_TWO
from tests.federation.api.walking import NAME, TEXTS, in_a_month_s, make_walk
from tests.federation.web.audiences import PARTS, SIGNED_IN, WHO_GETS
from tests.federation.web.conftest import Browser, Page
from tests.federation.web.somebody_elses import (
    BY_RIGHT,
    STRANGERS,
    Sending,
    Tables,
    form_key,
    more_things,
    said_post,
    sendings,
    signed_in,
)
from tests.federation.world.conftest import World, WorldNode

__all__ = ["session"]


BY_ITSELF = frozenset(
    {
        *("log_checkpoint", "log_subroot", "cosignature", "witnessed", "line_delivery", "peer"),
        *("progress", "feed", "feed_picture", "mail", "mail_read", "mail_told"),
        *("digest_progress", "digest_known", "digest_told"),
    }
)
"""Tables that change while nobody asks anything. Mails follow the log, which is compared."""

BY_LINK = "whoever holds the link is let in by it, whoever is signed in"
NOBODYS = "what is sent is about whoever sends it, and names nothing"
WITHOUT = {
    "/newsletter": NOBODYS,
    "/newsletter/confirm/{link}": BY_LINK,
    "/newsletter/stop/{link}": BY_LINK,
    "/login": NOBODYS,
    "/login/code": NOBODYS,
    "/login/password": NOBODYS,
    "/login/choose": NOBODYS,
    "/login/{link}": BY_LINK,
    "/logout": NOBODYS,
    "/language": NOBODYS,
    "/partner/{link}": BY_LINK,
    "/join": NOBODYS,
    "/join/{link}": BY_LINK,
    "/my-data/{link}": BY_LINK,
    "/do/{link}": BY_LINK,
    "/mail/stop/{link}": BY_LINK,
    "/me/found": NOBODYS,
    "/me/profile": NOBODYS,
    "/me/picture": NOBODYS,
    "/me/password": NOBODYS,
    "/me/household": NOBODYS,
    "/me/erase": NOBODYS,
    "/me/mail": NOBODYS,
    "/me/away": NOBODYS,
    "/activities/new": NOBODYS,
    "/activities/{activity}/join": "any member comes along",
    "/give": "one gives of one's own, to any member",
    "/ask": "one asks for oneself, from any member, who says yes or no",
    "/partners/trade": "one gives or asks for oneself, and the contact there says yes or no",
}
"""Pages for members or everybody whose form names nothing of somebody else, or may; with why."""

MAY = {
    ("/me/acting", "coordinator"): "a coordinator acts for any member, and the register says so",
    ("/posts/{post}/edit", "coordinator"): "a coordinator keeps offers and wants in order",
    ("/posts/{post}/renew", "coordinator"): "a coordinator keeps offers and wants in order",
    ("/posts/{post}/end", "coordinator"): "a coordinator keeps offers and wants in order",
    ("/posts/{post}/report", "coordinator"): "whoever sees a post may report it",
    ("/threads/new", "coordinator"): "whoever sees a post may answer it",
    ("/activities/{activity}/cancel", "coordinator"): "a coordinator calls any activity off",
    **{
        (f"/activities/{{activity}}/spread{step}", who): "one gives of one's own to who came along"
        for step in ("", "/confirm")
        for who in STRANGERS
    },
}
"""Who may send a form about somebody else's thing all the same."""

OWN_WHATEVER_IT_NAMES = {"/me/thanks", "/me/devices", "/me/helpers"}
"""What is sent is about the sender's own things; somebody else's is left alone without a word."""


class Visited(NamedTuple):
    """The group, what may be named, and who asks."""

    group: Group
    node: WorldNode
    ids: dict[str, str]
    visitors: dict[str, Browser]
    tables: Tables


@pytest.fixture
async def visited(world: World, session: aiohttp.ClientSession) -> AsyncIterator[Visited]:
    limits = NodeLimits(token_requests_at_once=100_000, stranger_requests_at_once=100_000)
    node = await world.make("alfa", 20, limits=limits)
    other = await world.make("beta", 60)
    group = Group(node, session)
    walk = await make_walk(world, node, other, group)
    ids = await more_things(walk)
    visitors = {"anonymous": Browser(node)}
    visitors["member elsewhere"] = await signed_in(other, "001", node)
    for who, code in STRANGERS.items():
        visitors[who] = await signed_in(node, code)
    tables = await Tables.of(node, without=BY_ITSELF)
    yield Visited(group, node, ids, visitors, tables)
    await tables.close()
    for browser in visitors.values():
        await browser.session.close()


class Said(NamedTuple):
    """What was answered to whom."""

    who: str
    page: Page

    @property
    def to_login(self) -> bool:
        return str(self.page.headers.get("Location", "")).startswith("/login?done=login")

    @property
    def refused(self) -> bool:
        """Also when the page says in words why not, or that something is not there."""
        return self.to_login or self.page.status in (403, 404, 422)


async def send(visited: Visited, who: str, browser: Browser, sending: Sending) -> Said:
    """Send a form as a browser does, from our own page and with a key of its own."""
    ids = PLACES | visited.ids
    ids |= {name: text.format(**ids) for name, text in sending.ids.items()}
    path = sending.page.format(**ids)
    fields = {name.format(**ids): text.format(**ids) for name, text in sending.fields.items()}
    key = form_key(f"{who} {path} {sorted(fields.items())}")
    return Said(who, await browser.post(path, {"form": key, **fields}, follow=False))


PLACES = {name.strip("{}"): text for name, text in PARTS.items()}


def posting() -> list[str]:
    """Give every page that takes a form."""
    return [page.path for module in MODULES for page in module.pages.all if page.method == "POST"]


def of_a_role(page: str) -> bool:
    return not WHO_GETS["POST", page] >= SIGNED_IN


def test_every_page_that_takes_a_form_is_walked_or_says_why_not() -> None:
    walked = {sending.page for sending in sendings()}
    for_members = {page for page in posting() if not of_a_role(page)}

    assert walked | WITHOUT.keys() == for_members
    assert not walked & WITHOUT.keys()
    assert set(BY_RIGHT) <= {page for page in posting() if of_a_role(page)}
    named = {page for page in posting() if of_a_role(page) and "{" in page}
    assert named <= set(BY_RIGHT), "say which form is sent there"
    assert {page for page, _ in MAY} <= walked
    assert walked >= OWN_WHATEVER_IT_NAMES


async def test_nobody_changes_what_is_somebody_elses_and_the_owner_does(visited: Visited) -> None:
    wrong = []
    for sending in sendings():
        before = await visited.tables.now()
        answers = [
            await send(visited, who, browser, sending)
            for who, browser in visited.visitors.items()
            if (sending.page, who) not in MAY
        ]
        changed = differences(before, await visited.tables.now())
        silent = sending.page in OWN_WHATEVER_IT_NAMES
        for said in answers:
            fine = said.page.status == 303 if silent and said.who in STRANGERS else said.refused
            if not fine or said.to_login is (said.who in STRANGERS):
                wrong.append(f"{said.who}: {sending} gave {said.page.status} {said.page.path}")
        if changed:
            wrong.append(f"{sending} changed {changed}")
    assert not wrong, "\n".join(wrong)

    for sending in sendings():
        if sending.by is None:
            continue
        before = await visited.tables.now()
        browser = await signed_in(visited.node, sending.by)
        begun = await visited.tables.now()
        said = await send(visited, "owner", browser, sending)
        if said.page.status != 303 or said.to_login or begun == await visited.tables.now():
            wrong.append(f"{sending}: {said.page.status} {said.page.words[:300]}")
        await browser.session.close()
        assert before != begun, "a session lies in the database, which is looked at"
    assert not wrong, "\n".join(wrong)


async def test_pages_of_a_role_take_nothing_from_others_about_anybody(visited: Visited) -> None:
    wrong = []
    for page in posting():
        if not of_a_role(page):
            continue
        before = await visited.tables.now()
        for who, browser in visited.visitors.items():
            if who not in WHO_GETS["POST", page]:
                said = await send(visited, who, browser, Sending(page, BY_RIGHT.get(page, {})))
                if said.to_login is (who in STRANGERS) or said.page.status not in (303, 403):
                    wrong.append(f"{who}: {page} gave {said.page.status}")
        changed = differences(before, await visited.tables.now())
        if changed:
            wrong.append(f"{page} changed {changed}")
    assert not wrong, "\n".join(wrong)


async def test_no_page_shows_what_is_somebody_elses(visited: Visited) -> None:
    """Every page that there is, with the ids of what member 001 has; her name is for members."""
    ids = PLACES | visited.ids
    paths = [
        page.path.format(**ids)
        for module in MODULES
        for page in module.pages.all
        if page.method == "GET"
    ]
    paths += [
        f"/trades/{ids[name]}{step}" for name in ("booking", "asked") for step in ("", "/wrong")
    ]
    wrong = []

    for path in paths:
        for who, browser in visited.visitors.items():
            got = await browser.get(path)
            secret = [*(OF_TWO if who == "coordinator" else TEXTS)]
            secret += [] if who in STRANGERS else [NAME]
            told = [text for text in secret if text in got.text]
            if got.status >= 500 or told:
                wrong.append(f"{who}: {path} gave {got.status} and told {told}")

    assert not wrong, "\n".join(wrong)
    owner, staff = await signed_in(visited.node, "001"), visited.visitors["coordinator"]
    shown = "".join(
        [(await browser.get(path)).text for path in paths for browser in (owner, staff)]
    )
    await owner.session.close()
    assert {text for text in (NAME, *TEXTS) if text in shown} == {NAME, *TEXTS}


async def test_ids_of_somebody_else_in_forms_about_own_things_change_nothing(
    visited: Visited,
) -> None:
    """A picture, a message, a proposal and a helper of others, on pages of one's own things."""
    own = await things_of_002(visited.group)
    picture = {"picture-0": "{digest}.{size}"}
    not_joined = {"amount": "4", "helper-{owner}": "yes", "description": "Haag"}
    tried = (
        Sending("/posts/{post}/edit", {**said_post(), **picture}, ids=own),
        Sending("/activities/{activity}/spread/confirm", not_joined, ids=own),
        Sending("/threads/{thread}", {"do": "yes", "standing": "{proposal}"}, ids=own),
        Sending("/threads/{thread}/book", {"own": "4", "proposal": "{proposal}"}, ids=own),
    )
    wrong = []

    for sending in tried:
        before = await visited.tables.now()
        said = await send(visited, "member", visited.visitors["member"], sending)
        changed = differences(before, await visited.tables.now())
        if said.page.status != 422 or changed:
            wrong.append(f"{sending} gave {said.page.status} and changed {changed}")

    assert not wrong, "\n".join(wrong)
    as_usual = Sending("/threads/{thread}", {"do": "say", "text": "Dag"}, ids=own)
    said = await send(visited, "member", visited.visitors["member"], as_usual)
    assert said.page.status == 303


async def test_a_report_quotes_no_message_between_others(visited: Visited) -> None:
    own = await things_of_002(visited.group)
    told = {"text": "Dit klopt niet", "message": "{message}"}
    browser = visited.visitors["member"]

    said = await send(
        visited, "member", browser, Sending("/threads/{thread}/report", told, ids=own)
    )

    assert said.page.status == 303
    staff = await visited.group.token("coordinator", "003")
    quotes = [one["quoted"] for one in (await staff.get("/reports")).json["reports"]]
    assert quotes == ["", ""], "that of 001 was made without one"


async def things_of_002(group: Group) -> dict[str, str]:
    """Let member 002 have a post, an activity to which 004 comes, and a thread with 004."""
    own, at_s = await group.token("member", "002"), in_a_month_s()
    said = {"code": "002", "want": False, "title": "Taart", "expires_at_s": at_s}
    post = await made(own, "/posts", said)
    said = {"code": "002", "title": "Samen eten", "starts_at_s": at_s, "ends_at_s": at_s + 60}
    activity = await made(own, "/activities", said)
    joined, path = {"code": "004", "comes": True}, f"/activities/{activity['activity']}/joined"
    await (await group.token("member", "004")).ask("PUT", path, json=joined)
    thread = await made(own, "/accounts/002/threads", {"other": "004", "text": "Dag"})
    return {
        "post": post["post"],
        "activity": activity["activity"],
        "thread": thread["thread"],
    }


async def test_a_form_made_for_somebody_else_does_nothing_on_any_page_of_members(
    visited: Visited,
) -> None:
    """Whoever acted for somebody when the page was made, and no longer does, changes nothing."""
    pages = {sending.page: sending.fields for sending in sendings()}
    pages |= {page: {} for page in WITHOUT if not WHO_GETS["POST", page] - SIGNED_IN}
    wrong = []

    before = await visited.tables.now()
    for page, fields in pages.items():
        ticket = f"{form_key(page)}.{visited.ids['owner']}"
        sending = Sending(page, {**fields, "form": ticket})
        said = await send(visited, "member", visited.visitors["member"], sending)
        if said.page.status != 409:
            wrong.append(f"{page} gave {said.page.status}")

    assert not wrong, "\n".join(wrong)
    assert differences(before, await visited.tables.now()) == {}


def differences(
    before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]
) -> dict[str, tuple[int, int]]:
    """Give which tables are not the same, with how many rows they had and have."""
    return {
        name: (before[name][0], after[name][0]) for name in after if before[name] != after[name]
    }
