"""The gate through which signed bytes leave the process: after COMMIT, and behind the mark.

Whoever sends a line event, a checkpoint or a proof passes here first. Concurrent callers share
one write of the mark.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from events.mark import Mark
from events.restore import Judgement, Mode
from events.unbroken import to_its_end
from schemas.errors import Code, StorageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from events.mark import MarkFile

    Aside = Callable[[Callable[[Mark], None], Mark], Awaitable[None]]
    """Runs a blocking call where it holds up nobody."""


class ReleaseGate:
    """Lets through what lies below the mark, and moves the mark forward when it may."""

    def __init__(
        self,
        file: MarkFile,
        head: Callable[[], tuple[int, bytes]],
        judgement: Judgement,
        *,
        turn: AbstractAsyncContextManager[None] | None = None,
        aside: Aside | None = None,
    ) -> None:
        """Take the mark's file and `head`, which gives size and root of what is durable.

        `turn` is the lock under which one caller writes, `aside` runs the write: in a thread, when
        none is given.
        """
        self._file = file
        self._head = head
        self._released = 0
        self._turn = asyncio.Lock() if turn is None else turn
        self._aside = _in_a_thread if aside is None else aside
        self.judgement = judgement

    @property
    def mode(self) -> Mode:
        """What the node may do now."""
        return self.judgement.mode

    def require_writable(self) -> None:
        """Refuse commands while the node only reads.

        Raises:
            StorageError: `read_only`.

        """
        if self.mode is Mode.READ_ONLY:
            raise StorageError(self.judgement.code, reason=self.judgement.reason)

    def create_mark(self) -> Mark:
        """Make the mark file anew after somebody vouched for the log."""
        mark = Mark(*self._head())
        self._file.create_anew(mark)
        return mark

    async def release(self, size: int) -> None:
        """Return when everything below `size` may leave the process.

        Raises:
            StorageError: `releases_nothing`, `read_only`, `mark_unwritable`.

        """
        self.require_writable()
        if self.mode is not Mode.OPEN:
            raise StorageError(Code.RELEASES_NOTHING)
        if size <= self._released:
            return
        async with self._turn:
            if size <= self._released:  # somebody moved it while this one waited
                return
            head_size, root = self._head()
            assert size <= head_size, "only what is durable is released"
            await self._aside(self._file.write, Mark(head_size, root))
            self._released = head_size

    async def release_all(self) -> None:
        """Return when everything that is durable now may leave the process.

        Raises:
            StorageError: as `release`.

        """
        await self.release(self._head()[0])


async def _in_a_thread(write: Callable[[Mark], None], mark: Mark) -> None:
    """Write in a thread, and keep the turn until that has ended, also when nobody waits any more.

    Two writes at once would meet in one slot, and the older mark could stay behind a newer release.
    """
    await to_its_end(asyncio.get_running_loop().run_in_executor(None, write, mark))
