"""Canonical bytes: RFC 8785 within our profile, and nothing else is read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from events.canonical import CORE_SIZE_MAX, DEPTH_MAX, check_profile, decode, encode
from schemas.errors import Code, VerificationError
from schemas.ids import SAFE_INTEGER
from tests.outcome import outcome_of

if TYPE_CHECKING:
    from pathlib import Path

KEYS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=6)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(
    lambda text: normalize("NFC", text)
)
LEAVES = st.booleans() | st.integers(-SAFE_INTEGER, SAFE_INTEGER) | TEXTS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


class Sample(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A struct like a core, with a text."""

    count: int
    text: str = ""
    more: Any = None


SAMPLES = msgspec.json.Decoder(Sample)


def refusal(written: bytes, **options: Any) -> VerificationError:
    with pytest.raises(VerificationError) as caught:
        check_profile(written, **options)
    return caught.value


# The public vectors show all of JSON; every one of them has something that our profile leaves out.
OUTSIDE = {
    "arrays": "null",
    "french": "a key other than",
    "structures": "a key other than",
    "unicode": "a key other than",
    "values": "null",
    "weird": "a key other than",
}


@pytest.mark.parametrize(("name", "reason"), OUTSIDE.items())
def test_public_vectors_lie_outside_the_profile_and_are_refused(
    shared_vectors: Path, name: str, reason: str
) -> None:
    written = (shared_vectors / "rfc8785" / "output" / f"{name}.json").read_bytes()
    assert encode(json.loads(written)) != b""

    refused = refusal(written)

    assert refused.code is Code.NOT_CANONICAL
    assert reason in str(refused.facts["reason"])


@pytest.mark.parametrize("name", ["arrays", "french", "unicode"])
def test_public_vectors_without_floats_and_long_keys_are_written_alike(
    shared_vectors: Path, name: str
) -> None:
    folder = shared_vectors / "rfc8785"
    value = json.loads((folder / "input" / f"{name}.json").read_bytes())

    assert encode(value) == (folder / "output" / f"{name}.json").read_bytes()


def test_strings_and_literals_of_the_public_vectors_are_written_alike(
    shared_vectors: Path,
) -> None:
    folder = shared_vectors / "rfc8785"
    value = json.loads((folder / "input" / "values.json").read_bytes())
    written = (folder / "output" / "values.json").read_bytes()

    assert encode(value["string"]) in written
    assert encode(value["literals"]) in written


@given(VALUES)
def test_whatever_the_profile_allows_is_written_as_the_reference_does_and_read_back(
    value: Any,
) -> None:
    written = encode(value)

    assert written == rfc8785.dumps(value)
    assert check_profile(written) == value


@given(VALUES, st.data())
def test_a_changed_byte_is_refused_or_is_another_value(value: Any, draw: st.DataObject) -> None:
    written = bytearray(encode({"a": value}))
    at = draw.draw(st.integers(0, len(written) - 1))
    written[at] ^= draw.draw(st.integers(1, 255))

    outcome = outcome_of(check_profile, bytes(written))

    if isinstance(outcome, VerificationError):
        assert outcome.code is Code.NOT_CANONICAL
    else:
        assert outcome != {"a": value}
        assert encode(outcome) == bytes(written)


@given(st.binary(max_size=80) | st.text('{}[]":,\\ux0123e-.tfn\n', max_size=40).map(str.encode))
def test_random_bytes_are_read_or_refused(written: bytes) -> None:
    for outcome in (outcome_of(check_profile, written), outcome_of(decode, written, SAMPLES)):
        if isinstance(outcome, VerificationError):
            assert outcome.code in {Code.NOT_CANONICAL, Code.MALFORMED}
        else:
            assert encode(outcome) == written


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        pytest.param(b'{"a":1,"a":1}', "canonical way", id="a key twice"),
        pytest.param(b'{"b":1,"a":1}', "canonical way", id="unsorted keys"),
        pytest.param(b'{"a": 1}', "canonical way", id="white space"),
        pytest.param(b'{"a":1}\n', "canonical way", id="white space behind"),
        pytest.param(b'{"a":-0}', "canonical way", id="negative zero"),
        pytest.param(b'{"a":"\\u0061"}', "canonical way", id="an escape that is not needed"),
        pytest.param(b'{"a":"\\/"}', "canonical way", id="an escaped slash"),
        pytest.param(b'{"a":01}', "JSON", id="a leading zero"),
        pytest.param(b'{"a":1.0}', "fraction", id="a fraction"),
        pytest.param(b'{"a":1e2}', "fraction", id="an exponent"),
        pytest.param(b'{"a":null}', "null", id="null"),
        pytest.param(b'{"a":9007199254740992}', "2^53", id="one more than 2^53-1"),
        pytest.param(b'{"a":-9007199254740992}', "2^53", id="one less than -(2^53-1)"),
        pytest.param(b'{"a":' + b"1" * 5000 + b"}", "JSON", id="five thousand digits"),
        pytest.param(b'{"a":' + b"1" * 300 + b"}", "2^53", id="three hundred digits"),
        pytest.param(b'{"":1}', "a key", id="an empty key"),
        pytest.param(b'{"A":1}', "a key", id="an upper-case key"),
        pytest.param(b'{"a\\n":1}', "a key", id="a key with a line feed"),
        pytest.param('{"é":1}'.encode(), "a key", id="a key beyond ASCII"),
        pytest.param(b'{"a":"\\n"}', "control", id="a line feed"),
        pytest.param(b'{"a":"\x7f"}', "control", id="delete"),
        pytest.param('{"a":"\x85"}'.encode(), "control", id="a C1 control character"),
        pytest.param('{"a":"e\u0301"}'.encode(), "NFC", id="an accent apart"),
        pytest.param(b'{"a":"\\ud800"}', "JSON", id="half a pair, escaped"),
        pytest.param(b'{"a":"\xed\xa0\x80"}', "JSON", id="half a pair, raw"),
        pytest.param(b"\xef\xbb\xbf{}", "JSON", id="a byte-order mark"),
        pytest.param(b"", "JSON", id="nothing"),
        pytest.param(b"[" * 5000, "JSON", id="far too deep"),
    ],
)
def test_the_profile_refuses(written: bytes, reason: str) -> None:
    refused = refusal(written, field="proposal")

    assert refused.code is Code.NOT_CANONICAL
    assert refused.facts["field"] == "proposal"
    assert reason in str(refused.facts["reason"])


