"""Times as screens and spreadsheets write them, beside those of a database. Pure.

Day before month, as all of Belgium writes. eLAS and screens show the time of Brussels, a database
holds UTC. A day without a time is its noon, so that it stays that day wherever it is shown.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from federation.migrate import cells
from schemas.errors import InputError

if TYPE_CHECKING:
    from datetime import tzinfo

    from federation.migrate.csv_rows import Cell

BRUSSELS: Final = ZoneInfo("Europe/Brussels")
REWRITTEN: Final = (
    "a date as spreadsheets write it; read as day, month, year. Compare some with the old system"
)
_ISO: Final = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"(?:[ T]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?)?"
)
_DAY_FIRST: Final = re.compile(
    r"(?P<day>[0-9]{1,2})[-/. ]+(?P<month>[0-9]{1,2}|[^\W\d_]{3,9}\.?)[-/. ]+(?P<year>[0-9]{4})"
    r"(?:[ ,]+(?:om |à |at )?(?P<hour>[0-9]{1,2})[:.uh](?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2}))?)?"
)
_MONTHS: Final = {
    word: number
    for number, words in enumerate(
        (
            "jan januari janvier january",
            "feb februari fév février february",
            "maa mrt maart mars mar march",
            "apr april avr avril",
            "mei mai may",
            "jun juni juin june",
            "jul juli juil juillet july",
            "aug augustus août august",
            "sep sept september septembre",
            "okt oktober oct octobre october",
            "nov november novembre",
            "dec december déc décembre",
        ),
        start=1,
    )
    for word in words.split()
}
_NOON: Final = 12


def written_moment(cell: Cell, field: str, note: cells.Note) -> int:
    """Read a time of a database; one that a spreadsheet wrote anew is taken, and noted.

    Raises:
        InputError: `malformed`.

    """
    try:
        return cells.moment(cell, field)
    except InputError:
        found = shown_moment(cell, field, UTC)
        note(field, REWRITTEN)
        return found


def optional_written(cell: Cell, field: str, note: cells.Note) -> int | None:
    """Read such a time that may be missing; an unreadable one is noted and left out."""
    if cell is None or not cell.strip():
        return None
    try:
        return written_moment(cell, field, note)
    except InputError as error:
        note(field, str(error.facts["reason"]))
        return None


def shown_moment(cell: Cell, field: str, zone: tzinfo) -> int:
    """Read a time as a screen shows it, in seconds since 1970.

    Raises:
        InputError: `malformed`.

    """
    text = " ".join((cell or "").split())
    found = _ISO.fullmatch(text) or _DAY_FIRST.fullmatch(text)
    if found is None:
        raise cells.malformed(field, "not a time like 31/05/2024 18:30" if text else "empty")
    month = found["month"].rstrip(".").casefold()
    number = int(month) if month.isdecimal() else _MONTHS.get(month, 0)
    hour = _NOON if found["hour"] is None else int(found["hour"])
    minute, second = int(found["minute"] or 0), int(found["second"] or "0")
    try:
        at = datetime(
            int(found["year"]), number, int(found["day"]), hour, minute, second, tzinfo=zone
        )
        at_s = int(at.astimezone(UTC).timestamp())
    except (ValueError, OverflowError):
        at_s = -1
    if at_s < 0:
        swapped = number > len(set(_MONTHS.values()))
        reason = "no such time (day before month?)" if swapped else "no such time"
        raise cells.malformed(field, reason)
    return at_s


def optional_shown(cell: Cell, field: str, zone: tzinfo, note: cells.Note) -> int | None:
    """Read such a time that may be missing; an unreadable one is noted and left out."""
    if cell is None or not cell.strip():
        return None
    try:
        return shown_moment(cell, field, zone)
    except InputError as error:
        note(field, str(error.facts["reason"]))
        return None
