"""Two nodes, a directory of keys, and servers on 127.0.0.1 for the tests of the peer room."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from events.signing import PrivateKey
from federation.peer.client import PeerClient
from federation.peer.pace import PaceLimits
from federation.peer.rate import Allowance
from federation.peer.server import Gate, GateLimits
from federation.peer.signatures import Signer
from schemas.encoding import b32, b64

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from events.signing import PublicKey


def _seed(name: str) -> bytes:
    return sha256(name.encode()).digest()


def _signer(name: str) -> Signer:
    seed = _seed(name)
    return Signer(b32(sha256(seed).digest()), PrivateKey(seed))


class Directory:
    """A `KeyDirectory` whose keys a test sets; `later` become known by `refresh`."""

    def __init__(self, *known: Signer, later: tuple[Signer, ...] = ()) -> None:
        self._keys: dict[str, dict[str, PublicKey]] = {}
        self._later = later
        self.refreshed: list[str] = []
        for signer in known:
            self.add(signer)

    def add(self, signer: Signer) -> None:
        mine = self._keys.setdefault(signer.node, {})
        mine[b64(signer.key.public.data)] = signer.key.public

    def http_keys(self, node: str) -> Mapping[str, PublicKey]:
        return self._keys.get(node, {})

    async def refresh(self, node: str) -> None:
        self.refreshed.append(node)
        for signer in self._later:
            if signer.node == node:
                self.add(signer)


class World:
    """Everything a test of the wire needs; the clock stands still unless a test moves it."""

    def __init__(self, here: Signer, there: Signer, stack: AsyncExitStack) -> None:
        self.here, self.there = here, there
        self.directory = Directory(here, there)
        self.now_s = 1_800_000_000
        self._drawn = 0
        self._stack = stack

    def now(self) -> int:
        return self.now_s

    def steady(self) -> float:
        return float(self.now_s)

    def random_bytes(self, size: int) -> bytes:
        self._drawn += 1
        return sha256(self._drawn.to_bytes(8, "big")).digest()[:size]

    @staticmethod
    def limits(**facts: Any) -> GateLimits:
        """Give limits that bind nobody, but for what a test says."""
        roomy = PaceLimits(partner=Allowance(200, 4_000), stranger=Allowance(20, 400))
        said: dict[str, Any] = {"request_bytes_max": 8 * 2**20, "pace": roomy} | facts
        return GateLimits(**said)

    async def serve(
        self,
        routes: Mapping[tuple[str, str], Callable[[web.Request], Awaitable[web.StreamResponse]]],
        **options: object,
    ) -> str:
        """Serve routes behind the gate of `here`; return the public address."""
        bound, base_url = _bound()
        arguments = {
            "base_url": base_url,
            "now": self.now,
            "steady": self.steady,
            "limits": self.limits(),
        } | options
        gate = Gate(self.here, self.directory, **arguments)  # type: ignore[arg-type]
        app = web.Application(middlewares=[gate.middleware()])
        for (method, path), handler in routes.items():
            app.router.add_route(method, path, handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, bound).start()
        return base_url

    async def serve_raw(
        self, answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
    ) -> str:
        """Serve whatever bytes `answer` writes after the head of a request."""
        bound, base_url = _bound()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await reader.readuntil(b"\r\n\r\n")
                await answer(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass  # the client had enough
            finally:
                writer.close()

        server = await asyncio.start_server(connected, sock=bound)
        self._stack.callback(server.close)
        return base_url

    async def client(self, **options: object) -> PeerClient:
        """Open a client that speaks for `there`."""
        arguments = {
            "now": self.now,
            "random_bytes": self.random_bytes,
            "allow_private_addresses": True,
        } | options
        client = PeerClient(self.there, self.directory, **arguments)  # type: ignore[arg-type]
        return await self._stack.enter_async_context(client)


def _bound() -> tuple[socket.socket, str]:
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound, f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture(scope="session")
def seed_of() -> Callable[[str], bytes]:
    return _seed


@pytest.fixture(scope="session")
def here() -> Signer:
    return _signer("here")


@pytest.fixture(scope="session")
def there() -> Signer:
    return _signer("there")


@pytest.fixture(scope="session")
def stranger() -> Signer:
    return _signer("stranger")


@pytest.fixture(scope="session")
def directory_of() -> type[Directory]:
    return Directory


@pytest.fixture
async def world(here: Signer, there: Signer) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        yield World(here, there, stack)
