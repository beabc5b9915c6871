"""The umbrella's audit: from the start without and with signatures, for many groups, going on.

Each measurement runs in a process of its own, bound to the cores that it may use; PostgreSQL has
the others.
"""

from __future__ import annotations

import asyncio
import os
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context
from typing import NamedTuple

import asyncpg
from nacl.bindings import crypto_sign, crypto_sign_keypair, crypto_sign_open

from events.merkle import HASH_SIZE
from events.recovery import connect
from events.signature_batches import Batch
from federation.umbrella import auditing
from federation.umbrella.verifiers import Verifiers, that_fit
from tests.benchmarks.limits import MEASURED_S, MESSAGE_BYTES, Limits
from tests.benchmarks.mirrored import Pair, fill, store
from tests.benchmarks.place import Place, resident_bytes
from tests.benchmarks.report import Limit, Report

FIGURES = frozenset({"audit.hashes", "audit.signatures", "audit.100_groups", "audit.keeping_up"})
MEGABYTE = 1_000_000
GROUPS = 100
EVENTS = 100_000
SIGNED_EVENTS = 60_000
SIZES = (10_000, 100_000, 1_000_000)
PROCESSES_MAX = 8
CORE_BYTES = 320  # on average, of local events and trades
HASHED = 50_000
START_S = 2
NEW_TRADES = 25
ROUNDS = 5
SIGNED_ROUNDS = 3


class Measured(NamedTuple):
    """How many events an audit read, the time it took, and the most memory it held.

    `busy_s` is that of the processes beside it too.
    """

    events: int
    taken_s: float
    busy_s: float
    held_bytes: int

    def rate(self) -> float:
        """Give events a second."""
        return self.events / self.taken_s

    def core_rate(self) -> float:
        """Give events a second of one core, whoever else uses it, as the limits are counted."""
        return self.events / self.busy_s


def _busy_s() -> float:
    beside = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + beside.ru_utime + beside.ru_stime


async def _from_the_start(dsn: str, *, signatures: bool) -> Measured:
    pool = await asyncpg.create_pool(dsn, min_size=1, max_size=2)
    async with pool:
        rows = await pool.fetch("SELECT DISTINCT node FROM mirror_event WHERE seq = 0")
        start, busy_s = time.perf_counter(), _busy_s()
        audit, altered = await auditing.from_the_start(
            pool,
            sorted(row["node"] for row in rows),
            signatures=signatures,
            processes=that_fit(PROCESSES_MAX),
        )
        taken_s, busy_s = time.perf_counter() - start, _busy_s() - busy_s
    assert not altered
    assert not [one for one in audit.findings(0) if one.severity != "alarm"]
    return Measured(audit.events(), taken_s, busy_s, resident_bytes(field="VmHWM"))


def _measure(dsn: str, cores: int, signatures: bool) -> Measured:
    mine = sorted(os.sched_getaffinity(0))[:cores]
    os.sched_setaffinity(0, mine)
    return asyncio.run(_from_the_start(dsn, signatures=signatures))


async def _apart(dsn: str, *, cores: int, signatures: bool = False) -> Measured:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(processes, _measure, dsn, cores, signatures)


async def _mirror(place: Place, pairs: int, events: int, *, signed: bool = False) -> str:
    """Fill the mirror of an umbrella with logs; gives its database."""
    folder = await place.make_node()
    dsn = folder.settings().database
    connection = await connect(dsn)
    try:
        for seed in range(pairs):
            await fill(connection, Pair(seed, signed=signed), events)
    finally:
        await connection.close()
    return dsn


