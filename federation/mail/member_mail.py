"""Mails of coordinators to a selection of members: looked at, tried on oneself, sent once.

Mails go into the outbox in portions, each in one transaction with the note of how far the sending
is: a crash leaves a portion whole or not at all, and a restart goes on behind it. A form sent twice
is one sending, and the same words never come twice to the same person, whoever sends them: two
coordinators at once do no harm. Who does not want mails of this kind, or has no address that works,
gets none.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from events.restore import Mode
from federation.group.member_list import Standing
from federation.mail.compose import member_mail as compose
from federation.mail.kinds import MailKind
from federation.mail.letter import Recipient
from federation.mail.office import office_of
from federation.mail.outbox import told_key
from federation.mail.people import people_of
from federation.mail.queries import SQL
from federation.mail.sending_round import SendingRound
from federation.members import member_list
from federation.node.patience import connection_in_time
from schemas.bodies import AccountKind
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from events.log_store import AnyConnection
    from federation.group.member_list import Member, Wanted
    from federation.mail.letter import Letter, Parts
    from federation.members.reader import Reader
    from federation.node.service import Node
    from schemas.texts.words import Language

SUBJECT_MAX: Final = 120
TEXT_MAX: Final = 5_000
"""So short that a mail fits its place even if every letter takes four bytes."""
MEMBERS_MAX: Final = 10_000
PORTION: Final = 200
"""So many members are mailed in one transaction; a few hundred mails hold up no page."""
LISTED: Final = 50


class Words(NamedTuple):
    """What is written."""

    subject: str
    text: str

    def about(self) -> str:
        """Give what tells these words from any others."""
        return sha256(f"{self.subject}\n{self.text}".encode()).hexdigest()[:40]


class Receivers(NamedTuple):
    """Who gets a mail, and who does not and why; members by account, each person for itself."""

    people: tuple[Recipient, ...]
    without_address: tuple[int, ...] = ()
    stopped: int = 0
    """So many people want no such mails, or have an address that does not work."""
    told: int = 0
    """So many people got exactly these words before."""

    @property
    def members(self) -> int:
        """How many members there are among them."""
        return len({one.account for one in self.people})


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that was sent, as coordinators read of it."""

    member_mail: int
    sent_at_s: int
    subject: str
    """Empty a month later."""
    text: str
    members: int
    mails: int
    waiting: int
    """So many of the members come later: the sending goes on by itself."""
    sender: str
    code: str


async def selection(node: Node, reader: Reader, wanted: Wanted, *, now_s: int) -> list[Member]:
    """Give the members of a list who can be mailed at all: everybody who is not gone.

    Raises:
        RefusedError: `forbidden`.

    """
    found = await member_list.listed(node, reader, wanted, now_s=now_s)
    return [member for member in found if member.standing is not Standing.GONE]


async def receivers(
    node: Node, reader: Reader, words: Words, accounts: Collection[int]
) -> Receivers:
    """Say who would get these words now.

    Raises:
        RefusedError: `forbidden`.
        InputError: `too_large`.

    """
    chosen = _chosen(node, reader, accounts)
    async with connection_in_time(node.pool) as connection:
        return await _receivers(connection, words, chosen)


async def preview(
    node: Node, reader: Reader, words: Words, *, language: Language
) -> tuple[Parts, Letter]:
    """Give the mail as the reader would get it: what it says, and its very text and HTML.

    `language` is for a reader who has no address.

    Raises:
        RefusedError: `forbidden`.

    """
    member_list.require(reader)
    own = await _own(node, reader)
    office = office_of(node)
    to = own or Recipient(reader.account or 0, reader.person, "", "", language)
    parts = compose.said(office.desk(), to, **words._asdict(), sender=to.name)
    return parts, _letter(node, words, to, to.name, "preview", 0)


async def try_out(node: Node, reader: Reader, words: Words, *, key: str, now_s: int) -> bool:
    """Mail it to the reader alone, once for a key; tells whether there is an address for it.

    Raises:
        RefusedError: `forbidden`.

    """
    member_list.require(reader)
    own = await _own(node, reader)
    if own is None:
        return False
    await office_of(node).post(_letter(node, words, own, own.name, f"try:{key}", now_s))
    return True


