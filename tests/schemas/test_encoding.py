"""Text forms of bytes: one spelling each, every other refused."""

from __future__ import annotations

from base64 import b32encode, urlsafe_b64encode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.cores import CoreKind
from schemas.encoding import b32, b64, b64_hashes, encode, parse, unb32, unb64
from schemas.errors import Code, VerificationError
from tests.outcome import outcome_of


@given(st.binary(max_size=100))
def test_base64url_is_that_of_the_standard_library_without_padding(value: bytes) -> None:
    text = b64(value)

    assert text == urlsafe_b64encode(value).decode().rstrip("=")
    assert unb64(text) == unb64(text, size=len(value)) == value


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=9))
def test_hashes_are_written_together_as_each_by_itself(hashes: list[bytes]) -> None:
    assert b64_hashes(hashes) == [b64(one).encode() for one in hashes]


@given(st.binary(max_size=100))
def test_base32_is_that_of_the_standard_library_in_lower_case(value: bytes) -> None:
    text = b32(value)

    assert text == b32encode(value).decode().rstrip("=").lower()
    assert unb32(text) == unb32(text, size=len(value)) == value


@given(st.text(max_size=60) | st.text("abAB27_-+/= \n", max_size=60))
def test_any_text_is_read_in_its_one_spelling_or_refused(text: str) -> None:
    for read, write in ((unb64, b64), (unb32, b32)):
        outcome = outcome_of(read, text, field="salt")

        if isinstance(outcome, VerificationError):
            assert outcome.code is Code.BAD_ENCODING
            assert outcome.facts == {"field": "salt"}
        else:
            assert write(outcome) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("_-8=", id="padding"),
        pytest.param("/+8", id="the other alphabet"),
        pytest.param("_-9", id="loose trailing bits"),
        pytest.param("_-8\n", id="a line feed"),
        pytest.param("_ -8", id="a space"),
        pytest.param("_-8_-", id="an impossible length"),
        pytest.param("ééé", id="no ASCII"),
    ],
)
def test_base64url_refuses(text: str) -> None:
    assert unb64("_-8") == b"\xff\xef"

    with pytest.raises(VerificationError, match="base64url"):
        unb64(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("MY", id="upper case"),
        pytest.param("my======", id="padding"),
        pytest.param("mz", id="loose trailing bits"),
        pytest.param("m1", id="a digit outside the alphabet"),
        pytest.param("m", id="an impossible length"),
        pytest.param("\u017fa", id="a letter whose upper case is ASCII"),
    ],
)
def test_base32_refuses(text: str) -> None:
    assert unb32("my") == b"f"

    with pytest.raises(VerificationError, match="base32"):
        unb32(text)


def test_a_wrong_size_is_refused() -> None:
    with pytest.raises(VerificationError):
        unb64(b64(b"x" * 31), size=32)
    with pytest.raises(VerificationError):
        unb32(b32(b"x" * 31), size=32)


def test_a_struct_is_encoded_with_its_tag_among_the_sorted_keys() -> None:
    class Sample(msgspec.Struct, tag_field="type", tag="sample", omit_defaults=True):
        z: int
        a: str
        left_out: int | None = None

    assert encode(Sample(1, "é")) == '{"a":"é","type":"sample","z":1}'.encode()


@pytest.mark.parametrize(
    "data", [b'{"zz":' + b"[" * 3000 + b"]" * 3000 + b"}", b'{"type":"\xff"}', b"{", b"[]"]
)
def test_what_others_write_fails_in_the_one_way_that_is_expected(data: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        parse(msgspec.json.Decoder(CoreKind), data)
