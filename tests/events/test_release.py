"""The gate writes one mark after the other, whoever gives up waiting."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from events.mark import Mark, MarkFile
from events.release import ReleaseGate
from events.restore import Judgement, Mode

ROOT = bytes(32)
WAIT_S = 20


class SlowDisk(MarkFile):
    """Writes when it is let go, and says what it did."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.began = threading.Event()
        self.let_go = threading.Event()
        self.done: list[tuple[str, int]] = []

    def write(self, mark: Mark) -> None:
        self.done.append(("begin", mark.size))
        self.began.set()
        assert self.let_go.wait(WAIT_S)
        super().write(mark)
        self.done.append(("end", mark.size))


async def test_a_write_that_nobody_waits_for_any_more_ends_before_the_next_begins(
    tmp_path: Path,
) -> None:
    """Both would write the same slot, and the older mark could stay behind a newer release."""
    disk, size = SlowDisk(tmp_path / "mark"), 1
    disk.create(Mark(0, ROOT))
    gate = ReleaseGate(disk, lambda: (size, ROOT), Judgement(Mode.OPEN, ""))
    first = asyncio.create_task(gate.release(1))
    await asyncio.to_thread(disk.began.wait, WAIT_S)
    disk.began.clear()
    first.cancel()
    size = 2
    second = asyncio.create_task(gate.release_all())

    overtaken = await asyncio.to_thread(disk.began.wait, 0.1)
    disk.let_go.set()
    with pytest.raises(asyncio.CancelledError):
        await first
    await second

    assert not overtaken
    assert disk.done == [("begin", 1), ("end", 1), ("begin", 2), ("end", 2)]
    assert disk.read() == Mark(2, ROOT)
