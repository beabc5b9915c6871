"""The Ed25519 rule: RFC 8032, and no key or R of low order."""

from __future__ import annotations

import json
from hashlib import sha512
from typing import TYPE_CHECKING, NamedTuple

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from events.signing import LOW_ORDER, PrivateKey, PublicKey
from schemas.errors import Code, VerificationError
from tests.outcome import outcome_of

if TYPE_CHECKING:
    from pathlib import Path

# RFC 8032 section 7.1, test 1: an empty message.
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)

# RFC 8032 section 5.1.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


class Point(NamedTuple):
    x: int
    y: int


IDENTITY = Point(0, 1)


def add(one: Point, other: Point) -> Point:
    product = D * one.x * other.x * one.y * other.y
    x = (one.x * other.y + other.x * one.y) * pow(1 + product, -1, P)
    y = (one.y * other.y + one.x * other.x) * pow(1 - product, -1, P)
    return Point(x % P, y % P)


def times(factor: int, point: Point) -> Point:
    result = IDENTITY
    while factor:
        if factor & 1:
            result = add(result, point)
        point, factor = add(point, point), factor >> 1
    return result


def points_with(y: int) -> set[Point]:
    """All points of the curve -x^2 + y^2 = 1 + d x^2 y^2 with this y, none to two."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    for x in (root, root * pow(2, (P - 1) // 4, P) % P):
        if x * x % P == square:
            return {Point(x, y % P), Point(-x % P, y % P)}
    return set()


def spellings(point: Point) -> set[bytes]:
    """All 32 bytes that a lenient reader takes for this point."""
    signs = {point.x & 1} if point.x else {0, 1}
    return {
        (y | sign << 255).to_bytes(32, "little")
        for y in range(point.y, 2**255, P)
        for sign in signs
    }


def torsion() -> set[Point]:
    """The eight points of which eight times is the identity."""
    for y in range(2, 100):
        for point in points_with(y):
            small = times(L, point)
            if times(4, small) != IDENTITY:
                return {times(factor, small) for factor in range(8)}
    raise AssertionError


def test_the_low_order_encodings_are_exactly_those_of_the_eight_points() -> None:
    points = torsion()
    encodings = set().union(*map(spellings, points))

    assert len(points) == 8
    assert all(times(8, point) == IDENTITY for point in points)
    assert len(encodings) == 14
    assert encodings == LOW_ORDER


@pytest.mark.parametrize("key", sorted(LOW_ORDER), ids=bytes.hex)
def test_a_key_of_low_order_is_refused(key: bytes) -> None:
    for load in (PublicKey, PublicKey.parse):
        with pytest.raises(VerificationError, match="low order") as caught:
            load(key)
        assert caught.value.code is Code.BAD_KEY


def test_a_signature_with_an_r_of_low_order_is_refused_though_the_library_takes_it() -> None:
    """Whoever has the private key can make one: r = 0, S = k a."""
    secret = bytearray(sha512(SEED).digest()[:32])
    secret[0] &= 248
    secret[31] = secret[31] & 127 | 64
    commitment = (1).to_bytes(32, "little")
    challenge = int.from_bytes(sha512(commitment + KEY + b"text").digest(), "little")
    answer = challenge * int.from_bytes(secret, "little") % L
    signature = commitment + answer.to_bytes(32, "little")

    Ed25519PublicKey.from_public_bytes(KEY).verify(signature, b"text")

    assert not PublicKey(KEY).verify(signature, b"text")


def encoded(point: Point) -> bytes:
    return (point.y | (point.x & 1) << 255).to_bytes(32, "little")


BASE = next(point for point in points_with(4 * pow(5, -1, P) % P) if point.x % 2 == 0)
TORSION = sorted(torsion())


def says_openssl(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@settings(max_examples=60)
@given(
    st.integers(1, L - 1),
    st.integers(1, L - 1),
    st.sampled_from(TORSION),
    st.sampled_from(TORSION),
    st.integers(0, 2),
)
def test_two_libraries_agree_also_about_points_that_no_honest_key_has(
    secret: int, nonce: int, beside_key: Point, beside_nonce: Point, times_order: int
) -> None:
    """With a part of low order a signature fits with the cofactor and not without, or by chance."""
    key = encoded(add(times(secret, BASE), beside_key))
    commitment = encoded(add(times(nonce, BASE), beside_nonce))
    challenge = int.from_bytes(sha512(commitment + key + b"text").digest(), "little")
    answer = (nonce + challenge * secret) % L + times_order * L
    signature = commitment + (answer % 2**256).to_bytes(32, "little")

    assert PublicKey(key).verify(signature, b"text") is says_openssl(key, signature, b"text")


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 64 * 8 - 1))
def test_two_libraries_sign_alike_and_agree_about_a_changed_bit(
    seed: bytes, message: bytes, bit: int
) -> None:
    key, other = PrivateKey(seed), Ed25519PrivateKey.from_private_bytes(seed)
    signature = key.sign(message)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8

    assert signature == other.sign(message)
    assert key.public.data == other.public_key().public_bytes_raw()
    assert key.public.verify(signature, message)
    assert key.public.verify(bytes(changed), message) is says_openssl(
        key.public.data, bytes(changed), message
    )


@pytest.mark.parametrize("sign", [0, 1])
def test_a_key_whose_y_is_not_reduced_is_refused(sign: int) -> None:
    for y in range(P, 2**255):
        with pytest.raises(VerificationError) as caught:
            PublicKey((y | sign << 255).to_bytes(32, "little"))
        assert caught.value.code is Code.BAD_KEY
    largest_reduced = (P - 2 | sign << 255).to_bytes(32, "little")
    assert PublicKey(largest_reduced).data == largest_reduced


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(VerificationError, match="32 bytes"):
        PublicKey.parse(b"\x07" * size)


def test_the_example_of_the_rfc_signs_and_verifies() -> None:
    private = PrivateKey(SEED)

    assert private.public.data == KEY
    assert private.sign(b"") == SIGNATURE
    assert private.public.verify(SIGNATURE, b"")
    assert not private.public.verify(SIGNATURE, b" ")


def test_a_changed_bit_of_a_signature_is_refused() -> None:
    public = PublicKey.parse(KEY)
    for bit in range(512):
        changed = bytearray(SIGNATURE)
        changed[bit // 8] ^= 1 << bit % 8

        assert not public.verify(bytes(changed), b"")


def test_require_names_the_field() -> None:
    public = PublicKey.parse(KEY)

    public.require(SIGNATURE, b"", field="cover")
    with pytest.raises(VerificationError) as caught:
        public.require(SIGNATURE, b"x", field="cover")

    assert caught.value.code is Code.BAD_SIGNATURE
    assert caught.value.facts == {"field": "cover"}


@given(st.binary(min_size=30, max_size=34), st.binary(max_size=70), st.binary(max_size=10))
def test_random_keys_and_signatures_are_refused(
    key: bytes, signature: bytes, message: bytes
) -> None:
    outcome = outcome_of(PublicKey.parse, key)

    if isinstance(outcome, VerificationError):
        assert outcome.code is Code.BAD_KEY
    else:
        assert not outcome.verify(signature, message)


def test_keys_are_compared_by_their_bytes_and_loaded_once() -> None:
    assert PublicKey(KEY) == PublicKey.parse(KEY) == PrivateKey(SEED).public
    assert len({PublicKey(KEY), PublicKey.parse(KEY)}) == 1
    assert PublicKey(KEY) != PrivateKey(KEY).public
    assert PublicKey(KEY) != KEY
    assert PublicKey.parse(KEY) is PublicKey.parse(bytes(bytearray(KEY)))


def test_a_private_key_does_not_show_its_seed() -> None:
    private = PrivateKey(SEED)

    shown = repr(private) + str(private) + repr(private.public)

    assert SEED.hex() not in shown
    assert "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" in repr(private)
    assert not hasattr(private, "seed")


def test_the_public_wycheproof_vectors_give_their_answers(shared_vectors: Path) -> None:
    vectors = json.loads((shared_vectors / "wycheproof" / "ed25519_test.json").read_bytes())
    answered = 0
    for group in vectors["testGroups"]:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            signature, message = bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])

            valid = PublicKey.parse(key).verify(signature, message)

            assert valid == (case["result"] == "valid"), case["tcId"]
            answered += 1
    assert answered == vectors["numberOfTests"] == 151
