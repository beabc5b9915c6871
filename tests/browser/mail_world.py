"""Mails in the mailbox of the demo, and the addresses of all pages about mails."""

from __future__ import annotations

import asyncio

from federation.mail import bounces, mailbox
from federation.mail.kinds import MailKind
from federation.mail.links import Purpose
from federation.mail.office import office_of
from federation.node.identity import system_random
from federation.node.service import now_s
from tests.federation.web.conftest import House
from tests.federation.web.test_mail_pages import asked, link, stop_path
from tests.federation.world.conftest import WAIT_S


async def mailed(house: House) -> list[str]:
    """Have mails written to An (001), and mark an address of hers that does not work."""
    trade = await asked(house)
    posted = await house.group.ask(
        "post.place", by="001", title="Fiets herstellen", expires_at_s=now_s() + 9 * 86_400
    )
    await house.seen()
    until_s = now_s() + 190 * 86_400
    async with house.node.pool.acquire() as connection:
        await bounces.mark(
            connection,
            office_of(house.node).desk(),
            bounces.Bounce(house.account("001"), 0, "oud@voorbeeld.be", "550 5.1.1"),
            now_s=now_s(),
            zone=None,
            random=system_random,
        )
    (mail,) = await newest_mails(house, 1)
    return [
        link(house, "001", Purpose.ACCEPT, f"{trade}:8"),
        link(house, "001", Purpose.DECLINE, trade),
        link(house, "001", Purpose.RENEW, f"{posted['post']}:{until_s}"),
        link(house, "001", Purpose.ACCEPT, f"{trade}:8", lasts_s=-1),
        stop_path(house, "001", MailKind.BOOKED),
        "/me/mail",
        "/mailbox",
        f"/mailbox/{mail}",
        f"/mailbox/{mail}/html",
    ]


async def newest_mails(house: House, count: int) -> list[str]:
    """Wait until the mailbox holds so many mails; gives the newest."""
    async with asyncio.timeout(WAIT_S):
        while len(found := await mailbox.mailbox(house.node)) < count:  # noqa: ASYNC110 - a table
            await asyncio.sleep(0.01)
    return [one.id for one in found[:count]]
