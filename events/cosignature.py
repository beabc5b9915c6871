"""Cosignatures of witnesses, C2SP tlog-cosignature: Ed25519 with a time, type 0x04.

A witness says by one: at this second this was the largest tree of the log that I had seen, and it
extends all that I had seen before. Invariant: nothing is taken for a cosignature whose time was
not signed with it. Whether a witness may sign is not decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from events.note import COSIGNATURE, NamedKey, NoteSignature
from events.signing import SIGNATURE_SIZE

if TYPE_CHECKING:
    from events.note import SignedNote
    from events.signing import PrivateKey

TIME_SIZE: Final = 8
TIME_MAX: Final = 2**63 - 1
COSIGNATURE_SIZE: Final = TIME_SIZE + SIGNATURE_SIZE
_HEADER: Final = b"cosignature/v1\n"


class CosignatureKey(NamedKey):
    """A key by which a witness cosigns, with a time: a `Verifier`."""

    __slots__ = ()
    KIND = COSIGNATURE

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Tell whether `signature` (time and Ed25519) is this key's over `text`."""
        at_s = time_of(signature)
        if at_s is None:
            return False
        return self.key.verify(signature[TIME_SIZE:], _message(text, at_s))

    def cosigned_at_s(self, note: SignedNote) -> int | None:
        """Give the newest second at which this key cosigned a note; none when it has not."""
        times = (
            time_of(one.signature)
            for one in note.signatures
            if (one.name, one.key_id) == (self.name, self.key_id)
            and self.verify(note.text, one.signature)
        )
        return max((at_s for at_s in times if at_s is not None), default=None)


class CosignatureSigner:
    """A witness's key that cosigns under a name; `public` verifies what it signs."""

    __slots__ = ("_key", "public")

    def __init__(self, name: str, key: PrivateKey) -> None:
        """Name a private key.

        Raises:
            VerificationError: `bad_key` as in `CosignatureKey`.

        """
        self._key = key
        self.public = CosignatureKey(name, key.public)

    def sign(self, text: bytes, *, now_s: int) -> NoteSignature:
        """Cosign the text of a checkpoint at a second."""
        assert text.endswith(b"\n")
        assert 0 <= now_s <= TIME_MAX
        signature = now_s.to_bytes(TIME_SIZE, "big") + self._key.sign(_message(text, now_s))
        return NoteSignature(self.public.name, self.public.key_id, signature)


def time_of(signature: bytes) -> int | None:
    """Give the second that a cosignature names, not verified; none when it is no cosignature."""
    if len(signature) != COSIGNATURE_SIZE:
        return None
    at_s = int.from_bytes(signature[:TIME_SIZE], "big")
    return at_s if at_s <= TIME_MAX else None


def _message(text: bytes, at_s: int) -> bytes:
    return _HEADER + f"time {at_s}\n".encode() + text
