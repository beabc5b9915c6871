"""Addresses from which mails come back: marked, so that nothing more goes there.

Who has such an address reads everything on the pages; coordinators are told once, by mail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import structlog

from federation.mail.compose.people import address_marked
from federation.mail.outbox import enqueue
from federation.mail.people import STRANGER, coordinators
from federation.mail.queries import SQL
from federation.mail.reports import read_report
from federation.members.words import address_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from asyncpg import Pool, Record

    from events.log_store import AnyConnection
    from federation.mail.letter import Desk

log = structlog.get_logger()

MARKED_MAX: Final = 1000


class Marked(msgspec.Struct, frozen=True, kw_only=True):
    """An address from which mails came back."""

    address_key: str
    account: int
    person: int
    reply: str
    marked_at_s: int


class Bounce(NamedTuple):
    """A mail that came back: whose it was, where it went, and what was said of it."""

    account: int
    person: int
    address: str
    reply: str


async def mark(
    connection: AnyConnection,
    desk: Desk,
    bounce: Bounce,
    *,
    now_s: int,
    zone: ZoneInfo | None,
    random: Callable[[int], bytes],
) -> bool:
    """Mark an address and write to the coordinators, in one transaction; true when it is new.

    A stranger's is not marked: who mistyped it asks again. `zone` is the one whose quiet hours
    count, if any, as in `outbox`.
    """
    if bounce.account == STRANGER:
        return False
    async with connection.transaction():
        row = await connection.fetchval(
            SQL["mark_address"],
            address_key(bounce.address),
            bounce.account,
            bounce.person,
            bounce.reply,
            now_s,
        )
        if row is None:
            return False
        log.info("mail_address_marked", account=bounce.account, person=bounce.person)
        member = await connection.fetchrow(SQL["member"], bounce.account)
        for to in await coordinators(connection):
            letter = address_marked(
                desk,
                to,
                member="" if member is None else member["name"],
                code="" if member is None else member["code"],
                address=bounce.address,
                reason=bounce.reply,
                at_s=now_s,
            )
            await enqueue(connection, letter, now_s=now_s, zone=zone, random=random)
    return True


async def take_report(
    connection: AnyConnection,
    desk: Desk,
    report: bytes,
    *,
    now_s: int,
    zone: ZoneInfo | None,
    random: Callable[[int], bytes],
) -> list[str]:
    """Mark the addresses that a report of failed delivery proves; gives those that are new.

    Raises:
        InputError: `too_large`, `malformed`.

    """
    found: list[str] = []
    for returned in read_report(report, desk.secret):
        row = await connection.fetchrow(SQL["find_mail"], returned.mail)
        if row is None:
            log.info("mail_report_too_late")
            continue
        bounce = Bounce(row["account"], row["person"], row["address"], returned.reply)
        if await mark(connection, desk, bounce, now_s=now_s, zone=zone, random=random):
            found.append(row["address"])
    return found


async def works_again(pool: Pool[Record], address: str) -> bool:
    """Take a mark away; true when there was one."""
    return await pool.fetchval(SQL["clear_address"], address_key(address)) is not None


async def mark_of(pool: Pool[Record], account: int, address: str) -> Marked | None:
    """Give the mark of a member's address, if mails came back from it."""
    key = address_key(address)
    return next((one for one in await marked(pool, account) if one.address_key == key), None)


async def marked(pool: Pool[Record], account: int | None = None) -> list[Marked]:
    """Give the marked addresses of a member, or of all, the newest first."""
    rows = await pool.fetch(SQL["marked_addresses"], account, MARKED_MAX)
    return [msgspec.convert(dict(row), Marked) for row in rows]
