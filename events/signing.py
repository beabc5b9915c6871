"""The Ed25519 rule: RFC 8032, and no low-order points (design section 3).

Invariant: two honest readers give the same answer for the same key, signature and message.
libsodium (PyNaCl) and OpenSSL (`cryptography`) agree on what is left then: a signature is compared
by its bytes, without a cofactor. The first checks in about half the time.
Libraries disagree about points of low order (with one as key, a signature fits many messages) and
about keys whose y is not reduced modulo p, so both are refused here. Nothing is read from files.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from schemas.encoding import b64, unb64
from schemas.errors import Code, VerificationError

KEY_SIZE: Final = 32
SEED_SIZE: Final = 32
SIGNATURE_SIZE: Final = 64

_FIELD_PRIME: Final = 2**255 - 19
_Y_BITS: Final = 2**255 - 1

LOW_ORDER: Final = frozenset(
    bytes.fromhex(text)
    for text in (
        # y = 1 (the identity) and y = -1 (order 2): x is 0, so RFC 8032 section 5.1.3 refuses the
        # sign bit here, and some libraries do not
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        # y = 0 (order 4), either sign
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        # order 8, two values of y, either sign
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        # y = 0 and y = 1 written as p and p + 1 (the others have no room below 2^255), either sign
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    )
)
"""The eight points of low order in all 14 spellings that some library accepts."""


class PublicKey:
    """An Ed25519 public key, looked at once; `data` are its 32 bytes."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        """Take a key; `parse` remembers the keys that come again and again.

        Raises:
            VerificationError: `bad_key` for another length, a point of low order, or a y that is
                not below p (RFC 8032 section 5.1.3, step 1).

        """
        if len(data) != KEY_SIZE:
            raise VerificationError(Code.BAD_KEY, field="key", reason="it is not 32 bytes long")
        if data in LOW_ORDER:
            raise VerificationError(Code.BAD_KEY, field="key", reason="it is of low order")
        if int.from_bytes(data, "little") & _Y_BITS >= _FIELD_PRIME:
            raise VerificationError(Code.BAD_KEY, field="key", reason="it is not reduced modulo p")
        self.data = data

    @classmethod
    def parse(cls, data: bytes) -> PublicKey:
        """Give the key of these bytes, from memory when it was seen lately.

        Raises:
            VerificationError: as the constructor.

        """
        return _remembered(data)

    @classmethod
    def of_text(cls, text: str) -> PublicKey:
        """Give a key as events and statements name it: unpadded base64url.

        Raises:
            VerificationError: `bad_encoding` as in `unb64`; as the constructor.

        """
        return _remembered(unb64(text, size=KEY_SIZE, field="key"))

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Tell whether `signature` is this key's over `message` (RFC 8032 section 5.1.7)."""
        if len(signature) != SIGNATURE_SIZE or signature[:KEY_SIZE] in LOW_ORDER:
            return False
        try:
            crypto_sign_open(signature + message, self.data)
        except BadSignatureError:
            return False
        return True

    def require(self, signature: bytes, message: bytes, *, field: str) -> None:
        """Check a signature.

        Raises:
            VerificationError: `bad_signature`, naming the field.

        """
        if not self.verify(signature, message):
            raise VerificationError(Code.BAD_SIGNATURE, field=field)

    def __eq__(self, other: object) -> bool:
        """Compare by bytes."""
        return isinstance(other, PublicKey) and other.data == self.data

    def __hash__(self) -> int:
        """Hash by bytes."""
        return hash(self.data)

    def __repr__(self) -> str:
        """Show the key as text."""
        return f"PublicKey({b64(self.data)})"


@lru_cache(maxsize=4096)
def _remembered(data: bytes) -> PublicKey:
    return PublicKey(data)


class PrivateKey:
    """An Ed25519 private key; the seed cannot be had back."""

    __slots__ = ("_secret", "public")

    def __init__(self, seed: bytes) -> None:
        """Make the key of a seed of 32 bytes (RFC 8032 section 5.1.5)."""
        assert len(seed) == SEED_SIZE
        public, self._secret = crypto_sign_seed_keypair(seed)
        self.public = PublicKey(public)

    def sign(self, message: bytes) -> bytes:
        """Give the 64 bytes of a signature (RFC 8032 section 5.1.6)."""
        return crypto_sign(message, self._secret)[:SIGNATURE_SIZE]

    def __repr__(self) -> str:
        """Show the public half only."""
        return f"PrivateKey(of {b64(self.public.data)})"
