"""Days as pages write and read them."""

from __future__ import annotations

from datetime import date

import pytest

from federation.web import dates
from schemas.texts.words import Language


@pytest.mark.parametrize(
    ("language", "said", "first"),
    [
        (Language.NL, "3 december 2026", "1 januari 2027"),
        (Language.FR, "3 décembre 2026", "1er janvier 2027"),
        (Language.EN, "3 December 2026", "1 January 2027"),
    ],
)
def test_a_day_is_written(language: Language, said: str, first: str) -> None:
    assert dates.day_text(date(2026, 12, 3), language) == said
    assert dates.day_text(date(2027, 1, 1), language) == first


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
