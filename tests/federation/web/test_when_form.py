"""Days and hours as people type them on forms, and as pages say them."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.members import calendar
from federation.web import dates, when_form
from federation.web.forms import Form
from federation.words.texts import texts
from schemas.texts.words import Language

BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("14:30", time(14, 30)),
        ("14.30", time(14, 30)),
        ("14u30", time(14, 30)),
        ("14 h 30", time(14, 30)),
        ("9", time(9)),
        ("9u", time(9)),
        (" 00:00 ", time(0)),
        ("24:00", None),
        ("14:60", None),
        ("14:3", None),
        ("half drie", None),
        ("", None),
        ("१४:३०", None),
        ("-1:00", None),
    ],
)
def test_an_hour_is_read_as_people_write_it(typed: str, read: time | None) -> None:
    assert dates.read_time(typed) == read


@pytest.mark.parametrize(
    ("language", "begin", "end", "said"),
    [
        (Language.NL, None, None, "donderdag 3 december 2026"),
        (Language.NL, time(9, 5), None, "donderdag 3 december 2026 om 09:05"),
        (Language.NL, time(9), time(12), "donderdag 3 december 2026 van 09:00 tot 12:00"),
        (
            Language.FR,
            time(9),
            time(12),
            "jeudi 3 décembre 2026 de 09\u00a0h\u00a000 à 12\u00a0h\u00a000",
        ),
        (Language.EN, time(9), time(12), "Thursday 3 December 2026 from 09:00 to 12:00"),
    ],
)
def test_a_page_says_when(
    language: Language, begin: time | None, end: time | None, said: str
) -> None:
    day = date(2026, 12, 3)
    starts = calendar.moment_of(day, begin or time(), BRUSSELS)
    ends = None if end is None else calendar.moment_of(day, end, BRUSSELS)

    assert dates.when_text(starts, ends, BRUSSELS, texts(language)) == said


def test_what_goes_on_over_midnight_names_both_days() -> None:
    starts = calendar.moment_of(date(2026, 12, 31), time(21), BRUSSELS)

    said = dates.when_text(starts, starts + 5 * 3_600, BRUSSELS, texts(Language.NL))

    assert said == ("Van donderdag 31 december 2026 om 21:00 tot vrijdag 1 januari 2027 om 02:00")


@given(
    st.dates(date(1980, 1, 1), date(2100, 1, 1)),
    st.none() | st.times(),
    st.none() | st.times(),
    st.booleans(),
)
def test_what_a_form_shows_is_read_back_as_the_same(
    day: date, begin: time | None, end: time | None, whole: bool
) -> None:
    typed = {
        "day": day.isoformat(),
        "from": "" if begin is None else f"{begin:%H:%M}",
        "until": "" if end is None else f"{end:%H:%M}",
    }
    form = Form.filled(**typed)
    when = when_form.read_when(form, BRUSSELS, whole=whole)

    needed = begin is not None or (whole and end is None)
    both = whole or end is not None
    after = end is None or begin is None or f"{end:%H:%M}" > f"{begin:%H:%M}"
    assert form.fine == (needed and both and after)
    if form.fine and begin != time() and calendar.date_of(when.starts_at_s, BRUSSELS) == day:
        again = Form.filled(**when_form.values_of(*when, BRUSSELS))
        assert when_form.read_when(again, BRUSSELS, whole=whole) == when
