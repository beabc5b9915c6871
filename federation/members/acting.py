"""Who acts, in whose name, and the keys by which the same deed is done once."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from federation.node.written import written_text
from projections.ledger import Account
from schemas.encoding import b64
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node


class Actor(NamedTuple):
    """The account whose deed it is, and who enters it when that is somebody else."""

    account: int
    entered_by: int | None = None


def actor(reader: Reader) -> Actor:
    """Say for which account a reader acts.

    Raises:
        RefusedError: `forbidden` for who is not a member here.

    """
    account = reader.subject_account
    if account is None:
        raise RefusedError(Code.FORBIDDEN, field="account")
    return Actor(account, reader.account if account != reader.account else None)


def derived_key(*parts: object) -> str:
    """Give the key of what can be done once: whoever presses twice, in two tabs, does it once."""
    words = "\n".join(("ruilbrug/once/v1", *map(str, parts)))
    return b64(sha256(words.encode()).digest()[:16])


def said(text: str, *, field: str = "text", length_max: int) -> str:
    """Give a text as it is kept; the line ends of a browser become line feeds.

    Raises:
        InputError: `malformed`, `too_large`.

    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return written_text(plain, field=field, length_max=length_max)


def needed(text: str, *, field: str = "text", length_max: int) -> str:
    """Give the same of a text that may not be empty.

    Raises:
        InputError: `text_missing`, `malformed`, `too_large`.

    """
    found = said(text, field=field, length_max=length_max)
    if not found:
        raise InputError(Code.TEXT_MISSING, field=field)
    return found


def account_of(node: Node, number: int) -> Account:
    """Give an account by its number.

    Raises:
        InputError: `account_unknown`.

    """
    found = node.machine.books.ledger.accounts.get(number)
    if found is None:
        raise InputError(Code.ACCOUNT_UNKNOWN, field="account")
    return found
