"""What people write, made fit to be kept: one form of Unicode, nothing that hides, a limit each.

Pure. Characters that nobody sees are dropped and not refused: they come with pasted text. Markup is
text like any other; whoever shows it escapes it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from schemas.openings import MemberText

NAME_MAX: Final = 100
MAIL_KINDS: Final = frozenset({"mail", "email", "e-mail"})
"""Kinds of contacts that are mail addresses; the first one is where its member signs in."""
ADDRESS_MAX: Final = 254
TITLE_MAX: Final = 120
TEXT_MAX: Final = 4_000
_HIDDEN: Final = re.compile(
    "[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]"
)
_LINE_ENDS: Final = re.compile("\\r\\n?|\\u2028|\\u2029|\\x85|\\x0b|\\x0c")
_BLANKS: Final = re.compile(r"\s+")
_MANY_LINES: Final = re.compile(r"\n{3,}")
_SURROGATES: Final = re.compile("[\\ud800-\\udfff]")
_ADDRESS: Final = re.compile(r"[^\s@<>\"(),:;\\]{1,64}@[^\s@<>\"(),:;\\.]+(\.[^\s@<>\"(),:;\\.]+)+")


def paragraphs(text: str, field: str, limit: int, *, needed: bool = False) -> str:
    """Give a text that may have several lines.

    Raises:
        InputError: `text_missing` when it is needed and empty, `too_large`; they name the field.

    """
    text = _SURROGATES.sub("", text.replace("\t", " "))
    text = unicodedata.normalize("NFC", _HIDDEN.sub("", _LINE_ENDS.sub("\n", text)))
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    text = _MANY_LINES.sub("\n\n", text).strip()
    if needed and not text:
        raise InputError(Code.TEXT_MISSING, field=field)
    if len(text) > limit:
        raise InputError(Code.TOO_LARGE, field=field, limit=limit)
    return text


def line(text: str, field: str, limit: int, *, needed: bool = False) -> str:
    """Give a text of one line: other line ends become blanks. Raises as `paragraphs`."""
    text = paragraphs(text, field, len(text) + 1)
    return paragraphs(_BLANKS.sub(" ", text), field, limit, needed=needed)


def sign_in_address(text: MemberText) -> str:
    """Give the address by which a member signs in: its first one; empty when it has none."""
    mail = (c.value for c in text.contacts if c.kind.casefold() in MAIL_KINDS and c.value)
    return next(mail, "").strip()


def mail_address(text: str, field: str = "address") -> str:
    """Give a mail address as it was written, without outer blanks.

    Raises:
        InputError: `text_missing`, `mail_address_invalid`.

    """
    text = line(text, field, 4 * ADDRESS_MAX, needed=True)
    if len(text) > ADDRESS_MAX or not _ADDRESS.fullmatch(text):
        raise InputError(Code.MAIL_ADDRESS_INVALID, field=field)
    return text


def address_key(address: str) -> str:
    """Give the form in which two mail addresses are the same."""
    return unicodedata.normalize("NFC", address).strip().casefold()


def language(text: str) -> str:
    """Give a language of ours, or nothing for that of the group.

    Raises:
        InputError: `malformed`.

    """
    if text not in ("", "nl", "fr", "en"):
        raise InputError(Code.MALFORMED, field="language", reason="nl, fr or en")
    return text
