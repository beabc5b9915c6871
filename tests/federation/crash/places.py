"""Two groups and the umbrella as processes on one PostgreSQL server, each group behind a proxy."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from deploy.demo.world import GROUPS, Address, Group, NodeProcess, World
from federation.node.postgres import PostgresServer, start_server
from tests.federation.crash.processes import QuickNode
from tests.federation.crash.proxy import Message, Proxy
from tests.federation.world.accepting import accept_terms
from tests.independent.wire import Wire
from tests.ports import free_port

PAUSE_S = 0.05
WAIT_S = 30
MEMBERS = 6
BEHIND = 10
"""A node behind a proxy listens this many ports above it."""
HOURS = 360_000
ONE, OTHER = GROUPS[0], GROUPS[2]


class Places(World):
    """The world of these tests; `proxies` by the key of the group that stands behind each."""

    node_type = QuickNode

    def __init__(self, server: PostgresServer, folder: Path, base_port: int) -> None:
        super().__init__(server, folder, base_port)
        self.proxies: dict[str, Proxy] = {}
        self.wire = Wire()
        """Everything that passed through the proxies."""

    def address(self, number: int) -> Address:
        """Put the groups behind proxies; the umbrella stands in the open."""
        port = self.base_port + number
        behind = port + BEHIND if number else port
        return Address(f"http://127.0.0.1:{port}", "127.0.0.1", behind)

    async def start_links(self) -> None:
        for number, group in enumerate((ONE, OTHER), 1):
            port = self.base_port + number
            self.proxies[group.key] = Proxy(port, port + BEHIND)
            self.proxies[group.key].heard.append(self._hear)
            await self.proxies[group.key].start()

    def _hear(self, request: Message, answer: Message | None) -> None:
        self.wire.hear(request.path, (answer or request).body)

    @property
    def one(self) -> QuickNode:
        return self.quick(ONE.key)

    @property
    def other(self) -> QuickNode:
        return self.quick(OTHER.key)

    def quick(self, key: str) -> QuickNode:
        node = self.groups[key]
        assert isinstance(node, QuickNode)
        return node

    async def close(self) -> None:
        for proxy in self.proxies.values():
            for hold in proxy.holds:
                hold.let_go.set()
            await proxy.close()
        await super().close()


def free_base_port() -> int:
    """Give the port of the first of three nodes; what stands behind their proxies has room too."""
    return free_port(with_also=(1, 2, BEHIND, BEHIND + 1, BEHIND + 2))


async def until(holds: Callable[[], Awaitable[bool]], *, wait_s: float = WAIT_S) -> None:
    """Wait, bounded, for another process."""
    async with asyncio.timeout(wait_s):
        while not await holds():  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(PAUSE_S)


async def any_line(node: NodeProcess, name: str, *, value: object) -> bool:
    return any(line[name] == value for line in await node.ask("line.list"))


async def make_places(
    folder: Path, kind: type[Places] = Places, *, database: Path | None = None
) -> Places:
    """Make server, umbrella, two groups with a line in force, and members with wide limits."""
    server = await start_server(database or folder / "postgres")
    places = kind(server, folder, free_base_port())
    try:
        await places.start_links()
        await places.make_umbrella()
        await asyncio.gather(*(places.make_group(g, at) for at, g in enumerate((ONE, OTHER), 1)))
        for group in (ONE, OTHER):
            await places.umbrella.ask("audit.admit", invitation=places.groups[group.key].invitation)
        await open_line(places)
        await asyncio.gather(*(add_members(node) for node in (places.one, places.other)))
    except BaseException:
        await places.close()
        raise
    return places


async def open_line(places: Places) -> None:
    await places.one.ask("line.propose", group=OTHER.name, grants_units=1000 * HOURS)
    await until(lambda: any_line(places.other, "waits_for_us", value=True))
    await accept_terms(places.other, ONE.name)
    await until(lambda: any_line(places.one, "state", value="open"))


async def add_members(node: QuickNode) -> None:
    for number in range(MEMBERS):
        await node.ask(
            "member.add",
            code=f"{number:03}",
            name="Lid",
            lower_minor=-1_000_000,
            upper_minor=1_000_000,
        )


def other_of(key: str) -> Group:
    """Give the group on the other side of the line."""
    return OTHER if key == ONE.key else ONE
