"""Days on pages: short ones for lists, "today" where that is plainer. Pure.

Days as they are said in sentences are in `federation.words.days`, which seconds they have in
`federation.members.calendar`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from babel.dates import get_month_names

from federation.members.calendar import date_of, start_of
from federation.words import days
from schemas.moments import YEARS, moment_in

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from federation.words.texts import Texts
    from schemas.texts.words import Language

_HOUR_LAST: Final = 23
_MINUTE_LAST: Final = 59
_TIME: Final = re.compile(r"(?P<hour>[0-9]{1,2})\s*(?:[:.uhUH]\s*(?P<minute>[0-9]{2})?)?")


@lru_cache(maxsize=4_096)
def day_text(day: date, language: Language) -> str:
    """Write a day with its year: `3 december 2026`, `1er janvier 2027`."""
    return f"{days.day_of_month(day.day, language)} {month_text(day, language)}"


@lru_cache(maxsize=512)
def month_text(day: date, language: Language) -> str:
    """Write a month with its year: `december 2026`."""
    return f"{get_month_names('wide', locale=language.value)[day.month]} {day.year}"


@lru_cache(maxsize=512)
def month_letter(day: date, language: Language) -> str:
    """Write a month in as little as fits under a bar: `dec`."""
    short: str = get_month_names("abbreviated", locale=language.value)[day.month]
    return short.rstrip(".")


def clock(at_s: int, zone: ZoneInfo) -> str:
    """Write a time of the day as a field for times holds it: `18:05`."""
    return f"{moment_in(zone, at_s):%H:%M}"


def when_text(starts_at_s: int, ends_at_s: int | None, zone: ZoneInfo, texts: Texts) -> str:
    """Write when something is: a day, with its hours unless it is the whole day."""
    language = texts.language
    day = days.day(starts_at_s, zone, language, year=True)
    if ends_at_s is None and starts_at_s == start_of(date_of(starts_at_s, zone), zone):
        return day
    begin = days.clock_text(starts_at_s, zone, language)
    if ends_at_s is None or ends_at_s == starts_at_s:
        return texts.say("%(day)s om %(begin)s", day=day, begin=begin)
    end = days.clock_text(ends_at_s, zone, language)
    if date_of(ends_at_s, zone) == date_of(starts_at_s, zone):
        return texts.say("%(day)s van %(begin)s tot %(end)s", day=day, begin=begin, end=end)
    last = days.day(ends_at_s, zone, language, year=True)
    return texts.say(
        "Van %(day)s om %(begin)s tot %(last)s om %(end)s",
        day=day,
        begin=begin,
        last=last,
        end=end,
    )


def read_time(text: str) -> time | None:
    """Read a time as a field for times sends it, `18:05`, or as people write it, `18.05`, `18u`."""
    found = _TIME.fullmatch(text.strip())
    if found is None or int(found["hour"]) > _HOUR_LAST or int(found["minute"] or 0) > _MINUTE_LAST:
        return None
    return time(int(found["hour"]), int(found["minute"] or 0))


def read_day(text: str) -> date | None:
    """Read a day as a date field sends it, `2026-12-03`, or as people write it, `3/12/2026`."""
    for shape in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            read = datetime.strptime(text.strip(), shape).replace(tzinfo=UTC).date()
        except ValueError:
            continue
        return read if read.year in YEARS else None
    return None
