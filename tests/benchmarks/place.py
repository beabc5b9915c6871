"""Where the figures are measured: one durable PostgreSQL server, and nodes that a run makes in it.

Everything lies in one folder that goes away at the end, however a run ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

from federation.node.control import call_running
from federation.node.init import init_node
from federation.node.postgres import PostgresServer, create_node_database, start_server
from federation.node.settings import NodeFolder, NodeSettings
from schemas.amounts import Rate, Unit
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
READY_S = 60
READY_PAUSE_S = 0.005
STOP_S = 15
UNIT = Unit(singular="unit", plural="units", rate=Rate(20))
WIDE_MINOR = 1_000_000_000


class Place:
    """Makes nodes in databases of one server."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        """Take what `open_place` has started."""
        self.server = server
        self.folder = folder
        self._made = 0

    async def database(self) -> tuple[str, str]:
        """Make an empty database; gives the addresses for its owner and for a node."""
        self._made += 1
        return await create_node_database(self.server, f"b{self._made}")

    async def make_node(self, unit: Unit = UNIT) -> NodeFolder:
        """Make a group's node with a unit, limits that never bind, and no members."""
        return await self._make(unit)

    async def make_umbrella(self) -> NodeFolder:
        """Make an umbrella that has followed nobody yet."""
        return await self._make(None)

    async def _make(self, unit: Unit | None) -> NodeFolder:
        owner, runtime = await self.database()
        name = f"group{self._made}"
        folder = NodeFolder(self.folder / name)
        port = free_port()
        settings = NodeSettings(
            name=name,
            role="umbrella" if unit is None else "group",
            public_url=f"http://127.0.0.1:{port}",
            listen_port=port,
            database=runtime,
            database_owner=owner,
            allow_private_addresses=True,
        )
        await init_node(
            folder, settings, unit=unit, lower_minor=-WIDE_MINOR, upper_minor=WIDE_MINOR
        )
        return folder


@contextlib.asynccontextmanager
async def open_place() -> AsyncIterator[Place]:
    """Start a server that keeps what is committed, in a folder that its user can enter."""
    with tempfile.TemporaryDirectory(prefix="rbb-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        server = await start_server(Path(name) / "data")
        try:
            yield Place(server, Path(name))
        finally:
            await server.stop()


class NodeProcess:
    """A node that runs as a process of its own, as an operator runs it."""

    def __init__(self, folder: NodeFolder, process: asyncio.subprocess.Process) -> None:
        """Take a process that has just been started."""
        self.folder = folder
        self._process = process
        self._port = folder.settings().listen_port

    async def ready(self) -> None:
        """Wait until `/readyz` says that the node takes commands."""
        async with asyncio.timeout(READY_S):
            while b" 200 " not in await self.get("/readyz"):
                assert self._process.returncode is None, "the node did not start"
                await asyncio.sleep(READY_PAUSE_S)

    async def get(self, path: str) -> bytes:
        """Give the first bytes of an answer; nothing while nobody listens."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except ConnectionError:
            return b""
        try:
            writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
            return await reader.read(100)
        except ConnectionError:
            return b""
        finally:
            writer.close()

    async def ask(self, command: str, /, **arguments: Any) -> Any:
        """Run one command of `ruilbrug`; the control socket opens a moment after the port."""
        async with asyncio.timeout(READY_S):
            while True:
                with contextlib.suppress(ConnectionError):
                    return await call_running(self.folder, command, arguments)
                await asyncio.sleep(READY_PAUSE_S)

    @property
    def pid(self) -> int:
        """Name the process."""
        return self._process.pid

    def resident_bytes(self) -> int:
        """Tell how much memory the process holds."""
        return resident_bytes(self._process.pid)

    async def stop(self) -> None:
        """End the process, in order when it can."""
        if self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        finally:
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()


async def begun(log: Path, *words: str) -> asyncio.subprocess.Process:
    """Begin a command of ours as a process that writes to this file."""
    with log.open("ab") as file:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "federation.cli", *words),
            stdout=file,
            stderr=file,
            cwd=ROOT,
            env=dict(os.environ),
        )


@contextlib.asynccontextmanager
async def node_process(folder: NodeFolder) -> AsyncIterator[tuple[NodeProcess, float]]:
    """Run a node as a process; gives it with the seconds from its start until it was ready."""
    start = time.perf_counter()
    process = await begun(folder.path / "node.log", "--node", str(folder.path), "node", "run")
    node = NodeProcess(folder, process)
    try:
        await node.ready()
        yield node, time.perf_counter() - start
    finally:
        await node.stop()


def processor_s(pids: Iterable[int]) -> float:
    """Add up what processes and their children have taken of the processors, in seconds."""
    ticks, wanted = 0, set(pids)
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            fields = status.read_text(errors="replace").rpartition(")")[2].split()
            if int(status.parent.name) in wanted or int(fields[1]) in wanted - {os.getpid()}:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int | str = "self", field: str = "VmRSS") -> int:
    """Read a size of a process from the kernel; `VmHWM` is the highest it has been."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise ValueError(field)
