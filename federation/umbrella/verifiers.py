"""Processes that check signatures, so that these use every core; none when there is one core only.

They are started with the first batch and stopped at the end of the block; they have no settings,
no keys and no database, and get nothing but what was signed.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Final, Self

from events.signature_batches import LENGTH_SIZE, first_wrong, read_answer, write_batch

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from events.signature_batches import Batch

AHEAD: Final = 2
"""So many batches each process is given at a time: none of them waits for its next."""


def that_fit(processes: int) -> int:
    """Give as many of these processes as there are cores; with one core none is of use."""
    cores = len(os.sched_getaffinity(0))
    return min(processes, cores) if cores > 1 else 0


class _Verifier:
    """One process, which answers in the order in which it is asked."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self._batches, self._answers = process.stdin, process.stdout
        self._asking, self._hearing = asyncio.Lock(), asyncio.Lock()

    @classmethod
    async def start(cls) -> _Verifier:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "events.signature_batches",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,  # an interrupt of ours is not one of theirs
        )
        return cls(process)

    async def first_wrong(self, batch: Batch) -> int | None:
        async with self._asking:
            self._batches.write(write_batch(batch))
            await self._batches.drain()
        # whoever has asked is the next to hear: nothing is awaited between, and locks are fair
        async with self._hearing:
            return read_answer(await self._answers.readexactly(LENGTH_SIZE))

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


class Verifiers:
    """Checks batches, as many at a time as there are processes; an async context."""

    def __init__(self, processes: int) -> None:
        """Use so many processes; none: this one, in a thread."""
        self._many = processes
        self._all: list[_Verifier] = []
        self._free: asyncio.Queue[_Verifier] = asyncio.Queue()
        self._starting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Begin without any process."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """End them."""
        for verifier in self._all:
            await verifier.stop()

    @property
    def at_once(self) -> int:
        """How many batches should be waiting for an answer."""
        return AHEAD * self._many or 1

    async def first_wrong(self, batch: Batch) -> int | None:
        """Give the place in a batch of the first entry whose signature does not fit.

        Raises:
            OSError, EOFError: a process that checks has ended.

        """
        if not self._many:
            return await asyncio.to_thread(first_wrong, batch)
        await self._start()
        verifier = await self._free.get()
        try:
            return await verifier.first_wrong(batch)
        finally:
            self._free.put_nowait(verifier)

    async def _start(self) -> None:
        async with self._starting:
            if self._all:
                return
            for _ in range(self._many):
                self._all.append(await _Verifier.start())
            for verifier in self._all * AHEAD:
                self._free.put_nowait(verifier)
