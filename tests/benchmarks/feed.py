"""The feed of another group of 10,000 posts: how fast it is indexed, and what pages notice of it.

Two nodes as processes of their own. The posts are in the log of the one; the other is told at a
moment to show them, and a member asks for its pages all the while.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

from asyncpg import Connection, Record

from events.queries import load_queries
from events.recovery import connect
from federation.group.member_commands import PlacePost
from federation.node.service import now_s, running_node
from federation.node.settings import NodeFolder
from federation.web.sessions import begin_session, cookie_name
from schemas.encoding import b64
from schemas.member_bodies import Price, PriceKind, Visibility
from schemas.openings import PostText
from tests.benchmarks.pages import Client, client_of
from tests.benchmarks.place import NodeProcess, Place, node_process
from tests.benchmarks.report import Limit, Report
from tests.benchmarks.writing import Writer, writing

FIGURES = {"feed.index", "feed.page_p95"}
POSTS = 10_000
BOOKINGS = 2_000
QUESTIONS = 200
PAUSE_S = 0.02
PATHS = ("/home", "/statement", "/search?q=fiets")
READ_S = 120
DAYS_90_S = 90 * 86_400
SQL = load_queries(Path(__file__).with_name("feed.sql"))
WORDS = """
fiets herstellen tuin snoeien haag oppas kinderen koken soep brood bakken naaien verven muur behang
boor lenen ladder verhuizen aanhangwagen gitaar les Frans praten computer hulp foto wandelen hond
katten verzorgen boeken ruilen stekken planten kippen eieren honing massage vervoer ophalen hout
luchthaven administratie belastingen zagen schrijnwerk elektriciteit
"""
POSTCODES = ("1000", "2000", "2800", "3000", "8000", "8500", "9000", "9100", "9300", "9700")


def posts(count: int, accounts: list[int]) -> Iterator[PlacePost]:
    """Make up offers and wants with a title and a paragraph."""
    chance, words = random.Random(count), WORDS.split()
    for _ in range(count):
        yield PlacePost(
            key=b64(chance.randbytes(16)),
            actor=None,
            account=chance.choice(accounts),
            want=chance.random() < 0.3,
            text=PostText(
                title=" ".join(chance.choices(words, k=4)),
                text=" ".join(chance.choices(words, k=40)),
                postcode=chance.choice(POSTCODES),
            ),
            expires_at_s=now_s() + DAYS_90_S,
            price=Price(kind=PriceKind.HOUR, amount_minor=chance.randint(1, 40)),
            visibility=Visibility.INTERLETS,
        )


async def _filled(place: Place, count: int) -> NodeFolder:
    """Make a group with members, bookings, and so many posts."""
    folder = await place.make_node()
    async with writing(folder) as writer:
        await writer.open_members()
        await writer.fill(writer.sequencer.size + BOOKINGS)
        await _place(writer, count)
    return folder


async def _signed_in(folder: NodeFolder) -> str:
    """Sign a member in; gives the cookie."""
    async with running_node(folder) as node:
        account = node.machine.books.ledger.codes["001"]
        token = await begin_session(node, (account, 0), "bench", now_s=now_s())
        return f"{cookie_name(node)}={token}"


async def _place(writer: Writer, count: int) -> None:
    await writer.hand_in(posts(count, writer.members()))


async def feed(place: Place, report: Report) -> None:
    """Measure."""
    server, reader = await _filled(place, POSTS), await _filled(place, 0)
    cookie = await _signed_in(reader)
    connection = await connect(reader.settings().database)
    try:
        async with node_process(server) as (there, _), node_process(reader) as (here, _):
            await here.ask("feed.choose", shown_here=False)
            await _acquaint(there, here)
            await _until(server.settings().database, "own_posts", POSTS)
            client = await client_of(here, cookie)
            start = time.perf_counter()
            await here.ask("feed.choose", shown_here=True)
            busy = await _pages(client, _until_read(connection))
            taken_s = time.perf_counter() - start
            rest = await _pages(client, _counted())
            client.close()
            assert await connection.fetchval(SQL["read_posts"]) == POSTS
        bare_s = await _bare(reader)
    finally:
        await connection.close()
    limit = Limit(bare_s, "the same rows, their stems known, by one INSERT into a table like it")
    report.figure("feed.index", taken_s, "s", limit=limit, target="5")
    quiet = Limit(_p95_ms(rest), "the same pages over the same posts once all is read")
    report.figure("feed.page_p95", _p95_ms(busy), "ms", limit=quiet, target="about as at rest")


async def _acquaint(one: NodeProcess, other: NodeProcess) -> None:
    for node, peer in ((one, other), (other, one)):
        status = await peer.ask("status")
        await node.ask("line.invite", invitation=status["invitation"])


async def _until(dsn: str, name: str, count: int) -> None:
    """Wait until a node's projector has brought so many posts."""
    connection = await connect(dsn)
    try:
        async with asyncio.timeout(READ_S):
            while await connection.fetchval(SQL[name]) < count:  # noqa: ASYNC110 - a table's state
                await asyncio.sleep(PAUSE_S)
    finally:
        await connection.close()


async def _counted() -> AsyncIterator[None]:
    for _ in range(QUESTIONS):
        yield


async def _until_read(connection: Connection[Record]) -> AsyncIterator[None]:
    async with asyncio.timeout(READ_S):
        while not await connection.fetchval(SQL["feeds_read"]):
            yield


async def _pages(client: Client, turns: AsyncIterator[Any]) -> list[float]:
    """Ask for the pages of a member in turn, and give how long each took."""
    taken: list[float] = []
    paths = itertools.cycle(PATHS)
    async with contextlib.aclosing(turns):  # type: ignore[type-var]
        async for _ in turns:
            start = time.perf_counter()
            await client.get(next(paths))
            taken.append(time.perf_counter() - start)
            await asyncio.sleep(PAUSE_S)
    return taken


def _p95_ms(taken: list[float]) -> float:
    return quantiles(taken, n=20)[-1] * 1000


async def _bare(folder: NodeFolder) -> float:
    """Give how long the database takes for the same rows when they are there already."""
    owner = await connect(folder.settings().database_owner)
    try:
        await owner.execute(SQL["bare_table"])
        start = time.perf_counter()
        await owner.execute(SQL["bare_rows"])
        return time.perf_counter() - start
    finally:
        await owner.close()
