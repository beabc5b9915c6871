"""Amounts as people type them: what can mean one thing is read, the rest is refused in words."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.web.amounts import read_amount
from federation.words.amounts import number
from schemas.errors import Code, InputError
from schemas.texts.words import Language


@pytest.mark.parametrize(
    ("typed", "decimals", "minor"),
    [
        ("8", 0, 8),
        (" 8 ", 0, 8),
        ("1,5", 1, 15),
        ("1.5", 1, 15),
        ("1,5", 2, 150),
        ("1,50", 1, 15),
        ("8,00", 0, 8),
        ("1 000", 0, 1000),
        ("1\u00a0000", 0, 1000),
        ("1\u202f000,25", 2, 100_025),
        ("12 345 678", 0, 12_345_678),
        ("1'000", 0, 1000),
        ("+3", 0, 3),
        ("007", 0, 7),
    ],
)
def test_is_read(typed: str, decimals: int, minor: int) -> None:
    assert read_amount(typed, decimals) == minor


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("een", Code.MALFORMED),
        ("", Code.MALFORMED),
        ("1.000", Code.MALFORMED),  # a thousand to one reader, one to another
        ("1,000", Code.MALFORMED),
        ("1.000,5", Code.MALFORMED),
        ("1 00", Code.MALFORMED),
        ("10 00", Code.MALFORMED),
        ("1e3", Code.MALFORMED),
        ("0x10", Code.MALFORMED),
        ("½", Code.MALFORMED),
        ("٣", Code.MALFORMED),  # another script's digit
        ("8 pollekes", Code.MALFORMED),
        (",5", Code.MALFORMED),
        ("NaN", Code.MALFORMED),
        ("1,5", Code.AMOUNT_NOT_INTEGER),
        ("0", Code.AMOUNT_NOT_POSITIVE),
        ("0,0", Code.AMOUNT_NOT_POSITIVE),
        ("-3", Code.AMOUNT_NOT_POSITIVE),
        ("\u22123", Code.AMOUNT_NOT_POSITIVE),
        ("9" * 20, Code.AMOUNT_TOO_LARGE),
    ],
)
def test_is_refused(typed: str, code: Code) -> None:
    with pytest.raises(InputError) as refused:
        read_amount(typed, 0, field="amount")

    assert (refused.value.code, refused.value.facts["field"]) == (code, "amount")


@given(st.integers(1, 10**12), st.integers(0, 2), st.sampled_from(list(Language)))
def test_what_is_written_is_read_again(minor: int, decimals: int, language: Language) -> None:
    assert read_amount(number(minor, decimals, language), decimals) == minor


@given(st.text(max_size=60), st.integers(0, 2))
def test_any_text_is_read_or_refused(typed: str, decimals: int) -> None:
    with contextlib.suppress(InputError):
        assert read_amount(typed, decimals) > 0
