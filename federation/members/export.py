"""`ruilbrug export`: everything of a group as tables in the shape of G3, for another program.

Written on the server it is the group that moves, and has what bookings were for. What coordinators
take from a page has that only where they read it (`federation.group.rights.reads_words`).

Reads in one REPEATABLE READ transaction beside the running node and holds accounts in memory, but
no table: a page is opened, written and let go. Posts may be a moment older than the books. Which
columns there are is for `federation.migrate.written`, that the file is there whole or not at all
for `written_whole`. Holds no secret; what was erased is in no text.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from events.recovery import STORAGE_TROUBLE, close_connection
from federation.group.rights import Looks
from federation.members import projector
from federation.members.export_rows import (
    View,
    balance_rows,
    category_rows,
    config_rows,
    contact_rows,
    kind_rows,
    limit_rows,
    partner_rows,
    user_rows,
)
from federation.members.export_tables import pictures, posts, transactions
from federation.members.queries import EXPORT
from federation.migrate.written import HEADERS, line
from federation.node.database import reached
from federation.node.service import now_s
from federation.node.whole_file import UNFINISHED, written_whole
from federation.node.zip_stream import ZipStream
from projections import tables
from schemas.bodies import AccountKind
from schemas.errors import Code, InputError, RefusedError, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from asyncpg import Connection, Record

    from federation.members.reader import Reader
    from federation.migrate.written import Value
    from federation.node.service import Node

_OWN_CODES: Final = {
    Code.BACKUP_UNWRITABLE: Code.EXPORT_UNWRITABLE,
    Code.BACKUP_RUNS: Code.EXPORT_RUNS,
}
_COUNTED: Final = frozenset({"users", "transactions", "messages"})


class ExportFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to."""

    file: str


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    file: str
    bytes_count: int
    rows: dict[str, int]
    """By table."""
    decimals: int
    """How many decimals of the unit became whole in the file."""
    pictures: int = 0
    """Of members, offers and wants, beside the tables."""


class ExportProgress(msgspec.Struct):
    """How far an export has come."""

    doing: str = ""
    done: int = 0
    total: int = 0


class _Turn:
    """Keeps that one export is written at a time."""

    def __init__(self) -> None:
        self.taken = asyncio.Lock()
        self.progress = ExportProgress()


def progress(node: Node) -> ExportProgress:
    """Tell how far an export has come."""
    found: _Turn = node.parts.setdefault(_Turn, _Turn())
    return found.progress


async def run(node: Node, arguments: ExportFile) -> Exported:
    """Write everything of the group into a new ZIP, mode 0600.

    Raises:
        InputError: `not_configured` without a unit, `export_there` when the file is there already.
        RefusedError: `export_runs`.
        StorageError: `export_unwritable`, and nothing half is left; `export_runs` when another
            process writes this file; `database_unavailable`, `busy`.

    """
    path = Path(arguments.file)
    if node.machine.books.ledger.settings is None:
        raise InputError(Code.NOT_CONFIGURED)
    if await asyncio.to_thread(path.exists):
        raise InputError(Code.EXPORT_THERE, field=arguments.file)
    turn: _Turn = node.parts.setdefault(_Turn, _Turn())
    if turn.taken.locked():
        raise RefusedError(Code.EXPORT_RUNS, field=arguments.file)
    async with turn.taken:
        turn.progress = ExportProgress(doing="reading")
        try:
            return await _run(node, path, turn.progress)
        except STORAGE_TROUBLE as error:
            raise StorageError(Code.DATABASE_UNAVAILABLE) from error
        except StorageError as error:
            code = _OWN_CODES.get(error.code)
            if code is None:
                raise
            raise StorageError(code, **error.facts) from error
        finally:
            turn.progress = ExportProgress()


async def _run(node: Node, path: Path, far: ExportProgress) -> Exported:
    await projector.reached(node, node.sequencer.size - 1)
    connection = await reached(node.settings.database)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            view = await _view(node, connection, looks=None)
            far.total = await connection.fetchval(EXPORT["rows_about"]) + len(view.accounts)
            with written_whole(path, path.with_name(f"{path.name}.{UNFINISHED}")) as write:
                packing = _Packing(view.at_s, far)
                async for piece in packing.pieces(view):
                    write(piece)
    finally:
        await close_connection(connection)
    settings = view.books.ledger.settings
    assert settings is not None
    return Exported(
        file=str(path),
        bytes_count=packing.bytes_count,
        rows=packing.rows,
        decimals=settings.unit.rate.decimals,
        pictures=packing.pictures,
    )


