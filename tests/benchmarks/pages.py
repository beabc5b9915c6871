"""Pages of a member as a browser asks for them: home, statement, search; over a real socket.

The node is a process of its own, with 100,000 bookings in its log and 100,000 posts of 200 groups
in its tables. One client for how long a page takes, several for how many there are in a second. The
client reads packed pages and unpacks nothing, so that what is measured is the node.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from statistics import quantiles
from typing import Any
from urllib.parse import quote

from events.recovery import connect
from federation.node.service import now_s, running_node
from federation.node.settings import NodeFolder
from federation.web.sessions import begin_session, cookie_name
from tests.benchmarks.phone import phone
from tests.benchmarks.place import NodeProcess, Place, node_process
from tests.benchmarks.post_words import SEARCHES
from tests.benchmarks.posts import GROUPS, POSTS, fill_posts, know_groups
from tests.benchmarks.report import Limit, Report
from tests.benchmarks.writing import writing

FIGURES = {"home.p95", "statement.p95", "search.pages", "search.phone"}
BOOKINGS = 100_000
MEMBERS = 200
ASKED = 400
WARM_UP = 40
CLIENTS = 8
PAGES = 1_200
CODE = "001"
PLACES = ("9000", "3000", "2000", "8500", "1050", "3500")
PROJECTED_S = 60
PAUSE_S = 0.05


class Client:
    """One connection that stays open, signed in."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cookie: str
    ) -> None:
        """Take an open connection, and the cookie of a session."""
        self._reader, self._writer = reader, writer
        self._rest = (
            "Host: 127.0.0.1\r\nAccept-Encoding: gzip\r\nAccept-Language: nl\r\n"
            f"Cookie: {cookie}\r\n\r\n"
        ).encode()

    async def get(self, path: str) -> int:
        """Ask for a page; gives the size of its body, packed."""
        self._writer.write(f"GET {path} HTTP/1.1\r\n".encode() + self._rest)
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head.partition(b"\r\n")[0]
        at = head.find(b"Content-Length: ")
        if at >= 0:
            return len(await self._reader.readexactly(int(head[at + 16 : head.index(b"\r\n", at)])))
        size = 0
        while part := int(await self._reader.readline(), 16):
            size += len(await self._reader.readexactly(part))
            await self._reader.readexactly(2)
        await self._reader.readexactly(2)
        return size

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def pages(place: Place, report: Report, names: set[str]) -> None:
    """Measure what was named."""
    folder, cookie = await _filled(place)
    async with node_process(folder) as (node, _):
        client = await client_of(node, cookie)
        bare = Limit(await _p95_ms(client, itertools.repeat("/healthz")), "an empty answer")
        for figure, path in (("home.p95", "/home"), ("statement.p95", "/statement")):
            if figure in names:
                found = await _p95_ms(client, itertools.repeat(path))
                report.figure(figure, found, "ms", limit=bare, target="below 10")
        client.close()
        if "search.pages" in names:
            rate = await _rate(node, cookie)
            report.figure("search.pages", rate, "/s", target=">= 300")
        if "search.phone" in names:
            await phone(report, folder.settings().public_url, cookie)


async def _filled(place: Place) -> tuple[NodeFolder, str]:
    """Make a node with members, bookings and posts; gives the cookie of one of its members."""
    folder = await place.make_node()
    async with writing(folder, signed=False) as writer:
        await writer.open_members(MEMBERS)
        await writer.fill(writer.sequencer.size + BOOKINGS)
    owner = await connect(folder.settings().database_owner)
    try:
        await know_groups(owner)
        async with running_node(folder) as node:
            await _until_projected(owner)
            await fill_posts(owner, POSTS, GROUPS, now_s=now_s())
            account = node.machine.books.ledger.codes[CODE]
            token = await begin_session(node, (account, 0), "bench", now_s=now_s())
            return folder, f"{cookie_name(node)}={token}"
    finally:
        await owner.close()


async def _until_projected(owner: Any) -> None:
    async with asyncio.timeout(PROJECTED_S):
        while await owner.fetchval("SELECT count(*) FROM plain.member") < MEMBERS:  # noqa: ASYNC110 - a table
            await asyncio.sleep(PAUSE_S)


async def client_of(node: NodeProcess, cookie: str) -> Client:
    """Open a connection to a node, signed in by a cookie."""
    port = node.folder.settings().listen_port
    return Client(*await asyncio.open_connection("127.0.0.1", port), cookie)


async def _p95_ms(client: Client, paths: itertools.repeat[str]) -> float:
    """Give the time that all but one page in twenty stay below."""
    taken = []
    for path in itertools.islice(paths, WARM_UP + ASKED):
        start = time.perf_counter()
        await client.get(path)
        taken.append(time.perf_counter() - start)
    return quantiles(taken[WARM_UP:], n=20)[-1] * 1000


async def _rate(node: NodeProcess, cookie: str) -> float:
    """Give search pages a second with several clients, each of which waits for its answer."""
    made = (
        f"/search?q={quote(text)}&near={where}&within=25&side=offer"
        for text, where in itertools.cycle(itertools.product(SEARCHES, PLACES))
    )
    for_warmth, left = itertools.islice(made, WARM_UP), itertools.islice(made, PAGES)
    clients = [await client_of(node, cookie) for _ in range(CLIENTS)]
    for path in for_warmth:
        await clients[0].get(path)

    async def ask(client: Client) -> None:
        for path in left:
            await client.get(path)

    start = time.perf_counter()
    await asyncio.gather(*map(ask, clients))
    taken_s = time.perf_counter() - start
    for client in clients:
        client.close()
    return PAGES / taken_s
