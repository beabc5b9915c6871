"""Who is signed in on which device: random tokens in a cookie, their hashes in PostgreSQL.

A session lasts as long as it is used, and 90 days after that. A row that has ended still tells
whose it was, so that what is typed on an old page is kept for that person; it lets nobody in.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from federation.members.known_sessions import changing_sessions, known_sessions
from federation.members.reader import Reader
from federation.members.roles import may_act_for, reader_of
from federation.node.identity import system_random
from federation.node.patience import connection_in_time
from federation.web.queries import SQL
from schemas.encoding import b64
from schemas.errors import Code, InputError, RefusedError, StorageError
from schemas.member_bodies import Role

if TYPE_CHECKING:
    from asyncpg import Record

    from federation.node.service import Node
    from schemas.texts.words import Language

LASTS_S: Final = 90 * 86_400
COOKIE_LASTS_S: Final = 400 * 86_400
"""Longer than a session, as long as browsers keep one: a device that comes back late is known."""
TOUCH_S: Final = 6 * 3600
"""A session in use is written down so often."""
KEPT_S: Final = 30 * 86_400
UNUSED_S: Final = LASTS_S + KEPT_S
"""So long something is known of an unused device: it lets in, then only says whose it was."""
TOKEN_BYTES: Final = 32


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is signed in, as every page knows them."""

    session: int
    account: int
    person: int
    code: str
    member_name: str
    name: str
    language: str = ""
    """The person's own, for mails as well."""
    chosen_language: str = ""
    """What was chosen on this device."""
    reader: Reader
    """What this person may see and do, for the use cases."""
    acting_code: str = ""
    acting_name: str = ""
    touched: bool
    """Whether this visit lets the session go on for longer."""

    @property
    def acting_for(self) -> int | None:
        """The member in whose name this person acts just now."""
        return self.reader.acting_for

    @property
    def shown_account(self) -> int:
        """Whose balance and posts the pages are about: another's while acting for it."""
        return self.account if self.acting_for is None else self.acting_for

    @property
    def whose(self) -> str:
        """Whose balance the pages say when it is another's: its name, else its code; or empty."""
        return "" if self.acting_for is None else self.acting_name or self.acting_code

    @property
    def code_in_file(self) -> str:
        """The code of whom the pages are about, as far as it can stand in the name of a file."""
        return in_file(self.code if self.acting_for is None else self.acting_code)

    def is_role(self, role: Role) -> bool:
        """Tell whether this person has a role."""
        return role in self.reader.roles


def in_file(code: str) -> str:
    """Give a code as far as it can stand in the name of a file."""
    return re.sub(r"[^A-Za-z0-9-]", "_", code)


class Ended(msgspec.Struct, frozen=True):
    """A session that is over, and whose it was."""

    account: int
    person: int


class Helped(msgspec.Struct, frozen=True, kw_only=True):
    """A member in whose name somebody may act."""

    account: int
    code: str
    name: str


def new_token() -> str:
    """Give a token that nobody guesses."""
    return b64(system_random(TOKEN_BYTES))


def token_hash(token: str) -> bytes:
    """Give what lies in the database for a token; a browser may send any bytes as one."""
    return sha256(token.encode(errors="surrogateescape")).digest()


def cookie_name(node: Node, what: str = "") -> str:
    """Give the name of a cookie of this node: nodes on one host share their cookies."""
    prefix = "__Host-" if node.settings.public_url.startswith("https://") else ""
    return f"{prefix}ruilbrug-{node.id[:8]}{what}"


async def begin_session(node: Node, person: tuple[int, int], device: str, *, now_s: int) -> str:
    """Sign somebody in on a device, and give the token for its cookie."""
    token = new_token()
    expires_at_s = now_s + LASTS_S
    async with connection_in_time(node.pool) as connection:
        await connection.execute(
            SQL["begin_session"], token_hash(token), *person, "", device, now_s, expires_at_s
        )
    return token


async def read_session(node: Node, token: str, *, now_s: int) -> Person | Ended | None:
    """Give who is signed in by a token; a session that is used goes on.

    Ended as well: of an account that is no longer active, and of a person who has left.

    Raises:
        StorageError: `busy` while the names are read from the log anew.

    """
    row = await _row(node, token_hash(token), now_s=now_s)
    if row is None:
        return None
    ended = Ended(row["account"], row["person"])
    if row["expires_at_s"] <= now_s:
        return ended
    try:
        reader = _reader(node, row)
    except (InputError, RefusedError):
        return ended
    if row["code"] is None or row["name"] is None:  # names are being read from the log
        raise StorageError(Code.BUSY)
    touched = now_s - row["seen_at_s"] >= TOUCH_S
    if touched:
        async with changing_sessions(node) as connection:
            await connection.execute(SQL["touch_session"], row["session"], now_s, now_s + LASTS_S)
    return _person(row, reader, touched=touched)


async def _row(node: Node, token: bytes, *, now_s: int) -> Record | None:
    """Give what the tables say of a session, or said a moment ago."""
    known = known_sessions(node)
    row, version = known.row(token, now_s=now_s), known.version
    if row is None:
        async with connection_in_time(node.pool) as connection:
            row = await connection.fetchrow(SQL["read_session"], token)
        if row is not None:
            known.keep(token, row, version, now_s=now_s)
    return row


def _reader(node: Node, row: Record) -> Reader:
    """Give what this person may see and do; acting for somebody who no longer wants it is over."""
    try:
        return reader_of(node, row["account"], row["person"], acting_for=row["acting_for"])
    except RefusedError:
        return reader_of(node, row["account"], row["person"])


def _person(row: Record, reader: Reader, *, touched: bool) -> Person:
    acting = reader.acting_for is not None
    return Person(
        session=row["session"],
        account=row["account"],
        person=row["person"],
        code=row["code"],
        member_name=row["member_name"],
        name=row["name"],
        language=row["language"],
        chosen_language=row["chosen_language"],
        reader=reader,
        acting_code=row["acting_code"] if acting else "",
        acting_name=row["acting_name"] if acting else "",
        touched=touched,
    )


async def choose_language(node: Node, person: Person, language: Language) -> None:
    """Show pages in a language on this device from now on."""
    async with changing_sessions(node) as connection:
        await connection.execute(SQL["choose_language"], person.session, language.value)


async def helped_by(node: Node, person: Person) -> list[Helped]:
    """Give the members for whom a person may act."""
    accounts = may_act_for(node, person.account)
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["list_helped"], accounts)
    return [Helped(**row) for row in rows]


async def act_for(node: Node, person: Person, account: int | None) -> None:
    """Act for a member on this device from now on, or for oneself again.

    Raises:
        RefusedError: `not_yours` when that member has not appointed this person.

    """
    reader_of(node, person.account, person.person, acting_for=account)
    async with changing_sessions(node) as connection:
        await connection.execute(SQL["act_for"], person.session, account)


_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)
_BROWSERS: Final = (
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox|FxiOS", "Firefox"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Chrome|CriOS", "Chrome"),
    ("Safari", "Safari"),
)


def device_words(user_agent: str) -> str:
    """Say in two words what a browser calls itself, which is all that is kept of it."""
    said = [
        next((words for mark, words in names if re.search(mark, user_agent)), "")
        for names in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(part for part in said if part)
