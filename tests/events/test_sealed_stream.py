"""A sealed stream opens whole, in order and unchanged, with its own key; never otherwise."""

from __future__ import annotations

import os
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.sealed_bodies import public_half
from events.sealed_stream import CHUNK_SIZE, HEADER_SIZE, TAG_SIZE, StreamSealer, open_stream
from schemas.errors import Code, VerificationError

PRIVATE = bytes(range(32))
PURPOSE = b"ruilbrug/test/v1\n"
FULL_CHUNK = 4 + CHUNK_SIZE + TAG_SIZE
HEADER = len(PURPOSE) + HEADER_SIZE


def sealed(*pieces: bytes) -> bytes:
    sealer = StreamSealer(public_half(PRIVATE), PURPOSE, os.urandom)
    return b"".join([*map(sealer.seal, pieces), sealer.end()])


def opened(data: bytes, private: bytes = PRIVATE, purpose: bytes = PURPOSE) -> bytes:
    return b"".join(open_stream(private, purpose, BytesIO(data), "backup.rb"))


def refused(code: Code, data: bytes, private: bytes = PRIVATE, purpose: bytes = PURPOSE) -> None:
    with pytest.raises(VerificationError) as error:
        opened(data, private, purpose)
    assert error.value.code is code
    assert error.value.facts["field"] == "backup.rb"


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_what_is_sealed_in_pieces_opens_as_one(pieces: list[bytes]) -> None:
    assert opened(sealed(*pieces)) == b"".join(pieces)


@pytest.mark.parametrize("size", [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, CHUNK_SIZE * 3])
def test_every_length_opens(size: int) -> None:
    plain = os.urandom(size)

    assert opened(sealed(plain)) == plain


def test_nothing_shows_and_no_two_streams_are_equal() -> None:
    one, other = sealed(b"Merkwaardige Marieke"), sealed(b"Merkwaardige Marieke")

    assert b"Marieke" not in one
    assert one != other


def test_another_key_is_named_as_such() -> None:
    refused(Code.BACKUP_OTHER_KEY, sealed(b"a"), private=bytes(32))


def test_a_stream_for_something_else_is_another_kind_of_file() -> None:
    refused(Code.BACKUP_UNKNOWN, sealed(b"a"), purpose=b"ruilbrug/keys/v1\n")
    refused(Code.BACKUP_UNKNOWN, b"")


def test_the_purpose_is_bound_to_the_key() -> None:
    other = b"ruilbrug/keys/v1\n"

    refused(Code.BACKUP_DAMAGED, other + sealed(b"a")[len(PURPOSE) :], purpose=other)


def test_a_stream_cut_off_anywhere_is_refused_as_such() -> None:
    whole = sealed(b"a" * 9)

    for size in range(len(PURPOSE), len(whole)):
        refused(Code.BACKUP_TRUNCATED, whole[:size])


def test_a_stream_cut_off_between_two_chunks_is_refused_as_such() -> None:
    whole = sealed(b"a" * (CHUNK_SIZE * 2 + 1))

    refused(Code.BACKUP_TRUNCATED, whole[: HEADER + FULL_CHUNK])
    refused(Code.BACKUP_TRUNCATED, whole[: HEADER + FULL_CHUNK * 2])


def test_every_flipped_bit_is_refused() -> None:
    whole = sealed(b"a" * 9)

    for at in range(len(whole) * 8):
        changed = bytearray(whole)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises(VerificationError):
            opened(bytes(changed))


def test_chunks_cannot_be_swapped_doubled_or_left_out() -> None:
    whole = sealed(b"a" * CHUNK_SIZE + b"b" * CHUNK_SIZE + b"c")
    header, rest = whole[:HEADER], whole[HEADER:]
    one, two, last = rest[:FULL_CHUNK], rest[FULL_CHUNK : FULL_CHUNK * 2], rest[FULL_CHUNK * 2 :]

    refused(Code.BACKUP_DAMAGED, header + two + one + last)
    refused(Code.BACKUP_DAMAGED, header + one + one + two + last)
    refused(Code.BACKUP_DAMAGED, header + one + last)


def test_what_was_not_the_last_chunk_cannot_be_made_so() -> None:
    whole = bytearray(sealed(b"a" * (CHUNK_SIZE + 1))[: HEADER + FULL_CHUNK])
    whole[HEADER] |= 0x80

    refused(Code.BACKUP_DAMAGED, bytes(whole))


def test_a_doubled_file_is_refused_as_such() -> None:
    whole = sealed(b"a")

    refused(Code.BACKUP_TRAILING, whole * 2)
    refused(Code.BACKUP_TRAILING, whole + b"\n")


def test_a_point_of_low_order_is_refused() -> None:
    whole = sealed(b"a")

    refused(Code.BACKUP_DAMAGED, PURPOSE + bytes(32) + whole[len(PURPOSE) + 32 :])


@given(st.binary(max_size=300))
def test_random_bytes_behind_a_fine_header_are_refused(rest: bytes) -> None:
    header = sealed(b"")[:HEADER]

    with pytest.raises(VerificationError):
        opened(header + rest)
