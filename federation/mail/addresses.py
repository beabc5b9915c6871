"""Mail addresses and what people write into headers: what cannot harm, and nothing else. Pure.

Stricter than RFC 5321: no quoted local parts, no address literals, and a local part in ASCII, as
few servers take others. A domain may be written in any script; it travels as RFC 5890 says.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from schemas.errors import Code, InputError

ADDRESS_LENGTH_MAX: Final = 254
LOCAL_LENGTH_MAX: Final = 64
NAME_LENGTH_MAX: Final = 80
LINE_LENGTH_MAX: Final = 150
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*", re.ASCII)
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}", re.ASCII)
_NAMED: Final = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
_BIDI: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ISOLATE: Final = ("\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}")


class Mailbox(NamedTuple):
    """An address with the name beside it, which may be empty."""

    name: str
    address: str


def parse_address(text: str, *, field: str = "address") -> str:
    """Read an address, its domain in the form that travels.

    Raises:
        InputError: `malformed`.

    """
    local, at, domain = text.strip().rpartition("@")
    try:
        travels = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise _no_address(field) from error
    fine = (
        at
        and len(local) <= LOCAL_LENGTH_MAX
        and len(local) + 1 + len(travels) <= ADDRESS_LENGTH_MAX
        and _LOCAL.fullmatch(local)
        and _DOMAIN.fullmatch(travels)
    )
    if not fine:
        raise _no_address(field)
    return f"{local}@{travels}"


def parse_mailbox(text: str, *, field: str) -> Mailbox:
    """Read `Name <address>`, or an address alone.

    Raises:
        InputError: `malformed`.

    """
    named = _NAMED.fullmatch(text.strip())
    if named is None:
        return Mailbox("", parse_address(text, field=field))
    return Mailbox(
        one_line(named["name"].strip().strip('"'), NAME_LENGTH_MAX),
        parse_address(named["address"], field=field),
    )


def one_line(text: str, length_max: int = LINE_LENGTH_MAX) -> str:
    """Make a text fit for a header: one line, nothing that steers a terminal or the direction."""
    return cut(" ".join(_harmless(text).split()), length_max)


def paragraph(text: str, length_max: int) -> str:
    """Make a text fit to be quoted in a mail: its lines stay, nothing that steers does."""
    lines = [" ".join(_harmless(line).split()) for line in text.splitlines()]
    return cut("\n".join(lines).strip(), length_max)


def cut(text: str, length_max: int) -> str:
    """Cut a text that is too long, and show that it goes on."""
    return text if len(text) <= length_max else text[: length_max - 1].rstrip() + "…"


def name_in_text(name: str) -> str:
    """Give a name that leaves the direction of the sentence around it alone."""
    said = one_line(name, NAME_LENGTH_MAX)
    if any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in said):
        return f"{_ISOLATE[0]}{said}{_ISOLATE[1]}"
    return said


def _harmless(text: str) -> str:
    kept = _BIDI.sub("", text)
    return "".join(
        letter if unicodedata.category(letter) not in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} else " "
        for letter in kept
    )


def _no_address(field: str) -> InputError:
    return InputError(Code.MALFORMED, field=field, reason="it looks like naam@voorbeeld.be")
