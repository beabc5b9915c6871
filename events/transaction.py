"""The transaction of one batch, begun with its first statement unless that is also the last.

Invariant: all that a batch writes becomes durable together. Most batches write all of it in one
statement, which is a transaction by itself: BEGIN and COMMIT were two round trips of five.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from events.log_store import AnyConnection


class Statement(NamedTuple):
    """A statement with its parameters, to be executed later."""

    sql: str
    arguments: Sequence[object]


class Writing(Protocol):
    """What writes rows: a connection, or the transaction of a batch."""

    async def execute(self, query: str, *args: object) -> str:
        """Execute a statement; gives its command tag."""

    async def copy_records_to_table(
        self, table_name: str, *, records: Iterable[Any], columns: Sequence[str]
    ) -> str:
        """Insert many rows at once; gives the command tag."""


class BatchTransaction:
    """Statements that count together; an error inside drops them all. Made for each batch."""

    def __init__(self, connection: AnyConnection) -> None:
        """Take the connection; nothing is begun yet."""
        self._connection = connection
        self._stack = AsyncExitStack()
        self._begun = False
        self._ended = False

    async def __aenter__(self) -> Self:
        """Give the transaction."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit what was begun, or roll it back after an error."""
        await self._stack.__aexit__(kind, error, traceback)

    async def begin(self) -> None:
        """Begin, unless that is done: more than one statement follows."""
        assert not self._ended, "the last statement has been executed"
        if not self._begun:
            self._begun = True
            await self._stack.enter_async_context(self._connection.transaction())

    async def execute(self, query: str, *args: object) -> str:
        """Execute a statement that others follow."""
        await self.begin()
        return await self._connection.execute(query, *args)

    async def copy_records_to_table(
        self, table_name: str, *, records: Iterable[Any], columns: Sequence[str]
    ) -> str:
        """Insert many rows; others follow."""
        await self.begin()
        return await self._connection.copy_records_to_table(
            table_name, records=records, columns=columns
        )

    async def execute_last(self, query: str, *args: object) -> str:
        """Execute the last statement, which alone is the transaction when none was begun."""
        assert not self._ended, "the last statement has been executed"
        self._ended = True
        return await self._connection.execute(query, *args)
