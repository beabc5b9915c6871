"""Acting links: for one person and one purpose, until they expire; nothing else is let in."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.mail import links
from federation.mail.links import Link, Purpose, make_link, read_token, write_token
from schemas.encoding import b64, unb64
from schemas.errors import Code, RefusedError

SECRET = b"k" * 32
LINK = make_link(
    SECRET, Purpose.RENEW, account=7, person=1, subject="12:1800000000", expires_at_s=2000
)
LINKS = st.builds(
    Link,
    purpose=st.sampled_from(Purpose),
    account=st.integers(1, 2**53),
    person=st.integers(0, 99),
    subject=st.text(min_size=1, max_size=100),
    key=st.binary(min_size=16, max_size=16),
    expires_at_s=st.integers(1, 2**53),
)


def refused(token: str, *purposes: Purpose, now_s: int = 1000, secret: bytes = SECRET) -> Code:
    with pytest.raises(RefusedError) as error:
        read_token(secret, token, *purposes, now_s=now_s)
    return error.value.code


@given(LINKS)
def test_a_token_says_what_was_written(link: Link) -> None:
    token = write_token(SECRET, link)

    assert read_token(SECRET, token, link.purpose, now_s=0) == link
    assert not set(token) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_no_flipped_bit_gets_through() -> None:
    raw = unb64(write_token(SECRET, LINK))

    for place in range(len(raw)):
        for bit in range(8):
            other = bytearray(raw)
            other[place] ^= 1 << bit
            assert refused(b64(bytes(other)), *Purpose) is Code.NOT_FOUND


@given(st.text() | st.binary().map(b64))
def test_what_we_did_not_write_is_unknown(text: str) -> None:
    assert refused(text, *Purpose) is Code.NOT_FOUND


def test_a_token_of_another_node_is_unknown() -> None:
    assert refused(write_token(b"o" * 32, LINK), Purpose.RENEW) is Code.NOT_FOUND


def test_a_token_is_for_one_purpose() -> None:
    assert refused(write_token(SECRET, LINK), Purpose.ACCEPT, Purpose.STOP) is Code.NOT_FOUND


def test_a_token_expires() -> None:
    token = write_token(SECRET, LINK)

    assert read_token(SECRET, token, Purpose.RENEW, now_s=1999) == LINK
    assert refused(token, Purpose.RENEW, now_s=2000) is Code.EXPIRED


def test_a_link_that_stops_mails_does_not_expire() -> None:
    link = make_link(SECRET, Purpose.STOP, account=7, person=0, subject="booked", expires_at_s=0)

    assert read_token(SECRET, write_token(SECRET, link), Purpose.STOP, now_s=2**40) == link


def test_a_token_of_another_release_is_unknown() -> None:
    payload = msgspec.msgpack.encode(["renew", 7, 1, "12:1", b"k" * 16, 2000, "more"])
    token = b64(payload + links._mac(SECRET, links.PREFIX + payload))

    assert refused(token, Purpose.RENEW) is Code.NOT_FOUND


def test_the_same_thing_has_the_same_key_for_the_same_person_only() -> None:
    def key(purpose: Purpose, account: int, person: int, subject: str, until_s: int) -> bytes:
        return make_link(
            SECRET,
            purpose,
            account=account,
            person=person,
            subject=subject,
            expires_at_s=until_s,
        ).key

    assert key(Purpose.RENEW, 7, 1, "12:1800000000", 3000) == LINK.key
    assert len(LINK.command_key()) == 22
    others = {
        key(Purpose.ACCEPT, 7, 1, "12:1800000000", 2000),
        key(Purpose.RENEW, 8, 1, "12:1800000000", 2000),
        key(Purpose.RENEW, 7, 0, "12:1800000000", 2000),
        key(Purpose.RENEW, 7, 1, "13:1800000000", 2000),
    }
    assert LINK.key not in others
    assert len(others) == 4


def test_a_key_of_a_use_case_is_kept() -> None:
    link = make_link(
        SECRET, Purpose.AGREE, account=1, person=0, subject="t:1", expires_at_s=1, key=b"x" * 16
    )

    assert link.key == b"x" * 16
