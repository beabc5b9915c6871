"""Trades between two groups: two processes, two databases, real HTTP, all signed and on disk."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from federation.node.app import make_app
from federation.node.control import call
from federation.node.service import Node, running_node
from federation.node.settings import NodeFolder
from federation.node.statements import state_of
from federation.node.use_cases import Payment, invitation_of, pay_across
from schemas.cores import Fixed
from tests.benchmarks.limits import Limits
from tests.benchmarks.place import NodeProcess, Place, node_process
from tests.benchmarks.report import Limit, Report

PAYERS = 64
WARM_UP = 200
TRADES = 3_000
EVENTS_OF_A_TRADE = 4
GRANTS_UNITS = 10**13
WAIT_S = 60
PAUSE_S = 0.01


class Payers:
    """The members of a running node who pay members of another group."""

    def __init__(self, node: Node, group: str) -> None:
        """Take the payers' node, and the group that is paid."""
        self._node = node
        self._group = group
        self.paid_minor = 0

    async def rate(self, count: int) -> float:
        """Give settled trades a second while all payers pay; every one of them settles."""
        numbers = iter(range(count))
        start = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for payer in range(PAYERS):
                tasks.create_task(self._pay(payer, numbers), name="payer")
        return count / (time.perf_counter() - start)

    async def _pay(self, payer: int, numbers: Any) -> None:
        for number in numbers:
            payment = Payment(
                payer=f"{payer:03}",
                group=self._group,
                payee=f"{number * 13 % PAYERS:03}",
                fixed=Fixed.PAYEE,
                amount=number % 3 + 1,
                description="Brood en een potje confituur",
            )
            trade = await pay_across(self._node, payment, wait_s=WAIT_S)
            assert state_of(trade) == "settled", trade
            self.paid_minor += payment.amount


@contextlib.asynccontextmanager
async def served_node(folder: NodeFolder) -> AsyncIterator[Node]:
    """Run a node in this process, with its public HTTP."""
    async with running_node(folder) as node:
        runner = web.AppRunner(make_app(node), access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", node.settings.listen_port).start()
            yield node
        finally:
            await runner.cleanup()


@contextlib.asynccontextmanager
async def two_groups(place: Place) -> AsyncIterator[tuple[Payers, Node, NodeProcess]]:
    """Make two groups with an open line and members: one here, one as a process."""
    ours, theirs = await place.make_node(), await place.make_node()
    async with node_process(theirs) as (partner, _), served_node(ours) as node:
        name = theirs.settings().name
        status = await partner.ask("status")
        await call(node, "line.invite", {"invitation": status["invitation"]})
        await partner.ask("line.invite", invitation=invitation_of(node))
        terms = {"group": name, "grants_units": GRANTS_UNITS, "largest_units": GRANTS_UNITS}
        await call(node, "line.propose", terms)
        async with asyncio.timeout(WAIT_S):
            await _any_line(partner, "waits_for_us", value=True)
            await partner.ask("line.accept", group=ours.settings().name)
            await _any_line(node, "state", value="open")
        for number in range(PAYERS):
            member = {"code": f"{number:03}", "name": f"Lid {number:03}"}
            await call(node, "member.add", member)
            await partner.ask("member.add", **member)
        yield Payers(node, name), node, partner


async def _lines(node: Node | NodeProcess) -> Any:
    if isinstance(node, NodeProcess):
        return await node.ask("line.list")
    return await call(node, "line.list", {})


async def _any_line(node: Node | NodeProcess, name: str, *, value: object) -> None:
    """Wait until some line of the node says so; another process brings it about."""
    while not any(line[name] == value for line in await _lines(node)):  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(PAUSE_S)


async def settle(place: Place, limits: Limits, report: Report) -> None:
    """Measure `settle.direct.64`: a trade is settled when its receipt is in the payer's books."""
    async with two_groups(place) as (payers, node, partner):
        await payers.rate(WARM_UP)
        rate = await payers.rate(TRADES)
        await books_agree(payers, node, partner)
    limit = Limit(limits.events.value / EVENTS_OF_A_TRADE, "bare unnest of 4 events")
    report.figure("settle.direct.64", rate, "/s", limit=limit, target=">= 300/s")


async def books_agree(payers: Payers, node: Node, partner: NodeProcess) -> None:
    """Hold both groups' books against each other and against what was paid."""
    (ours,), (theirs,) = await _lines(node), await _lines(partner)
    assert ours["balance_units"] == -theirs["balance_units"] > 0
    for line in (ours, theirs):
        assert line["held_out_units"] == line["held_in_units"] == 0, line
    ledger = node.machine.books.ledger
    assert sum(ledger.balance(number.account) for number in ledger.accounts.values()) == 0
    accounts = await partner.ask("account.list")
    assert sum(account["balance_minor"] for account in accounts) == 0
    received = sum(a["balance_minor"] for a in accounts if a["kind"] == "member")
    given = -sum(ledger.balance(n) for n in node.machine.accounts_by_subject().values())
    assert received == given == payers.paid_minor
