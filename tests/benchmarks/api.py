"""Local transfers over the API: 64 connections that stay open, each asked by a raw client.

The client is no library: it writes requests that were made before and reads answers by their
`Content-Length`, so that what is measured is the node. What its process takes is printed beside.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from tests.benchmarks.place import NodeProcess, Place, node_process, processor_s
from tests.benchmarks.report import Limit, Report
from tests.benchmarks.writing import writing

CONNECTIONS = 64
MEMBERS = 64
WARM_UP = 2_000
TRANSFERS = 12_000
DESCRIPTION = "Samen de haag gesnoeid, met twee ladders"
ROOM = "token_requests_per_s = 100000\ntoken_requests_at_once = 100000\n"
ROOM += "stranger_requests_per_s = 10000\nstranger_requests_at_once = 100000\n"
CREATED = b"HTTP/1.1 201 "


class RawClient(asyncio.Protocol):
    """One connection: writes the next request when the answer to the last one is complete."""

    def __init__(self, requests: Iterator[bytes], waits: list[float]) -> None:
        """Take what to send; several connections draw from one source."""
        self._requests = requests
        self._waits = waits
        self._transport: Any = None
        self._answer = b""
        self._sent_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer; go on when it is all there."""
        answer = self._answer = self._answer + data
        head = answer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = answer.index(b"Content-Length: ") + 16
        if len(answer) < head + 4 + int(answer[at : answer.index(b"\r\n", at)]):
            return
        if not answer.startswith(CREATED):
            self.done.set_exception(AssertionError(answer.decode()))
            return
        self._waits.append(time.perf_counter() - self._sent_at)
        self._answer = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        """Tell when the node hangs up too early."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the node hung up"))

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


async def api(place: Place, report: Report) -> None:
    """Measure `append.http`: transfers of members over the API, on disk when they are answered."""
    async with writing(await place.make_node()) as writer:
        await writer.open_members(MEMBERS)
        await writer.rate(WARM_UP, callers=CONNECTIONS)
        bare = await writer.rate(TRANSFERS, callers=CONNECTIONS)
    folder = await place.make_node()
    settings = folder.path / "node.toml"
    settings.write_text(f"{settings.read_text()}[limits]\n{ROOM}")
    async with node_process(folder) as (node, _):
        secrets = await _members(node)
        chance = random.Random(1)
        await _rate(node, _requests(secrets, WARM_UP, chance))
        before_s, before = processor_s([node.pid]), time.process_time()
        rate, waits = await _rate(node, _requests(secrets, TRANSFERS, chance))
        taken_s, own_s = processor_s([node.pid]) - before_s, time.process_time() - before
    target = ">= 2,000/s; aim 5,000/s"
    report.figure("append.http", rate, "/s", limit=Limit(bare, "without HTTP"), target=target)
    wait_ms = statistics.quantiles(waits, n=100)[94] * 1000
    report.figure("append.http_p95", wait_ms, "ms", limit=Limit(CONNECTIONS, "connections"))
    report.figure("append.http_node", taken_s / TRANSFERS * 1e6, "us/req")
    report.figure("append.http_client", own_s / TRANSFERS * 1e6, "us/req")


async def _members(node: NodeProcess) -> list[tuple[str, str]]:
    """Take in members, and make a token for each: (code, secret)."""
    found = []
    for number in range(MEMBERS):
        code = f"{number:03}"
        await node.ask("member.add", code=code, name=f"Lid {code}")
        made = await node.ask("token.new", name="bench", account=code)
        found.append((code, made["secret"]))
    return found


def _requests(secrets: list[tuple[str, str]], count: int, chance: random.Random) -> Iterator[bytes]:
    """Make the requests before anything is measured."""
    made = []
    for number in range(count):
        (payer, secret), (payee, _) = chance.sample(secrets, 2)
        asked = {"payer": payer, "payee": payee, "amount_minor": chance.randint(1, 20)}
        content = msgspec.json.encode({**asked, "description": DESCRIPTION})
        head = (
            "POST /api/v1/transfers HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {secret}\r\nContent-Type: application/json\r\n"
            f'Idempotency-Key: "{chance.randbytes(16).hex()}-{number}"\r\n'
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        made.append(head.encode() + content)
    return iter(made)


async def _rate(node: NodeProcess, requests: Iterator[bytes]) -> tuple[float, list[float]]:
    """Give requests a second, and how long each took."""
    loop, waits = asyncio.get_running_loop(), list[float]()
    port = node.folder.settings().listen_port
    start = time.perf_counter()
    clients = [
        (await loop.create_connection(lambda: RawClient(requests, waits), "127.0.0.1", port))[1]
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(client.done for client in clients))
    return len(waits) / (time.perf_counter() - start), waits
