"""Fast signatures for a simulated world: 64 bytes that only the holder of the seed would make.

`FakeKey` signs with SHA-512 over public key and message, and `fake_signatures` makes every reader
check just that. Sizes and formats are those of Ed25519. One seed in a hundred runs without it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from hashlib import sha512

from events.signing import PrivateKey, PublicKey


class FakeKey(PrivateKey):
    """A private key whose signatures cost a hash."""

    __slots__ = ("_mark",)

    def __init__(self, seed: bytes) -> None:
        self.public = PublicKey.parse(sha512(b"public" + seed).digest()[:31] + b"\x01")
        self._mark = self.public.data

    def sign(self, message: bytes) -> bytes:
        return sha512(self._mark + message).digest()


def _verify(key: PublicKey, signature: bytes, message: bytes) -> bool:
    return signature == sha512(key.data + message).digest()


@contextlib.contextmanager
def fake_signatures() -> Iterator[None]:
    """Check signatures as `FakeKey` makes them, while this lasts."""
    real = PublicKey.verify
    PublicKey.verify = _verify  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        PublicKey.verify = real  # type: ignore[method-assign]
