"""Days on pages: short ones for lists, "today" where that is plainer. Pure.

Days as they are said in sentences are in `federation.words.days`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from babel.dates import get_month_names

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from schemas.texts.words import Language

_MONTHS = 12


def date_of(at_s: int, zone: ZoneInfo) -> date:
    """Give the day on which a second falls, where the group lives."""
    return datetime.fromtimestamp(at_s, zone).date()


@lru_cache(maxsize=4_096)
def day_text(day: date, language: Language) -> str:
    """Write a day with its year: `3 december 2026`, `1 janvier 2027`."""
    return f"{day.day} {get_month_names('wide', locale=language.value)[day.month]} {day.year}"


@lru_cache(maxsize=512)
def month_text(day: date, language: Language) -> str:
    """Write a month with its year: `december 2026`."""
    return f"{get_month_names('wide', locale=language.value)[day.month]} {day.year}"


@lru_cache(maxsize=512)
def month_letter(day: date, language: Language) -> str:
    """Write a month in as little as fits under a bar: `dec`."""
    short: str = get_month_names("abbreviated", locale=language.value)[day.month]
    return short.rstrip(".")


def start_of(day: date, zone: ZoneInfo) -> int:
    """Give the second at which a day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).timestamp())


def end_of(day: date, zone: ZoneInfo) -> int:
    """Give the second at which the next day begins."""
    return start_of(day + timedelta(days=1), zone)


def months_until(day: date, count: int = _MONTHS) -> list[date]:
    """Give the first days of the last months, that of `day` as the last one."""
    whole = day.year * _MONTHS + day.month - 1
    months = (whole - back for back in range(count - 1, -1, -1))
    return [date(month // _MONTHS, month % _MONTHS + 1, 1) for month in months]


def read_day(text: str) -> date | None:
    """Read a day as a date field sends it, `2026-12-03`, or as people write it, `3/12/2026`."""
    for shape in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            read = datetime.strptime(text.strip(), shape).replace(tzinfo=UTC).date()
        except ValueError:
            continue
        return read if 1970 <= read.year < 9000 else None  # noqa: PLR2004 - what a zone can tell
    return None
