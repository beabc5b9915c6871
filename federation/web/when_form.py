"""When something is, as three fields of a form: a day, from when, until when."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.members import calendar
from federation.web import dates
from federation.words.texts import later

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from federation.web.forms import Form

NO_DAY: Final = later("Dit lijkt geen dag. Een dag ziet eruit als 3/12/2026.")
_NO_TIME: Final = later("Dit lijkt geen uur. Een uur ziet eruit als 14:30.")
_BACKWARDS: Final = later("Het einde komt na het begin.")
_NEEDED: Final = later("Vul een uur in, zoals 14:30.")


class When(NamedTuple):
    """A beginning, and an end when it has one; seconds."""

    starts_at_s: int
    ends_at_s: int | None


def values_of(starts_at_s: int, ends_at_s: int | None, zone: ZoneInfo) -> dict[str, str]:
    """Give the fields of something that is known."""
    day = calendar.date_of(starts_at_s, zone)
    whole = ends_at_s is None and starts_at_s == calendar.start_of(day, zone)
    return {
        "day": day.isoformat(),
        "from": "" if whole else dates.clock(starts_at_s, zone),
        "until": "" if ends_at_s is None else dates.clock(ends_at_s, zone),
    }


def read_day(form: Form, zone: ZoneInfo) -> int:
    """Read a day, as its first second; notes what is wrong."""
    day = _day(form)
    return 0 if day is None else calendar.start_of(day, zone)


def read_when(form: Form, zone: ZoneInfo, *, whole: bool) -> When:
    """Read the three fields; notes what is wrong. `whole`: the hours may be left out."""
    day, begin, end = _day(form), _time(form, "from"), _time(form, "until")
    if begin is None and (end is not None or not whole):
        form.fail("from", _NEEDED)
    if end is None and not whole:
        form.fail("until", _NEEDED)
    if begin is not None and end is not None and end <= begin:
        form.fail("until", _BACKWARDS)
    if day is None:
        return When(0, None)
    starts_at_s = calendar.moment_of(day, begin or time(), zone)
    return When(starts_at_s, None if end is None else calendar.moment_of(day, end, zone))


def _day(form: Form) -> date | None:
    typed = form.text("day", most=20, required=True)
    found = dates.read_day(typed)
    if typed and found is None:
        form.fail("day", NO_DAY)
    return found


def _time(form: Form, name: str) -> time | None:
    typed = form.text(name, most=10)
    found = dates.read_time(typed)
    if typed and found is None:
        form.fail(name, _NO_TIME)
    return found
