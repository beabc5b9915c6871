"""Seconds of days, and the months before one."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from federation.members import calendar

BRUSSELS = ZoneInfo("Europe/Brussels")


def test_a_day_of_summer_time_is_an_hour_shorter() -> None:
    day = date(2026, 3, 29)

    assert calendar.end_of(day, BRUSSELS) - calendar.start_of(day, BRUSSELS) == 23 * 3600


@given(st.dates(date(1971, 1, 1), date(2200, 1, 1)), st.integers(1, 30))
def test_months_follow_each_other_up_to_this_one(day: date, count: int) -> None:
    months = calendar.months_until(day, count)

    assert len(months) == count
    assert months[-1] == day.replace(day=1)
    assert all(month.day == 1 for month in months)
    assert months == sorted(set(months))


@given(st.integers(0, 2**33))
def test_a_second_lies_in_its_day(at_s: int) -> None:
    day = calendar.date_of(at_s, BRUSSELS)

    assert calendar.start_of(day, BRUSSELS) <= at_s < calendar.end_of(day, BRUSSELS)
