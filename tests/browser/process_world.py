"""Two groups and the umbrella as processes of their own, whose mails are kept to be read."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Final, NamedTuple

from playwright.async_api import Page

from deploy.demo.world import Group, World
from federation.node.postgres import PostgresServer, start_server
from federation.node.settings import MailSettings
from tests.federation.crash.places import WAIT_S, any_line, free_base_port, until
from tests.federation.crash.processes import QuickNode
from tests.federation.world.accepting import accept_terms

GENT: Final = Group("gent", "LETS Gent", "polleke", "pollekes", 20)
LEUVEN: Final = Group("leuven", "LETS Leuven", "blommeke", "blommekes", 15)
DAY_S: Final = 86_400


class Person(NamedTuple):
    """Who trades, and how she is reached."""

    group: str
    code: str
    name: str
    mail: str
    phone: str


MARC: Final = Person("leuven", "012", "Marc Claes", "marc@voorbeeld.be", "0470 44 55 66")


class Processes(World):
    """The world of these tests."""

    node_type = QuickNode
    mail = MailSettings(mode="mailbox")

    def __init__(self, server: PostgresServer, folder: Path, base_port: int) -> None:
        super().__init__(server, folder, base_port)
        self.read: set[str] = set()
        """Mails that were opened."""

    def url(self, group: str) -> str:
        return self.groups[group].folder.settings().public_url


def somebody(number: int) -> Person:
    """Give one of the members of Gent; each signs in once, as a mailbox takes few login mails."""
    return Person("gent", f"{number:03}", f"An {number}", f"an.{number}@voorbeeld.be", "0470 11 22")


async def make_processes(folder: Path, members: int) -> Processes:
    """Make both groups with a line in force, members in Gent, and Marc and his offer in Leuven."""
    made = Processes(await start_server(folder / "postgres"), folder, free_base_port())
    try:
        await made.make_umbrella()
        await asyncio.gather(*(made.make_group(g, at) for at, g in enumerate((GENT, LEUVEN), 1)))
        gent, leuven = made.groups["gent"], made.groups["leuven"]
        for node in (gent, leuven):
            await made.umbrella.ask("audit.admit", invitation=node.invitation)
        await asyncio.gather(
            *(_settle(made, one) for one in (MARC, *map(somebody, range(members))))
        )
        await leuven.ask(
            "post.place",
            by=MARC.code,
            title="Fiets herstellen",
            text="Banden en remmen, ook bij jou thuis.",
            visibility="interlets",
            expires_at_s=int(time.time()) + 90 * DAY_S,
            price_kind="piece",
            price_minor=6,
        )
        await gent.ask("line.propose", group=LEUVEN.name)
        await until(lambda: any_line(leuven, "waits_for_us", value=True))
        await accept_terms(leuven, GENT.name)
        await until(lambda: any_line(gent, "state", value="open"))
        await gent.ask("feed.read", group=LEUVEN.name)
    except BaseException:
        await made.close()
        raise
    return made


async def _settle(world: Processes, one: Person) -> None:
    node = world.groups[one.group]
    await node.ask("member.add", code=one.code, name=one.name)
    contacts = [
        {"kind": "mail", "value": one.mail, "access": "members"},
        {"kind": "gsm", "value": one.phone, "access": "interlets"},
    ]
    await node.ask("member.describe", code=one.code, name=one.name, contacts=contacts)


async def open_mail(page: Page, world: Processes, one: Person, subject: str) -> None:
    """Open the newest mail to somebody with this subject, once, as soon as it is there."""
    async with asyncio.timeout(WAIT_S):
        while True:
            await page.goto(f"/mailbox?to={one.mail}")
            for row in await page.locator("main a.row", has_text=subject).all():
                path = await row.get_attribute("href") or ""
                if path not in world.read:
                    world.read.add(path)
                    await page.goto(path)
                    return
