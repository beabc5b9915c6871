"""Days on pages, and the seconds between which a period lies."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.web import dates
from schemas.texts.words import Language

BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.NL, "3 december 2026"),
        (Language.FR, "3 décembre 2026"),
        (Language.EN, "3 December 2026"),
    ],
)
def test_a_day_is_written(language: Language, said: str) -> None:
    assert dates.day_text(date(2026, 12, 3), language) == said


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026-12-03", date(2026, 12, 3)),
        ("3/12/2026", date(2026, 12, 3)),
        ("3-12-2026", date(2026, 12, 3)),
        ("03.12.2026", date(2026, 12, 3)),
        ("31/2/2026", None),
        ("gisteren", None),
        ("0001-01-01", None),
        ("9999-12-31", None),
        ("", None),
    ],
)
def test_a_day_is_read(typed: str, read: date | None) -> None:
    assert dates.read_day(typed) == read


def test_a_day_of_summer_time_is_an_hour_shorter() -> None:
    day = date(2026, 3, 29)

    assert dates.end_of(day, BRUSSELS) - dates.start_of(day, BRUSSELS) == 23 * 3600


@given(st.dates(date(1971, 1, 1), date(2200, 1, 1)), st.integers(1, 30))
def test_months_follow_each_other_up_to_this_one(day: date, count: int) -> None:
    months = dates.months_until(day, count)

    assert len(months) == count
    assert months[-1] == day.replace(day=1)
    assert all(month.day == 1 for month in months)
    assert months == sorted(set(months))


@given(st.integers(0, 2**33))
def test_a_second_lies_in_its_day(at_s: int) -> None:
    day = dates.date_of(at_s, BRUSSELS)

    assert dates.start_of(day, BRUSSELS) <= at_s < dates.end_of(day, BRUSSELS)
