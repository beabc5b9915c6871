"""A group with its signed log in one ZIP, written while the node runs (`docs/export.md`).

One REPEATABLE READ transaction: log and tables are of the same moment. A page is opened, written
and let go, so memory does not grow with the log. The manifest comes last, names each part with its
SHA-256, and is signed by the log key; what is cut off or changed is refused by whoever reads it.
The keys of the server are in it sealed to the recovery key, those that speak for it not at all.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Self

import msgspec

from events.log_store import SQL as LOG_SQL
from events.log_store import read_state
from events.recovery import close_connection
from events.sealed_stream import StreamSealer
from federation.leaving.queries import SQL
from federation.node.backup import TABLE_TIMEOUT_S, read_tables
from federation.node.backup_queries import SQL as BACKUP_SQL
from federation.node.database import reached, read_statements
from federation.node.identity import require_recovery_public, system_random
from federation.node.kept_files import kept_files
from federation.node.service import now_s
from federation.node.zip_stream import ZipStream
from schemas.encoding import b64, encode
from schemas.keys import KeySignature
from schemas.log_export import (
    EXPORT_VERSION,
    ExportManifest,
    LogCheckpoint,
    LogEntry,
    Opening,
    Part,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from types import TracebackType
    from typing import IO

    from asyncpg import Connection, Record

    from events.sealed import Keyring
    from federation.node.service import Node

    Put = Callable[[bytes], Awaitable[None]]

PAGE: Final = 512
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
LOG: Final = "log.jsonl"
CHECKPOINTS: Final = "checkpoints.jsonl"
KEYS: Final = "keys.sealed"
IN_LINES: Final = ("log_checkpoint", "log_event")
"""Tables that travel as lines of JSON instead."""
MANIFEST_PREFIX: Final = b"ruilbrug/export/v1\n"
KEYS_PURPOSE: Final = b"ruilbrug/export-keys/v1\n"


class ExportProgress(msgspec.Struct):
    """How far an export has come."""

    doing: str = ""
    done: int = 0
    total: int = 0


async def write_log(
    node: Node, put: Put, far: ExportProgress, *, handed_over: bool = False
) -> ExportManifest:
    """Write the ZIP, piece by piece, to `put`.

    Raises:
        InputError: `bad_key` when the node was made without a recovery key.
        StorageError: `database_unavailable`, and what `put` raises.

    """
    require_recovery_public(node.folder)
    connection = await reached(node.settings.database)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await _Export(node, connection, put, far).write(handed_over=handed_over)
    finally:
        await close_connection(connection)


class _Export:
    """One export on its way."""

    def __init__(
        self, node: Node, connection: Connection[Record], put: Put, far: ExportProgress
    ) -> None:
        self._node = node
        self._connection = connection
        self._put = put
        self._far = far
        self._at_s = now_s()
        made_at = datetime.fromtimestamp(self._at_s, UTC)
        self._zip = ZipStream(made_at.timetuple()[:6])
        self._parts: list[Part] = []

    async def write(self, *, handed_over: bool) -> ExportManifest:
        state = await read_state(self._connection)
        assert state is not None, "a running node has a log"
        self._far.total = state.size
        await self._log(state.size)
        await self._checkpoints(state.size)
        shapes, _ = await read_tables(self._connection)
        for shape in shapes:
            if shape.name not in IN_LINES:
                await self._table(shape.name, shape.columns)
        await self._keys()
        manifest = ExportManifest(
            v=EXPORT_VERSION,
            format="ruilbrug/export",
            node=state.origin,
            name=self._node.settings.name,
            url=self._node.settings.public_url,
            made_at_s=self._at_s,
            handed_over=handed_over,
            size=state.size,
            root=b64(state.root),
            statements=await read_statements(self._connection),
            migration=await self._connection.fetchval(BACKUP_SQL["newest_migration"]),
            tables=shapes,
            parts=tuple(self._parts),
        )
        await self._end(encode(manifest))
        return manifest

    async def _log(self, size: int) -> None:
        self._far.doing = LOG
        with self._part(LOG) as part:
            for start in range(0, size, PAGE):
                rows = await self._connection.fetch(LOG_SQL["read_events"], start, start + PAGE)
                texts = await self._connection.fetch(LOG_SQL["read_texts"], start, start + PAGE)
                lines = await asyncio.to_thread(_entries, rows, texts, self._node.machine.keyring)
                await self._add(part, lines)
                self._far.done += len(rows)

    async def _checkpoints(self, size: int) -> None:
        with self._part(CHECKPOINTS) as part:
            after = -1
            while after < size:
                rows = await self._connection.fetch(SQL["checkpoints"], after, PAGE)
                if not rows:
                    return
                after = rows[-1]["size"]
                await self._add(part, [_checkpoint(row) for row in rows])

    async def _table(self, name: str, columns: Iterable[str]) -> None:
        self._far.doing = name
        with self._part(f"tables/{name}.csv") as part:

            async def take(piece: bytes) -> None:
                await asyncio.to_thread(part.write, piece)
                await self._put(self._zip.take())

            done = await self._connection.copy_from_table(
                name,
                schema_name="public",
                columns=list(columns),
                output=take,
                format="csv",
                header=True,
                timeout=TABLE_TIMEOUT_S,
            )
            part.rows_count = int(done.removeprefix("COPY "))

    async def _keys(self) -> None:
        folder = self._node.folder
        kept = kept_files(folder, self._at_s, speaking=False)
        sealer = StreamSealer(require_recovery_public(folder), KEYS_PURPOSE, system_random)
        with self._part(KEYS) as part:
            await self._add(part, [sealer.seal(encode(kept)) + sealer.end()])

    async def _end(self, manifest: bytes) -> None:
        key = self._node.identity.log
        signature = KeySignature(
            key=b64(key.public.data), signature=b64(key.sign(MANIFEST_PREFIX + manifest))
        )
        for name, content in ((MANIFEST, manifest), (SIGNATURE, encode(signature))):
            await self._put(self._zip.add(name, content))
        await self._put(self._zip.end())

    async def _add(self, part: _Writing, lines: list[bytes]) -> None:
        part.rows_count += len(lines)
        await asyncio.to_thread(part.write, b"".join(lines))
        await self._put(self._zip.take())

    def _part(self, name: str) -> _Writing:
        return _Writing(self._zip, name, self._parts)


class _Writing:
    """One part while it is written; its account is taken when it ends."""

    def __init__(self, archive: ZipStream, name: str, parts: list[Part]) -> None:
        self._opening = archive.file(name)
        self._name = name
        self._parts = parts
        self._digest = sha256()
        self._bytes_count = 0
        self.rows_count = 0
        self._file: IO[bytes]

    def __enter__(self) -> Self:
        self._file = self._opening.__enter__()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._opening.__exit__(exc_type, exception, traceback)
        account = Part(
            name=self._name,
            rows_count=self.rows_count,
            bytes_count=self._bytes_count,
            sha256=b64(self._digest.digest()),
        )
        self._parts.append(account)

    def write(self, piece: bytes) -> None:
        self._digest.update(piece)
        self._bytes_count += len(piece)
        self._file.write(piece)


def _entries(rows: list[Record], texts: list[Record], keyring: Keyring) -> list[bytes]:
    openings: dict[int, list[Opening]] = {}
    for text in texts:
        openings.setdefault(text["seq"], []).append(_opening(text, keyring))
    return [_entry(row, tuple(openings.get(row["seq"], ()))) for row in rows]


def _entry(row: Record, openings: tuple[Opening, ...]) -> bytes:
    body, salt = row["body"], row["body_salt"]
    entry = LogEntry(
        seq=row["seq"],
        core=row["core"].decode(),
        signature=b64(row["signature"]),
        body="" if body is None else body.decode(),
        body_salt="" if salt is None else b64(salt),
        openings=openings,
    )
    return encode(entry) + b"\n"


def _opening(row: Record, keyring: Keyring) -> Opening:
    opened = keyring.open(row["subject"], row["commitment"], row["sealed"])
    return Opening(
        layer=row["layer"],
        subject=b64(row["subject"]),
        commitment=b64(row["commitment"]),
        salt="" if opened is None else b64(opened[0]),
        text="" if opened is None else opened[1].decode(),
    )


def _checkpoint(row: Record) -> bytes:
    noted = LogCheckpoint(
        size=row["size"],
        root=b64(row["root"]),
        note=row["note"].decode(),
        made_at_s=row["made_at_s"],
    )
    return encode(noted) + b"\n"
