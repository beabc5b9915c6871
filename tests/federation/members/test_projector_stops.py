"""A projector that is cancelled while it sends many rows ends, and its connection can go on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg

from federation.members import projector

if TYPE_CHECKING:
    import pytest

ROWS = 2_000
TEXT = "x" * 5_000
"""Ten megabytes in all: more than the driver sends at once."""
END_S = 30


async def test_it_ends_when_it_is_cancelled_while_it_sends(
    database: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await asyncpg.connect(database[0])
    await connection.execute("CREATE TABLE much (text text NOT NULL)")
    monkeypatch.setattr(projector, "PLAIN", {"write": "INSERT INTO much VALUES ($1)"})
    under_way = asyncio.Event()

    class Row(tuple[str]):
        """A row that tells when it is about to be sent."""

        __slots__ = ()

        def __len__(self) -> int:
            under_way.set()
            return super().__len__()

    told = Row((TEXT,))
    rows: list[tuple[str, tuple[str]]] = [("write", (TEXT,))] * (ROWS // 2) + [("write", told)] * (
        ROWS // 2
    )
    writing = asyncio.create_task(projector._execute(connection, rows))
    async with asyncio.timeout(END_S):
        await under_way.wait()

    writing.cancel()
    done, _ = await asyncio.wait([writing], timeout=END_S)

    assert done == {writing}
    assert writing.cancelled()
    assert await connection.fetchval("SELECT count(*) FROM much") == ROWS
    await connection.close()
