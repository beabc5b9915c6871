"""Logs of the mirror page by page and by turns, the next page while the one before is worked on.

A little of each log in turn, so that what belongs together meets soon. Holds two pages at a time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from events.growing import TILE_WIDTH
from federation.umbrella.queries import SQL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from events.log_store import AnyConnection

PAGE: Final = 16 * TILE_WIDTH


class Page(NamedTuple):
    """Entries of a log one behind the other, with their signatures when these were asked for."""

    node: str
    start: int
    entries: Sequence[bytes]
    signatures: Sequence[bytes]


class Pages:
    """Reads logs to their ends; an async context that has its connection for itself."""

    def __init__(
        self, connection: AnyConnection, starts: Mapping[str, int], *, signatures: bool
    ) -> None:
        """Read each log from its start on."""
        self._connection = connection
        self._turns = deque(starts.items())
        self._query = SQL["read_signed" if signatures else "read_entries"]
        self._reading: asyncio.Task[Page] | None = None

    async def __aenter__(self) -> Self:
        """Begin."""
        self._begin()
        return self

    async def __aexit__(self, *error: object) -> None:
        """Stop reading."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])

    async def next(self) -> Page | None:
        """Give the next page, and begin to read the one behind it; none at the end."""
        if self._reading is None:
            return None
        page = await self._reading
        if len(page.entries) == PAGE:
            self._turns.append((page.node, page.start + PAGE))
        self._begin()
        return page

    def _begin(self) -> None:
        self._reading = None
        if self._turns:
            node, start = self._turns.popleft()
            self._reading = asyncio.create_task(self._read(node, start), name=f"page-{node}")

    async def _read(self, node: str, start: int) -> Page:
        columns = await self._connection.fetchrow(self._query, node, start, PAGE)
        assert columns is not None
        return Page(node, start, columns[0] or (), columns[1] or ())
