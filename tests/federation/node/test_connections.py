"""No connection to the database is left behind by what was cancelled, failed, or began anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from events.recovery import CONNECT_TIMEOUT_S, close_connection, reconnect
from federation.node.database import NODE_LOCK, only_process
from federation.node.postgres import PostgresServer
from federation.node.rebuild import rebuild_tables
from tests.federation.world.conftest import WAIT_S, World

OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'"
)
WAITING = f"{OTHERS} AND wait_event_type = 'Lock'"


class Looking:
    """Looks from outside at who is connected to one database."""

    def __init__(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        self._connection = connection

    async def until(self, query: str, dsn: str, wanted: int) -> None:
        """Wait, bounded, until so many are there: a backend ends a moment after its connection."""
        name = dsn.rpartition("/")[2].partition("?")[0]
        async with asyncio.timeout(WAIT_S):
            while await self._connection.fetchval(query, name) != wanted:
                await self._connection.execute("SELECT pg_sleep(0.01)")

    async def end(self, dsn: str, kind: str) -> None:
        """End the backends whose last statement is like this, as a server that restarts does."""
        name = dsn.rpartition("/")[2].partition("?")[0]
        ended = await self._connection.fetch(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = $1 AND query LIKE $2",
            name,
            kind,
        )
        assert ended


@pytest.fixture
async def looking(postgres_server: PostgresServer) -> AsyncIterator[Looking]:
    connection = await asyncpg.connect(postgres_server.dsn(), timeout=CONNECT_TIMEOUT_S)
    yield Looking(connection)
    await connection.close()


async def _cancelled(waiting: asyncio.Task[object]) -> None:
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_who_is_cancelled_while_another_process_runs_leaves_nothing(
    another_database: Callable[[], tuple[str, str]], looking: Looking
) -> None:
    _, dsn = another_database()
    first = await only_process(dsn)
    waiting: asyncio.Task[object] = asyncio.create_task(only_process(dsn))
    await looking.until(WAITING, dsn, 1)

    await _cancelled(waiting)

    await looking.until(OTHERS, dsn, 1)
    await close_connection(first)


async def test_who_is_cancelled_while_it_connects_anew_leaves_nothing(
    world: World, looking: Looking
) -> None:
    node = await world.make("alfa", 20)
    dsn, writer = node.node.settings.database, node.node.sequencer._writer
    await node.stop()
    holder = await only_process(dsn)
    waiting: asyncio.Task[object] = asyncio.create_task(
        reconnect(dsn, writer, None, lock=NODE_LOCK)
    )
    await looking.until(WAITING, dsn, 1)

    await _cancelled(waiting)

    await looking.until(OTHERS, dsn, 1)
    await close_connection(holder)


async def test_a_node_that_connected_anew_leaves_nothing_when_it_stops(
    world: World, looking: Looking
) -> None:
    node = await world.make("alfa", 20)
    dsn = node.node.settings.database
    await node.ask("member.add", code="001", name="Anna")
    await looking.end(dsn, "%")
    await node.ask("member.add", code="002", name="Bert")

    await node.stop()

    await looking.until(OTHERS, dsn, 0)


async def test_a_rebuild_whose_owner_cannot_connect_leaves_nothing(
    another_database: Callable[[], tuple[str, str]], looking: Looking, tmp_path: Path
) -> None:
    _, dsn = another_database()

    with pytest.raises(OSError, match="No such file"):
        await rebuild_tables(dsn, f"postgresql:///none?host={tmp_path}")

    await looking.until(OTHERS, dsn, 0)
