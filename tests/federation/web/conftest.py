"""A group whose members sign in over real HTTP, and browsers that keep cookies as browsers do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from html import unescape
from typing import Any, NamedTuple

import aiohttp
import pytest
from yarl import URL

from federation.members import profiles, roles
from federation.members.projector import reached
from federation.members.reader import OPERATOR
from federation.node.service import Node
from federation.node.use_cases import new_key
from federation.web.place import LoginMail, Place
from schemas.member_bodies import Role
from schemas.openings import Contact, MemberText
from schemas.texts.words import Language
from tests.federation.world.conftest import WAIT_S, World, WorldNode

FIREFOX = "Mozilla/5.0 (Android 11; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
MEMBERS = {
    "001": ("An Peeters", "an@voorbeeld.be"),
    "002": ("Bert <b>Bold</b>", "bert@voorbeeld.be"),
    "003": ("Cora Coördinator", "cora@voorbeeld.be"),
    "004": ("Dirk Auditor", "dirk@voorbeeld.be"),
    "005": ("דוד כהן", "david@voorbeeld.be"),
}
KEY = re.compile(r'name="form" value="([A-Za-z0-9_.-]{22,})"')


class Sent(NamedTuple):
    """A mail that lets somebody in."""

    person: profiles.Person
    language: Language
    link: str
    code: str

    @property
    def path(self) -> str:
        return URL(self.link).path


class Recorder:
    """Takes login mails over, in place of the mail room; owned by a test."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[Sent] = asyncio.Queue()

    async def __call__(
        self, node: Node, person: profiles.Person, *, language: Language, link: str, code: str
    ) -> None:
        del node
        await self.sent.put(Sent(person, language, link, code))

    async def next(self) -> Sent:
        async with asyncio.timeout(WAIT_S):
            return await self.sent.get()


class Page(NamedTuple):
    """What a browser shows."""

    status: int
    path: str
    """With its query; where redirects led."""
    text: str
    headers: Any

    @property
    def key(self) -> str:
        """The key of the form on the page."""
        found = KEY.search(self.text)
        assert found is not None, self.text
        return found[1]

    @property
    def words(self) -> str:
        """What can be read of it: no tags, entities resolved."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.text)).split())


class Browser:
    """Keeps cookies and says where its posts come from."""

    def __init__(self, node: WorldNode, agent: str = FIREFOX) -> None:
        self.url = node.node.settings.public_url
        self.session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            timeout=aiohttp.ClientTimeout(WAIT_S),
            headers={"User-Agent": agent, "Accept-Language": "nl-BE,nl"},
        )

    async def get(self, path: str, **headers: str) -> Page:
        async with self.session.get(self.url + path, headers=headers) as response:
            return await self._page(response)

    async def post(
        self,
        path: str,
        typed: Mapping[str, str] | None = None,
        *,
        follow: bool = True,
        headers: dict[str, str] | None = None,
        **fields: str,
    ) -> Page:
        said = {"Sec-Fetch-Site": "same-origin"} if headers is None else headers
        typed = {**(typed or {}), **{n.replace("__", "-"): text for n, text in fields.items()}}
        async with self.session.post(
            self.url + path, data=typed, headers=said, allow_redirects=follow
        ) as response:
            return await self._page(response)

    async def _page(self, response: aiohttp.ClientResponse) -> Page:
        return Page(
            response.status,
            response.url.raw_path_qs,
            await response.text(errors="replace"),
            response.headers,
        )

    def cookie(self, what: str = "") -> str:
        """Give a cookie of the node; empty when there is none."""
        for cookie in self.session.cookie_jar:
            if cookie.key.startswith("ruilbrug-") and cookie.key[17:] == what:
                return cookie.value
        return ""


class House:
    """A group with five members, and who looks at its pages."""

    def __init__(self, world: World, group: WorldNode, recorder: Recorder) -> None:
        self.world = world
        self.group = group
        self.mail = recorder
        self._browsers: list[Browser] = []

    @property
    def node(self) -> Node:
        return self.group.node

    @property
    def place(self) -> Place:
        found: Place = self.node.parts[Place]
        return found

    def browser(self, agent: str = FIREFOX) -> Browser:
        self._browsers.append(Browser(self.group, agent))
        return self._browsers[-1]

    async def signed_in(self, code: str, browser: Browser | None = None) -> Browser:
        """Give a browser in which a member has signed in by a mailed link."""
        found = browser or self.browser()
        sent = await self.ask(found, MEMBERS[code][1])
        page = await found.get(sent.path)
        page = await found.post(sent.path, form=page.key)
        assert found.cookie(), page.words
        return found

    async def ask(self, browser: Browser, address: str, **fields: str) -> Sent:
        """Ask for a mail, and take it out of the mailbox."""
        await browser.post("/login", {"address": address, **fields})
        return await self.mail.next()

    def account(self, code: str) -> int:
        return self.node.machine.books.ledger.codes[code]

    async def seen(self) -> None:
        """Wait until what was written can be read on pages."""
        await reached(self.node, self.node.sequencer.size - 1)

    async def describe(self, code: str, text: MemberText) -> None:
        await profiles.describe(self.node, OPERATOR, self.account(code), text, key=new_key())
        await self.seen()

    async def close(self) -> None:
        for browser in self._browsers:
            await browser.session.close()


async def make_house(world: World) -> House:
    """Make the group with its five members."""
    group = await world.make("alfa", 20)
    made = House(world, group, Recorder())
    group.node.parts[LoginMail] = made.mail
    for code, (name, address) in MEMBERS.items():
        await group.ask("member.add", code=code, name=name)
        contact = Contact(kind="mail", value=address, access="members")
        await made.describe(code, MemberText(name=name, contacts=(contact,)))
    for code, role in (("003", Role.COORDINATOR), ("004", Role.AUDITOR)):
        await roles.give_role(group.node, OPERATOR, made.account(code), role, key=new_key())
    await made.seen()
    return made


@pytest.fixture
async def house(world: World) -> AsyncIterator[House]:
    made = await make_house(world)
    yield made
    await made.close()
