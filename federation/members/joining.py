"""Strangers who ask to become a member: asked, confirmed by mail, and decided by a coordinator.

Who asks learns nothing about an address: a known one gets the same answer on the page, and another
mail. Nobody is on the list before the mailed link was used; a decision is made once.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import msgspec

from events.queries import load_queries
from federation.group.commands import OpenAccount
from federation.members import words
from federation.members.acting import derived_key
from federation.members.member_list import require
from federation.members.profiles import checked
from federation.members.projector import reached
from federation.node.patience import connection_in_time
from projections.ledger import code_key
from schemas.bodies import AccountKind, AccountStatus
from schemas.encoding import b64
from schemas.errors import Code, InputError, StorageError
from schemas.openings import Contact, MemberText

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.log_store import AnyConnection
    from federation.members.reader import Reader
    from federation.node.machine import Answer
    from federation.node.service import Node

SQL: Final = load_queries(files("federation.members").joinpath("sql/joining.sql"))
CONFIRM_WITHIN_S: Final = 2 * 86_400
KEPT_S: Final = 30 * 86_400
"""So long it is known that something was decided; what was written goes at once."""
UNCONFIRMED_MAX: Final = 500
LISTED_MAX: Final = 200
ABOUT_MAX: Final = 1_000
CODE_MAX: Final = 20


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says who wants to join."""

    name: str
    address: str
    phone: str = ""
    postcode: str = ""
    place: str = ""
    about: str = ""
    language: str = ""


class Applicant(Asked, frozen=True, kw_only=True):
    """Somebody who confirmed, and waits."""

    applicant: int
    confirmed_at_s: int


async def is_open(node: Node) -> bool:
    """Tell whether strangers may ask to become a member."""
    async with connection_in_time(node.pool) as connection:
        return bool(await connection.fetchval(SQL["is_open"]))


async def set_open(node: Node, reader: Reader, *, is_open: bool) -> None:
    """Let strangers ask, or no longer; who asked already still gets an answer.

    Raises:
        RefusedError: `forbidden`.

    """
    require(reader)
    async with connection_in_time(node.pool) as connection:
        await connection.execute(SQL["set_open"], is_open)


async def ask(connection: AnyConnection, link: bytes, said: Asked, *, now_s: int) -> None:
    """Note what a stranger asks, until it is confirmed; `link` is the hash of the mailed one.

    Raises:
        StorageError: `busy` when too many wait to be confirmed.

    """
    noted = await connection.fetchval(
        SQL["ask"],
        link,
        said.name,
        said.address,
        words.address_key(said.address),
        said.phone,
        said.postcode,
        said.place,
        said.about,
        said.language,
        now_s,
        UNCONFIRMED_MAX,
    )
    if noted is None:
        raise StorageError(Code.BUSY)


async def link_works(node: Node, link: bytes, *, now_s: int) -> bool:
    """Tell whether a mailed link still confirms something; looking confirms nothing."""
    async with connection_in_time(node.pool) as connection:
        found = await connection.fetchval(SQL["link_works"], link, now_s - CONFIRM_WITHIN_S)
    return found is not None


async def confirm(node: Node, link: bytes, *, now_s: int) -> bool:
    """Put who has this link on the list; what the same address asked before gives way."""
    async with connection_in_time(node.pool) as connection, connection.transaction():
        row = await connection.fetchrow(SQL["confirm"], link, now_s, now_s - CONFIRM_WITHIN_S)
        if row is not None:
            await connection.execute(SQL["drop_earlier"], row["address_key"], row["applicant"])
    return row is not None


async def how_many_wait(node: Node) -> int:
    """Tell how many wait for an answer."""
    async with connection_in_time(node.pool) as connection:
        return int(await connection.fetchval(SQL["how_many_wait"]))


async def waiting(node: Node, reader: Reader) -> list[Applicant]:
    """Give who waits for an answer.

    Raises:
        RefusedError: `forbidden`.

    """
    require(reader)
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["waiting"], LISTED_MAX)
    return [Applicant(**dict(row)) for row in rows]


async def applicant(node: Node, reader: Reader, number: int) -> Applicant | None:
    """Give one who waits; nobody when it was decided meanwhile. Raises as `waiting`."""
    require(reader)
    async with connection_in_time(node.pool) as connection:
        row = await connection.fetchrow(SQL["one"], number)
    return None if row is None else Applicant(**dict(row))


def next_code(codes: Iterable[str]) -> str:
    """Give the number that follows the highest of a group's codes, as wide as those: 045."""
    numbers = [code for code in codes if code.isascii() and code.isdigit() and len(code) < CODE_MAX]
    if not numbers:
        return "001"
    highest = max(numbers, key=int)
    return str(int(highest) + 1).zfill(len(highest))


async def open_for(
    node: Node, reader: Reader, who: Applicant, *, code: str, status: AccountStatus
) -> int:
    """Open the account of somebody who asked, once, and give its number.

    Raises:
        InputError: `text_missing`, `too_large` for the code; as `profiles.checked`.
        RefusedError: `forbidden`, `code_taken`; `conflict` when it was opened otherwise.

    """
    require(reader)
    code = words.line(code, "code", CODE_MAX, needed=True)
    # until it is decided the account is found by this key; then the applicant is gone
    key = derived_key("joining", who.applicant, who.confirmed_at_s)
    subject = b64(sha256(b"ruilbrug/subject/v1\n" + key.encode()).digest()[:16])
    command = OpenAccount(key, code, AccountKind.MEMBER, subject, _text(who), status=status)
    answer: Answer = await node.do(command)
    await reached(node, answer.seq)
    return node.machine.books.ledger.codes[code_key(code)]


async def decide(
    connection: AnyConnection, number: int, decision: str, account: int | None, *, now_s: int
) -> bool:
    """Note a decision, `approved` or `declined`; false when there was one already."""
    done = await connection.fetchval(SQL["decide"], number, decision, now_s, account)
    return done is not None


async def sweep(node: Node, *, now_s: int) -> None:
    """Forget what nobody confirmed, and what was decided long ago."""
    async with connection_in_time(node.pool) as connection:
        await connection.execute(SQL["sweep"], now_s - CONFIRM_WITHIN_S, now_s - KEPT_S)


def fit(said: Asked) -> Asked:
    """Give what somebody typed in the form in which it is kept.

    Raises:
        InputError: `text_missing`, `too_large`, `mail_address_invalid`, `malformed`.

    """
    text = checked(_text(said))
    return Asked(
        name=text.name,
        address=words.mail_address(said.address),
        phone=words.line(said.phone, "phone", words.NAME_MAX),
        postcode=text.postcode,
        place=text.place,
        about=words.paragraphs(said.about, "about", ABOUT_MAX),
        language=text.language,
    )


def _text(said: Asked) -> MemberText:
    """Give what a new member begins with; others see the ways to reach it once it says so."""
    if not said.address:
        raise InputError(Code.TEXT_MISSING, field="address")
    contacts = [Contact(kind="mail", value=said.address, access="staff")]
    if said.phone:
        contacts.append(Contact(kind="tel", value=said.phone, access="staff"))
    return MemberText(
        name=said.name,
        postcode=said.postcode,
        place=said.place,
        comment=said.about,
        contacts=tuple(contacts),
        language=said.language,
    )
