"""Connections that many pools share: never too many, and none is kept from whoever needs it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import asyncpg
import pytest

from federation.host import connections
from federation.host.connections import Connections
from federation.node.pools import look_up_pool, search_pool


async def test_an_idle_connection_of_one_group_makes_room_for_another(
    another_database: Callable[[], tuple[str, str]],
) -> None:
    shared = Connections(2)
    async with (
        look_up_pool(another_database()[1], shared.pooling()) as one,
        look_up_pool(another_database()[1], shared.pooling()) as other,
    ):
        assert await asyncio.gather(*(one.fetchval("SELECT 1") for _ in range(6))) == [1] * 6
        assert (one.get_size(), shared.open) == (2, 2)

        assert await asyncio.gather(*(other.fetchval("SELECT 2") for _ in range(6))) == [2] * 6

        assert 1 <= one.get_size() + other.get_size() <= 2
        assert shared.open <= 2
        assert await one.fetchval("SELECT 3") == 3
    assert shared.open == 0


async def test_whoever_waits_has_a_turn_before_a_group_that_never_rests(
    another_database: Callable[[], tuple[str, str]],
) -> None:
    shared = Connections(1)
    busy = True

    async def hog(pool: asyncpg.Pool[asyncpg.Record]) -> int:
        asked = 0
        while busy:
            asked += await pool.fetchval("SELECT 1")
        return asked

    async with (
        look_up_pool(another_database()[1], shared.pooling()) as one,
        search_pool(another_database()[1], shared.pooling()) as other,
    ):
        hogs = [asyncio.create_task(hog(one)) for _ in range(4)]
        assert await one.fetchval("SELECT 1") == 1
        assert await other.fetchval("SELECT 2") == 2
        busy = False
        assert sum(await asyncio.gather(*hogs)) > 0
        assert shared.open <= 1


async def test_who_waits_too_long_is_told_and_takes_no_place(
    another_database: Callable[[], tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WAIT_S", 0.05)
    shared = Connections(1)
    async with look_up_pool(another_database()[1], shared.pooling()) as pool:
        async with pool.acquire() as held:
            with pytest.raises(asyncpg.TooManyConnectionsError):
                await pool.fetchval("SELECT 1")
            assert await held.fetchval("SELECT 1") == 1
        assert await pool.fetchval("SELECT 2") == 2
        assert shared.open == 1


async def test_a_connection_that_fails_gives_its_place_back(
    another_database: Callable[[], tuple[str, str]],
) -> None:
    shared = Connections(1)
    dsn = another_database()[1]
    async with (
        look_up_pool(re.sub(r"/t\d+\b", "/nowhere", dsn), shared.pooling()) as wrong,
        look_up_pool(dsn, shared.pooling()) as right,
    ):
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await wrong.fetchval("SELECT 1")
        assert await right.fetchval("SELECT 1") == 1
        async with right.acquire() as connection:
            connection.terminate()
        assert await right.fetchval("SELECT 1") == 1
        assert shared.open == 1
