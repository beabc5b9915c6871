"""Bodies sealed to a recovery key open with it, in their own place, unchanged; never otherwise."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.sealed_bodies import (
    BodyRange,
    OpenBody,
    held_in,
    open_bodies,
    public_half,
    seal_bodies,
)
from schemas.errors import Code, VerificationError

PRIVATE = bytes(range(32))
PUBLIC = public_half(PRIVATE)
HERE = BodyRange("a" * 52, 256, 3)
BODIES = [OpenBody(bytes(32), b"{}"), None, OpenBody(bytes([7]) * 32, b"x" * 70_000)]


def sealed() -> bytes:
    return seal_bodies(PUBLIC, HERE, BODIES, os.urandom)


def refused(private: bytes, covered: BodyRange, bundle: bytes) -> None:
    with pytest.raises(VerificationError) as error:
        open_bodies(private, covered, bundle)
    assert error.value.code is Code.BAD_COMMITMENT
    assert f"events {covered.start} to" in str(error.value.facts["field"])


@given(st.lists(st.none() | st.binary(min_size=1, max_size=300), min_size=1, max_size=256))
def test_what_is_sealed_opens(bodies: list[bytes | None]) -> None:
    wanted = [None if body is None else OpenBody(os.urandom(32), body) for body in bodies]
    covered = BodyRange("b" * 52, 0, len(wanted))

    bundle = seal_bodies(PUBLIC, covered, wanted, os.urandom)

    assert open_bodies(PRIVATE, covered, bundle) == wanted
    held = held_in(bundle, covered)
    assert [bool(held >> at & 1) for at in range(len(wanted))] == [b is not None for b in wanted]


def test_nothing_of_a_body_shows_and_no_two_bundles_are_equal() -> None:
    body = OpenBody(bytes(32), b"Merkwaardige Marieke")
    covered = BodyRange("c" * 52, 0, 1)

    one, other = (seal_bodies(PUBLIC, covered, [body], os.urandom) for _ in range(2))

    assert b"Marieke" not in one
    assert one != other


@pytest.mark.parametrize(
    "elsewhere",
    [HERE._replace(node="b" * 52), HERE._replace(start=512), HERE._replace(width=2)],
)
def test_a_bundle_of_another_node_or_range_is_refused(elsewhere: BodyRange) -> None:
    refused(PRIVATE, elsewhere, sealed())


def test_another_key_opens_nothing() -> None:
    refused(bytes(32), HERE, sealed())


def test_every_flipped_byte_is_refused() -> None:
    small = [OpenBody(bytes(32), b"{}"), None, None]
    bundle = seal_bodies(PUBLIC, HERE, small, os.urandom)

    for at in range(len(bundle)):
        changed = bytearray(bundle)
        changed[at] ^= 1
        refused(PRIVATE, HERE, bytes(changed))
    refused(PRIVATE, HERE, bundle[:-1])


def test_random_bytes_are_refused_and_nothing_else() -> None:
    chance = random.Random(3)
    for _ in range(200):
        refused(PRIVATE, HERE, sealed()[: chance.randrange(90)] + chance.randbytes(60))


def test_a_point_of_low_order_is_refused() -> None:
    bundle = bytearray(sealed())
    bundle[19 + 32 : 19 + 64] = bytes(32)

    refused(PRIVATE, HERE, bytes(bundle))
