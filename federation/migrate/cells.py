"""What a cell means: numbers, moments, truth values, clean text.

Invariant: what comes out fits the log: integers within 2^53, text in NFC without control
characters. A message never repeats the cell. HTML is for `html_text`.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from schemas.errors import Code, InputError
from schemas.ids import SAFE_INTEGER

if TYPE_CHECKING:
    from collections.abc import Callable

    from federation.migrate.csv_rows import Cell

    Note = Callable[[str, str], None]
    """Notes an oddity of a column without refusing the row: (column, reason)."""

LINE_LENGTH_MAX: Final = 200
DESCRIPTION_LENGTH_MAX: Final = 500
TEXT_LENGTH_MAX: Final = 20_000
UPPER_NONE: Final = 999_999_999
LOWER_NONE: Final = -999_999_999

_DIGITS_MAX: Final = 16
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,1000}\Z")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)?\Z"
)
_TO_THE_DAY: Final = 10
_HOUR_MAX: Final = 23
_SIXTIETH_MAX: Final = 59
_DAY_S: Final = 86_400
_EPOCH: Final = date(1970, 1, 1).toordinal()
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_BUT_LINE_FEED: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_BLANKS: Final = re.compile(r"[^\S\n]+")
_CARRIAGE_RETURN: Final = re.compile(r"\r\n?")
_LINE_FEED: Final = re.compile(r" ?\n ?")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")


def malformed(field: str, reason: str) -> InputError:
    """Make the error of a cell that cannot be used."""
    return InputError(Code.MALFORMED, field=field, reason=reason)


def whole(cell: Cell, field: str) -> int:
    """Read an integer within 2^53.

    Raises:
        InputError: `malformed`.

    """
    if cell is not None and len(cell) < _DIGITS_MAX and cell.isascii() and cell.isdigit():
        return int(cell)
    text = "" if cell is None else cell.strip()
    if not _INTEGER.match(text):
        raise malformed(field, "empty" if not text else "not a whole number")
    number = int(text)
    if abs(number) > SAFE_INTEGER:
        raise malformed(field, "beyond 2^53")
    return number


def identifier(cell: Cell, field: str) -> int:
    """Read the number of a row, 1 or more.

    Raises:
        InputError: `malformed`.

    """
    number = whole(cell, field)
    if number < 1:
        raise malformed(field, "not a row number from 1 up")
    return number


def optional_identifier(cell: Cell) -> int | None:
    """Read a reference that may be missing; 0 stood for none in eLAS."""
    text = "" if cell is None else cell.strip()
    if not _INTEGER.match(text) or len(text) > _DIGITS_MAX or int(text) < 1:
        return None
    return min(int(text), SAFE_INTEGER)


def amount(cell: Cell, field: str) -> int:
    """Read what a transfer moves: a whole number of units above zero.

    Raises:
        InputError: `amount_not_integer`, `amount_not_positive`, `amount_too_large`.

    """
    text = "" if cell is None else cell.strip()
    if not _INTEGER.match(text):
        raise InputError(Code.AMOUNT_NOT_INTEGER, field=field, reason="not a whole number")
    if abs(int(text)) > SAFE_INTEGER:
        raise InputError(Code.AMOUNT_TOO_LARGE, field=field, reason="beyond 2^53")
    if int(text) < 1:
        raise InputError(Code.AMOUNT_NOT_POSITIVE, field=field, reason="not more than zero")
    return int(text)


def optional_whole(cell: Cell, field: str, note: Note) -> int | None:
    """Read an integer that may be missing; an unreadable one is noted and left out."""
    if cell is None or not cell.strip():
        return None
    try:
        return whole(cell, field)
    except InputError as error:
        note(field, str(error.facts["reason"]))
        return None


def upper_limit(number: int | None) -> int | None:
    """Give an upper limit; 0 and 999999999 stand for none."""
    return None if number is None or number == 0 or number >= UPPER_NONE else number


def lower_limit(number: int | None) -> int | None:
    """Give a lower limit; -999999999 stands for none."""
    return None if number is None or number <= LOWER_NONE else number


def moment(cell: Cell, field: str) -> int:
    """Read a UTC time without a zone in seconds since 1970; fractions are cut off.

    Raises:
        InputError: `malformed`.

    """
    text = "" if cell is None else cell.strip()
    if not _MOMENT.match(text):
        raise malformed(field, "not a time like 2024-05-31 18:30:00" if text else "empty")
    day = _day(text[:_TO_THE_DAY])
    hour, minute, second = text[11:13] or 0, text[14:16] or 0, text[17:19] or 0
    of_day = int(hour) * 3600 + int(minute) * 60 + int(second)
    if day is None or int(hour) > _HOUR_MAX or max(int(minute), int(second)) > _SIXTIETH_MAX:
        raise malformed(field, "no such time")
    return day * _DAY_S + of_day


@lru_cache(maxsize=8192)
def _day(text: str) -> int | None:
    """Count the days since 1970; `None` for a date that is none or lies before."""
    try:
        day = date.fromisoformat(text).toordinal() - _EPOCH
    except ValueError:
        return None
    return day if day >= 0 else None


def flag(cell: Cell) -> bool:
    """Read a truth value; NULL is false."""
    return cell is not None and cell.strip().lower() in {"t", "true", "1"}


def line_text(cell: Cell, length_max: int = LINE_LENGTH_MAX) -> str:
    """Give text as one line: NFC, no control characters, single blanks, cut to `length_max`."""
    if not cell:
        return ""
    if cell.isascii() and cell.isprintable() and "  " not in cell:
        return cell.strip()[:length_max].rstrip()
    text = _BLANKS.sub(" ", _CONTROL.sub(" ", normalize("NFC", cell)))
    return text.strip()[:length_max].rstrip()


def free_text(cell: Cell, length_max: int = TEXT_LENGTH_MAX) -> str:
    """Give text with its lines: NFC, LF, no other control characters, cut to `length_max`."""
    if not cell:
        return ""
    text = _BLANKS.sub(" ", _CARRIAGE_RETURN.sub("\n", cell))
    text = normalize("NFC", _CONTROL_BUT_LINE_FEED.sub("", text))
    text = _LINE_FEED.sub("\n", text)
    return _EMPTY_LINES.sub("\n\n", text).strip()[:length_max].rstrip()
