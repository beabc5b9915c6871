"""The mark of the restore rule: size and root last released, kept outside the database.

Two slots in one file, written in turn and flushed before anything signed leaves the process, so a
torn write costs the newer slot only and never the older one (design section 3).
"""

from __future__ import annotations

import errno
import os
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from schemas.errors import Code, StorageError

if TYPE_CHECKING:
    from pathlib import Path

_SLOT: Final = 512
_MAGIC: Final = "ruilbrug/mark/v1"


class Mark(NamedTuple):
    """How much of the log has been released."""

    size: int
    root: bytes


class MarkFile:
    """The file with the mark. One process writes it."""

    def __init__(self, path: Path) -> None:
        """Take the path; nothing is read or made yet."""
        self.path = path
        self._slot = 0

    def create(self, mark: Mark) -> None:
        """Make the file of a new node.

        Raises:
            StorageError: `mark_unwritable`.

        """
        try:
            with self.path.open("xb") as file:
                file.write(_encode(mark) + bytes(_SLOT))
                file.flush()
                os.fsync(file.fileno())
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise StorageError(Code.MARK_UNWRITABLE, reason=str(error.strerror)) from error
        self._slot = 1

    def create_anew(self, mark: Mark) -> None:
        """Make the file again after somebody vouched for the log.

        Raises:
            StorageError: `mark_unwritable`.

        """
        self.path.unlink(missing_ok=True)
        self.create(mark)

    def read(self) -> Mark | None:
        """Give the newest valid mark; nothing when there is no file or no valid slot."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        marks = [_decode(data[at : at + _SLOT]) for at in (0, _SLOT)]
        valid = [(mark.size, slot) for slot, mark in enumerate(marks) if mark is not None]
        if not valid:
            return None
        newest = max(valid)[1]
        self._slot = 1 - newest
        return marks[newest]

    def write(self, mark: Mark) -> None:
        """Make a newer mark durable.

        Raises:
            StorageError: `mark_unwritable`; nothing may be released then.

        """
        try:
            descriptor = os.open(self.path, os.O_WRONLY)
            try:
                written = os.pwrite(descriptor, _encode(mark), self._slot * _SLOT)
                if written < _SLOT:  # a quota or a size limit tears it without an error
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fdatasync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise StorageError(Code.MARK_UNWRITABLE, reason=str(error.strerror)) from error
        self._slot = 1 - self._slot


def _encode(mark: Mark) -> bytes:
    text = f"{_MAGIC} {mark.size} {mark.root.hex()} "
    return (text + sha256(text.encode()).hexdigest() + "\n").encode().ljust(_SLOT, b" ")


def _decode(slot: bytes) -> Mark | None:
    try:
        magic, size, root, digest = slot.decode("ascii").split()
    except (UnicodeDecodeError, ValueError):
        return None
    text = f"{_MAGIC} {size} {root} "
    if magic != _MAGIC or sha256(text.encode()).hexdigest() != digest:
        return None
    return Mark(int(size), bytes.fromhex(root))
