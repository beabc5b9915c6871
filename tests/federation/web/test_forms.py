"""Forms: what was typed comes back, and a key stands for one thing of one person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.members.reader import Reader
from federation.web.forms import Form
from federation.web.sessions import Person


def person(account: int = 1, acting_for: int | None = None) -> Person:
    return Person(
        session=1,
        account=account,
        person=0,
        code="001",
        member_name="An",
        name="An",
        reader=Reader(account=account, acting_for=acting_for),
        touched=False,
    )


def test_what_was_typed_comes_back() -> None:
    form = Form.posted([("title", "  <b>Taart</b>\t & 🍰 "), ("form", "A" * 22)])

    assert form.text("title", most=100) == "<b>Taart</b> & 🍰"
    assert form.value("title") == "  <b>Taart</b>\t & 🍰 "
    assert form.fine


@pytest.mark.parametrize(
    ("typed", "lines", "read"),
    [
        ("a\r\nb", True, "a\nb"),
        ("a\nb", False, "a b"),
        ("a\x00\x07b", False, "ab"),
        ("דוד", False, "דוד"),
        ("a\u2028b", True, "ab"),
    ],
)
def test_a_text_is_read(typed: str, lines: bool, read: str) -> None:
    assert Form.posted([("text", typed)]).text("text", most=10, lines=lines) == read


def test_missing_and_long_texts_are_told() -> None:
    form = Form.posted([("a", "   "), ("b", "x" * 11)])

    form.text("a", most=10, required=True)
    form.text("b", most=10)

    assert set(form.errors) == {"a", "b"}
    assert form.errors["b"].facts == {"most": 10}


@pytest.mark.parametrize(
    ("typed", "fine"),
    [
        ("an@voorbeeld.be", True),
        (" An.Peeters+lets@mail.voorbeeld.be ", True),
        ("an", False),
        ("an@voorbeeld", False),
        ("an@@voorbeeld.be", False),
        ("an@voorbeeld.be\r\nBcc: x@y.be", False),
        ("<an@voorbeeld.be>", False),
        ("a" * 300 + "@voorbeeld.be", False),
    ],
)
def test_an_address_is_read(typed: str, fine: bool) -> None:
    form = Form.posted([("address", typed)])

    form.address("address")

    assert form.fine is fine


def test_the_same_form_gives_the_same_key_and_another_person_another() -> None:
    form = Form.posted([("form", "A" * 22)])
    key = form.command_key(person())

    assert form.command_key(person()) == key
    assert form.command_key(person(account=2)) != key
    assert form.command_key(person(acting_for=2)) != key
    form.again()
    assert form.command_key(person()) != key


@given(st.text(max_size=40))
def test_a_key_that_is_none_is_replaced(key: str) -> None:
    form = Form.posted([("form", key)])

    assert len(form.key) == 22
    assert "form" not in form.values


@given(st.text(max_size=200), st.booleans())
def test_no_text_brings_control_characters_along(typed: str, lines: bool) -> None:
    read = Form.posted([("text", typed)]).text("text", most=1000, lines=lines)

    assert not any(ord(letter) < 32 and letter != "\n" for letter in read)
