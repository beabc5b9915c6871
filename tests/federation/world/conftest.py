"""Nodes of this process over real databases and real sockets, for tests of trades."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from events.restore import Mode
from federation.node.app import make_app
from federation.node.control import call
from federation.node.init import init_node
from federation.node.service import Node, running_node
from federation.node.settings import NodeFolder, NodeLimits, NodeSettings
from schemas.amounts import Rate, Unit
from schemas.encoding import unb64
from tests.federation.crash.proxy import Hold, Message, Proxy
from tests.federation.world.accepting import accept_terms
from tests.ports import free_port

WAIT_S = 20


async def _close(runner: web.AppRunner, bound: socket.socket) -> None:
    """Close a server once it has taken in what it accepted: asyncio would leak that socket."""
    asyncio.get_running_loop().remove_reader(bound.fileno())
    for _ in range(3):  # accepted, made a transport, made a connection
        await asyncio.sleep(0)
    await runner.cleanup()


class WorldNode:
    """A node that tests start, stop and ask."""

    def __init__(self, folder: NodeFolder, invitation: str, name: str) -> None:
        self.folder = folder
        self.invitation = invitation
        self.name = name
        self.node: Node
        self.proxy: Proxy | None = None
        """What stands before it, when it was made so."""
        self._stack = contextlib.AsyncExitStack()

    async def start(self) -> None:
        self._stack = contextlib.AsyncExitStack()
        self.node = await self._stack.enter_async_context(running_node(self.folder))
        runner = web.AppRunner(make_app(self.node), access_log=None, shutdown_timeout=1)
        await runner.setup()
        bound = socket.create_server(("127.0.0.1", self.node.settings.listen_port))
        self._stack.push_async_callback(_close, runner, bound)
        await web.SockSite(runner, bound).start()

    async def open(self) -> None:
        """Start it, and wait until it has heard of the others and releases what it has."""
        await self.start()
        await eventually(lambda: self.node.gate.mode is Mode.OPEN)

    async def stop(self) -> None:
        await self._stack.aclose()

    async def ask(self, name: str, /, **arguments: Any) -> Any:
        return await call(self.node, name, arguments)


class World:
    """Makes nodes, and stops them at the end."""

    def __init__(self, path: Path, database: Callable[[], tuple[str, str]]) -> None:
        self._path = path
        self._database = database
        self.nodes: list[WorldNode] = []

    async def make(
        self,
        name: str,
        per_hour: int | None,
        *,
        umbrella: str = "",
        decimals: int = 0,
        limits: NodeLimits | None = None,
        behind_proxy: bool = False,
    ) -> WorldNode:
        owner, runtime = self._database()
        port = free_port()
        public_port = free_port() if behind_proxy else port
        folder = NodeFolder(self._path / name)
        settings = NodeSettings(
            name=name,
            role="umbrella" if per_hour is None else "group",
            public_url=f"http://127.0.0.1:{public_port}",
            listen_port=port,
            database=runtime,
            database_owner=owner,
            umbrella=umbrella,
            allow_private_addresses=True,
            limits=limits or NodeLimits(),
        )
        unit = None
        if per_hour is not None:
            unit = Unit(singular="unit", plural="units", rate=Rate(per_hour, decimals))
        node_id = await init_node(folder, settings, unit=unit)
        node = WorldNode(folder, f"{settings.public_url}#{node_id}", name)
        await node.start()
        self.nodes.append(node)
        if behind_proxy:
            node.proxy = Proxy(public_port, port)
            await node.proxy.start()
        return node

    async def pair(
        self, one: int = 20, other: int = 60, *, behind_proxies: bool = False
    ) -> tuple[WorldNode, WorldNode]:
        """Two groups that invited each other, with a line in force and two members each."""
        a = await self.make("alfa", one, behind_proxy=behind_proxies)
        b = await self.make("beta", other, behind_proxy=behind_proxies)
        await self.link(a, b)
        for node in (a, b):
            await self.add_members(node)
        return a, b

    async def federation(self) -> tuple[WorldNode, WorldNode, WorldNode]:
        """An umbrella and two groups in its register, with a line in force and a member each."""
        umbrella = await self.make("koepel", None)
        a = await self.make("alfa", 20, umbrella=umbrella.invitation)
        b = await self.make("beta", 60, umbrella=umbrella.invitation)
        for node in (a, b):
            await umbrella.ask("audit.admit", invitation=node.invitation)
            await node.ask("member.add", code="001", name="Lid")
        await self.agree(a, b)
        return umbrella, a, b

    async def link(self, a: WorldNode, b: WorldNode) -> None:
        """Let two groups invite each other, and put a line in force."""
        await a.ask("line.invite", invitation=b.invitation)
        await b.ask("line.invite", invitation=a.invitation)
        await self.agree(a, b)

    async def agree(self, a: WorldNode, b: WorldNode) -> None:
        """Put a line in force between two groups that know each other."""
        await a.ask("line.propose", group=b.name)
        await eventually(lambda: any(x.their_proposal for x in lines(b)))
        await accept_terms(b, a.name)
        await eventually(lambda: any(x.open() for x in lines(a) if x.peer == b.node.id))

    async def add_members(self, node: WorldNode) -> None:
        for code in ("001", "002"):
            await node.ask("member.add", code=code, name=f"Lid {code}")

    async def close(self) -> None:
        for node in self.nodes:
            if node.proxy is not None:
                for hold in node.proxy.holds:
                    hold.let_go.set()
                await node.proxy.close()
        for node in self.nodes:
            await node.stop()


def lines(node: WorldNode) -> list[Any]:
    return list(node.node.machine.books.lines.values())


def hold_back(node: WorldNode, kind: str) -> Hold:
    """Keep the next message before a node's door that carries an event of this type."""
    assert node.proxy is not None
    hold = Hold(lambda message: kind in carried(message))
    node.proxy.holds.append(hold)
    return hold


def carried(message: Message) -> list[str]:
    """Name the types of the events in a request or an answer of an exchange."""
    if b"/federation/v1/lines/" not in message.head and not message.body.startswith(b'{"after"'):
        return []
    events = json.loads(message.body).get("events", [])
    return [json.loads(unb64(event["core"]))["type"] for event in events]


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait, bounded, for something that happens by itself: other tasks of this loop run."""
    async with asyncio.timeout(WAIT_S):
        while not holds():  # noqa: ASYNC110 - a condition over another task's state
            await asyncio.sleep(0.01)
