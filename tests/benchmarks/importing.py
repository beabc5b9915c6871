"""A group of 300 members, 5,000 posts and 100,000 transactions moves in.

A node as a process of its own, with nothing in its log but its unit; the export is one as eLAND
writes it. Its memory is the highest that the process ever held, the node itself included.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from deploy.demo.make_export import ExportSize, make_export
from federation.migrate import Archive, build_plan
from federation.node.control import call_running
from tests.benchmarks.place import Place, node_process, resident_bytes
from tests.benchmarks.report import Limit, Report

FIGURES = {"import.group"}
SIZE = ExportSize(members=300, posts=5_000, transactions=100_000)
MEGABYTE = 1_000_000


async def importing(place: Place, report: Report) -> None:
    """Measure `import.group` and the memory that it took."""
    folder = await place.make_node()
    with tempfile.TemporaryDirectory(prefix="rbi-") as name:
        export = Path(name) / "group.zip"
        await asyncio.to_thread(make_export, export, seed=11, size=SIZE)
        reading_s = await asyncio.to_thread(_read, export)
        async with node_process(folder) as (node, _):
            await node.ask("status")  # the control socket opens a moment after the port
            start = time.perf_counter()
            answer = await call_running(folder, "import", {"file": str(export)})
            taken_s = time.perf_counter() - start
            highest = resident_bytes(node.pid, field="VmHWM")
    written = answer["written"]
    assert (written["transfers"], written["posts"]) == (SIZE.transactions, SIZE.posts)
    assert not answer["balances_differ"]
    limit = Limit(reading_s, "reading the export and adding it up, without writing")
    report.figure("import.group", taken_s, "s", limit=limit, target="30")
    report.figure("import.memory", highest / MEGABYTE, "MB", target="200")


def _read(export: Path) -> float:
    start = time.perf_counter()
    with Archive(export) as archive:
        build_plan(archive)
    return time.perf_counter() - start
