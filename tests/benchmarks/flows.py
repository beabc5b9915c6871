"""The page of flows on an umbrella of 1,000 groups with 1,000,000 trades between them.

The node is a process of its own. Each period is asked for once for the figure: nothing of it is
in any memory then. The trades of three years lie in the tables as the mirror's sums would have left
them; the same seed makes the same.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from datetime import date
from importlib.resources import files
from statistics import quantiles
from typing import Any, Final

from events.queries import load_queries
from events.recovery import connect
from federation.node.service import now_s, running_node
from federation.umbrella.flows import Span, day_number, span_of
from federation.web.sessions import begin_session, cookie_name
from schemas.ids import line_id
from tests.benchmarks.pages import Client
from tests.benchmarks.place import NodeProcess, Place, node_process
from tests.benchmarks.posts import node_of
from tests.benchmarks.report import Limit, Report

SQL: Final = load_queries(files("tests.benchmarks").joinpath("flows.sql"))
FIGURES: Final = {"flows.page"}
GROUPS: Final = 1_000
LINES: Final = 5_000
TRADES: Final = 1_000_000
FIRST: Final = day_number(date(2024, 1, 1))
DAYS: Final = 3 * 365
CODE: Final = "001"
WARM_UP: Final = 20
ASKED: Final = 100
FILL_TIMEOUT_S: Final = 900
COLUMNS: Final = (
    "line",
    "node",
    "day",
    "paid_trades",
    "paid_units",
    "credited_trades",
    "credited_units",
)


async def flows(place: Place, report: Report) -> None:
    """Measure what the page takes."""
    folder = await place.make_umbrella()
    owner = await connect(folder.settings().database_owner)
    try:
        await _fill(owner)
    finally:
        await owner.close()
    async with running_node(folder) as node:
        await node_ask(node)
        account = node.machine.books.ledger.codes[CODE]
        token = await begin_session(node, (account, 0), "bench", now_s=now_s())
        cookie = f"{cookie_name(node)}={token}"
    async with node_process(folder) as (process, _):
        client = await _client(process, cookie)
        bare = Limit(await _p95_ms(client, ["/healthz"] * ASKED), "an empty answer")
        await _p95_ms(client, ["/flows?period=y0"] * WARM_UP)
        found = await _p95_ms(client, [f"/flows?period={period}" for period in periods()])
        report.figure("flows.page", found, "ms", limit=bare, target="below 50")
        client.close()


async def node_ask(node: Any) -> None:
    """Make an auditor."""
    from federation.node.control import call

    await call(node, "member.add", {"code": CODE, "name": "Auditor"})
    await call(node, "member.role", {"code": CODE, "role": "auditor"})


def periods() -> list[str]:
    """Name every month, quarter and year of the trades, and all of them."""
    days = range(FIRST, FIRST + DAYS)
    found = {(span, span_of(span, day).first) for span in Span for day in days}
    return ["all", *(f"{span.value}{first}" for span, first in sorted(found))]


async def _fill(owner: Any) -> None:
    """Write groups, lines, days and their sums."""
    chance = random.Random(20)
    groups = [node_of(number) for number in range(1, GROUPS + 1)]
    await owner.copy_records_to_table(
        "peer",
        columns=("node", "url", "name", "standing"),
        records=[(one, "http://127.0.0.1:1", f"LETS {one[:6]}", "registered") for one in groups],
    )
    pairs: set[tuple[str, str]] = set()
    while len(pairs) < LINES:
        lower, higher = sorted(chance.sample(groups, 2))
        pairs.add((lower, higher))
    lines = {pair: line_id(*pair, 0) for pair in sorted(pairs)}
    await owner.copy_records_to_table(
        "flow_line",
        columns=("line", "lower", "higher", "moved_units", "closed"),
        records=[(line, lower, higher, 0, False) for (lower, higher), line in lines.items()],
    )
    await owner.copy_records_to_table(
        "flow_rate",
        columns=("node", "day", "per_hour", "decimals"),
        records=[(one, FIRST, chance.choice((10, 20, 60)), 0) for one in groups],
    )
    await owner.copy_records_to_table(
        "flow_day", columns=COLUMNS, records=_days(chance, lines), timeout=FILL_TIMEOUT_S
    )
    for span, unit in ((b"m", "month"), (b"q", "quarter"), (b"y", "year")):
        await owner.execute(SQL["sum_days"], span, unit, timeout=FILL_TIMEOUT_S)
    await owner.execute(SQL["pair_sums"], timeout=FILL_TIMEOUT_S)
    await owner.execute(SQL["sum_pairs"], timeout=FILL_TIMEOUT_S)
    await owner.execute("VACUUM ANALYZE", timeout=FILL_TIMEOUT_S)


def _days(chance: random.Random, lines: dict[tuple[str, str], str]) -> list[tuple[Any, ...]]:
    """Make the trades, and sum them as both logs tell them."""
    pairs = list(lines)
    trades: Counter[tuple[str, str, int]] = Counter()
    for _ in range(TRADES):
        lower, higher = pairs[int(len(pairs) * chance.random() ** 2)]
        payer, payee = (lower, higher) if chance.random() < 0.5 else (higher, lower)
        trades[payer, payee, FIRST + chance.randrange(DAYS)] += 1
    sums: dict[tuple[str, str, int], list[int]] = {}
    for (payer, payee, day), count in trades.items():
        line = lines[min(payer, payee), max(payer, payee)]
        units = count * chance.randrange(90_000, 1_440_000)
        for node, at in ((payer, 0), (payee, 2)):
            row = sums.setdefault((line, node, day), [0, 0, 0, 0])
            row[at] += count
            row[at + 1] += units
    return [(*key, *row) for key, row in sums.items()]


async def _client(node: NodeProcess, cookie: str) -> Client:
    port = node.folder.settings().listen_port
    return Client(*await asyncio.open_connection("127.0.0.1", port), cookie)


async def _p95_ms(client: Client, paths: list[str]) -> float:
    """Give the time that all but one page in twenty stay below."""
    taken = []
    for path in paths:
        start = time.perf_counter()
        await client.get(path)
        taken.append(time.perf_counter() - start)
    return quantiles(taken, n=20)[-1] * 1000
