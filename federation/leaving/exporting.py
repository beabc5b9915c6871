"""`ruilbrug export --log`: everything of a group with its signed log, into one new file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from events.recovery import STORAGE_TROUBLE
from federation.leaving.log_export import ExportProgress, write_log
from federation.node.whole_file import UNFINISHED, written_whole
from schemas.errors import Code, InputError, RefusedError, StorageError

if TYPE_CHECKING:
    from federation.node.service import Node


class LogExportFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to."""

    file: str


class LogExported(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    file: str
    bytes_count: int
    entries: int
    tables: int


class Turn:
    """Keeps that one such export is written at a time."""

    def __init__(self) -> None:
        """Begin with nobody writing."""
        self.taken = asyncio.Lock()
        self.progress = ExportProgress()


def turn_of(node: Node) -> Turn:
    """Give the one turn of a node."""
    found: Turn = node.parts.setdefault(Turn, Turn())
    return found


async def export_log(
    node: Node, arguments: LogExportFile, *, handed_over: bool = False
) -> LogExported:
    """Write the whole group with its log into a new ZIP, mode 0600.

    Raises:
        InputError: `export_there` when the file is there already; `bad_key` without recovery key.
        RefusedError: `export_runs`.
        StorageError: `export_unwritable`, and nothing half is left; `export_runs` when another
            process writes this file; `database_unavailable`.

    """
    path, turn = Path(arguments.file), turn_of(node)
    if await asyncio.to_thread(path.exists):
        raise InputError(Code.EXPORT_THERE, field=arguments.file)
    if turn.taken.locked():
        raise RefusedError(Code.EXPORT_RUNS, field=arguments.file)
    async with turn.taken:
        turn.progress = ExportProgress(doing="reading")
        try:
            return await _written(node, path, turn.progress, handed_over=handed_over)
        except STORAGE_TROUBLE as error:
            raise StorageError(Code.DATABASE_UNAVAILABLE) from error
        except StorageError as error:
            code = {
                Code.BACKUP_UNWRITABLE: Code.EXPORT_UNWRITABLE,
                Code.BACKUP_RUNS: Code.EXPORT_RUNS,
            }.get(error.code, error.code)
            raise StorageError(code, **error.facts) from error
        finally:
            turn.progress = ExportProgress()


async def _written(
    node: Node, path: Path, far: ExportProgress, *, handed_over: bool
) -> LogExported:
    count = 0
    with written_whole(path, path.with_name(f"{path.name}.{UNFINISHED}")) as write:

        async def put(piece: bytes) -> None:
            nonlocal count
            await asyncio.to_thread(write, piece)
            count += len(piece)

        manifest = await write_log(node, put, far, handed_over=handed_over)
    return LogExported(
        file=str(path), bytes_count=count, entries=manifest.size, tables=len(manifest.tables)
    )
