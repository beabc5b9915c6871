"""Addresses that are taken and refused, and names that steer nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.mail.addresses import (
    Mailbox,
    name_in_text,
    one_line,
    paragraph,
    parse_address,
    parse_mailbox,
)
from schemas.errors import InputError


@pytest.mark.parametrize(
    ("text", "travels"),
    [
        ("an@voorbeeld.be", "an@voorbeeld.be"),
        (" An.De-Wit+lets@Voorbeeld.BE ", "An.De-Wit+lets@Voorbeeld.BE"),
        ("o'neill@voorbeeld.be", "o'neill@voorbeeld.be"),
        ("an@café.example", "an@xn--caf-dma.example"),
        ("an@localhost", "an@localhost"),
    ],
)
def test_an_address_is_taken(text: str, travels: str) -> None:
    assert parse_address(text) == travels


@pytest.mark.parametrize(
    "text",
    [
        "",
        "an",
        "@voorbeeld.be",
        "an@",
        "an@@voorbeeld.be",
        "a n@voorbeeld.be",
        "an@voor beeld.be",
        "an@voorbeeld.be\r\nBcc: alle@voorbeeld.be",
        "an\r\n@voorbeeld.be",
        "an@voorbeeld.be,jef@voorbeeld.be",
        "an@voorbeeld.be>",
        "<an@voorbeeld.be",
        '"an"@voorbeeld.be',
        "an@[127.0.0.1]",
        "an..wit@voorbeeld.be",
        ".an@voorbeeld.be",
        "an@-voorbeeld.be",
        "an@voorbeeld..be",
        "ané@voorbeeld.be",
        "an@voorbeeld.be\0",
        "x" * 65 + "@voorbeeld.be",
        "an@" + "x" * 64 + ".be",
        "an@" + ".".join(["x" * 60] * 5),
    ],
)
def test_no_address_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_address(text)


@given(st.text())
def test_whatever_is_taken_is_one_plain_address(text: str) -> None:
    try:
        address = parse_address(text)
    except InputError:
        return
    assert address.isascii()
    assert address.count("@") == 1
    assert not set(address) & set("\r\n\0 <>,;:\"'()[]\\") - {"'"}
    assert parse_address(address) == address


@pytest.mark.parametrize(
    ("text", "mailbox"),
    [
        ("LETS Gent <r@gent.example>", Mailbox("LETS Gent", "r@gent.example")),
        ('"Gent, LETS" <r@gent.example>', Mailbox("Gent, LETS", "r@gent.example")),
        ("r@gent.example", Mailbox("", "r@gent.example")),
    ],
)
def test_a_sender_has_a_name(text: str, mailbox: Mailbox) -> None:
    assert parse_mailbox(text, field="mail.sender") == mailbox


@given(st.text())
def test_a_line_is_one_line_that_steers_nothing(text: str) -> None:
    line = one_line(text, 20)

    assert len(line) <= 20
    assert not [x for x in line if unicodedata.category(x) in {"Cc", "Zl", "Zp"}]
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@given(st.text())
def test_a_paragraph_keeps_its_lines_and_nothing_that_steers(text: str) -> None:
    said = paragraph(text, 50)

    assert len(said) <= 50
    assert not [x for x in said if x != "\n" and unicodedata.category(x) in {"Cc", "Zl", "Zp"}]


def test_what_is_cut_shows_that_it_goes_on() -> None:
    assert one_line("abcdef", 5) == "abcd…"
    assert one_line("abcde", 5) == "abcde"


def test_a_name_from_right_to_left_leaves_the_sentence_alone() -> None:
    assert name_in_text("שרה") == "\u2068שרה\u2069"
    assert name_in_text("An") == "An"
    assert name_in_text("An\u202e") == "An"
