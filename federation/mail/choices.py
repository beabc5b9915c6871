"""Which kinds of mail somebody wants: all, until they say otherwise (RFC 8058: without signing in).

A link that stops mails works at once when it is posted to, as mail programs do; opened in a
browser it only shows what it would do. It does not expire, and posting it twice changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from federation.mail.kinds import MailKind, choosable
from federation.mail.links import Purpose, read_token
from federation.mail.queries import SQL
from federation.mail.quiet import NIGHT, Night
from schemas.errors import Code, InputError, RefusedError
from schemas.texts.words import Language

if TYPE_CHECKING:
    from collections.abc import Collection

    from asyncpg import Pool, Record

    from federation.mail.links import Link


async def unwanted(pool: Pool[Record], account: int, person: int) -> frozenset[MailKind]:
    """Give the kinds that a person does not want."""
    rows = await pool.fetch(SQL["read_stops"], account, person)
    known = set(MailKind)
    return frozenset(MailKind(row["kind"]) for row in rows if row["kind"] in known)


async def choose(
    pool: Pool[Record], account: int, person: int, kind: MailKind, *, wanted: bool, now_s: int
) -> None:
    """Want a kind of mail, or want it no more.

    Raises:
        InputError: `malformed` for a kind that nobody can do without.

    """
    if kind not in choosable(coordinator=True):
        raise InputError(Code.MALFORMED, field="kind", reason="this kind is always sent")
    if wanted:
        await pool.execute(SQL["want_kind"], account, person, kind.value)
    else:
        await pool.execute(SQL["stop_kind"], account, person, kind.value, now_s)


async def choose_all(
    pool: Pool[Record],
    account: int,
    person: int,
    wanted: Collection[MailKind],
    *,
    coordinator: bool,
    now_s: int,
) -> None:
    """Want these kinds and no others, of those that somebody may choose."""
    for kind in choosable(coordinator=coordinator):
        await choose(pool, account, person, kind, wanted=kind in wanted, now_s=now_s)


class Habit(NamedTuple):
    """In which language and outside which hours somebody wants to be mailed."""

    language: Language | None = None
    """None: that of the person's pages."""
    night: Night = NIGHT


async def habit(pool: Pool[Record], account: int, person: int) -> Habit:
    """Give how somebody wants to be mailed."""
    row = await pool.fetchrow(SQL["read_habit"], account, person)
    if row is None:
        return Habit()
    language = Language(row["language"]) if row["language"] else None
    return Habit(language, Night(row["evening"], row["morning"]))


async def set_habit(pool: Pool[Record], account: int, person: int, wanted: Habit) -> None:
    """Note how somebody wants to be mailed from now on."""
    language = "" if wanted.language is None else wanted.language.value
    await pool.execute(SQL["write_habit"], account, person, language, *wanted.night)


def read_stop(secret: bytes, token: str) -> tuple[Link, MailKind]:
    """Read what a link would stop, and for whom; changes nothing.

    Raises:
        RefusedError: `not_found` when the link is not ours.

    """
    link = read_token(secret, token, Purpose.STOP, now_s=0)
    if link.subject not in set(choosable(coordinator=True)):
        raise RefusedError(Code.NOT_FOUND, field="link")
    return link, MailKind(link.subject)


async def stop(pool: Pool[Record], secret: bytes, token: str, *, now_s: int) -> MailKind:
    """Stop the mails that a link names. Raises as `read_stop`."""
    link, kind = read_stop(secret, token)
    await choose(pool, link.account, link.person, kind, wanted=False, now_s=now_s)
    return kind
