"""The mirrored cores of all logs in one ZIP, for whoever checks a report without an umbrella.

One REPEATABLE READ transaction: each log is there up to the newest checkpoint that is beside it,
with older ones that more witnesses had cosigned. A page is read, written and let go, so memory does
not grow with the logs. The list of the logs comes last. It holds cores and signatures only: no
texts, no sealed bodies.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from events.recovery import close_connection
from federation.node.database import reached
from federation.node.service import now_s
from federation.node.whole_file import UNFINISHED, written_whole
from federation.node.zip_stream import ZipStream
from federation.umbrella.queries import SQL
from schemas.encoding import b64, encode
from schemas.errors import Code, InputError, RefusedError, StorageError
from schemas.mirrored_cores import CORES_VERSION, CoresManifest, MirroredEntry, MirroredLog

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from events.log_store import AnyConnection
    from federation.node.service import Node

MANIFEST: Final = "manifest.json"
PAGE: Final = 512


class CoresProgress(msgspec.Struct):
    """How far an export has come."""

    doing: str = ""
    done: int = 0
    total: int = 0
    logs: int = 0


class _Turn:
    """Keeps that one such file is made at a time."""

    def __init__(self) -> None:
        self.taken = asyncio.Lock()
        self.progress = CoresProgress()


class CoresFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to."""

    file: str


class CoresExported(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    file: str
    bytes_count: int
    logs: int
    entries: int


def part_of(node: str) -> str:
    """Name the part of the ZIP that holds a log."""
    return f"logs/{node}.jsonl"


def progress_of(node: Node) -> CoresProgress:
    """Tell how far the export is that was begun last."""
    return _turn(node).progress


async def sent(node: Node) -> AsyncGenerator[bytes]:
    """Give the ZIP as it comes to be.

    Raises:
        RefusedError: `export_runs` while another is made.
        StorageError: `database_unavailable`.

    """
    turn = _turn(node)
    if turn.taken.locked():
        raise RefusedError(Code.EXPORT_RUNS, field="cores")
    async with turn.taken:
        turn.progress = CoresProgress()
        connection = await reached(node.settings.database)
        try:
            async with (
                connection.transaction(isolation="repeatable_read", readonly=True),
                aclosing(_sent(node, connection, turn.progress)) as pieces,
            ):
                async for piece in pieces:
                    yield piece
        finally:
            await close_connection(connection)


async def export_cores(node: Node, arguments: CoresFile) -> CoresExported:
    """Write the ZIP into a new file, mode 0600.

    Raises:
        InputError: `export_there` when the file is there already.
        RefusedError: `export_runs`.
        StorageError: `export_unwritable`, and nothing half is left; `export_runs` when another
            process writes this file; `database_unavailable`.

    """
    path, bytes_count = Path(arguments.file), 0
    if await asyncio.to_thread(path.exists):
        raise InputError(Code.EXPORT_THERE, field=arguments.file)
    try:
        with written_whole(path, path.with_name(f"{path.name}.{UNFINISHED}")) as write:
            async with aclosing(sent(node)) as pieces:
                async for piece in pieces:
                    await asyncio.to_thread(write, piece)
                    bytes_count += len(piece)
    except StorageError as error:
        code = {
            Code.BACKUP_UNWRITABLE: Code.EXPORT_UNWRITABLE,
            Code.BACKUP_RUNS: Code.EXPORT_RUNS,
        }.get(error.code, error.code)
        raise StorageError(code, **error.facts) from error
    far = progress_of(node)
    return CoresExported(file=str(path), bytes_count=bytes_count, logs=far.logs, entries=far.done)


def _turn(node: Node) -> _Turn:
    found: _Turn = node.parts.setdefault(_Turn, _Turn())
    return found


async def _sent(node: Node, connection: AnyConnection, far: CoresProgress) -> AsyncGenerator[bytes]:
    at_s = now_s()
    names = {peer.node: peer.name for peer in node.peers.everyone()}
    rows = await connection.fetch(SQL["mirrored_logs"])
    cosigned: dict[str, list[str]] = {}
    for row in await connection.fetch(SQL["cosigned_logs"]):
        cosigned.setdefault(row["node"], []).append(row["note"].decode())
    logs = tuple(
        MirroredLog(
            node=row["node"],
            name=names.get(row["node"], ""),
            size=row["size"],
            root=b64(row["root"]),
            checkpoint=row["checkpoint"].decode(),
            cosigned=tuple(cosigned.get(row["node"], ())),
        )
        for row in rows
    )
    far.logs, far.total = len(logs), sum(log.size for log in logs)
    packed = ZipStream(datetime.fromtimestamp(at_s, UTC).timetuple()[:6])
    for log in logs:
        far.doing = log.name or log.node
        with packed.file(part_of(log.node)) as part:
            for start in range(0, log.size, PAGE):
                most = min(PAGE, log.size - start)
                columns = await connection.fetchrow(SQL["read_signed"], log.node, start, most)
                assert columns is not None
                await asyncio.to_thread(part.write, _lines(*columns))
                far.done += most
                yield packed.take()
    manifest = CoresManifest(v=CORES_VERSION, format="ruilbrug/cores", made_at_s=at_s, logs=logs)
    yield packed.add(MANIFEST, encode(manifest))
    yield packed.end()


def _lines(entries: Iterable[bytes], signatures: Iterable[bytes]) -> bytes:
    return b"".join(
        encode(MirroredEntry(core=core.decode(), signature=b64(signature))) + b"\n"
        for core, signature in zip(entries, signatures, strict=True)
    )
