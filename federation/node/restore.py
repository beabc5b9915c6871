"""`ruilbrug restore`: a sealed backup back into an empty database, in one transaction.

Order: the manifest says whose backup it is, and is refused before a row is read; then every row,
with the account of each table; then all of it is verified as `log verify` does. Only then it is
committed, so nothing half-done ever stays. Whether the node may release what it signs afterwards is
judged at its start (`events.restore`), and `node recover` gets back what others have seen since.
"""

from __future__ import annotations

import contextlib
import os
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

import asyncpg

from events.log_store import read_state
from events.migrations import migrate, read_migrations
from events.recovery import STORAGE_TROUBLE, close_connection
from events.sealed_stream import open_stream
from events.signing import PrivateKey
from federation.node.backup import PURPOSE, TABLE_TIMEOUT_S, read_tables
from federation.node.backup_frames import BackupReader
from federation.node.backup_queries import SQL
from federation.node.backup_rules import restore_refused
from federation.node.database import only_process, reached
from federation.node.identity import read_key_file
from federation.node.verify import verify_within
from schemas.encoding import b64
from schemas.errors import Code, InputError, RefusedError, StorageError, VerificationError
from schemas.keys import Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from asyncpg import Connection, Record

    from events.migrations import Migration
    from federation.node.settings import NodeFolder
    from schemas.backup import Manifest

WRAPPING: Final = "wrapping-*.key"


class Restored(NamedTuple):
    """What came back."""

    manifest: Manifest
    rows_count: int
    erased: int
    """Texts that stay sealed for ever, because their members were erased."""


async def restore(
    folder: NodeFolder,
    backup: Path,
    private: bytes,
    *,
    told: Callable[[int, int], None] = lambda _read, _of: None,
) -> Restored:
    """Fill the empty database of this folder from a backup, and verify all of it.

    `private` is the private half of the recovery key; `told` hears how many bytes of the file were
    read. Whatever is raised, the database is as it was.

    Raises:
        InputError: `node_missing`, `malformed`, `bad_key`, `backup_keys_missing`.
        VerificationError: what `open_stream` raises, `backup_damaged`, `backup_not_verified`.
        RefusedError: what `restore_refused` says.
        StorageError: `database_unavailable`, `node_runs`, `restore_not_empty`.

    """
    folder.settings()
    keys = _own_keys(folder)
    with backup.open("rb") as file:
        chunks = open_stream(private, PURPOSE, file, backup.name)
        reader = BackupReader(_counted(chunks, file, told), backup.name)
        manifest = reader.manifest()
        migrations = read_migrations(files("federation.node").joinpath("migrations"))
        refusal = restore_refused(manifest, keys, migrations=len(migrations), field=backup.name)
        if refusal is not None:
            raise RefusedError.of(refusal)
        filling = Filling(manifest.node, manifest.size, manifest.root, backup.name)
        rows_count, erased = await fill_and_verify(
            folder,
            manifest.migration,
            filling,
            lambda owner: _fill(owner, reader, manifest, backup.name),
        )
    return Restored(manifest, rows_count, erased)


class Filling(NamedTuple):
    """What has to be in the tables when they are filled, and the file that it comes from."""

    node: str
    size: int
    root: str
    field: str


async def fill_and_verify(
    folder: NodeFolder,
    migration: int,
    filling: Filling,
    fill: Callable[[Connection[Record]], Awaitable[int]],
) -> tuple[int, int]:
    """Fill the empty database of a folder, as it was after `migration`, verify all of it, commit.

    `fill` gives how many rows it wrote. Gives that, and how many texts are erased. Whatever is
    raised, the database is as it was.

    Raises:
        InputError: `malformed`, `backup_keys_missing`.
        VerificationError: `backup_damaged`, `backup_not_verified`, and what `fill` raises.
        RefusedError: `backup_newer`.
        StorageError: `database_unavailable`, `node_runs`, `restore_not_empty`.

    """
    settings = folder.settings()
    if not settings.database_owner:
        reason = "its owner fills the tables"
        raise InputError(Code.MALFORMED, field="database_owner", reason=reason)
    migrations = read_migrations(files("federation.node").joinpath("migrations"))
    if migration > len(migrations):
        raise RefusedError(Code.BACKUP_NEWER, field=filling.field)
    async with contextlib.AsyncExitStack() as stack:
        only = await only_process(settings.database)  # nobody starts the node meanwhile
        stack.push_async_callback(close_connection, only)
        owner = await reached(settings.database_owner)
        stack.push_async_callback(close_connection, owner)
        role = await only.fetchval("SELECT current_user")
        into = _Into(migration, migrations, owner, role)
        return await _filled(folder, into, filling, fill)


