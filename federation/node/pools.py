"""The connections of a node to its database, beside the one of the sequencer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import asyncpg

from events.recovery import LOOK_UPS, SEARCHES

if TYPE_CHECKING:
    from asyncpg import Connection, Pool, Record

    from federation.node.share import Pooling

POOL_SIZE: Final = 6
FINDER_SIZE: Final = 4


def look_up_pool(dsn: str, pooling: Pooling) -> Pool[Record]:
    """Give the connections for most questions; each knows its plan."""
    return _pool(dsn, pooling.kept, POOL_SIZE, LOOK_UPS, pooling)


def search_pool(dsn: str, pooling: Pooling) -> Pool[Record]:
    """Give the connections for searches; a plan is made for each question."""
    return _pool(dsn, 0, FINDER_SIZE, SEARCHES, pooling)


def _pool(
    dsn: str, min_size: int, max_size: int, settings: dict[str, str], pooling: Pooling
) -> Pool[Record]:
    said: dict[str, Any] = {"reset": _nothing_to_reset, **pooling.hooks}
    return asyncpg.create_pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        max_inactive_connection_lifetime=pooling.idle_s,
        command_timeout=60,
        server_settings=settings,
        **said,
    )


async def _nothing_to_reset(connection: Connection[Record]) -> None:
    """Save a round trip a question: nothing here changes a session or leaves a lock in it."""
    del connection
