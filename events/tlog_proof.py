"""Proofs of inclusion as files, C2SP tlog-proof v1: entry, place, path and checkpoint in one text.

Invariant: one proof has one text, so `encode(parse(b)) == b`. What stands in `extra` is the
writer's word alone until something that the log holds confirms it: here it only travels. Nothing
is believed of a proof before `require_included` has led it to a checkpoint that the reader trusts.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Final

import msgspec

from events.merkle import HASH_SIZE, verify_inclusion
from events.note import NOTE_SIZE_MAX
from schemas.errors import Code, VerificationError
from schemas.ids import SAFE_INTEGER

if TYPE_CHECKING:
    from events.checkpoint import Checkpoint

HEADER: Final = b"c2sp.org/tlog-proof@v1"
EXTRA_SIZE_MAX: Final = 128 * 1024
PATH_LENGTH_MAX: Final = 63
"""More steps than any tree below 2^63 entries has."""
PROOF_SIZE_MAX: Final = NOTE_SIZE_MAX + 2 * EXTRA_SIZE_MAX
ENDING: Final = ".tlog-proof"

_EXTRA: Final = b"extra "
_INDEX: Final = re.compile(rb"index (0|[1-9][0-9]{0,15})")


class TlogProof(msgspec.Struct, frozen=True):
    """What a proof says. Not yet verified."""

    index: int
    path: tuple[bytes, ...]
    """From the leaf's sibling up to a child of the root (RFC 6962 section 2.1.1)."""
    checkpoint: bytes
    """The signed note, byte for byte."""
    extra: bytes | None = None

    @classmethod
    def parse(cls, file: bytes) -> TlogProof:
        """Read a proof.

        Raises:
            VerificationError: `too_large`; `proof_unreadable` with the reason.

        """
        if len(file) > PROOF_SIZE_MAX:
            raise VerificationError(Code.TOO_LARGE, field="file", limit=f"{PROOF_SIZE_MAX} bytes")
        head, separator, checkpoint = file.partition(b"\n\n")
        if not separator or not checkpoint:
            raise _unreadable("no checkpoint stands behind an empty line")
        header, *lines = head.split(b"\n")
        if header != HEADER:
            raise _unreadable(f"its first line is not {HEADER.decode()}")
        extra = None
        if lines and lines[0].startswith(_EXTRA):
            extra = _unb64(lines.pop(0).removeprefix(_EXTRA), "the extra data")
            if len(extra) > EXTRA_SIZE_MAX:
                raise _unreadable(f"the extra data is larger than {EXTRA_SIZE_MAX} bytes")
        found = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if found is None or int(found[1]) > SAFE_INTEGER:
            raise _unreadable("no line says which entry it is about")
        if len(lines) > PATH_LENGTH_MAX:
            raise _unreadable(f"its path has more than {PATH_LENGTH_MAX} steps")
        path = tuple(_unb64(line, "a step of its path") for line in lines)
        if any(len(step) != HASH_SIZE for step in path):
            raise _unreadable("a step of its path is not 32 bytes long")
        return cls(int(found[1]), path, checkpoint, extra)

    def encode(self) -> bytes:
        """Write the proof as `parse` reads it."""
        assert 0 <= self.index <= SAFE_INTEGER
        assert all(len(step) == HASH_SIZE for step in self.path)
        assert self.checkpoint.endswith(b"\n")
        lines = [HEADER]
        if self.extra is not None:
            assert len(self.extra) <= EXTRA_SIZE_MAX
            lines.append(_EXTRA + b64encode(self.extra))
        lines.append(b"index %d" % self.index)
        lines += [b64encode(step) for step in self.path]
        return b"\n".join(lines) + b"\n\n" + self.checkpoint

    def require_included(self, leaf: bytes, checkpoint: Checkpoint) -> None:
        """Check that a leaf stands at the proof's index under a checkpoint that is trusted.

        `checkpoint` is what the caller has read of this proof's own, its signatures checked.

        Raises:
            VerificationError: `bad_proof`.

        """
        verify_inclusion(leaf, self.index, checkpoint.size, self.path, checkpoint.root)


def _unb64(line: bytes, what: str) -> bytes:
    """Read padded base64 (RFC 4648 section 4) in its one canonical spelling."""
    try:
        found = b64decode(line, validate=True)
    except ValueError as error:
        raise _unreadable(f"{what} is not base64") from error
    if b64encode(found) != line:
        raise _unreadable(f"{what} is not canonical base64")
    return found


def _unreadable(reason: str) -> VerificationError:
    return VerificationError(Code.PROOF_UNREADABLE, reason=reason)
