"""How a feed is written: cursors that are none, names of offers, texts that are cut."""

from __future__ import annotations

import pytest

from events.sealed import Keyring
from federation.members.feed_serving import offer_of, read_cursor
from schemas.errors import Code, InputError


@pytest.mark.parametrize(
    "after", ["x", "a.b", "a.-1", "." + "9" * 30, "a" * 90 + ".1", "a.1.2", "a.\u0661", "a. 1"]
)
def test_what_is_no_cursor_is_refused(after: str) -> None:
    with pytest.raises(InputError) as caught:
        read_cursor(after)

    assert caught.value.code is Code.MALFORMED


def test_a_cursor_is_read() -> None:
    assert read_cursor("") == ("", 0)
    assert read_cursor("abc.12") == ("abc", 12)


def test_an_offer_is_named_by_the_secret_of_its_member_and_by_nothing_else() -> None:
    keyring = Keyring({"k": b"k" * 32}, "k")
    keyring.ensure(b"one", lambda size: b"1" * size)
    keyring.ensure(b"two", lambda size: b"2" * size)

    names = {offer_of(keyring, who, post) for who in (b"one", b"two") for post in ("1", "2")}

    assert len(names) == 4
    assert offer_of(keyring, b"one", "1") == offer_of(keyring, b"one", "1")
    assert offer_of(keyring, b"erased", "1") is None
