"""How long whoever asks waits for the database before being told that it does not answer.

What was handed in may still be booked: the same id again then gives the same answer, so nothing is
done twice. Work that nobody waits for (bringing events, checkpoints) is not cut short here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, Any, Final, TypeVar

from events.recovery import STORAGE_TROUBLE
from schemas.errors import Code, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Pool, Record
    from asyncpg.pool import PoolConnectionProxy

ANSWER_WITHIN_S: Final = 6.0
LEAVE_WITHIN_S: Final = 3.0
T = TypeVar("T")
"""A question that was given up keeps its connection until PostgreSQL has heard of it, at most so
long; then the connection is cut. Both together stay below the 10 s that another node waits."""


@contextlib.asynccontextmanager
async def patience() -> AsyncIterator[None]:
    """Run the block, which asks nothing but the database, for as long as somebody waits.

    Raises:
        StorageError: `database_unavailable` when the database does not answer in time.

    """
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            yield
    except STORAGE_TROUBLE as error:
        raise StorageError(Code.DATABASE_UNAVAILABLE) from error


@contextlib.asynccontextmanager
async def connection_in_time(
    pool: Pool[Record],
) -> AsyncIterator[PoolConnectionProxy[Record]]:
    """Give a connection for a few questions, under `patience`.

    Raises:
        StorageError: `database_unavailable`.

    """
    async with patience(), pool.acquire(timeout=LEAVE_WITHIN_S) as connection:
        yield connection


class Deadlines:
    """Gives up on answers of the log that take longer than `ANSWER_WITHIN_S`.

    All may take equally long, so one timer is enough for all who wait: it looks at the oldest.
    A timer for each took a sixteenth of what a transfer takes.
    """

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._waiting: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, answer: asyncio.Future[T]) -> asyncio.Future[T]:
        """Let an answer fail with `database_unavailable` when it does not come in time."""
        waiting = self._waiting
        while waiting and waiting[0][1].done():
            waiting.popleft()
        at_s = answer.get_loop().time() + ANSWER_WITHIN_S
        waiting.append((at_s, answer))
        if self._timer is None:
            self._timer = answer.get_loop().call_at(at_s, self._look)
        return answer

    def stop(self) -> None:
        """Let go of the timer: whoever still waits is told by the sequencer that stops."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        while self._waiting:
            at_s, answer = self._waiting[0]
            loop = answer.get_loop()
            if not answer.done() and loop.time() < at_s:
                self._timer = loop.call_at(at_s, self._look)
                return
            self._waiting.popleft()
            if not answer.done():
                answer.set_exception(StorageError(Code.DATABASE_UNAVAILABLE))
