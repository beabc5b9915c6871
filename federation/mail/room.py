"""What mails add to a node: the courier, the teller, and commands of the control socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from federation.mail import bounces
from federation.mail.digest_round import Digests, digests_of
from federation.mail.member_mail import MemberMailRound
from federation.mail.office import office_of, open_office
from federation.mail.queries import SQL
from federation.mail.teller import Teller, teller_of
from federation.node.control_shapes import ControlCommand, Nothing
from federation.node.identity import system_random
from federation.node.rooms import Room
from federation.node.service import now_s

if TYPE_CHECKING:
    import asyncio

    from federation.node.service import Node


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mail that reports failed delivery, as it came."""

    report: bytes


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mail address."""

    address: str


async def start(node: Node, tasks: asyncio.TaskGroup) -> None:
    """Open the post office of a node and let its courier run; an umbrella only mails logins."""
    office = open_office(node)
    tasks.create_task(office.courier.run(), name="mail-courier")
    if node.settings.mail.mode != "off" and node.settings.role == "group":
        teller = node.parts[Teller] = Teller(node, office)
        await teller.begin()  # before anything else happens: from here on all is told
        tasks.create_task(teller.run(), name="mail-teller")
        letters = node.parts[MemberMailRound] = MemberMailRound(node)
        tasks.create_task(letters.run(), name="mail-members")
        digests = node.parts[Digests] = Digests(node, office)
        tasks.create_task(digests.run(), name="mail-digests")


def reloaded(node: Node) -> None:
    """Tell nothing of what a recovery has brought back."""
    teller = teller_of(node)
    if teller is not None:
        teller.from_here()
    digests = digests_of(node)
    if digests is not None:
        digests.from_here()


async def mail_status(node: Node, _: Nothing) -> dict[str, Any]:
    """Tell how many mails are in which state, and which addresses do not work."""
    rows = await node.pool.fetch(SQL["outbox_counts"])
    return {
        "mode": node.settings.mail.mode,
        "mails": {row["state"]: row["mails"] for row in rows},
        "marked": [
            {"address": row.address_key, "account": row.account, "reply": row.reply}
            for row in await bounces.marked(node.pool)
        ],
    }


async def mail_bounced(node: Node, arguments: Report) -> dict[str, Any]:
    """Take in a report of failed delivery."""
    office = office_of(node)
    async with node.pool.acquire() as connection:
        found = await bounces.take_report(
            connection,
            office.desk(),
            arguments.report,
            now_s=now_s(),
            zone=office.quiet_in,
            random=system_random,
        )
    office.courier.wake()
    return {"marked": found}


async def mail_works(node: Node, arguments: Address) -> dict[str, Any]:
    """Mail to an address again."""
    return {"cleared": await bounces.works_again(node.pool, arguments.address)}


COMMANDS: Final = {
    "mail.status": ControlCommand(Nothing, mail_status),
    "mail.bounced": ControlCommand(Report, mail_bounced),
    "mail.works": ControlCommand(Address, mail_works),
}
ROOM: Final = Room(start=start, commands=COMMANDS, reloaded=reloaded)
