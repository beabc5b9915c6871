"""The outbox: mails put down in the same breath as what they tell, in PostgreSQL.

What was told to somebody is noted beside it, in a table that backups keep: neither a restart, a
rebuild nor a restored backup mails anything again. What happened more than three days ago is not
mailed at all, and the notes are kept ten times as long.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

import structlog

from federation.mail.addresses import parse_address
from federation.mail.digest_choices import DIGEST
from federation.mail.kinds import ALWAYS
from federation.mail.queries import SQL
from federation.mail.quiet import may_go_at_s, night_of
from federation.members.words import address_key
from schemas.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from asyncpg import Pool, Record

    from events.log_store import AnyConnection
    from federation.mail.letter import Letter

log = structlog.get_logger()

DELIVER_WITHIN_S: Final = 3 * 86_400
WAITING_MAX: Final = 100
"""So many mails may wait for one person; more are noise."""
ID_SIZE: Final = 16


async def enqueue(
    connection: AnyConnection,
    letter: Letter,
    *,
    now_s: int,
    zone: ZoneInfo | None,
    random: Callable[[int], bytes],
) -> bool:
    """Put a letter into the outbox, in the transaction of the connection if it is in one.

    `zone` is the one whose quiet hours count, if any. Tells whether the mail is there now: not when
    the same was told before, when it is old, when the person does not want this kind, when the
    address does not work, or when too much waits already.
    """
    if letter.happened_at_s + DELIVER_WITHIN_S <= now_s or not _is_address(letter.address):
        return False
    until_s = now_s + DELIVER_WITHIN_S
    if letter.useful_until_s is not None:
        until_s = min(until_s, letter.useful_until_s)
    if until_s <= now_s:
        return False
    async with connection.transaction():
        if await connection.fetchval(SQL["tell_once"], told_key(letter.key), now_s) is None:
            return False
        row = await _may_mail(connection, letter)
        if row is None:
            return False
        await connection.execute(
            SQL["put_mail"],
            random(ID_SIZE),
            letter.kind.value,
            letter.account,
            letter.person,
            letter.name,
            letter.address,
            letter.language.value,
            letter.subject,
            letter.text,
            letter.html,
            letter.stop_url,
            now_s,
            until_s,
            may_go_at_s(
                letter.kind,
                now_s,
                zone,
                useful_until_s=until_s,
                night=night_of(row["evening"], row["morning"]),
            ),
        )
    return True


def told_key(key: str) -> bytes:
    """Give the form in which is noted that something was told."""
    return sha256(key.encode()).digest()


async def enqueue_alone(
    pool: Pool[Record],
    letter: Letter,
    *,
    now_s: int,
    zone: ZoneInfo | None,
    random: Callable[[int], bytes],
) -> bool:
    """Put a letter into the outbox in a transaction of its own; as `enqueue`."""
    async with pool.acquire() as connection:
        return await enqueue(connection, letter, now_s=now_s, zone=zone, random=random)


async def _may_mail(connection: AnyConnection, letter: Letter) -> Record | None:
    """Give what is known of who is mailed; nothing when this mail is not for it."""
    row = await connection.fetchrow(
        SQL["may_mail"],
        letter.account,
        letter.person,
        letter.kind.value,
        address_key(letter.address),
        WAITING_MAX,
    )
    assert row is not None
    if row["waiting"] >= WAITING_MAX:
        log.warning("mail_dropped", kind=letter.kind.value, waiting=row["waiting"])
        return None
    wanted = letter.kind in ALWAYS or not (row["marked"] or row["stopped"])
    return row if wanted else None


def _is_address(text: str) -> bool:
    try:
        parse_address(text)
    except InputError:
        return False
    return True


async def forget(connection: AnyConnection, account: int) -> None:
    """Delete what mails hold about a member, in the transaction that erases it."""
    for name in ("forget_mails", "forget_choices", "forget_habits", "forget_addresses"):
        await connection.execute(SQL[name], account)
    for name in ("forget_wishes", "forget_told"):
        await connection.execute(DIGEST[name], account)
