"""The mark of the restore rule survives writes that break off."""

from __future__ import annotations

import contextlib
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.mark import Mark, MarkFile
from schemas.errors import Code, StorageError

ROOT = bytes(range(32))
TORN = 100


@contextlib.contextmanager
def no_room() -> Iterator[None]:
    """Writes of this process break off after a few bytes meanwhile, as on a disk that is full.

    Only around the write itself: what pytest writes into a file would break off as well.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (TORN, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("newest", [1, 2, 3])
def test_write_that_breaks_off_is_an_error_and_costs_the_newer_slot_only(
    tmp_path: Path, newest: int
) -> None:
    file = MarkFile(tmp_path / "mark")
    file.create(Mark(1, ROOT))
    for size in range(2, newest + 1):
        file.write(Mark(size, ROOT))

    for size in (newest + 1, newest + 2):
        with pytest.raises(StorageError) as refused, no_room():
            file.write(Mark(size, ROOT))
        assert refused.value.code is Code.MARK_UNWRITABLE

    assert MarkFile(file.path).read() == Mark(newest, ROOT)
    file.write(Mark(newest + 3, ROOT))
    assert MarkFile(file.path).read() == Mark(newest + 3, ROOT)
