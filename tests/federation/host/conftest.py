"""Hosts of this process over real databases and one real socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from federation.host.hosted import Hosted, State
from federation.host.run import command, hosting
from federation.host.settings import HostFolder
from federation.host.supervisor import Supervisor
from federation.node.control import call
from federation.node.init import init_node
from federation.node.service import Node
from federation.node.settings import NodeFolder, NodeSettings
from schemas.amounts import Rate, Unit
from tests.ports import free_port

WAIT_S = 20


class House:
    """A host that tests fill, start and ask."""

    def __init__(self, path: Path, database: Callable[[], tuple[str, str]]) -> None:
        self._database = database
        self.port = free_port()
        self.folder = HostFolder(path)
        self.invitations: dict[str, str] = {}
        self.host: Supervisor
        self._stack = contextlib.AsyncExitStack()
        self.say()

    def say(self, *lines: str) -> None:
        """Write `host.toml`."""
        said = [f"listen_port = {self.port}", *lines, ""]
        (self.folder.path / "host.toml").write_text("\n".join(said))

    async def make(self, name: str, *, host: str = "") -> NodeFolder:
        """Make a group whose address is that of the host by another name."""
        owner, runtime = self._database()
        folder = NodeFolder(self.folder.path / name)
        settings = NodeSettings(
            name=name,
            public_url=f"http://{host or name + '.example'}:{self.port}",
            listen_port=self.port,
            database=runtime,
            database_owner=owner,
            allow_private_addresses=True,
        )
        unit = Unit(singular="unit", plural="units", rate=Rate(20))
        made = await init_node(folder, settings, unit=unit)
        self.invitations[name] = f"{settings.public_url}#{made}"
        return folder

    async def start(self) -> None:
        self.host = await self._stack.enter_async_context(hosting(self.folder))
        await self.until(lambda: all(g.state not in BUSY for g in self.host.groups.values()))

    async def stop(self) -> None:
        async with asyncio.timeout(WAIT_S):
            await self._stack.aclose()

    def group(self, name: str) -> Hosted:
        return self.host.groups[name]

    def node(self, name: str) -> Node:
        serving = self.group(name).serving
        assert serving is not None
        return serving.node

    async def ask(self, group: str, name: str, /, **said: Any) -> Any:
        return await call(self.node(group), name, said)

    async def told(self, name: str, **said: Any) -> Any:
        return await command(self.host, name, said)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not holds():  # noqa: ASYNC110 - a condition over other tasks' state
                await asyncio.sleep(0.01)

    async def get(self, path: str, host: str, **headers: str) -> tuple[int, str]:
        """Ask the one port, naming a host."""
        address = f"http://127.0.0.1:{self.port}{path}"
        said = {"Host": host, **headers}
        async with (
            aiohttp.ClientSession() as session,
            session.get(address, headers=said, allow_redirects=False) as response,
        ):
            return response.status, await response.text()

    async def raw(self, request: bytes) -> bytes:
        """Send bytes and give all that is answered."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            return await reader.read()
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


BUSY = {State.WAITING, State.STARTING}


@pytest.fixture
async def house(
    tmp_path: Path, another_database: Callable[[], tuple[str, str]]
) -> AsyncIterator[House]:
    house = House(tmp_path, another_database)
    yield house
    await house.stop()


def taken_port() -> socket.socket:
    """Give a socket that holds a port of this machine."""
    return socket.create_server(("127.0.0.1", 0))