def test_depth_is_limited_exactly() -> None:
    deepest = b"[" * DEPTH_MAX + b"]" * DEPTH_MAX

    assert check_profile(deepest) is not None
    assert check_profile(b"[" * (DEPTH_MAX - 1) + b"1" + b"]" * (DEPTH_MAX - 1)) is not None
    assert "levels" in str(refusal(b"[" + deepest + b"]").facts["reason"])


def test_size_is_limited_exactly() -> None:
    largest = b'"' + b"a" * (CORE_SIZE_MAX - 2) + b'"'

    assert check_profile(largest) == "a" * (CORE_SIZE_MAX - 2)
    assert refusal(largest[:-1] + b'a"').code is Code.TOO_LARGE
    assert refusal(b'"a"', size_max=2).code is Code.TOO_LARGE


def test_free_text_may_hold_line_feeds_and_nothing_more() -> None:
    assert check_profile(b'"a\\nb"', free_text=True) == "a\nb"
    assert "control" in str(refusal(b'"a\\rb"', free_text=True).facts["reason"])
    assert decode(b'{"count":1,"text":"a\\nb"}', SAMPLES, free_text=True).text == "a\nb"
    with pytest.raises(VerificationError, match="control"):
        decode(b'{"count":1,"text":"a\\tb"}', SAMPLES, free_text=True)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        pytest.param(b'{"count":1,"count":1}', "canonical way", id="a key twice"),
        pytest.param(b'{"text":"a","count":1}', "canonical way", id="unsorted keys"),
        pytest.param(b'{"count":1,"text":""}', "canonical way", id="a default written out"),
        pytest.param(b'{"count":1,"text":"a\\nb"}', "control", id="a line feed"),
        pytest.param(b'{"count":1,"text":"\x7f"}', "control", id="delete"),
        pytest.param('{"count":1,"text":"\x85"}'.encode(), "control", id="a C1 character"),
        pytest.param('{"count":1,"text":"e\u0301"}'.encode(), "NFC", id="an accent apart"),
        pytest.param('{"count":1,"more":{"e\u0301":1}}'.encode(), "NFC", id="in a key"),
        pytest.param('{"count":1,"more":[["e\u0301"]]}'.encode(), "NFC", id="deep inside"),
        pytest.param(b'{"count":1,"more":' + b"[" * 5000, "JSON", id="far too deep"),
    ],
)
def test_a_typed_reader_refuses(written: bytes, reason: str) -> None:
    with pytest.raises(VerificationError) as caught:
        decode(written, SAMPLES, field="body")

    assert caught.value.code is Code.NOT_CANONICAL
    assert reason in str(caught.value.facts["reason"])


@pytest.mark.parametrize(
    ("written", "reason"), [(b'{"count":"1"}', "$.count"), (b'{"count":1,"zip":1}', "zip")]
)
def test_a_typed_reader_names_the_wrong_field(written: bytes, reason: str) -> None:
    with pytest.raises(VerificationError) as caught:
        decode(written, SAMPLES, field="body")

    assert caught.value.code is Code.MALFORMED
    assert caught.value.facts["field"] == "body"
    assert reason in str(caught.value.facts["reason"])


@given(st.integers(-SAFE_INTEGER, SAFE_INTEGER), TEXTS.filter(bool))
def test_a_typed_reader_reads_what_was_written(count: int, text: str) -> None:
    sample = Sample(count, text)

    assert decode(encode(sample), SAMPLES) == sample
