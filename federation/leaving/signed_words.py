"""Words of a node that prove themselves: content under a prefix, signed by its own key. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.signing import PublicKey
from schemas.encoding import b64, unb64
from schemas.keys import KeySignature

if TYPE_CHECKING:
    from events.signing import PrivateKey


def sign_words(prefix: bytes, content: bytes, key: PrivateKey) -> KeySignature:
    """Sign content under the prefix of its kind, so that it counts as nothing else."""
    return KeySignature(key=b64(key.public.data), signature=b64(key.sign(prefix + content)))


def require_signed(prefix: bytes, content: bytes, signature: KeySignature, *, field: str) -> None:
    """Refuse content that the key which the signature names has not signed.

    Whether that key may speak is for the caller.

    Raises:
        VerificationError: `bad_key`, `bad_encoding`, `bad_signature`.

    """
    raw = unb64(signature.signature, size=64, field="signature")
    PublicKey.of_text(signature.key).require(raw, prefix + content, field=field)