async def send(
    node: Node, reader: Reader, words: Words, accounts: Collection[int], *, key: str, now_s: int
) -> int:
    """Send it to members, once for a key; gives how many mails it is so far, a second time none.

    The first portion is on its way when this returns; the others follow by themselves.

    Raises:
        RefusedError: `forbidden`, `read_only`.
        InputError: `too_large`, `text_missing`.

    """
    chosen = _chosen(node, reader, accounts)
    if not words.subject or not words.text:
        raise InputError(Code.TEXT_MISSING, field="text")
    node.gate.require_writable()
    office, mails = office_of(node), 0
    # as long as it takes: hundreds of mails are no page that somebody looks up
    async with node.pool.acquire() as connection, connection.transaction():
        number = await connection.fetchval(
            SQL["begin_member_mail"],
            key,
            reader.account or 0,
            reader.person,
            now_s,
            words.subject,
            words.text,
            chosen,
        )
        if number is None:
            return 0
        mails = await _portion(node, connection, number)
    office.courier.wake()
    round_ = node.parts.get(MemberMailRound)
    if isinstance(round_, MemberMailRound):
        round_.wake()
    return mails


async def send_some(node: Node) -> bool:
    """Send the next portion of what is being sent; tells whether there was one."""
    if node.gate.mode is Mode.READ_ONLY:
        return False
    async with node.pool.acquire() as connection, connection.transaction():
        number = await connection.fetchval(SQL["member_mail_waiting"])
        if number is not None:
            await _portion(node, connection, number)
    return number is not None


class MemberMailRound(SendingRound):
    """The task that goes on with what is being sent."""

    waits = "member_mail_waits"

    async def send_some(self, node: Node) -> bool:
        """Send the next portion; tells whether there was one."""
        return await send_some(node)


async def _portion(node: Node, connection: AnyConnection, number: int) -> int:
    """Put the next portion of a sending into the outbox; gives how many mails it is."""
    row = await connection.fetchrow(SQL["member_mail_portion"], number, PORTION)
    assert row is not None, "the sending is locked by this transaction"
    office, mails = office_of(node), 0
    words, accounts = Words(row["subject"], row["text"]), list(row["portion"])
    for to in (await _receivers(connection, words, accounts)).people:
        letter = _letter(node, words, to, row["sender"], words.about(), row["sent_at_s"])
        mails += await office.put(connection, letter)
    await connection.execute(SQL["member_mail_went"], number, mails, len(accounts))
    return mails


async def sendings(node: Node, reader: Reader) -> list[Sending]:
    """List what was sent to members, the newest first, with who sent it.

    Raises:
        RefusedError: `forbidden`.

    """
    member_list.require(reader)
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["member_mails"], LISTED)
    return [Sending(**dict(row)) for row in rows]


def _chosen(node: Node, reader: Reader, accounts: Collection[int]) -> list[int]:
    """Give the accounts in their order, so that two sendings at once never wait for each other."""
    member_list.require(reader)
    if len(accounts) > MEMBERS_MAX:
        raise InputError(Code.TOO_LARGE, field="members", limit=MEMBERS_MAX)
    known = node.machine.books.ledger.accounts
    for account in accounts:
        if account not in known or known[account].kind is not AccountKind.MEMBER:
            raise RefusedError(Code.NOT_FOUND, field="account")
    return sorted(set(accounts))


async def _receivers(connection: AnyConnection, words: Words, accounts: list[int]) -> Receivers:
    found = await people_of(connection, accounts)
    rows = await connection.fetch(SQL["who_stopped"], accounts, MailKind.GROUP.value)
    stopped = {(row["account"], row["person"]) for row in rows}
    named = list(_each_address_once(found[account] for account in accounts if account in found))
    wanting = [one for one in named if (one.account, one.person) not in stopped]
    keys = {_key(words, one): one for one in wanting}
    told = {row["key"] for row in await connection.fetch(SQL["told_already"], list(keys))}
    return Receivers(
        people=tuple(one for key, one in keys.items() if key not in told),
        without_address=tuple(account for account in accounts if account not in found),
        stopped=len(named) - len(wanting),
        told=len(told),
    )


def _each_address_once(households: Iterable[list[Recipient]]) -> Iterable[Recipient]:
    """Leave out persons of a household who share an address with one before them."""
    for people in households:
        seen: set[str] = set()
        for one in people:
            if one.address.casefold() not in seen:
                seen.add(one.address.casefold())
                yield one


def _key(words: Words, to: Recipient) -> bytes:
    """Give the note that the outbox keeps of these words to somebody; as `render` names it."""
    return told_key(f"{MailKind.GROUP}:{words.about()}:{to.account}:{to.person}")


async def _own(node: Node, reader: Reader) -> Recipient | None:
    people = await office_of(node).people(reader.account or 0)
    return next((one for one in people if one.person == reader.person), None)


def _letter(node: Node, words: Words, to: Recipient, sender: str, about: str, at_s: int) -> Letter:
    return compose.member_letter(
        office_of(node).desk(), to, **words._asdict(), sender=sender, about=about, at_s=at_s
    )
