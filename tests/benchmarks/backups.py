"""A backup of a long log, and putting it back: `backup.1m` and `restore.1m`, in seconds.

Each is measured in a process of its own, as an operator's command is one. Beside the first stands
the same rows copied out of the database and thrown away; beside the second the same rows copied
into tables like theirs, and as many bare verifications of signatures as there are events.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from pathlib import Path

import asyncpg
import msgspec

from events.recovery import connect
from federation.node.backup import TABLE_TIMEOUT_S, back_up, read_tables
from federation.node.database import migrate_database
from federation.node.identity import read_key_file, system_random
from federation.node.restore import restore
from federation.node.service import now_s
from federation.node.settings import NodeFolder
from schemas.backup import TableShape
from tests.benchmarks.history import MEGABYTE, apart
from tests.benchmarks.limits import Limits
from tests.benchmarks.place import Place
from tests.benchmarks.report import Limit, Report

FIGURES = frozenset({"backup.1m", "restore.1m"})
KEPT = "kept"
"""Where the backup lies, beside the folders of the nodes."""


async def backups(folder: NodeFolder, place: Place, limits: Limits, report: Report) -> None:
    """Measure both, of the same log."""
    settings = folder.settings()
    tables, bare_out_s = await _bare_out(settings.database)
    done = await apart(_back_up, folder)
    (file,) = (folder.path.parent / KEPT).iterdir()
    limit = Limit(bare_out_s, "bare COPY of the same rows")
    report.figure("backup.1m", done.taken_s, "s", limit=limit, target="<= 60 s")
    report.figure("backup.memory", done.grown_bytes / MEGABYTE, "MB more")
    report.figure("backup.size", file.stat().st_size / MEGABYTE, "MB")
    bare_in_s = await _bare_in(settings.database, place, tables)
    verified_s = done.events / limits.verifications.value
    limit = Limit(bare_in_s + verified_s, "bare COPY of the same rows, bare verifications")
    back = await apart(_restore, await _moved(folder, await place.database()))
    assert back.events == done.events
    report.figure("restore.1m", back.taken_s, "s", limit=limit, target="<= 180 s")
    report.figure("restore.memory", back.grown_bytes / MEGABYTE, "MB more")


async def _back_up(path: Path) -> int:
    made = await back_up(NodeFolder(path), path.parent / KEPT, clock=now_s, random=system_random)
    return made.manifest.size


async def _restore(path: Path) -> int:
    folder = NodeFolder(path)
    (file,) = (path.parent / KEPT).iterdir()
    back = await restore(folder, file, read_key_file(folder.keys / "recovery.key"))
    return back.manifest.size


async def _moved(folder: NodeFolder, addresses: tuple[str, str]) -> NodeFolder:
    """Give a folder like this one over an empty database."""
    owner, runtime = addresses
    moved = NodeFolder(folder.path.with_name("moved"))
    shutil.copytree(folder.keys, moved.keys)
    settings = folder.settings()
    moved.write_settings(msgspec.structs.replace(settings, database=runtime, database_owner=owner))
    return moved


async def _bare_out(dsn: str) -> tuple[tuple[TableShape, ...], float]:
    """Copy every row out and throw it away."""

    async def dropped(_piece: bytes) -> None:
        return

    connection = await connect(dsn)
    try:
        tables, _ = await read_tables(connection)
        start = time.perf_counter()
        for table in tables:
            await connection.copy_from_table(
                table.name,
                columns=list(table.columns),
                output=dropped,
                format="binary",
                timeout=TABLE_TIMEOUT_S,
            )
        return tables, time.perf_counter() - start
    finally:
        await connection.close()


async def _bare_in(dsn: str, place: Place, tables: tuple[TableShape, ...]) -> float:
    """Copy every row into empty tables of another database, straight out of a file."""
    owner, runtime = await place.database()
    settings = (await place.make_node()).settings()
    await migrate_database(
        msgspec.structs.replace(settings, database=runtime, database_owner=owner)
    )
    async with contextlib.AsyncExitStack() as stack:
        source, target = await connect(dsn), await connect(owner)
        stack.push_async_callback(source.close)
        stack.push_async_callback(target.close)
        return sum([await _through_file(place, source, target, table) for table in tables])


async def _through_file(
    place: Place,
    source: asyncpg.Connection[asyncpg.Record],
    target: asyncpg.Connection[asyncpg.Record],
    table: TableShape,
) -> float:
    file = place.folder / "rows"
    columns = list(table.columns)
    await source.copy_from_table(
        table.name, columns=columns, output=file, format="binary", timeout=TABLE_TIMEOUT_S
    )
    start = time.perf_counter()
    await target.copy_to_table(
        table.name, columns=columns, source=file, format="binary", timeout=TABLE_TIMEOUT_S
    )
    taken_s = time.perf_counter() - start
    await asyncio.to_thread(file.unlink)
    return taken_s