class _Into(NamedTuple):
    """Where it goes, and who fills the tables."""

    migration: int
    migrations: list[Migration]
    owner: Connection[Record]
    runtime_role: str


async def _filled(
    folder: NodeFolder,
    into: _Into,
    filling: Filling,
    fill: Callable[[Connection[Record]], Awaitable[int]],
) -> tuple[int, int]:
    owner = into.owner
    try:
        async with owner.transaction():
            await _make_tables(into)
            rows_count = await fill(owner)
            state = await read_state(owner)
            said = (filling.node, filling.size, filling.root)
            if state is None or (state.origin, state.size, b64(state.root)) != said:
                raise VerificationError(Code.BACKUP_DAMAGED, field=filling.field)
            await owner.execute(SQL["count_rows"], timeout=TABLE_TIMEOUT_S)
            await _require_wrapping_keys(owner, folder)
            await migrate(owner, into.migrations, runtime_role=into.runtime_role)
            verified = await verify_within(owner, folder, signatures=True)
            if verified.findings:
                first = verified.findings[0]
                reason = f"event {first.seq}, {first.what}: {first.reason}"
                raise VerificationError(
                    Code.BACKUP_NOT_VERIFIED, field=filling.field, reason=reason
                )
    except STORAGE_TROUBLE as error:
        raise StorageError(Code.DATABASE_UNAVAILABLE) from error
    except asyncpg.PostgresError as error:  # rows that the tables do not take
        raise VerificationError(Code.BACKUP_DAMAGED, field=filling.field) from error
    return rows_count, verified.erased


async def _make_tables(into: _Into) -> None:
    """Make the tables as they were when the backup was made; refuse a database with a log."""
    owner, before = into.owner, into.migrations[: into.migration]
    if await owner.fetchval(SQL["holds_migrations"]):
        newer = await owner.fetchval(SQL["newest_migration"]) or 0
        if newer > len(before) or (newer and await owner.fetchval(SQL["holds_log"])):
            raise StorageError(Code.RESTORE_NOT_EMPTY, field="database")
    await migrate(owner, before, runtime_role=into.runtime_role)


async def _fill(
    owner: Connection[Record], reader: BackupReader, manifest: Manifest, field: str
) -> int:
    """Copy every table in."""
    count = 0
    tables, _ = await read_tables(owner)
    if tables != manifest.tables:
        raise VerificationError(Code.BACKUP_DAMAGED, field=field)
    for table in tables:
        done = await owner.copy_to_table(
            table.name,
            schema_name="public",
            columns=list(table.columns),
            source=_pieces(reader.table()),
            format="binary",
            timeout=TABLE_TIMEOUT_S,
        )
        if done != f"COPY {reader.rows_count}":
            raise VerificationError(Code.BACKUP_DAMAGED, field=field)
        count += reader.rows_count
    reader.end()
    return count


async def _pieces(rows: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in rows:
        yield piece


def _counted(
    chunks: Iterator[bytes], file: BinaryIO, told: Callable[[int, int], None]
) -> Iterator[bytes]:
    size = os.fstat(file.fileno()).st_size
    for chunk in chunks:
        told(file.tell(), size)
        yield chunk


def _own_keys(folder: NodeFolder) -> list[bytes]:
    """Give the public halves of the keys of this folder, with which a node could run.

    Raises:
        InputError: `backup_keys_missing`, `bad_key`.

    """
    for role in (Role.LOG, Role.HTTP):
        if not (folder.keys / f"{role}.key").exists():
            raise InputError(Code.BACKUP_KEYS_MISSING, field=f"keys/{role}.key")
    if not any(folder.keys.glob(WRAPPING)):
        raise InputError(Code.BACKUP_KEYS_MISSING, field=f"keys/{WRAPPING}")
    names = [f"{role}{which}.key" for role in Role for which in ("", "-next")]
    there = [folder.keys / name for name in names if (folder.keys / name).exists()]
    return [PrivateKey(read_key_file(path)).public.data for path in there]


async def _require_wrapping_keys(owner: Connection[Record], folder: NodeFolder) -> None:
    """Without the key that wraps a data key its member's texts would look like erased ones."""
    for row in await owner.fetch(SQL["wrapping_keys"]):
        name = f"{row['wrapping_key']}.key"
        if not (folder.keys / name).exists():
            raise InputError(Code.BACKUP_KEYS_MISSING, field=f"keys/{name}")
