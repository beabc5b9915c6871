"""Any second that an event can bear is told, in any time zone; the last ones as the last year."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo, available_timezones

import pytest

from federation.members.calendar import date_of
from federation.web.dates import clock
from federation.words.days import day, moment
from schemas.ids import SAFE_INTEGER
from schemas.moments import LAST_S, YEARS, moment_in, told_s
from schemas.texts.words import Language

BRUSSELS = ZoneInfo("Europe/Brussels")


def test_a_moment_of_any_calendar_is_told_as_it_is() -> None:
    assert f"{moment_in(UTC, 0):%Y-%m-%d %H:%M}" == "1970-01-01 00:00"
    assert f"{moment_in(UTC, LAST_S):%Y-%m-%d %H:%M:%S}" == "8999-12-31 23:59:59"
    assert told_s(LAST_S) == LAST_S
    assert YEARS[-1] == 8999


@pytest.mark.parametrize("at_s", [LAST_S + 1, 253_433_923_200, SAFE_INTEGER])
def test_what_no_calendar_holds_is_told_as_its_end(at_s: int) -> None:
    assert moment_in(UTC, at_s) == moment_in(UTC, LAST_S)
    assert {moment_in(ZoneInfo(zone), at_s).year for zone in available_timezones()} == {8999, 9000}
    assert date_of(at_s, BRUSSELS) == date_of(LAST_S, BRUSSELS)
    assert clock(at_s, BRUSSELS) == "00:59"
    assert "9000" in day(at_s, BRUSSELS, Language.NL, year=True)
    assert moment(at_s, BRUSSELS, Language.NL).endswith("om 00:59")
