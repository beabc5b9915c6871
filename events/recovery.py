"""After a lost connection: get a new one and learn what became of the last transaction.

Taking `epoch + 1` waits for the row lock of a backend that may still be committing, so what is
read afterwards is final (design section 3).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

import asyncpg
import structlog

from events.log_store import SQL, LogState
from schemas.errors import Code, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Connection, Record

log = structlog.get_logger()

STORAGE_TROUBLE: Final = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InternalServerError,
)
"""What says nothing about the rows: the same command may succeed in a moment."""

CONNECT_TIMEOUT_S: Final = 5
CLOSE_TIMEOUT_S: Final = 5
WAIT_FIRST_S: Final = 0.05
WAIT_MAX_S: Final = 2.0


LOOK_UPS: Final = {"enable_seqscan": "off", "plan_cache_mode": "force_generic_plan"}
"""For connections that look rows up by their keys. A plan is made once, often while a table is
empty, and would then read the whole table for ever: half of what PostgreSQL did for a trade."""
SEARCHES: Final = {"plan_cache_mode": "force_custom_plan"}
"""For connections that search: which index is quick depends on what is asked. A plan for every
question at once took 65 ms where one for this question takes 5."""


async def connect(dsn: str, *, look_ups: bool = False) -> Connection[Record]:
    """Open a connection with a bounded wait; `look_ups` for statements that go by keys."""
    async with asyncio.timeout(CONNECT_TIMEOUT_S):
        return await asyncpg.connect(
            dsn,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=60,
            server_settings=LOOK_UPS if look_ups else {},
        )


async def close_connection(connection: Connection[Record]) -> None:
    """Close a connection, or leave it when the server is gone."""
    with contextlib.suppress(*STORAGE_TROUBLE):
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await connection.close()


@contextlib.asynccontextmanager
async def closed_unless_done(connection: Connection[Record]) -> AsyncIterator[None]:
    """Close a connection that the block does not hand on: it failed, or was cancelled."""
    try:
        yield
    except BaseException:
        await close_connection(connection)
        raise


async def reconnect(
    dsn: str, writer: bytes, old: Connection[Record] | None, *, lock: int | None = None
) -> tuple[Connection[Record], LogState]:
    """Try until the database answers, then bar the old connection and read the log's state.

    Raises:
        StorageError: `fenced` when another writer took over meanwhile.

    """
    if old is not None:
        old.terminate()
    wait_s = WAIT_FIRST_S
    while True:
        try:
            connection = await connect(dsn, look_ups=True)
            async with closed_unless_done(connection):
                return connection, await _take_over(connection, writer, lock)
        except STORAGE_TROUBLE as error:
            log.warning("database_unreachable", kind=type(error).__name__)
            await asyncio.sleep(wait_s)
            wait_s = min(WAIT_MAX_S, wait_s * 2)


async def _take_over(connection: Connection[Record], writer: bytes, lock: int | None) -> LogState:
    row = await connection.fetchrow(SQL["take_over_again"], writer)
    if row is None:
        raise StorageError(Code.FENCED)
    if lock is not None:  # the lock of the one process went with the old connection
        await connection.execute("SELECT pg_advisory_lock($1)", lock)
    return LogState(*row)
