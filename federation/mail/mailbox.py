"""The mailbox of the demo: mails that were kept instead of sent. Data for its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from federation.mail.queries import SQL
from schemas.errors import Code, InputError
from schemas.texts.words import Language

if TYPE_CHECKING:
    from asyncpg import Record

    from federation.node.service import Node

SHOWN_MAX: Final = 200


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A mail in the list."""

    id: str
    kind: str
    """As it was put down, maybe by a newer version that knows more kinds."""
    name: str
    address: str
    language: Language
    subject: str
    written_at_s: int


class Message(Kept, frozen=True, kw_only=True):
    """One mail, whole."""

    text: str
    html: str
    """A document of its own, with a style of its own; trusted, as we wrote it."""
    stop_url: str


class Line(NamedTuple):
    """A line of a mail's text; with a path it leads to a page of ours."""

    words: str
    path: str = ""


def lines(node: Node, text: str) -> list[Line]:
    """Give a mail's text line by line, each address of ours behind the words above it."""
    found: list[Line] = []
    for line in text.splitlines():
        own = line.startswith(f"{node.settings.public_url}/")
        if own and found and found[-1].words and not found[-1].path:
            found[-1] = Line(found[-1].words, line.removeprefix(node.settings.public_url))
        else:
            found.append(Line(line))
    return found


def keeps(node: Node) -> bool:
    """Tell whether mails are kept here instead of sent."""
    return node.settings.mail.mode == "mailbox"


async def mailbox(node: Node, address: str | None = None) -> list[Kept]:
    """Give the newest mails, of one address or of all; none unless mails are kept here.

    Raises:
        InputError: `not_found` on a node that sends its mails.

    """
    _require_kept(node)
    rows = await node.pool.fetch(SQL["mailbox"], address, SHOWN_MAX)
    return [msgspec.convert(_fields(row), Kept) for row in rows]


async def message(node: Node, mail: str) -> Message:
    """Give one mail.

    Raises:
        InputError: `not_found`.

    """
    _require_kept(node)
    try:
        wanted = bytes.fromhex(mail)
    except ValueError:
        wanted = b""
    row = await node.pool.fetchrow(SQL["message"], wanted)
    if row is None:
        raise InputError(Code.NOT_FOUND, field="mail")
    return msgspec.convert(_fields(row), Message)


def _require_kept(node: Node) -> None:
    if not keeps(node):
        raise InputError(Code.NOT_FOUND, field="mailbox")


def _fields(row: Record) -> dict[str, object]:
    return {**dict(row), "id": row["mail"].hex()}
