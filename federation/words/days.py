"""Days and moments as people read them, in the time zone of their group. Pure.

`babel.dates` gives the names of days and months; the order is ours, as its long forms differ
between its releases.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from babel.dates import get_day_names, get_month_names

from schemas.texts.words import Language

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_FIRST: Final = 1


def day(at_s: int, zone: ZoneInfo, language: Language, *, year: bool = False) -> str:
    """Write a day: `donderdag 3 december`, `mardi 1er décembre`, `Thursday 3 December 2026`."""
    at = datetime.fromtimestamp(at_s, zone)
    weekday = get_day_names(locale=language)[at.weekday()]
    month = get_month_names(locale=language)[at.month]
    ordinal = "er" if language is Language.FR and at.day == _FIRST else ""
    said = f"{weekday} {at.day}{ordinal} {month}"
    return f"{said} {at.year}" if year else said


def moment(at_s: int, zone: ZoneInfo, language: Language) -> str:
    """Write a day with its time: `donderdag 3 december om 18:05`."""
    at = datetime.fromtimestamp(at_s, zone)
    said = day(at_s, zone, language)
    if language is Language.NL:
        return f"{said} om {at:%H:%M}"
    return f"{said} à {at:%H} h {at:%M}" if language is Language.FR else f"{said} at {at:%H:%M}"
