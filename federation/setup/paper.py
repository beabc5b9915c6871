"""Keys on paper: each as four short lines that find out themselves when they are typed wrong.

Pure. A line holds its name (`B3`), eight bytes of the key and a checksum of sixteen bits over name
and bytes, as 16 characters in four blocks. One wrong character, two neighbours that changed places
and a line at another's place are always found; anything else, but for one in 65,536. The alphabet
is Crockford's: no I, L, O and U, and whoever types them for 1 and 0 is understood.
"""

from __future__ import annotations

import base64
import re
from binascii import crc_hqx
from typing import TYPE_CHECKING, Final

from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PAPER_KEYS: Final = {"A": "root", "B": "root-next", "C": "recovery"}
"""The keys that belong on paper, by the letter of their lines; names as in `keys/`."""
KEY_SIZE: Final = 32
LINES: Final = 4
ENDING: Final = 4
"""So many characters at a line's end are asked for to prove that it was written down."""
_PART: Final = KEY_SIZE // LINES
_BLOCK: Final = 4
_CHARACTERS: Final = 16
_SEEN_BYTES_MAX: Final = 10_000
_PLAIN: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_WRITE: Final = str.maketrans(_PLAIN, _CROCKFORD)
_READ: Final = str.maketrans(_CROCKFORD + "OILU", _PLAIN + _PLAIN[0] + 2 * _PLAIN[1] + "?")
"""Of letters that no paper shows, three are taken for digits; U stands for none."""
_NAMED: Final = re.compile(r"\s*([ABCabc])\s*([1-4])(?:[\s.:)-]+|$)(.*)")
_BETWEEN: Final = re.compile(r"[\s.-]+")


def line_names() -> tuple[str, ...]:
    """Give the names of all lines in the order of the paper."""
    return tuple(f"{letter}{number}" for letter in PAPER_KEYS for number in range(1, LINES + 1))


def write_lines(letter: str, key: bytes) -> list[str]:
    """Give the lines of a key: `B1  K7QD 0M2P X4RT 9HCE`."""
    assert letter in PAPER_KEYS
    assert len(key) == KEY_SIZE
    return [
        f"{letter}{number + 1}  {_blocks(_sealed(f'{letter}{number + 1}', part))}"
        for number, part in enumerate(key[at : at + _PART] for at in range(0, KEY_SIZE, _PART))
    ]


def read_line(name: str, typed: str) -> bytes:
    """Give the bytes of the line `name` as somebody typed it, with or without its name.

    Raises:
        InputError: `paper_line`, naming the line.

    """
    named = _NAMED.fullmatch(typed)
    if named and f"{named[1].upper()}{named[2]}" == name:
        typed = named[3]
    plain = _BETWEEN.sub("", typed).upper().translate(_READ)
    if len(plain) != _CHARACTERS or not set(plain) <= set(_PLAIN):
        raise InputError(Code.PAPER_LINE, field=name)
    sealed = base64.b32decode(plain)
    if _sealed(name, sealed[:_PART]) != sealed:
        raise InputError(Code.PAPER_LINE, field=name)
    return sealed[:_PART]


def read_lines(typed: str) -> dict[str, bytes]:
    """Give the keys that typed lines hold, by name; what is no line of the paper is passed over.

    Raises:
        InputError: `paper_line` naming a line, `paper_lines_missing` naming all that are missing
            of keys that were begun, `too_large`.

    """
    if len(typed) > _SEEN_BYTES_MAX:
        raise InputError(Code.TOO_LARGE, field="paper", limit=_SEEN_BYTES_MAX)
    parts: dict[str, bytes] = {}
    for line in typed.splitlines():
        named = _NAMED.fullmatch(line)
        if named is not None:
            name = f"{named[1].upper()}{named[2]}"
            parts[name] = read_line(name, named[3])
    begun = {name[0] for name in parts} or set(PAPER_KEYS)
    missing = [name for name in line_names() if name[0] in begun and name not in parts]
    if missing:
        raise InputError(Code.PAPER_LINES_MISSING, field=", ".join(missing))
    return {
        PAPER_KEYS[letter]: b"".join(parts[f"{letter}{number}"] for number in range(1, LINES + 1))
        for letter in sorted(begun)
    }


def wrong_endings(keys: Mapping[str, bytes], endings: Mapping[str, str]) -> list[str]:
    """Name the lines whose last block is not what somebody read from the paper."""
    return [
        name
        for name, line in _lines_by_name(keys)
        if _seen(endings.get(name, "")) != _seen(line[-ENDING:])
    ]


def _lines_by_name(keys: Mapping[str, bytes]) -> Iterable[tuple[str, str]]:
    for letter, key in PAPER_KEYS.items():
        if key in keys:
            for line in write_lines(letter, keys[key]):
                yield line[:2], line


def _seen(typed: str) -> str:
    return _BETWEEN.sub("", typed).upper().translate(_READ)


def _sealed(name: str, part: bytes) -> bytes:
    """Put the checksum behind the bytes of a line."""
    return part + crc_hqx(name.encode() + part, 0xFFFF).to_bytes(2, "big")


def _blocks(sealed: bytes) -> str:
    written = base64.b32encode(sealed).decode().translate(_WRITE)
    return " ".join(written[at : at + _BLOCK] for at in range(0, _CHARACTERS, _BLOCK))
