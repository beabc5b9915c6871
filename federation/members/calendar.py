"""The calendar of a group: which second belongs to which day, where the group lives. Pure.

How days are written and read is for `federation.words.days` and for the pages.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from schemas.moments import moment_in

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_MONTHS: Final = 12


def date_of(at_s: int, zone: ZoneInfo) -> date:
    """Give the day on which a second falls."""
    return moment_in(zone, at_s).date()


def start_of(day: date, zone: ZoneInfo) -> int:
    """Give the second at which a day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).timestamp())


def end_of(day: date, zone: ZoneInfo) -> int:
    """Give the second at which the next day begins."""
    return start_of(day + timedelta(days=1), zone)


def moment_of(day: date, at: time, zone: ZoneInfo) -> int:
    """Give the second at which a clock in the group shows a time of a day."""
    return int(datetime.combine(day, at, tzinfo=zone).astimezone(UTC).timestamp())


def months_until(day: date, count: int = _MONTHS) -> list[date]:
    """Give the first days of the last months, that of `day` as the last one."""
    whole = day.year * _MONTHS + day.month - 1
    months = (whole - back for back in range(count - 1, -1, -1))
    return [date(month // _MONTHS, month % _MONTHS + 1, 1) for month in months]
