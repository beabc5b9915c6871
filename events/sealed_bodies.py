"""Bodies sealed to a node's recovery key: what its mirror keeps for it and cannot read.

One bundle covers the entries of one tile. The key pair is X25519; each bundle has a key of its own
(ephemeral X25519, HKDF-SHA256, RFC 7748 and 5869) for AES-256-GCM, so its nonce is fixed. Node,
range and the list of what is inside are associated data: no bundle can stand in another's place.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from events.commitments import SALT_SIZE
from events.growing import TILE_WIDTH
from schemas.errors import Code, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAGIC: Final = b"ruilbrug/bodies/v1\n"
KEY_SIZE: Final = 32
HELD_SIZE: Final = TILE_WIDTH // 8
_CLEAR_SIZE: Final = len(MAGIC) + HELD_SIZE + KEY_SIZE
_NONCE: Final = bytes(12)
_LENGTH: Final = struct.Struct(">I")
_RANGE: Final = struct.Struct(">QH")


class OpenBody(NamedTuple):
    """The body of one event with the salt of its commitment."""

    salt: bytes
    body: bytes


class BodyRange(NamedTuple):
    """Whose entries a bundle covers: `width` of them from index `start` on."""

    node: str
    start: int
    width: int

    def text(self) -> str:
        """Name the range for people."""
        return f"the sealed bodies of events {self.start} to {self.start + self.width - 1}"


def public_half(private: bytes) -> bytes:
    """Give the public half of a recovery key, 32 bytes each."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal_bodies(
    public: bytes,
    covered: BodyRange,
    bodies: Sequence[OpenBody | None],
    random: Callable[[int], bytes],
) -> bytes:
    """Seal the bodies of a range; an event without one leaves its place empty."""
    assert len(bodies) == covered.width <= TILE_WIDTH
    ephemeral = X25519PrivateKey.from_private_bytes(random(KEY_SIZE))
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    held = _bits(bodies)
    own = ephemeral.public_key().public_bytes_raw()
    plain = b"".join(map(_packed, bodies))
    sealed = cipher_once(shared, own, public, MAGIC).encrypt(_NONCE, plain, _bound(covered, held))
    return MAGIC + held + own + sealed


def open_bodies(private: bytes, covered: BodyRange, bundle: bytes) -> list[OpenBody | None]:
    """Open a bundle of this very range.

    Raises:
        VerificationError: `bad_commitment`, naming the range: it was changed, is of another node
            or range, or is sealed to another key.

    """
    held, own, sealed = _parts(covered, bundle)
    key = X25519PrivateKey.from_private_bytes(private)
    public = key.public_key().public_bytes_raw()
    try:
        shared = key.exchange(X25519PublicKey.from_public_bytes(own))
        cipher = cipher_once(shared, own, public, MAGIC)
        plain = cipher.decrypt(_NONCE, sealed, _bound(covered, held))
    except (InvalidTag, ValueError) as error:  # ValueError: a point of low order
        raise _refused(covered) from error
    return _unpacked(covered, plain)


def held_in(bundle: bytes, covered: BodyRange) -> int:
    """Give, as bits, which entries of the tile have a body inside, as the bundle says openly.

    Raises:
        VerificationError: `bad_commitment` when this is no bundle.

    """
    return int.from_bytes(_parts(covered, bundle)[0], "little")


def cipher_once(shared: bytes, ephemeral: bytes, public: bytes, purpose: bytes) -> AESGCM:
    """Give the cipher of a key that serves once, between an ephemeral and a recovery key."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=ephemeral + public, info=purpose)
    return AESGCM(derive.derive(shared))


def _parts(covered: BodyRange, bundle: bytes) -> tuple[bytes, bytes, bytes]:
    if not bundle.startswith(MAGIC) or len(bundle) < _CLEAR_SIZE:
        raise _refused(covered)
    at = len(MAGIC) + HELD_SIZE
    return bundle[len(MAGIC) : at], bundle[at:_CLEAR_SIZE], bundle[_CLEAR_SIZE:]


def _bits(bodies: Sequence[OpenBody | None]) -> bytes:
    held = sum(1 << at for at, body in enumerate(bodies) if body is not None)
    return held.to_bytes(HELD_SIZE, "little")


def _packed(body: OpenBody | None) -> bytes:
    if body is None:
        return _LENGTH.pack(0)
    assert len(body.salt) == SALT_SIZE
    return _LENGTH.pack(SALT_SIZE + len(body.body)) + body.salt + body.body


def _unpacked(covered: BodyRange, plain: bytes) -> list[OpenBody | None]:
    """Read what is inside; whoever sealed it had our public key only, so it is not trusted."""
    found: list[OpenBody | None] = []
    at = 0
    while len(found) < covered.width and at + _LENGTH.size <= len(plain):
        (size,) = _LENGTH.unpack_from(plain, at)
        start, at = at + _LENGTH.size, at + _LENGTH.size + size
        if size == 0:
            found.append(None)
        elif size <= SALT_SIZE or at > len(plain):
            raise _refused(covered)
        else:
            found.append(OpenBody(plain[start : start + SALT_SIZE], plain[start + SALT_SIZE : at]))
    if at != len(plain) or len(found) != covered.width:
        raise _refused(covered)
    return found


def _bound(covered: BodyRange, held: bytes) -> bytes:
    return MAGIC + covered.node.encode() + _RANGE.pack(covered.start, covered.width) + held


def _refused(covered: BodyRange) -> VerificationError:
    return VerificationError(Code.BAD_COMMITMENT, field=covered.text())
