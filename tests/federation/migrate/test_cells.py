"""Cells become numbers, moments and clean text, or are refused without being repeated."""

from __future__ import annotations

from datetime import UTC, datetime
from unicodedata import is_normalized

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.migrate import cells
from federation.migrate.html_text import HTML_LENGTH_MAX, plain_text
from federation.migrate.moments import optional_written, written_moment
from schemas.errors import Code, InputError
from schemas.ids import SAFE_INTEGER


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (None, Code.AMOUNT_NOT_INTEGER),
        ("", Code.AMOUNT_NOT_INTEGER),
        ("1.5", Code.AMOUNT_NOT_INTEGER),
        ("1_0", Code.AMOUNT_NOT_INTEGER),
        ("\u0661", Code.AMOUNT_NOT_INTEGER),
        ("1e3", Code.AMOUNT_NOT_INTEGER),
        ("0", Code.AMOUNT_NOT_POSITIVE),
        ("-3", Code.AMOUNT_NOT_POSITIVE),
        (str(SAFE_INTEGER + 1), Code.AMOUNT_TOO_LARGE),
        ("9" * 900, Code.AMOUNT_TOO_LARGE),
        ("9" * 5000, Code.AMOUNT_NOT_INTEGER),
    ],
)
def test_an_amount_is_a_whole_number_above_zero(cell: str | None, code: Code) -> None:
    with pytest.raises(InputError) as caught:
        cells.amount(cell, "amount")

    assert caught.value.code is code
    assert caught.value.facts["field"] == "amount"


@given(st.integers(-SAFE_INTEGER, SAFE_INTEGER))
def test_whole_numbers_are_read_back(number: int) -> None:
    assert cells.whole(str(number), "x") == number
    if number > 0:
        assert cells.amount(f" {number} ", "x") == number
        assert cells.identifier(f"+{number}", "x") == number


@pytest.mark.parametrize("cell", [None, "", "x", "1.0", "\u0661", str(SAFE_INTEGER + 1), "9" * 17])
def test_what_is_no_whole_number_is_refused(cell: str | None) -> None:
    with pytest.raises(InputError) as caught:
        cells.whole(cell, "x")

    assert caught.value.code is Code.MALFORMED


def test_row_numbers_start_at_one() -> None:
    assert cells.optional_identifier("0") is None
    assert cells.optional_identifier(None) is None
    assert cells.optional_identifier("12") == 12
    with pytest.raises(InputError):
        cells.identifier("0", "id")


@given(
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 1, 1)),  # noqa: DTZ001
    st.integers(0, 6),
)
def test_moments_are_utc(at: datetime, places: int) -> None:
    text = at.strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0")
    fraction = f".{at.microsecond:06d}"[: places + 1].rstrip(".")

    found = cells.moment(text + fraction, "created_at")

    assert found == int(at.replace(microsecond=0, tzinfo=UTC).timestamp())


def test_a_date_alone_is_its_midnight() -> None:
    assert cells.moment("1970-01-02", "created_at") == 86_400


@pytest.mark.parametrize(
    "cell",
    [
        None,
        "",
        "2020-13-01 00:00:00",
        "2020-02-30 00:00:00",
        "2020-01-01 24:00:00",
        "2020-01-01 00:60:00",
        "2020-01-01 00:00:60",
        "2020-01-01 00:00:00+00",
        "1969-12-31 23:59:59",
        "0000-01-01 00:00:00",
        "2020-01-01 00:00:00\n",
    ],
)
def test_other_times_are_refused_or_left_out_with_a_note(cell: str | None) -> None:
    noted: list[tuple[str, str]] = []

    if cell != "2020-01-01 00:00:00\n":  # blanks around a cell do no harm
        with pytest.raises(InputError):
            written_moment(cell, "created_at", lambda *_: None)
        assert optional_written(cell, "adate", lambda *said: noted.append(said)) is None
    assert len(noted) == (1 if cell and cell.strip() == cell else 0)


def test_sentinels_mean_no_limit() -> None:
    assert [cells.upper_limit(n) for n in (None, 0, 999_999_999, 500)] == [None, None, None, 500]
    assert [cells.lower_limit(n) for n in (None, -999_999_999, 0, -5)] == [None, None, 0, -5]


def test_an_unreadable_number_that_can_be_missed_is_noted() -> None:
    noted: list[tuple[str, str]] = []

    assert cells.optional_whole("many", "saldo", lambda *said: noted.append(said)) is None
    assert cells.optional_whole(" ", "saldo", lambda *said: noted.append(said)) is None
    assert noted == [("saldo", "not a whole number")]


def test_truth_values() -> None:
    assert cells.flag("t")
    assert not any(map(cells.flag, ("f", "", None, "0")))


@given(st.text(max_size=60), st.integers(1, 40))
def test_texts_fit_the_log(text: str, length_max: int) -> None:
    line, lines = cells.line_text(text, length_max), cells.free_text(text, length_max)

    for found in (line, lines):
        assert is_normalized("NFC", found)
        assert found == found.strip()
        assert len(found) <= length_max
        assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in found if sign != "\n")
    assert "\n" not in line


def test_lines_of_a_text_are_kept() -> None:
    assert cells.free_text("a \r\n b\tc\r\n\r\n\r\nd\x00") == "a\nb c\n\nd"
    assert cells.line_text(" a\r\n\tb\x07  c ") == "a b c"
    assert cells.line_text("e\u0301") == "\u00e9"
    assert cells.free_text("e\x00\u0301") == "\u00e9"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain, 5 < 6 & more", "plain, 5 < 6 & more"),
        ("<p>Hallo <b>daar</b></p><p>ik &amp; jij<br>x</p>", "Hallo daar\n\nik & jij\nx"),
        ("<ul><li>een</li><li>twee</li></ul>", "- een\n- twee"),
        ("a<script>alert(1)</script>b<style>p{}</style>c<!-- d -->e<!--", "abce"),
        ("a<script><b></script>b</script>c", "abc"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ('<a href="javascript:x">link</a> <img src=x onerror=y>', "link"),
        ("<td>1</td><td>2</td>", "1 2"),
        ("&nbsp;&#0;&#xD800;x&eacute;", "\ufffd\ufffdx\u00e9"),
        ("<tr><td>a</td></tr><tr><td>b</td></tr><hr>c", "a\nb\nc"),
        ("<h1>a</h1>b</script>", "a\nb"),
        (None, ""),
    ],
)
def test_html_becomes_plain_text(html: str | None, text: str) -> None:
    assert plain_text(html, 500) == text


@pytest.mark.parametrize("piece", ["<a ", "<!--", "<a b='", "</", "<!", "<script>", '<a b=">'])
def test_html_that_never_closes_costs_no_more_than_its_length(piece: str) -> None:
    # The parser alone takes 75 s for the first of these, which no test would wait for.
    assert len(plain_text(piece * HTML_LENGTH_MAX, 500)) <= 500


@given(st.text("<>/!-&;ab'\"= \n", max_size=60))
def test_any_text_comes_through_the_html_reader(html: str) -> None:
    assert len(plain_text(html, 30)) <= 30
