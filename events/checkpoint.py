"""Checkpoints, C2SP tlog-checkpoint: origin, size and root of a log as a signed note.

Invariant: one checkpoint has one text. Extension lines are neither written nor accepted: no
auditor could check them. Whether a size may be signed at all is the log's business, not decided
here.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Final

import msgspec

from events.merkle import EMPTY_ROOT, HASH_SIZE
from events.note import SignedNote, sign_note
from schemas.errors import Code, VerificationError
from schemas.ids import SAFE_INTEGER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.note import NoteSigner, Verifier

_TEXT: Final = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n")


class Checkpoint(msgspec.Struct, frozen=True):
    """What a log says of itself: `size` entries under `root`."""

    origin: str
    size: int
    root: bytes

    def encode(self) -> bytes:
        """Write the text that is signed."""
        assert self.origin
        assert "\n" not in self.origin
        assert 0 <= self.size <= SAFE_INTEGER
        assert len(self.root) == HASH_SIZE
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode('ascii')}\n".encode()

    @classmethod
    def parse(cls, text: bytes) -> Checkpoint:
        """Read the text of a note whose signatures were checked.

        Raises:
            VerificationError: `bad_note` with the reason.

        """
        try:
            parts = _TEXT.fullmatch(text.decode())
        except UnicodeDecodeError as error:
            raise _refused("it is not UTF-8") from error
        if parts is None:
            raise _refused("it is not origin, size and root on three lines")
        checkpoint = cls(parts[1], int(parts[2]), b64decode(parts[3]))
        if checkpoint.size > SAFE_INTEGER:
            raise _refused("its size is beyond 2^53-1")
        if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
            raise _refused("an empty log has another root")
        if checkpoint.encode() != text:
            raise _refused("its root is not canonical base64")
        return checkpoint


def sign_checkpoint(checkpoint: Checkpoint, *signers: NoteSigner) -> bytes:
    """Give the checkpoint as a signed note."""
    return sign_note(checkpoint.encode(), *signers).encode()


def open_checkpoint(note: bytes, *, origin: str, trusted: Iterable[Verifier]) -> Checkpoint:
    """Read a signed checkpoint of the log `origin`.

    1. The note parses. 2. A trusted key signed it, and no trusted key's signature is bad.
    3. The text is a checkpoint. 4. It is of this log.

    Raises:
        VerificationError: `too_large`, `bad_note`.

    """
    signed = SignedNote.parse(note)  # 1
    signed.require(trusted)  # 2
    checkpoint = Checkpoint.parse(signed.text)  # 3
    if checkpoint.origin != origin:  # 4
        raise _refused("it is of another log")
    return checkpoint


def _refused(reason: str) -> VerificationError:
    return VerificationError(Code.BAD_NOTE, reason=reason)