async def audit(place: Place, limits: Limits, report: Report, names: set[str]) -> None:
    """Measure what was named."""
    if "audit.hashes" in names:
        dsn = await _mirror(place, 1, EVENTS)
        best = max([await _apart(dsn, cores=1) for _ in range(ROUNDS)], key=Measured.core_rate)
        bare = Limit(_bare_hashes(), "its bare hashes")
        target = ">= 100,000/s; aim 150,000/s"
        report.figure("audit.hashes", best.core_rate(), "/s", limit=bare, target=target)
        report.figure("audit.hashes.wall", best.rate(), "/s")
    if "audit.signatures" in names:
        await _signatures(place, limits, report)
    if "audit.keeping_up" in names:
        await _keeping_up(place, report)
    if "audit.100_groups" in names:
        dsn = await _mirror(place, GROUPS // 2, EVENTS)
        done = await _apart(dsn, cores=1)
        held = done.held_bytes / MEGABYTE
        report.figure("audit.100_groups", held, "MB", target="< 300 MB")
        report.figure("audit.100_groups.rate", done.core_rate(), "/s")


async def _signatures(place: Place, limits: Limits, report: Report) -> None:
    """Measure an audit with every signature, on one core and on two, beside bare verification."""
    dsn = await _mirror(place, 1, SIGNED_EVENTS, signed=True)
    bare = limits.verifications
    alone = [await _apart(dsn, cores=1, signatures=True) for _ in range(SIGNED_ROUNDS)]
    rate = max(alone, key=Measured.core_rate).core_rate()
    report.figure("audit.signatures", rate, "/s", limit=bare, target="ratio >= 0.75")
    report.figure("limit.verifications.both", await _bare_on_both(), "/s", limit=bare)
    done = [await _apart(dsn, cores=2, signatures=True) for _ in range(SIGNED_ROUNDS)]
    both = max(done, key=Measured.rate)
    one = Limit(max(alone, key=Measured.rate).rate(), "on one core")
    report.figure("audit.signatures.both", both.rate(), "/s", limit=one, target="ratio >= 1.7")
    report.figure("audit.signatures.bare", both.rate(), "/s", limit=bare)
    each = max(done, key=Measured.core_rate).core_rate()
    report.figure("audit.signatures.each", each, "/s", limit=bare)
    start = time.perf_counter()
    async with Verifiers(1) as verifiers:
        await verifiers.first_wrong(Batch([], [], []))
        taken_s = time.perf_counter() - start
    report.figure("audit.signatures.start", taken_s * 1000, "ms")


def _bare_hashes() -> float:
    """Give the events a second when each is hashed with the root behind it, and nothing else."""
    hashes = sum(size.bit_count() for size in range(EVENTS)) / EVENTS
    return 1 / (1 / _hashed(1 + CORE_BYTES) + hashes / _hashed(1 + 2 * HASH_SIZE))


def _hashed(size: int) -> float:
    """Count hashes of so many bytes in a second of one core, whoever else uses it; best of some."""
    data, best_s = bytes(size), float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(HASHED):
            sha256(data).digest()
        best_s = min(best_s, time.process_time() - start)
    return HASHED / best_s


async def _bare_on_both() -> float:
    """Give the verifications a second of two processes that do nothing else."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        loop = asyncio.get_running_loop()
        until_s = time.time() + START_S
        pair = (loop.run_in_executor(processes, _verify_from, until_s) for _ in range(2))
        return sum(await asyncio.gather(*pair))


def _verify_from(start_s: float) -> float:
    """Verify as often as it goes for a while from a moment on; gives how often a second."""
    public, secret = crypto_sign_keypair()
    signed = crypto_sign(bytes(MESSAGE_BYTES), secret)
    while time.time() < start_s:
        pass
    done, start = 0, time.perf_counter()
    while (taken_s := time.perf_counter() - start) < MEASURED_S:
        crypto_sign_open(signed, public)
        done += 1
    return done / taken_s


async def _keeping_up(place: Place, report: Report) -> None:
    """Measure what the same few new events cost behind logs of ten thousand to a million."""
    for size in SIZES:
        folder = await place.make_node()
        connection = await connect(folder.settings().database)
        pool = await asyncpg.create_pool(folder.settings().database, min_size=1, max_size=2)
        pair = Pair(size, signed=False)
        await fill(connection, pair, size)
        nodes = [group.node for group in pair.groups]
        await auditing.go_on(pool, nodes)
        best_s = float("inf")
        for _ in range(ROUNDS):
            for _ in range(NEW_TRADES):
                pair.trade()
            await store(connection, pair)
            start = time.perf_counter()
            await auditing.go_on(pool, nodes)
            best_s = min(best_s, time.perf_counter() - start)
        await pool.close()
        await connection.close()
        report.figure(f"audit.keeping_up.{size}", best_s * 1000, "ms")
