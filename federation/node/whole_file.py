"""A file that is there whole or not at all: written under another name, flushed, then named.

A crash leaves nothing under the name that was meant, only `NAME.unfinished`, which the next try
overwrites; a full disk leaves not even that. Two who write the same file at once: the second is
refused.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from schemas.errors import Code, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

UNFINISHED = "unfinished"


@contextlib.contextmanager
def written_whole(path: Path, unfinished: Path) -> Iterator[Callable[[bytes], None]]:
    """Give what writes a file of mode 0600, which gets its name when the block ends well.

    Raises:
        StorageError: `backup_unwritable` with the system's reason; `backup_runs` when another
            process writes it.

    """
    with _translated(unfinished):
        file = os.fdopen(_locked(unfinished), "wb")
    try:
        with file:
            yield _writer(file, unfinished)
            with _translated(unfinished):
                file.flush()
                os.fsync(file.fileno())
                unfinished.replace(path)
                flush_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise


def flush_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _locked(unfinished: Path) -> int:
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _lock(descriptor, unfinished)
        os.ftruncate(descriptor, 0)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _lock(descriptor: int, unfinished: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        mine = os.path.samestat(os.fstat(descriptor), unfinished.stat())
    except (BlockingIOError, FileNotFoundError) as error:
        raise StorageError(Code.BACKUP_RUNS, field=str(unfinished)) from error
    if not mine:  # the other one has just given it its name
        raise StorageError(Code.BACKUP_RUNS, field=str(unfinished))


def _writer(file: BinaryIO, unfinished: Path) -> Callable[[bytes], None]:
    def write(piece: bytes) -> None:
        with _translated(unfinished):
            file.write(piece)

    return write


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = str(error.strerror)
        raise StorageError(Code.BACKUP_UNWRITABLE, field=str(path), reason=reason) from error
