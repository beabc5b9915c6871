"""Days and moments as people read them, in the time zone of their group. Pure.

`babel.dates` gives the names of days and months; the order is ours, as its long forms differ
between its releases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from babel.dates import get_day_names, get_month_names

from federation.words.amounts import NO_BREAK
from schemas.moments import moment_in
from schemas.texts.words import Language

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_FIRST: Final = 1


def day(at_s: int, zone: ZoneInfo, language: Language, *, year: bool = False) -> str:
    """Write a day: `donderdag 3 december`, `mardi 1er décembre`, `Thursday 3 December 2026`."""
    at = moment_in(zone, at_s)
    weekday = get_day_names(locale=language)[at.weekday()]
    month = get_month_names(locale=language)[at.month]
    said = f"{weekday} {day_of_month(at.day, language)} {month}"
    return f"{said} {at.year}" if year else said


def day_of_month(number: int, language: Language) -> str:
    """Write which day of its month it is: French counts from the first, `1er`, on with plain 2."""
    return f"{number}er" if language is Language.FR and number == _FIRST else f"{number}"


def moment(at_s: int, zone: ZoneInfo, language: Language) -> str:
    """Write a day with its time: `donderdag 3 december om 18:05`."""
    said, clock = day(at_s, zone, language), clock_text(at_s, zone, language)
    if language is Language.NL:
        return f"{said} om {clock}"
    return f"{said} à {clock}" if language is Language.FR else f"{said} at {clock}"


def clock_text(at_s: int, zone: ZoneInfo, language: Language) -> str:
    """Write a time of the day, which no line breaks in two: `18:05`, `18 h 05`."""
    at = moment_in(zone, at_s)
    french = f"{at:%H}{NO_BREAK}h{NO_BREAK}{at:%M}"
    return french if language is Language.FR else f"{at:%H:%M}"
