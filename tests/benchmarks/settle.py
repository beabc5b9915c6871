"""Trades between two groups: two processes, two databases, real HTTP, all signed and on disk."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import statistics
import time
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from aiohttp import web

from federation.node.app import make_app
from federation.node.control import call
from federation.node.payment_use_cases import Payment, pay_across
from federation.node.run import seldom_collected
from federation.node.service import Node, running_node
from federation.node.settings import NodeFolder
from federation.node.use_cases import invitation_of
from projections.trade_state import trade_state
from schemas.amounts import LINE_UNITS_PER_HOUR, Rate, Unit, to_minor
from schemas.cores import Fixed
from schemas.terms import HOURS_GRANTED_MAX
from tests.benchmarks.limits import Limits
from tests.benchmarks.place import NodeProcess, Place, node_process, processor_s
from tests.benchmarks.report import Limit, Report
from tests.federation.world.accepting import accept_terms

MEMBERS = 256
TRADES = {1: 150, 4: 500, 16: 1_500, 64: 4_000, 256: 5_000}
FIGURES = (
    *(f"settle.direct.{payers}" for payers in TRADES),
    "settle.p99_at_100",
    "settle.rates_1_5",
)
WARM_UP = 500
EVENTS_OF_A_TRADE = 4
SIGNATURES_OF_A_TRADE = 5
VERIFICATIONS_OF_A_TRADE = 5
COMMITS_IN_A_ROW = 5
EXCHANGES_IN_A_ROW = 2
OFFERED_A_SECOND = 100
OFFERED_S = 15
TRADES_AT_RATES = 10_000
PAYERS_AT_RATES = 64
UNIT_AT_RATES = Unit(singular="uur", plural="uren", rate=Rate(30))
GRANTS_UNITS = HOURS_GRANTED_MAX * LINE_UNITS_PER_HOUR
WAIT_S = 60
PAUSE_S = 0.01


class Payers:
    """The members of a running node who pay members of another group."""

    def __init__(self, node: Node, group: str) -> None:
        """Take the payers' node, and the group that is paid."""
        self._node = node
        self._group = group
        self._numbers = itertools.count()
        self.given_minor = 0
        self.received_minor = 0

    async def rate(self, trades: int, payers: int) -> float:
        """Give settled trades a second while so many pay, one trade after the other each."""
        left = iter(range(trades))

        async def pay_on(payer: int) -> None:
            for _ in left:
                await self._pay(payer)

        start = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for payer in range(payers):
                tasks.create_task(pay_on(payer), name="payer")
        return trades / (time.perf_counter() - start)

    async def waits_ms(self, trades: int, a_second: int) -> list[float]:
        """Begin trades at a steady rate, whatever becomes of them; gives how long each took."""
        loop, waits = asyncio.get_running_loop(), []
        start = loop.time()

        async def pay_at(number: int) -> None:
            due = start + number / a_second
            await asyncio.sleep(max(0.0, due - loop.time()))
            await self._pay(number % MEMBERS)
            waits.append(1_000 * (loop.time() - due))

        async with asyncio.TaskGroup() as tasks:
            for number in range(trades):
                tasks.create_task(pay_at(number), name="payer")
        return waits

    async def _pay(self, payer: int) -> None:
        """Pay one trade and see it settled."""
        number = next(self._numbers)
        payment = Payment(
            payer=f"{payer:03}",
            group=self._group,
            payee=f"{number * 13 % MEMBERS:03}",
            fixed=Fixed.PAYEE,
            amount=number % 3 + 1,
            description="Brood en een potje confituur",
        )
        trade = await pay_across(self._node, payment, wait_s=WAIT_S)
        assert trade_state(trade) == "settled", trade
        self.given_minor += trade.payer_minor
        self.received_minor += trade.payee_minor


