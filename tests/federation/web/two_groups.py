"""Two groups with pages and a line: pollekes (20 an hour) in Gent, blommekes (15) in Leuven."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from federation.members import feed_serving, posts
from federation.members.reader import OPERATOR
from federation.node.service import now_s
from federation.node.use_cases import configure, new_key
from federation.web.place import LoginMail
from schemas.amounts import Rate, Unit
from schemas.member_bodies import Price, PriceKind, Visibility
from schemas.openings import Contact, MemberText
from tests.federation.web.conftest import MEMBERS, Browser, House, Page, Recorder
from tests.federation.world.conftest import World, eventually, lines
from tests.federation.world.feed_posts import read_feed

DAY_S = 86_400
HERE = {"001": "An Peeters", "002": "Bert Bold"}
THERE = {"001": "Lies Maes", "002": "Marc Claes"}


class Two(NamedTuple):
    """An (001) and Bert (002) of LETS Gent, Lies (001) and Marc (002) of LETS Leuven."""

    here: House
    there: House

    async def met(self) -> None:
        """Wait until each has what the other wrote."""
        a, b = self.here.group, self.there.group
        await eventually(lambda: lines(a)[0].out_n == lines(b)[0].in_n)
        await eventually(lambda: lines(b)[0].out_n == lines(a)[0].in_n)

    async def offer(self, title: str = "Fiets herstellen", minor: int = 6) -> str:
        """Let Marc offer something, and give its name in the feed here."""
        await place(self.there, "002", title, minor)
        node = self.there.node.id
        await read_feed(self.here.group, self.there.group)
        found = await self.here.node.pool.fetchval(
            "SELECT post FROM plain.post WHERE node = $1 AND title = $2", node, title
        )
        assert found is not None
        return str(found)

    async def settled(self, path: str) -> None:
        """Wait until a payment from here has come to its end, and both know."""
        transfers, line = self.here.node.machine.books.transfers, lines(self.here.group)[0].line
        await eventually(lambda: transfers.get((path, line, "out")) is None)
        await self.met()

    async def restarted(self) -> None:
        """Start the other group again, as it was, and let it be asked at once."""
        await self.there.group.start()
        self.there.node.parts[LoginMail] = self.there.mail
        self.here.node.outbox.wake(lines(self.here.group)[0].line)


async def place(
    house: House, code: str, title: str, minor: int | None = None, *, want: bool = False
) -> int:
    """Place an offer or a want that other groups see too."""
    price = Price(kind=PriceKind.TALK)
    if minor is not None:
        price = Price(kind=PriceKind.PIECE, amount_minor=minor)
    form = posts.PostForm(
        want=want,
        title=title,
        price=price,
        visibility=Visibility.INTERLETS,
        expires_at_s=now_s() + 30 * DAY_S,
    )
    account = house.account(code)
    number = await posts.place(house.node, OPERATOR, form, key=new_key(), account=account)
    await house.seen()
    return number


async def furnished(
    world: World, name: str, unit: Unit, members: dict[str, str], number: str
) -> House:
    """Give a group with a unit and members, and a mailbox for their logins."""
    group = await world.make(name, unit.rate.per_hour, decimals=unit.rate.decimals)
    await configure(group.node, unit, None, None)
    house = House(world, group, Recorder())
    group.node.parts[LoginMail] = house.mail
    for code, member in members.items():
        await group.ask("member.add", code=code, name=member)
        mail = Contact(kind="mail", value=MEMBERS[code][1], access="members")
        phone = Contact(kind="tel", value=number + code, access="interlets")
        await house.describe(code, MemberText(name=member, contacts=(mail, phone)))
    return house


@contextlib.asynccontextmanager
async def linked(world: World) -> AsyncIterator[Two]:
    """Give both groups, with a line in force."""
    pollekes = Unit(singular="polleke", plural="pollekes", rate=Rate(20, 0))
    blommekes = Unit(singular="blommeke", plural="blommekes", rate=Rate(15, 0))
    here = await furnished(world, "LETS Gent", pollekes, HERE, "09 111 2")
    there = await furnished(world, "LETS Leuven", blommekes, THERE, "016 22 3")
    await world.link(here.group, there.group)
    yield Two(here, there)
    await here.close()
    await there.close()


@pytest.fixture
async def two(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Two]:
    monkeypatch.setattr(feed_serving, "REST", 0)
    async with linked(world) as made:
        yield made


def fields(page: Page, deed: str = "") -> dict[str, str]:
    """Give what the form of a page would send; of several the one with this button."""
    forms = re.findall(r'<form method="post".*?</form>', page.text, re.DOTALL)
    fitting = [form for form in forms if not deed or f'value="{deed}"' in form]
    own = [form for form in fitting if 'name="form"' in form] or fitting
    assert own, page.words
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', own[0])
    typed = re.findall(r'<input[^>]* name="([^"]+)" type="text"[^>]* value="([^"]*)"', own[0])
    areas = re.findall(r'<textarea id="[^"]+" name="([^"]+)"[^>]*>\n?([^<]*)<', own[0])
    found = dict(hidden) | dict(typed) | dict(areas)
    return {**found, "do": deed} if deed else found


async def press(browser: Browser, page: Page, deed: str = "", **typed: str) -> Page:
    """Press the button of a form on a page, with some fields typed otherwise."""
    path = page.path.partition("?")[0]
    return await browser.post(path, {**fields(page, deed), **typed})


def plain(page: Page) -> str:
    """Give what can be read, with ordinary spaces and none that only a tag has left."""
    said = page.words.replace("\N{NO-BREAK SPACE}", " ").replace("( ", "(")
    return re.sub(r" ([?.,:)])", r"\1", said)
