"""What grows with the log: rebuild, verification, and the start of a node's process."""

from __future__ import annotations

import contextlib
import statistics
import time
from pathlib import Path

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


async def filled_node(place: Place, events: int) -> NodeFolder:
    """Make a node whose log has so many events: members, then transfers without signatures."""
    folder = await place.make_node()
    async with writing(folder, signed=False) as writer:
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


async def rebuild(folder: NodeFolder, report: Report) -> None:
    """Measure `rebuild.ledger`: the tables filled anew; the memory it took on top."""
    limit = await bare_read(folder)
    settings = folder.settings()
    with contextlib.suppress(OSError):  # not every container lets a process forget its peak
        Path("/proc/self/clear_refs").write_text("5")
    before, start = resident_bytes(), time.perf_counter()
    events = await rebuild_tables(settings.database, settings.database_owner)
    taken_s = time.perf_counter() - start
    grown = resident_bytes(field="VmHWM") - before
    report.figure("rebuild.ledger", events / taken_s, "/s", limit=limit, target=">= 60,000/s")
    report.figure("rebuild.memory", grown / MEGABYTE, "MB more")


async def verify(folder: NodeFolder, report: Report) -> None:
    """Measure `log.verify` without signatures, whose cost is a limit of its own."""
    limit = await bare_read(folder)
    start = time.perf_counter()
    found = await verify_log(folder, signatures=False)
    taken_s = time.perf_counter() - start
    assert not found.findings, found.findings
    report.figure("log.verify", found.events / taken_s, "/s", limit=limit, target=">= 60,000/s")


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
