"""Commitments: what a core says about a layer without showing it (design section 2).

The three parts behind the prefix cannot be shifted against each other: the layer is one of a fixed
set of names of which none begins another, the salt is always 32 bytes, and the data is the rest.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final, Literal

from schemas.errors import Code, VerificationError

Layer = Literal["body", "peer", "personal"]
SALT_SIZE: Final = 32

_PREFIX: Final = b"ruilbrug/commit/v1\n"
_LAYERS: Final[dict[str, bytes]] = {
    "body": _PREFIX + b"body",
    "peer": _PREFIX + b"peer",
    "personal": _PREFIX + b"personal",
}


def commitment(layer: Layer, salt: bytes, data: bytes) -> bytes:
    """Give SHA-256("ruilbrug/commit/v1" || LF || layer || salt || data), 32 bytes.

    `salt` is 32 random bytes, fresh for each event and layer: it keeps a leaf from being guessed.
    """
    assert len(salt) == SALT_SIZE
    return sha256(_LAYERS[layer] + salt + data).digest()


def require_opening(layer: Layer, salt: bytes, data: bytes, expected: bytes) -> None:
    """Check that salt and data open the commitment `expected`.

    Raises:
        VerificationError: `bad_commitment`, naming the layer.

    """
    if len(salt) != SALT_SIZE or commitment(layer, salt, data) != expected:
        raise VerificationError(Code.BAD_COMMITMENT, field=layer)
