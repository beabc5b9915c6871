"""When digests are due: one morning of each week, for some the first of a month. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from federation.mail.digest import DAY_S, Rhythm

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

HOUR: Final = 9
FRIDAY: Final = 4
WEEK: Final = 7
LATE_S: Final = 2 * DAY_S
"""An edition that could not go out for so long is left out; the next one tells the same."""
BEFORE_FIRST_S: Final = {Rhythm.WEEKLY: 7 * DAY_S, Rhythm.MONTHLY: 31 * DAY_S}
"""How far back the first digest of somebody looks."""


def due_s(now_s: int, zone: ZoneInfo, weekday: int) -> int:
    """Give the last due moment until now; `weekday` counts from Monday, 0."""
    today = datetime.fromtimestamp(now_s, zone).date()
    day = today - timedelta(days=(today.weekday() - weekday) % WEEK)
    at_s = _morning_s(day, zone)
    return at_s if at_s <= now_s else _morning_s(day - timedelta(days=WEEK), zone)


def next_due_s(now_s: int, zone: ZoneInfo, weekday: int) -> int:
    """Give the first due moment after now."""
    last = datetime.fromtimestamp(due_s(now_s, zone, weekday), zone).date()
    return _morning_s(last + timedelta(days=WEEK), zone)


def month_due_s(due_s: int, zone: ZoneInfo) -> int:
    """Give the last due moment until one of these, itself too, that is the first of its month."""
    day = datetime.fromtimestamp(due_s, zone).date()
    first = day.replace(day=(day.day - 1) % WEEK + 1)
    return _morning_s(first, zone)


def is_due(rhythm: Rhythm, told_s: int, due_s: int, zone: ZoneInfo) -> bool:
    """Tell whether somebody who was told up to `told_s` is told in the edition of `due_s`."""
    since_s = due_s if rhythm is Rhythm.WEEKLY else month_due_s(due_s, zone)
    return told_s < since_s


def _morning_s(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(HOUR), zone).timestamp())
