"""`ruilbrug backup`: one snapshot of a node's database, sealed to the recovery key.

Reads in one REPEATABLE READ transaction beside the running node, and needs no secret: neither for
sealing, nor are keys, mark or opened texts (the schema `plain`) in what it writes. Devices on which
somebody is signed in are left out too: whoever has lost a backup has not lost those.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, NamedTuple

from events.log_store import SQL as LOG_SQL
from events.log_store import read_state
from events.recovery import STORAGE_TROUBLE, close_connection
from events.sealed_stream import StreamSealer
from federation.node.backup_frames import TableWriter, end_frame, manifest_frame
from federation.node.backup_queries import SQL
from federation.node.backup_rules import file_name, in_order, too_many, unfinished_name
from federation.node.database import reached, read_statements
from federation.node.identity import require_recovery_public
from federation.node.remembered import LastBackup, remember
from federation.node.whole_file import written_whole
from schemas.backup import MANIFEST_VERSION, Manifest, TableShape
from schemas.encoding import b64
from schemas.errors import Code, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from asyncpg import Connection, Record

    from federation.node.settings import NodeFolder

PURPOSE: Final = b"ruilbrug/backup/v1\n"
TABLE_TIMEOUT_S: Final = 3_600
LEFT_OUT: Final = ("login_link", "migration", "web_session")
"""Tables of `public` that no backup holds: which migrations ran is in its manifest, and whoever is
signed in signs in again."""


class BackedUp(NamedTuple):
    """A backup that was made."""

    path: Path
    manifest: Manifest
    bytes_count: int
    dropped: list[str]
    """Names of older ones that went."""


async def back_up(
    folder: NodeFolder,
    target: Path,
    *,
    clock: Callable[[], int],
    random: Callable[[int], bytes],
    keep: int | None = None,
    told: Callable[[int, int], None] = lambda _copied, _of: None,
) -> BackedUp:
    """Write a backup into the folder `target`, and let go all but the newest `keep` of this node.

    `told` hears how many bytes were copied, of about how many.

    Raises:
        InputError: `node_missing`, `malformed`, `bad_key` when there is no recovery key.
        StorageError: `database_unavailable`; `backup_unwritable`, and nothing half is left;
            `backup_runs`.

    """
    settings = folder.settings()
    public = require_recovery_public(folder)
    try:
        connection = await reached(settings.database)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                manifest, about = await _manifest(connection, settings.name, clock())
                name = file_name(manifest.node, manifest.made_at_s)
                _made(target)
                with written_whole(target / name, target / unfinished_name(manifest.node)) as write:
                    written = _Sealing(StreamSealer(public, PURPOSE, random), write, told, about)
                    await _copy(connection, manifest, written)
        finally:
            await close_connection(connection)
    except STORAGE_TROUBLE as error:
        raise StorageError(Code.DATABASE_UNAVAILABLE) from error
    made = LastBackup(
        made_at_s=manifest.made_at_s,
        size=manifest.size,
        bytes_count=written.bytes_count,
        file=str(target / name),
    )
    remember(folder, made)
    dropped = [] if keep is None else _drop(target, name, keep)
    return BackedUp(target / name, manifest, written.bytes_count, dropped)


class _Sealing:
    """Seals and writes, and tells how far it is."""

    def __init__(
        self,
        sealer: StreamSealer,
        write: Callable[[bytes], None],
        told: Callable[[int, int], None],
        about: int,
    ) -> None:
        self._sealer = sealer
        self._write = write
        self._told = told
        self._about = about
        self._copied = 0
        self.bytes_count = 0

    def add(self, piece: bytes) -> None:
        self._put(self._sealer.seal(piece))
        self._copied += len(piece)
        self._told(self._copied, self._about)

    def end(self) -> None:
        self._put(self._sealer.end())

    def _put(self, sealed: bytes) -> None:
        if sealed:
            self._write(sealed)
            self.bytes_count += len(sealed)


async def _copy(connection: Connection[Record], manifest: Manifest, written: _Sealing) -> None:
    written.add(manifest_frame(manifest))
    for table in manifest.tables:
        writer = TableWriter()

        async def take(piece: bytes, writer: TableWriter = writer) -> None:
            for frame in writer.rows(piece):
                written.add(frame)

        done = await connection.copy_from_table(
            table.name,
            schema_name="public",
            columns=list(table.columns),
            output=take,
            format="binary",
            timeout=TABLE_TIMEOUT_S,
        )
        written.add(writer.end(int(done.removeprefix("COPY "))))
    written.add(end_frame())
    written.end()


async def _manifest(
    connection: Connection[Record], name: str, made_at_s: int
) -> tuple[Manifest, int]:
    """Say what the backup of this snapshot is, and about how many bytes it will have."""
    statements = await read_statements(connection)
    state = await read_state(connection)
    assert state is not None
    tables, about = await read_tables(connection)
    checkpoint = await connection.fetchrow(LOG_SQL["newest_checkpoint"])
    manifest = Manifest(
        v=MANIFEST_VERSION,
        node=state.origin,
        name=name,
        made_at_s=made_at_s,
        size=state.size,
        root=b64(state.root),
        checkpoint="" if checkpoint is None else bytes(checkpoint["note"]).decode(),
        statements=statements,
        migration=await connection.fetchval(SQL["newest_migration"]),
        tables=tables,
    )
    return manifest, about


async def read_tables(connection: Connection[Record]) -> tuple[tuple[TableShape, ...], int]:
    """Name the tables of a backup in the order in which they can be filled, and their bytes."""
    rows = await connection.fetch(SQL["tables"], LEFT_OUT)
    shapes = {
        row["name"]: TableShape(name=row["name"], columns=tuple(row["columns"])) for row in rows
    }
    order = in_order({row["name"]: row["behind"] for row in rows})
    return tuple(shapes[name] for name in order), sum(row["bytes_count"] for row in rows)


def _made(target: Path) -> None:
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = str(error.strerror)
        raise StorageError(Code.BACKUP_UNWRITABLE, field=str(target), reason=reason) from error


def _drop(target: Path, made: str, keep: int) -> list[str]:
    old = too_many([path.name for path in target.iterdir()], made, keep)
    for name in old:
        with contextlib.suppress(FileNotFoundError):
            (target / name).unlink()
    return old
