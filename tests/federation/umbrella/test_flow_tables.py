"""The tables hold what both logs say, entry by entry as they come or all at once."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from random import Random
from typing import Any

import pytest

from federation.node.patience import connection_in_time
from federation.node.service import Node, now_s
from federation.umbrella import flow_reports, flow_tables, flow_views
from federation.umbrella.flow_counting import Why
from federation.umbrella.flow_reports import Claimed
from federation.umbrella.flow_tables import of
from federation.umbrella.flow_views import Chosen, FollowedLog
from federation.umbrella.flows import Span, calendar_day, day_of, span_of
from federation.umbrella.mirror import pull
from schemas.amounts import LINE_UNITS_PER_HOUR, Rate
from schemas.encoding import b64
from tests.federation.umbrella.extremes import KINDS, Extremes
from tests.federation.umbrella.forging import Forgery
from tests.federation.umbrella.traded import Federation, make_federation
from tests.federation.world.conftest import World

HOUR = LINE_UNITS_PER_HOUR
TODAY = day_of(now_s())
YEAR = str(calendar_day(TODAY).year)
READ = {
    "flow_progress": "SELECT * FROM flow_progress",
    "flow_day": "SELECT * FROM flow_day",
    "flow_sum": "SELECT * FROM flow_sum",
    "flow_milestone": "SELECT * FROM flow_milestone",
    "flow_pair": "SELECT * FROM flow_pair",
    "flow_turnover": "SELECT * FROM flow_turnover",
    "flow_line": "SELECT * FROM flow_line",
    "flow_rate": "SELECT * FROM flow_rate",
    "flow_aside": "SELECT * FROM flow_aside",
}
FORGET = (
    "DELETE FROM flow_progress",
    "DELETE FROM flow_day",
    "DELETE FROM flow_sum",
    "DELETE FROM flow_milestone",
    "DELETE FROM flow_pair",
    "DELETE FROM flow_turnover",
    "DELETE FROM flow_line",
    "DELETE FROM flow_rate",
    "DELETE FROM flow_aside",
)


@pytest.fixture
async def federation(world: World) -> Federation:
    return await make_federation(world)


def this_month() -> Chosen:
    return Chosen(span=Span.MONTH, period=span_of(Span.MONTH, day_of(now_s())))


async def content(node: Node) -> dict[str, list[str]]:
    """Give everything that the tables hold."""
    found = {}
    for table, query in READ.items():
        rows = await node.pool.fetch(query)
        found[table] = sorted(json.dumps(dict(row), default=bytes.hex) for row in rows)
    return found


async def test_flows_are_what_the_audit_says(federation: Federation) -> None:
    await federation.pay(federation.alfa, 30)
    await federation.pay(federation.alfa, 10)
    await federation.pay(federation.beta, 60)

    report = await federation.followed()

    found = await flow_views.flows(federation.umbrella.node, Chosen())
    (line,) = report["lines"]
    expected = {(f["payer"], f["payee"], f["trades"], f["settled_units"]) for f in line["flows"]}
    assert {(f.payer, f.payee, f.trades, f.units) for f in found} == expected
    assert found == await flow_views.flows(federation.umbrella.node, this_month())
    (standing,), more = await flow_views.lines(federation.umbrella.node, now_s=now_s())
    assert not more
    owes = {line["lower"]: line["owes_units"], line["higher"]: -line["owes_units"]}
    assert standing.stand.owed_units == owes[standing.stand.debtor] > 0
    assert standing.stand.limit_units == 20 * HOUR
    assert standing.stand.oldest_day == day_of(now_s())


class Meanwhile:
    """A connection; behind its first answer somebody else sums a trade, as the mirror's task does.

    What groups gave doubles in all tables at once.
    """

    def __init__(self, connection: Any, node: Node) -> None:
        self._connection, self._node, self._again = connection, node, True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def fetchrow(self, *asked: Any) -> Any:
        return await self._then(await self._connection.fetchrow(*asked))

    async def fetch(self, *asked: Any) -> Any:
        return await self._then(await self._connection.fetch(*asked))

    async def _then(self, answer: Any) -> Any:
        if self._again:
            self._again = False
            async with self._node.pool.acquire() as other, other.transaction():
                await other.execute("UPDATE flow_pair SET units = 2 * units")
                await other.execute(
                    "UPDATE flow_turnover SET gave_units = 2 * gave_units,"
                    " got_units = 2 * got_units"
                )
        return answer


async def test_a_picture_shows_one_moment_while_trades_are_summed(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await federation.pay(federation.alfa, 30)
    await federation.pay(federation.beta, 60)
    await federation.followed()
    node = federation.umbrella.node
    before = await flow_views.outline(node, Chosen(), groups_max=7)

    @contextlib.asynccontextmanager
    async def meanwhile(pool: Any) -> AsyncIterator[Meanwhile]:
        async with connection_in_time(pool) as connection:
            yield Meanwhile(connection, node)

    monkeypatch.setattr(flow_views, "connection_in_time", meanwhile)
    shown = await flow_views.outline(node, Chosen(), groups_max=7)

    assert shown == before
    assert sum(units for _, _, units in shown.given) == shown.units > 0


async def test_new_entries_add_up_to_what_the_whole_log_says(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = federation.umbrella.node
    await federation.pay(federation.alfa, 30)
    await federation.followed()
    await federation.pay(federation.beta, 60)
    await federation.followed()
    step_by_step = await content(node)

    for query in FORGET:
        await node.pool.execute(query)
    monkeypatch.setattr(flow_tables, "PAGE", 3)
    await of(node).catch_up()

    assert await content(node) == step_by_step
    assert len(step_by_step["flow_day"]) == 2


async def test_a_page_shows_what_came_in_since_it_was_looked_at(federation: Federation) -> None:
    node = federation.umbrella.node
    await federation.pay(federation.alfa, 30)
    await federation.followed()
    before = await flow_views.flows(node, Chosen())

    await federation.pay(federation.alfa, 30)
    await federation.followed()

    assert [flow.trades for flow in before] == [1]
    assert [flow.trades for flow in await flow_views.flows(node, Chosen())] == [2]


async def test_the_course_of_a_group_ends_where_its_lines_stand(federation: Federation) -> None:
    node = federation.umbrella.node
    paid = await federation.pay(federation.alfa, 30)
    await federation.followed()

    alfa = await flow_views.course(node, federation.alfa.node.id, now_s=now_s())
    beta = await flow_views.course(node, federation.beta.node.id, now_s=now_s())

    assert alfa.net_units[-1] == -paid["line_units"] == -beta.net_units[-1]
    assert alfa.net_units[:-1] == (0,) * 23
    assert alfa.may_owe_units[-1] == beta.may_be_owed_units[-1] == 20 * HOUR
    assert alfa.may_owe_units[0] == 0
    named = await flow_views.groups(node)
    assert named[federation.beta.node.id].rate == Rate(60, 0)


async def test_what_a_silent_group_has_not_shown_is_on_its_way(federation: Federation) -> None:
    node = federation.umbrella.node
    paid = await federation.pay(federation.alfa, 30)
    await federation.beta.stop()
    await federation.umbrella.ask("audit.report")
    await of(node).catch_up()
    late = now_s() + 2 * 86_400

    logs = await flow_views.followed(node, await flow_views.groups(node))

    assert await flow_views.flows(node, Chosen()) == ()
    assert logs[0].name == "beta"
    assert logs[0].pulled_at_s == 0
    assert logs[0].silent(late)
    assert await flow_views.lags(node) == []  # beta's half of the terms is not known either
    await federation.beta.open()
    await federation.followed()
    assert [f.units for f in await flow_views.flows(node, Chosen())] == [paid["line_units"]]


async def test_what_was_paid_and_not_credited_is_a_lag(federation: Federation) -> None:
    node, beta = federation.umbrella.node, federation.beta.node.id
    paid = await federation.pay(federation.alfa, 30)
    await federation.followed()
    assert await flow_views.lags(node) == []

    await node.pool.execute("DELETE FROM flow_day WHERE node = $1", beta)
    await node.pool.execute("DELETE FROM flow_sum WHERE node = $1", beta)

    (lag,) = await flow_views.lags(node)
    assert (lag.payer, lag.payee) == (federation.alfa.node.id, beta)
    assert (lag.units, lag.since_day) == (paid["line_units"], day_of(now_s()))
    (standing,), _ = await flow_views.lines(node, now_s=now_s())
    assert standing.on_its_way_units == lag.units


async def logs_of(node: Node) -> list[FollowedLog]:
    return await flow_views.followed(node, await flow_views.groups(node))


async def test_whatever_one_group_signs_the_sums_of_others_go_on(federation: Federation) -> None:
    node, alfa, beta = federation.umbrella.node, federation.alfa, federation.beta
    await federation.pay(alfa, 30)
    await federation.followed()
    forgery = await Forgery.read(alfa)
    (line,) = {core.line for core, _ in forgery.logs[alfa.node.id] if hasattr(core, "line")}
    make = Extremes(Random(3), [alfa.node.id, beta.node.id])
    for at in range(200):
        kind = KINDS[at % len(KINDS)]
        forgery.append(alfa.node, kind, **make.fields(kind, line))
    await forgery.plant()

    paid = await federation.pay(alfa, 10)  # credited in the log of beta
    await federation.followed()

    told = {row.node: row for row in await logs_of(node)}
    assert {row.stopped_at for row in told.values()} == {None}
    assert told[beta.node.id].asides == ()
    (aside,) = told[alfa.node.id].asides
    assert (aside.why, aside.entries > 20) == (Why.TOO_MUCH, True)
    received = [
        flow for flow in await flow_views.flows(node, Chosen()) if flow.payer == alfa.node.id
    ]
    assert [flow.trades for flow in received] == [2]
    assert received[0].units > paid["line_units"]
    for name in (YEAR, "2026-Q3", "8999"):
        made = await flow_reports.report(node, name)
        assert made.report.aside == (aside,)
        assert b"not counted" in made.table
        claimed = Claimed(period=name, logs=made.report.logs)
        anew = await flow_reports.made_anew(node, claimed)
        assert anew.json_digest == b64(sha256(made.json).digest())
        assert made.packed()
    await flow_views.lines(node, now_s=now_s())
    await flow_views.course(node, alfa.node.id, now_s=now_s())
    await flow_views.lags(node)
    assert max(first for _, first in await flow_views.spans(node, today=TODAY)) <= TODAY


async def test_a_log_that_cannot_be_summed_stands_still_alone_and_is_told(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, alfa, beta = federation.umbrella.node, federation.alfa.node.id, federation.beta.node.id
    await federation.pay(federation.alfa, 30)
    await federation.followed()
    (beta_before,) = [row for row in await logs_of(node) if row.node == beta]
    monkeypatch.setattr(flow_tables, "AGAIN_S", 0.0)
    await node.pool.execute("UPDATE mirror_state SET size = size + 1 WHERE node = $1", beta)

    paid = await federation.pay(federation.beta, 60)
    followed = node.peers.get(alfa)
    assert followed is not None
    assert (await pull(node, followed)).taken
    await of(node).catch_up()

    told = {row.node: row for row in await logs_of(node)}
    assert told[beta].stopped_at == beta_before.size
    assert told[alfa].stopped_at is None
    doctor = await federation.umbrella.ask("node.doctor")
    assert doctor["flows"] == {"stopped": {"beta": beta_before.size}, "aside": {}}
    sums = await flow_views.flows(node, Chosen())
    assert {(flow.payer, flow.units) for flow in sums} >= {(beta, paid["line_units"])}
    report = await flow_reports.report(node, YEAR)
    assert {log.node: log.size for log in report.report.logs}[beta] == beta_before.size
    anew = await flow_reports.made_anew(
        node, Claimed(period=report.report.period, logs=report.report.logs)
    )
    assert anew.other_logs == ()
    assert anew.json_digest == b64(sha256(report.json).digest())

    await federation.followed()
    assert [row.stopped_at for row in await logs_of(node)] == [None, None]