async def _view(node: Node, connection: Connection[Record], *, looks: Looks | None) -> View:
    """Read accounts, balances and limits of this snapshot.

    Own accounts of the node that were never booked on are left out: another program has its own.
    """
    books = await tables.read_books(connection)
    booked = {row["account"] for row in await connection.fetch(EXPORT["booked"])}
    kinds = (AccountKind.MEMBER, AccountKind.OLD_PARTNER, AccountKind.CLEARING)
    accounts = [
        account
        for account in books.ledger.accounts.values()
        if account.kind in kinds or account.account in booked
    ]
    accounts.sort(key=lambda account: account.account)
    return View(node, connection, books, accounts, now_s(), looks, {})


def _tables(view: View) -> dict[str, AsyncIterator[list[tuple[Value, ...]]]]:
    """Give the pages of each table, in the order in which they are written."""
    made = {
        "config": config_rows(view),
        "users": user_rows(view),
        "contact": contact_rows(view),
        "type_contact": kind_rows(view),
        "letsgroups": partner_rows(view),
        "min_limit": limit_rows(view, "lower_minor"),
        "max_limit": limit_rows(view, "upper_minor"),
        "categories": category_rows(view),
        "messages": posts(view),
        "transactions": transactions(view),
        "balance": balance_rows(view),
    }
    assert made.keys() == HEADERS.keys()
    return made


class _Packing:
    """Packs table after table, and tells how far it is."""

    def __init__(self, at_s: int, far: ExportProgress) -> None:
        now = datetime.fromtimestamp(at_s, UTC)
        self._zip = ZipStream((now.year, now.month, now.day, now.hour, now.minute, now.second))
        self._far = far
        self.rows: dict[str, int] = {}
        self.bytes_count = 0
        self.pictures = 0

    async def pieces(self, view: View) -> AsyncGenerator[bytes]:
        """Give the ZIP as it comes to be."""
        for name, pages in _tables(view).items():
            async for piece in self._table(name, pages):
                yield self._counted(piece)
        self._far.doing = "pictures"
        async for name, content in pictures(view):
            self.pictures += 1
            added = await asyncio.to_thread(self._zip.add, f"images/{name}", content)
            yield self._counted(added)
        yield self._counted(self._zip.end())

    async def _table(
        self, name: str, pages: AsyncIterator[list[tuple[Value, ...]]]
    ) -> AsyncGenerator[bytes]:
        self._far.doing = name
        self.rows[name] = 0
        with self._zip.file(f"{name}.csv") as opened:
            opened.write(f"{HEADERS[name]}\n".encode())
            async for page in pages:
                await asyncio.to_thread(opened.write, b"".join(map(line, page)))
                yield self._zip.take()
                self.rows[name] += len(page)
                self._far.done += len(page) if name in _COUNTED else 0

    def _counted(self, piece: bytes) -> bytes:
        self.bytes_count += len(piece)
        return piece


async def sent(node: Node, reader: Reader, name: str | None = None) -> AsyncGenerator[bytes]:
    """Give the ZIP, or one table of it as CSV, as it comes to be; for coordinators.

    Raises:
        InputError: `not_configured` without a unit; `not_found` for another table.
        RefusedError: `forbidden`; `export_runs` while another is written.
        StorageError: `database_unavailable`, `busy`.

    """
    if not reader.coordinator:
        raise RefusedError(Code.FORBIDDEN)
    if name is not None and name not in HEADERS:
        raise InputError(Code.NOT_FOUND, field="table")
    if node.machine.books.ledger.settings is None:
        raise InputError(Code.NOT_CONFIGURED)
    turn: _Turn = node.parts.setdefault(_Turn, _Turn())
    if turn.taken.locked():
        raise RefusedError(Code.EXPORT_RUNS, field="export")
    async with turn.taken:
        await projector.reached(node, node.sequencer.size - 1)
        connection = await reached(node.settings.database)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                view = await _view(node, connection, looks=_looks(reader))
                async with aclosing(_sent(view, name)) as pieces:
                    async for piece in pieces:
                        yield piece
        finally:
            await close_connection(connection)


async def _sent(view: View, name: str | None) -> AsyncGenerator[bytes]:
    if name is None:
        async for piece in _Packing(view.at_s, ExportProgress()).pieces(view):
            yield piece
        return
    yield f"{HEADERS[name]}\n".encode()
    async for page in _tables(view)[name]:
        yield b"".join(map(line, page))


def _looks(reader: Reader) -> Looks:
    """Say as whom somebody takes the group along: for no member, by what it may do."""
    return Looks(stands_for=False, books=reader.treasurer, sees_books=reader.auditor)
