"""What grows with the log: rebuild, verification, and the start of a node's process."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from events.log_store import SQL, read_state
from events.recovery import connect
from federation.node.rebuild import CHUNK, rebuild_tables
from federation.node.settings import NodeFolder
from federation.node.verify import verify_log
from tests.benchmarks.limits import Limits
from tests.benchmarks.place import Place, node_process, resident_bytes
from tests.benchmarks.report import Limit, Report
from tests.benchmarks.writing import writing

STARTS = 3
MEGABYTE = 1_000_000


async def filled_node(place: Place, events: int, *, signed: bool = False) -> NodeFolder:
    """Make a node whose log has so many events: members, then transfers, signed or not."""
    folder = await place.make_node()
    async with writing(folder, signed=signed) as writer:
        await writer.open_members()
        await writer.fill(events)
    return folder


async def bare_read(folder: NodeFolder) -> Limit:
    """Read all events and do nothing with them: what a rebuild cannot beat."""
    connection = await connect(folder.settings().database)
    try:
        state = await read_state(connection)
        assert state is not None
        start = time.perf_counter()
        for first in range(0, state.size, CHUNK):
            await connection.fetchrow(SQL["read_columns"], first, first + CHUNK)
        return Limit(state.size / (time.perf_counter() - start), "bare reading")
    finally:
        await connection.close()


class Measured(NamedTuple):
    """How many events some work took in, how long that was, and the memory it took on top."""

    events: int
    taken_s: float
    grown_bytes: int

    def rate(self) -> float:
        """Give events a second."""
        return self.events / self.taken_s


async def apart(work: Callable[[Path], Coroutine[Any, Any, int]], folder: NodeFolder) -> Measured:
    """Measure work in a process of its own: memory that this one has freed would hide its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(processes, _measure, work, folder.path)


def _measure(work: Callable[[Path], Coroutine[Any, Any, int]], path: Path) -> Measured:
    before, start = resident_bytes(), time.perf_counter()
    events = asyncio.run(work(path))
    taken_s = time.perf_counter() - start
    return Measured(events, taken_s, resident_bytes(field="VmHWM") - before)


async def _rebuild(path: Path) -> int:
    settings = NodeFolder(path).settings()
    return await rebuild_tables(settings.database, settings.database_owner)


async def _verify(path: Path) -> int:
    found = await verify_log(NodeFolder(path), signatures=False)
    assert not found.findings, found.findings
    return found.events


async def rebuild(folder: NodeFolder, report: Report) -> None:
    """Measure `rebuild.ledger`: the tables filled anew; the memory it took on top."""
    limit = await bare_read(folder)
    done = await apart(_rebuild, folder)
    report.figure("rebuild.ledger", done.rate(), "/s", limit=limit, target=">= 60,000/s")
    report.figure("rebuild.memory", done.grown_bytes / MEGABYTE, "MB more")


async def verify(folder: NodeFolder, report: Report) -> None:
    """Measure `log.verify` without signatures, whose cost is a limit of its own."""
    limit = await bare_read(folder)
    done = await apart(_verify, folder)
    report.figure("log.verify", done.rate(), "/s", limit=limit, target=">= 60,000/s")
    report.figure("verify.memory", done.grown_bytes / MEGABYTE, "MB more")


async def ready(short: NodeFolder, long: NodeFolder, limits: Limits, report: Report) -> None:
    """Measure `node.ready` and `node.resident`, each with a short and with a long log."""
    found = [(name, *await _start(folder)) for name, folder in (("short", short), ("long", long))]
    for name, seconds, resident in found:
        report.figure(f"node.ready.{name}", seconds, "s", limit=limits.bare_start_s)
        report.figure(f"node.resident.{name}", resident / MEGABYTE, "MB")
    slowest, largest = max(row[1] for row in found), max(row[2] for row in found) / MEGABYTE
    report.figure("node.ready", slowest, "s", limit=limits.bare_start_s, target="<= 1.5 s")
    bare = Limit(limits.bare_bytes.value / MEGABYTE, limits.bare_bytes.of)
    report.figure("node.resident", largest, "MB", limit=bare, target="< 120 MB")


async def _start(folder: NodeFolder) -> tuple[float, int]:
    """Give the median time until a process is ready, and the most that one then held."""
    seconds, resident = [], 0
    async with node_process(folder) as (node, _):
        await node.get("/log/checkpoint")  # the mark moves to the end, as on a node in use
    for _ in range(STARTS):
        async with node_process(folder) as (node, taken_s):
            seconds.append(taken_s)
            resident = max(resident, node.resident_bytes())
    return statistics.median(seconds), resident
