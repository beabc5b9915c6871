"""Issues of the newsletter: written, tried out on oneself, and sent once to who asked for it.

Sending goes on where it was after a crash: how far it came is written in the same transaction as
its mails, and the outbox knows each by issue and subscriber. Who comes later gets the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.group.rights import Right
from federation.mail.compose.newsletter import STOP_PATH, STRANGER, issue_letter
from federation.mail.letter import Recipient
from federation.mail.office import office_of
from federation.mail.own_words import OwnLetter, own_words, paragraphs_of
from federation.mail.sending_round import SendingRound
from federation.node.identity import system_random
from federation.node.patience import connection_in_time
from federation.node.service import now_s as clock
from federation.public import consent, subscribers
from federation.public.page import ByLanguage, said_in
from federation.public.queries import SQL
from schemas.encoding import encode
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from asyncpg import Record

    from events.log_store import AnyConnection
    from federation.mail.letter import Letter
    from federation.mail.own_words import OwnWords
    from federation.members.reader import Reader
    from federation.node.service import Node
    from schemas.texts.words import Language

SUBJECT_MAX: Final = 120
TEXT_MAX: Final = 8_000
LISTED: Final = 50
AT_ONCE: Final = 50


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """What an issue says, by language; who reads another one gets the first that is there."""

    subject: ByLanguage = {}
    text: ByLanguage = {}


class ShownIssue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue as who writes it sees it."""

    issue: int
    said: Issue
    version: int
    state: str
    """`draft`, `sending`, `sent`."""
    changed_at_s: int
    sent_at_s: int | None
    mails: int


_ISSUE: Final = msgspec.json.Decoder(Issue)


class Sender(SendingRound):
    """The task that sends."""

    waits = "newsletter_waits"

    async def send_some(self, node: Node) -> bool:
        """Send some mails of an issue; tells whether there were any."""
        return await send_some(node)


async def issues(node: Node, reader: Reader) -> list[ShownIssue]:
    """List the issues, the newest first.

    Raises:
        RefusedError: `forbidden`.

    """
    _require(reader)
    async with connection_in_time(node.pool) as connection:
        return [_shown(row) for row in await connection.fetch(SQL["issues"], LISTED)]


async def issue(node: Node, reader: Reader, number: int) -> ShownIssue:
    """Give one issue.

    Raises:
        RefusedError: `forbidden`.
        InputError: `not_found`.

    """
    _require(reader)
    async with connection_in_time(node.pool) as connection:
        row = await connection.fetchrow(SQL["issue"], number)
    if row is None:
        raise InputError(Code.NOT_FOUND, field="issue")
    return _shown(row)


async def write(node: Node, reader: Reader, said: Issue, *, now_s: int) -> int:
    """Begin an issue and give its number.

    Raises:
        RefusedError: `forbidden`.
        InputError: `text_missing`.

    """
    _require(reader)
    _require_whole(said)
    node.gate.require_writable()
    async with connection_in_time(node.pool) as connection, connection.transaction():
        await connection.execute(SQL["write_in_turn"])
        number: int = await connection.fetchval(
            SQL["write_issue"], encode(said), now_s, reader.account or 0
        )
    return number


async def change(
    node: Node, reader: Reader, number: int, said: Issue, *, version: int, now_s: int
) -> bool:
    """Write a draft anew; tells whether it still was the version that was read.

    Raises:
        RefusedError: `forbidden`.
        InputError: `text_missing`.

    """
    _require(reader)
    _require_whole(said)
    async with connection_in_time(node.pool) as connection:
        written = await connection.fetchval(
            SQL["change_issue"], number, version, encode(said), now_s, reader.account or 0
        )
    return written is not None


async def try_out(node: Node, reader: Reader, number: int, *, language: Language) -> bool:
    """Mail an issue, as it is now, to the reader alone; tells whether there is an address for it.

    Raises:
        RefusedError: `forbidden`.
        InputError: `not_found`.

    """
    found, office = await issue(node, reader, number), office_of(node)
    people = await office.people(reader.account or 0)
    own = next((one for one in people if one.person == reader.person), None)
    if own is None:
        return False
    about = f"try:{number}:{found.version}:{system_random(8).hex()}"
    stop = node.settings.public_url + "/newsletter"
    words = (found.said, await own_words(node.pool))
    letter = _letter(node, words, own._replace(language=language), about, stop)
    return await office.post(letter)


async def send(node: Node, reader: Reader, number: int, *, version: int, now_s: int) -> bool:
    """Send an issue as it was seen; tells whether it still was so. A second time does nothing.

    Raises:
        RefusedError: `forbidden`.

    """
    _require(reader)
    node.gate.require_writable()
    async with connection_in_time(node.pool) as connection:
        until = await connection.fetchval(SQL["newest_subscriber"])
        begun = await connection.fetchval(SQL["begin_sending"], number, version, now_s, until)
    sender = node.parts.get(Sender)
    if isinstance(sender, Sender):
        sender.wake()
    return begun is not None


async def send_some(node: Node) -> bool:
    """Write the next mails of what is being sent; tells whether there is more to do."""
    own = await own_words(node.pool)
    async with connection_in_time(node.pool) as connection:
        row = await connection.fetchrow(SQL["sending"])
        if row is None:
            return False
        said, number = _ISSUE.decode(row["said"]), row["issue"]
        found = await connection.fetch(
            SQL["subscribers_behind"], row["sent_to"], row["until_number"], AT_ONCE
        )
        if not found:
            await connection.execute(SQL["sent"], number)
            return True
        async with connection.transaction():
            mails = 0
            for one in found:
                mails += await _put(node, connection, (said, own), number, one)
            await connection.execute(SQL["sent_so_far"], number, found[-1]["number"], mails)
    return True


async def _put(
    node: Node,
    connection: AnyConnection,
    words: tuple[Issue, OwnWords],
    number: int,
    row: Record,
) -> bool:
    kept = subscribers.opened(node, row)
    if kept is None:
        return False
    office = office_of(node)
    person = consent.person_of(office.secret, kept.address)
    token = consent.write_link(
        office.secret, consent.Stop(row["subject"]), consent.STOP, system_random
    )
    to = Recipient(STRANGER, person, "", kept.address, kept.language)
    stop_url = node.settings.public_url + STOP_PATH + token
    return await office.put(connection, _letter(node, words, to, str(number), stop_url))


def _letter(
    node: Node, words: tuple[Issue, OwnWords], to: Recipient, about: str, stop_url: str
) -> Letter:
    said, own = words
    subject, language = said_in(said.subject, to.language)
    desk = office_of(node).desk()
    return issue_letter(
        desk,
        to,
        own=paragraphs_of(own, OwnLetter.NEWSLETTER, desk, to),
        subject=subject,
        text=said.text.get(language) or said_in(said.text, to.language)[0],
        about=about,
        stop_url=stop_url,
        at_s=clock(),
    )


def _shown(row: Record) -> ShownIssue:
    return ShownIssue(**{**dict(row), "said": _ISSUE.decode(row["said"])})


def _require(reader: Reader) -> None:
    if not reader.may(Right.TELL):
        raise RefusedError(Code.FORBIDDEN, field="account")


def _require_whole(said: Issue) -> None:
    """Refuse an issue without a word, and a text or a subject that stands alone in a language."""
    if not said.text or set(said.text) != set(said.subject):
        raise InputError(Code.TEXT_MISSING, field="text")
