"""The transaction of one batch, begun with its first statement unless that is also the last.

Invariant: all that a batch writes becomes durable together. Most batches write all of it in one
statement, which is a transaction by itself: BEGIN and COMMIT were two round trips of five.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from events.queries import joined

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from events.log_store import AnyConnection


class Statement(NamedTuple):
    """A statement with its parameters, to be executed later."""

    sql: str
    arguments: Sequence[object]


def together(statements: Sequence[Statement]) -> Statement:
    """Make one statement of several, in their order."""
    sql = joined(tuple(statement.sql for statement in statements))
    return Statement(sql, [value for statement in statements for value in statement.arguments])


class Writing(Protocol):
    """What writes rows: a connection, or the transaction of a batch."""

    async def execute(self, query: str, *args: object) -> str:
        """Execute a statement; gives its command tag."""

    async def copy_records_to_table(
        self, table_name: str, *, records: Iterable[Any], columns: Sequence[str]
    ) -> str:
        """Insert many rows at once; gives the command tag."""


class BatchTransaction:
    """Statements that count together. Made for each batch by `batch_transaction`."""

    def __init__(self, connection: AnyConnection, stack: AsyncExitStack) -> None:
        """Take the connection, and what ends the transaction; nothing is begun yet."""
        self._connection = connection
        self._stack = stack
        self._begun = False
        self._ended = False

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


@asynccontextmanager
async def batch_transaction(connection: AnyConnection) -> AsyncIterator[BatchTransaction]:
    """Commit at the end of the block what was begun in it; an error inside drops it all."""
    async with AsyncExitStack() as stack:
        yield BatchTransaction(connection, stack)
