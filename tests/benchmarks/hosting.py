"""Fifty groups in one process: `host.50_groups.resident`, in MB, and `.ready`, in seconds.

Ready is when every group answers `/readyz` under its own name. Beside them stand fifty bare
connections, opened one after another as each group opens its own, and the program with nothing in
it; and how many connections to PostgreSQL the whole process holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import time

import asyncpg
import msgspec

from federation.host.settings import HostFolder
from federation.node.control import call_socket
from tests.benchmarks.limits import Limits
from tests.benchmarks.place import (
    READY_PAUSE_S,
    READY_S,
    STOP_S,
    Place,
    begun,
    processor_s,
    resident_bytes,
)
from tests.benchmarks.report import Limit, Report
from tests.ports import free_port

GROUPS = 50
IDLE_S = 5.0
MEGABYTE = 1_000_000
FIGURES = frozenset({"host.50_groups.resident", "host.50_groups.ready"})


async def hosting(place: Place, limits: Limits, report: Report) -> None:
    """Measure a host of fifty groups that have just been made."""
    folder = HostFolder(place.folder / "host")
    folder.path.mkdir()
    port = free_port()
    (folder.path / "host.toml").write_text(f"listen_port = {port}\n")
    for number in range(GROUPS):
        made = await place.make_node()
        file = made.path / "node.toml"
        settings = made.settings()
        named = msgspec.structs.replace(settings, public_url=f"http://g{number}.example")
        file.unlink()
        made.write_settings(named)
        made.path.rename(folder.path / f"g{number}")
    bare = await _bare(place)
    start = time.perf_counter()
    process = await begun(place.folder / "host.log", "host", "--folder", str(folder.path), "run")
    try:
        async with asyncio.timeout(READY_S):
            for number in range(GROUPS):
                while b" 200 " not in await _get(port, f"g{number}.example"):
                    assert process.returncode is None, "the host did not start"
                    await asyncio.sleep(READY_PAUSE_S)
        ready_s = time.perf_counter() - start
        used_s = processor_s([process.pid])
        await asyncio.sleep(IDLE_S)
        idle = (processor_s([process.pid]) - used_s) / IDLE_S
        status = await call_socket(folder.socket, "status", {})
        resident = resident_bytes(process.pid) / MEGABYTE
    finally:
        await _end(process)
    report.figure("host.50_groups.ready", ready_s, "s", limit=bare, target="<= 10 s")
    empty = Limit(limits.bare_bytes.value / MEGABYTE, limits.bare_bytes.of)
    report.figure("host.50_groups.resident", resident, "MB", limit=empty, target="< 400 MB")
    report.figure("host.50_groups.connections", GROUPS + status["connections"], "")
    report.figure("host.50_groups.idle", 100 * idle, "% cpu")


async def _bare(place: Place) -> Limit:
    start = time.perf_counter()
    for _ in range(GROUPS):
        connection = await asyncpg.connect(place.server.dsn())
        await connection.fetchval("SELECT 1")
        await connection.close()
    return Limit(time.perf_counter() - start, f"{GROUPS} bare connections")


async def _get(port: int, host: str) -> bytes:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return b""
    try:
        writer.write(f"GET /readyz HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        return await reader.read(100)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the process, in order when it can."""
    if process.returncode is not None:
        return
    process.terminate()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STOP_S):
            await process.wait()
    if process.returncode is None:
        process.kill()
        await process.wait()
