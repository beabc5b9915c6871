"""What this machine can do at best, measured in the same run: the other half of every figure."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from asyncpg import Connection, Record
from nacl.bindings import crypto_sign, crypto_sign_keypair, crypto_sign_open

from events.migrations import migrate, read_migrations
from events.queries import load_queries
from events.recovery import connect
from tests.benchmarks.place import Place
from tests.benchmarks.report import Limit, Report
from tests.ports import free_port

SQL = load_queries(Path(__file__).with_name("limits.sql"))
DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")
MEASURED_S = 1.5
START_S = 20
PAUSE_S = 0.02
MESSAGE_BYTES = 400
BATCH = 256
BATCHES = 80
WARM_BATCHES = 8
ACCOUNTS = 300
CORE_BYTES, BODY_BYTES, SEALED_BYTES = 330, 390, 120  # as a transfer with a description has them
BARE = """
import aiohttp, asyncpg, msgspec, structlog, click
from cryptography.hazmat.primitives.asymmetric import ed25519
print([s.split()[1] for s in open("/proc/self/status") if s.startswith("VmRSS")][0])
"""

ECHO = """
import sys
from aiohttp import web
async def echo(request):
    return web.Response(body=await request.read())
app = web.Application(client_max_size=2**20)
app.add_routes([web.post("/", echo)])
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
"""
EXCHANGE_BYTES = 32 * 900


class Limits(NamedTuple):
    """The limits of one run."""

    commits: Limit
    """Transactions a second of one connection, each changing one row."""
    signatures: Limit
    verifications: Limit
    events: Limit
    """Events a second when all rows of transfers are ready and only have to be written."""
    exchanges: Limit
    """Requests a second of one caller to an empty handler of another process, each 32 events."""
    bare_start_s: Limit
    """Seconds until a process with the same libraries is there."""
    bare_bytes: Limit
    """What that process holds in memory."""


async def measure(place: Place, report: Report) -> Limits:
    """Measure and print all limits."""
    owner_dsn, dsn = await place.database()
    owner = await connect(owner_dsn)
    try:
        for name in DURABILITY:
            report.fact(f"postgres.{name}", str(await owner.fetchval(SHOW[name])))
        commits = await _commits(owner)
        role = dsn.partition("://")[2].partition("@")[0]
        migrations = read_migrations(files("federation.node").joinpath("migrations"))
        await migrate(owner, migrations, runtime_role=role)
        events = await _events(owner)
    finally:
        await owner.close()
    public, secret = crypto_sign_keypair()
    message = random.Random(1).randbytes(MESSAGE_BYTES)
    signed = crypto_sign(message, secret)
    start_s, resident = await _bare_process()
    limits = Limits(
        Limit(commits, "commits a second"),
        Limit(_a_second(lambda: crypto_sign(message, secret)), "bare signatures"),
        Limit(_a_second(lambda: crypto_sign_open(signed, public)), "bare verifications"),
        Limit(events, "bare unnest"),
        Limit(await _exchanges(), "bare exchanges"),
        Limit(start_s, "bare process"),
        Limit(resident, "bare process"),
    )
    report.figure("limit.commits", commits, "/s")
    report.figure("limit.signatures", limits.signatures.value, "/s")
    report.figure("limit.verifications", limits.verifications.value, "/s")
    report.figure("limit.events", events, "/s")
    report.figure("limit.exchanges", limits.exchanges.value, "/s")
    return limits


SHOW = {
    "fsync": "SHOW fsync",
    "synchronous_commit": "SHOW synchronous_commit",
    "full_page_writes": "SHOW full_page_writes",
}


def _a_second(work: Callable[[], object]) -> float:
    """Count how often work is done in a second of one processor, whoever else uses it."""
    done, start = 0, time.process_time()
    while (taken_s := time.process_time() - start) < MEASURED_S:
        for _ in range(100):
            work()
        done += 100
    return done / taken_s


async def _commits(connection: Connection[Record]) -> float:
    await connection.execute(SQL["one_row"])
    await connection.execute(SQL["first_row"])
    count_up = await connection.prepare(SQL["count_up"])
    done, start = 0, time.perf_counter()
    while (taken_s := time.perf_counter() - start) < MEASURED_S:
        await count_up.fetch()
        done += 1
    return done / taken_s


async def _events(connection: Connection[Record]) -> float:
    await connection.execute(SQL["accounts"], ACCOUNTS)
    chance = random.Random(2)
    batches = [_made_up_batch(chance, at * BATCH) for at in range(BATCHES + WARM_BATCHES)]
    for batch in batches[:WARM_BATCHES]:
        await _write(connection, batch)
    start = time.perf_counter()
    for batch in batches[WARM_BATCHES:]:
        await _write(connection, batch)
    return BATCHES * BATCH / (time.perf_counter() - start)


async def _write(connection: Connection[Record], batch: dict[str, tuple[Any, ...]]) -> None:
    async with connection.transaction():
        for name, columns in batch.items():
            await connection.execute(SQL[name], *columns)


def _made_up_batch(chance: random.Random, start: int) -> dict[str, tuple[Any, ...]]:
    """Give the columns of one batch for each statement; random bytes, real sizes."""
    bytes_of = chance.randbytes
    seqs = list(range(start, start + BATCH))
    twice = [seq for seq in seqs for _ in range(2)]
    members = list(range(1, ACCOUNTS + 1))
    accounts = [account for _ in seqs for account in chance.sample(members, 2)]
    moved = sorted(set(accounts))

    def many(size: int, count: int = BATCH) -> list[bytes]:
        return [bytes_of(size) for _ in range(count)]

    return {
        "events": (seqs, many(32), many(CORE_BYTES), many(64), many(BODY_BYTES), many(32)),
        "texts": (
            twice,
            many(32, len(twice)),
            many(16, len(twice)),
            ["personal"] * len(twice),
            many(SEALED_BYTES, len(twice)),
        ),
        "postings": (accounts, twice, [0, 1] * BATCH, [-5, 5] * BATCH, twice, twice),
        "balances": (moved, moved),
        "keys": (many(16), many(32), seqs),
    }


async def _exchanges() -> float:
    """Post what an exchange weighs to a process that gives it back, one after the other."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", ECHO, str(port))
    body, url = bytes(EXCHANGE_BYTES), f"http://127.0.0.1:{port}/"
    try:
        async with aiohttp.ClientSession() as session:

            async def post() -> None:
                async with session.post(url, data=body) as answer:
                    assert await answer.read() == body

            async with asyncio.timeout(START_S):
                while True:
                    with contextlib.suppress(aiohttp.ClientConnectionError):
                        await post()
                        break
                    await asyncio.sleep(PAUSE_S)
            done, start = 0, time.perf_counter()
            while (taken_s := time.perf_counter() - start) < MEASURED_S:
                await post()
                done += 1
            return done / taken_s
    finally:
        process.terminate()
        await process.wait()


async def _bare_process() -> tuple[float, int]:
    """Start a process that only imports; gives the best of three, and its memory."""
    best_s, resident = float("inf"), 0
    for _ in range(3):
        start = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", BARE, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()
        best_s = min(best_s, time.perf_counter() - start)
        resident = int(said) * 1024
    return best_s, resident