@contextlib.asynccontextmanager
async def served_node(folder: NodeFolder) -> AsyncIterator[Node]:
    """Run a node in this process, with its public HTTP, as `ruilbrug node run` does."""
    async with running_node(folder) as node:
        runner = web.AppRunner(make_app(node), access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", node.settings.listen_port).start()
            with seldom_collected():
                yield node
        finally:
            await runner.cleanup()


class Groups(NamedTuple):
    """Two groups with an open line: one node in this process, one in another."""

    payers: Payers
    node: Node
    partner: NodeProcess
    pids: tuple[int, ...]
    """Both nodes and the database server."""


@contextlib.asynccontextmanager
async def two_groups(place: Place, unit: Unit | None = None) -> AsyncIterator[Groups]:
    """Make two groups with an open line and members; `unit` is that of the payees."""
    ours = await place.make_node()
    theirs = await (place.make_node() if unit is None else place.make_node(unit))
    async with node_process(theirs) as (partner, _), served_node(ours) as node:
        name = theirs.settings().name
        status = await partner.ask("status")
        await call(node, "line.invite", {"invitation": status["invitation"]})
        await partner.ask("line.invite", invitation=invitation_of(node))
        terms = {"group": name, "grants_units": GRANTS_UNITS, "largest_units": GRANTS_UNITS}
        await call(node, "line.propose", terms)
        async with asyncio.timeout(WAIT_S):
            await _any_line(partner, "waits_for_us", value=True)
            await accept_terms(partner, ours.settings().name)
            await _any_line(node, "state", value="open")
        for number in range(MEMBERS):
            member = {"code": f"{number:03}", "name": f"Lid {number:03}"}
            await call(node, "member.add", member)
            await partner.ask("member.add", **member)
        pids = (os.getpid(), partner.pid, place.server.pid)
        yield Groups(Payers(node, name), node, partner, pids)


async def _lines(node: Node | NodeProcess) -> Any:
    if isinstance(node, NodeProcess):
        return await node.ask("line.list")
    return await call(node, "line.list", {})


async def _any_line(node: Node | NodeProcess, name: str, *, value: object) -> None:
    """Wait until some line of the node says so; another process brings it about."""
    while not any(line[name] == value for line in await _lines(node)):  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(PAUSE_S)


async def settle(place: Place, limits: Limits, report: Report, names: set[str]) -> None:
    """Measure what was named; a trade is settled when its receipt is in the payer's books."""
    if names & set(FIGURES[:-1]):
        async with two_groups(place) as groups:
            await groups.payers.rate(WARM_UP, MEMBERS)
            for payers, trades in TRADES.items():
                if f"settle.direct.{payers}" in names:
                    await _direct(groups, limits, report, payers, trades)
            if "settle.p99_at_100" in names:
                await _offered(groups, limits, report)
            await books_agree(groups)
    if "settle.rates_1_5" in names:
        async with two_groups(place, UNIT_AT_RATES) as groups:
            rate = await groups.payers.rate(TRADES_AT_RATES, PAYERS_AT_RATES)
            await books_agree(groups)
        report.figure("settle.rates_1_5", rate, "/s", limit=_written(limits), target="books mirror")


def _written(limits: Limits) -> Limit:
    return Limit(limits.events.value / EVENTS_OF_A_TRADE, "bare unnest of 4 events")


async def _direct(groups: Groups, limits: Limits, report: Report, payers: int, trades: int) -> None:
    """Measure `settle.direct.N`, and what a trade costs the processors of all three programs."""
    before = processor_s(groups.pids)
    rate = await groups.payers.rate(trades, payers)
    cost_ms = 1_000 * (processor_s(groups.pids) - before) / trades
    commits = Limit(limits.commits.value / COMMITS_IN_A_ROW, "5 commits in a row")
    limit = _written(limits) if payers > 1 else commits
    target = ">= 800/s, aim 1,500" if payers == 64 else ""
    report.figure(f"settle.direct.{payers}", rate, "/s", limit=limit, target=target)
    bare_ms = 1_000 * (
        SIGNATURES_OF_A_TRADE / limits.signatures.value
        + VERIFICATIONS_OF_A_TRADE / limits.verifications.value
    )
    bare = Limit(bare_ms, "its bare Ed25519")
    report.figure(f"settle.processor.{payers}", cost_ms, "ms", limit=bare)


async def _offered(groups: Groups, limits: Limits, report: Report) -> None:
    """Measure `settle.p99_at_100`: from when a trade is offered until it is settled."""
    waits = await groups.payers.waits_ms(OFFERED_A_SECOND * OFFERED_S, OFFERED_A_SECOND)
    hundredths = statistics.quantiles(waits, n=100)
    bare_ms = 1_000 * (
        COMMITS_IN_A_ROW / limits.commits.value + EXCHANGES_IN_A_ROW / limits.exchanges.value
    )
    bare = Limit(bare_ms, "5 commits and 2 bare exchanges in a row")
    report.figure("settle.p50_at_100", hundredths[49], "ms", limit=bare)
    report.figure("settle.p99_at_100", hundredths[98], "ms", limit=bare, target="< 250 ms")


async def books_agree(groups: Groups) -> None:
    """Hold both groups' books against each other and against what was paid."""
    payers, node, partner, _ = groups
    (ours,), (theirs,) = await _lines(node), await _lines(partner)
    assert ours["balance_units"] == -theirs["balance_units"] > 0
    for line in (ours, theirs):
        assert line["held_out_units"] == line["held_in_units"] == 0, line
    ledger = node.machine.books.ledger
    assert sum(ledger.balance(number.account) for number in ledger.accounts.values()) == 0
    given = -sum(ledger.balance(n) for n in node.machine.accounts_by_subject().values())
    assert given == payers.given_minor
    (line,) = node.machine.books.lines.values()
    assert line.terms is not None
    clearing = to_minor(line.balance_units, line.terms.side(line.us).rate)
    assert ledger.balance(line.clearing) == clearing

    accounts = await partner.ask("account.list")
    assert sum(account["balance_minor"] for account in accounts) == 0
    received = sum(a["balance_minor"] for a in accounts if a["kind"] == "member")
    assert received == payers.received_minor
    clearing = to_minor(-line.balance_units, line.terms.other(line.us).rate)
    assert [a["balance_minor"] for a in accounts if a["kind"] == "clearing"] == [clearing]
