"""Witnesses that answer without end, not at all, or nonsense: told, bounded, in nobody's way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from events.cosignature import CosignatureKey
from events.policy import parse_policy
from events.signing import PrivateKey
from federation.node.standing import Standing
from federation.node.witnesses import asked_of
from tests.federation.world.conftest import World, WorldNode, eventually
from tests.federation.world.test_cosigning import grow, has_cosigned
from tests.ports import free_port

CHUNK = b"x" * 65_536
TAKEN_MAX = 1_500_000
"""What one answer can make a node read; the kernel takes in more, which nobody reads."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
ANSWERS = {
    "endless": HEAD + b"\r\n",
    "huge": HEAD + b"Content-Length: 99999999999\r\n\r\n",
    "packed": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    "broken": HEAD + b"Content-Length: 50\r\n\r\nabc",
    "elsewhere": b"HTTP/1.1 302 Found\r\nLocation: /log\r\nContent-Length: 0\r\n\r\n",
    "garbage": b"\x00\xff\x00\xff\r\n\r\n",
    "torn": HEAD + "Content-Length: 6\r\n\r\n\N{EM DASH} x\n".encode(),
    "larger": b"HTTP/1.1 409 Conflict\r\nContent-Type: text/x.tlog.size\r\n"
    b"Content-Length: 5\r\n\r\n9999\n",
}


class Hostile:
    """A server that is a witness at each of its paths, and none of them as it should be."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.asked = 0
        self.leave = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked += 1
            name = head.split(b"/")[1].decode()
            if name == "silent":
                await self.leave.wait()
            else:
                writer.write(ANSWERS[name])
                await writer.drain()
            while name == "endless":
                writer.write(CHUNK)
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@pytest.fixture
async def hostile() -> AsyncIterator[Hostile]:
    port = free_port()
    made = Hostile(port)
    server = await asyncio.start_server(made.answer, "127.0.0.1", port)
    yield made
    made.leave.set()
    server.close()
    await server.wait_closed()


def key_of(name: str) -> CosignatureKey:
    return CosignatureKey(name, PrivateKey(name.encode().ljust(32, b"_")).public)


def standing(node: WorldNode, name: str) -> Standing:
    return node.node.cosigning.standings.get(key_of(name).vkey(), Standing())


async def test_hostile_witnesses_are_told_and_everything_else_goes_on(
    world: World, hostile: Hostile, taken: list[int]
) -> None:
    a, b = await world.pair()
    await eventually(lambda: has_cosigned(b, a))
    names = [*ANSWERS, "silent"]
    lines = [f"witness {name} {key_of(name).vkey()} {hostile.url}/{name}" for name in names]
    client = a.node.client
    client._limits = replace(client._limits, timeout_s=1.0)
    a.node.own_policy = parse_policy("\n".join([*lines, "quorum none", ""]).encode())
    assert len(asked_of(a.node)) == len(names) + 1

    taken.clear()
    await grow(a, 1)

    await eventually(lambda: all(standing(a, name).failures for name in names))
    await eventually(lambda: has_cosigned(b, a))
    assert all(standing(a, name).size == 0 for name in names)
    assert "more of our log" in standing(a, "larger").trouble
    assert standing(a, "silent").trouble == "it takes too long"
    assert 0 < sum(taken) < TAKEN_MAX * hostile.asked
    paid = await a.ask("pay", payer="001", payee="002", amount_minor=3, group="beta")
    assert paid["state"] == "settled"
    told = await a.ask("witness.status")
    assert [row["size"] for row in told["witnesses"]][1:] == [0] * len(names)
