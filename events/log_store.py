"""The log in PostgreSQL: reads ranges and tiles, writes one batch inside its transaction.

Keeps: rows are only ever inserted, and `log_state` moves by compare and swap on size and epoch, so
a second writer is fenced off (design section 3). Opens no transaction itself.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

import asyncpg

from events.growing import TILE_WIDTH, GrowingTree
from events.queries import load_queries
from events.tiles import encode_hashes, hashes_over, subroots_under
from events.transaction import Statement, together
from schemas.errors import Code, StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from asyncpg import Connection, Record
    from asyncpg.pool import PoolConnectionProxy

    from events.tiles import TilePath
    from events.transaction import BatchTransaction, Writing

    AnyConnection = Connection[Record] | PoolConnectionProxy[Record]

SQL: Final = load_queries(files("events").joinpath("sql/log.sql"))


FEW: Final = 160
"""Below this many rows one statement with arrays beats several COPYs: fewer round trips."""


def columns(rows: Sequence[Sequence[object]], width: int) -> list[list[object]]:
    """Turn rows into columns, one array parameter each; without rows, empty ones."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def inserts(
    queries: Mapping[str, str], rows: Mapping[str, Sequence[Sequence[object]]]
) -> list[Statement]:
    """Give statements with their rows, by the names of the statements; none without rows.

    An empty one would cost as much of PostgreSQL as a row or two.
    """
    return [
        Statement(queries[name], columns(found, len(found[0])))
        for name, found in rows.items()
        if found
    ]


class Entry(NamedTuple):
    """One event with everything that is stored beside it."""

    seq: int
    id: bytes
    core: bytes
    signature: bytes
    body: bytes | None
    body_salt: bytes | None


class SealedText(NamedTuple):
    """A text sealed under the data key of `subject`."""

    seq: int
    commitment: bytes
    subject: bytes
    layer: str
    sealed: bytes


class LogState(NamedTuple):
    """How long the log is, which epoch may append, and how many batches were committed."""

    origin: str
    size: int
    root: bytes
    epoch: int
    batch: int


async def take_over(connection: AnyConnection, writer: bytes) -> LogState:
    """Become the only writer; `writer` is a random name of this process.

    Raises:
        StorageError: `not_found` when no log has been started in this database.

    """
    row = await connection.fetchrow(SQL["take_over"], writer)
    if row is None:
        raise StorageError(Code.NOT_FOUND, field="log")
    return LogState(*row)


async def read_state(connection: AnyConnection) -> LogState | None:
    """Tell how long the log is; nothing when none was started."""
    row = await connection.fetchrow(SQL["read_state"])
    return None if row is None else LogState(*row)


async def append(
    writing: Writing,
    entries: Sequence[Entry],
    texts: Sequence[SealedText],
    subroots: Sequence[tuple[int, bytes]],
) -> None:
    """Insert a batch; its place and bytes are final."""
    if len(entries) + len(texts) < FEW:
        few = together(_few(entries, texts, subroots))
        await writing.execute(few.sql, *few.arguments)
        return
    # COPY costs the client half of what unnest() does: asyncpg looks at each element of an array
    await writing.copy_records_to_table("log_event", records=entries, columns=Entry._fields)
    if texts:
        await writing.copy_records_to_table(
            "sealed_text", records=texts, columns=SealedText._fields
        )
    if subroots:
        await writing.copy_records_to_table(
            "log_subroot", records=subroots, columns=("tile", "root")
        )


def _few(
    entries: Sequence[Entry],
    texts: Sequence[SealedText],
    subroots: Sequence[tuple[int, bytes]],
) -> list[Statement]:
    rows: dict[str, Sequence[Sequence[object]]] = {
        "append_events": entries,
        "append_texts": texts,
        "append_roots": subroots,
    }
    return inserts(SQL, rows)


class Advance(NamedTuple):
    """How a batch moves the state: from one size to another, in the epoch of its writer."""

    new_size: int
    root: bytes
    old_size: int
    epoch: int


async def append_last(
    transaction: BatchTransaction,
    part: tuple[Sequence[Entry], Sequence[SealedText], Sequence[tuple[int, bytes]]],
    advance: Advance,
    also: Sequence[Statement] = (),
) -> None:
    """Insert the last part of a batch and move the state, in the last statement, with `also`.

    Raises:
        StorageError: `fenced` when another writer has taken over; nothing is written.

    """
    entries, texts, subroots = part
    if len(entries) + len(texts) >= FEW:
        await append(transaction, entries, texts, subroots)
        entries, texts, subroots = (), (), ()
    last = together(
        [*also, *_few(entries, texts, subroots), Statement(SQL["advance"], tuple(advance))]
    )
    try:
        done = await transaction.execute_last(last.sql, *last.arguments)
    except asyncpg.NotNullViolationError as error:
        if error.table_name != "log_state":
            raise
        raise StorageError(Code.FENCED) from error
    assert done == "UPDATE 1", done


async def read_tree(connection: AnyConnection, size: int) -> GrowingTree:
    """Rebuild the tree of the first `size` entries from tile roots and the ids of the last tile."""
    full = size // TILE_WIDTH
    roots = [row["root"] for row in await connection.fetch(SQL["read_subroots"], 0, full)]
    tail = [row["id"] for row in await connection.fetch(SQL["read_ids"], full * TILE_WIDTH, size)]
    assert len(roots) == full
    assert len(tail) == size - full * TILE_WIDTH
    return GrowingTree.from_tiles(roots, tail)


async def read_hash_tile(connection: AnyConnection, path: TilePath) -> bytes:
    """Compute a hash tile from ids (level 0) or from the roots of full tiles (above).

    Raises:
        StorageError: `log_incomplete` when the database lacks some of them.

    """
    if path.level == 0:
        start = path.index * TILE_WIDTH
        ids = [
            row["id"] for row in await connection.fetch(SQL["read_ids"], start, start + path.width)
        ]
        _require_all(ids, path.width)
        return encode_hashes(ids)
    assert isinstance(path.level, int)
    tiles = subroots_under(path)
    rows = await connection.fetch(SQL["read_subroots"], tiles.start, tiles.stop)
    _require_all(rows, len(tiles))
    return encode_hashes(hashes_over(path.level, [row["root"] for row in rows]))


def _require_all(found: Sequence[object], count: int) -> None:
    if len(found) != count:
        raise StorageError(Code.LOG_INCOMPLETE)
