"""How long whoever asks waits for the database before being told that it does not answer.

What was handed in may still be booked: the same id again then gives the same answer, so nothing is
done twice. Work that nobody waits for (bringing events, checkpoints) is not cut short here.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from events.recovery import STORAGE_TROUBLE
from schemas.errors import Code, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Pool, Record
    from asyncpg.pool import PoolConnectionProxy

ANSWER_WITHIN_S: Final = 6.0
LEAVE_WITHIN_S: Final = 3.0
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
