"""The tables hold what both logs say, entry by entry as they come or all at once."""

from __future__ import annotations

import json

import pytest

from federation.node.service import Node, now_s
from federation.umbrella import flow_tables, flow_views
from federation.umbrella.flow_tables import FlowTables, of
from federation.umbrella.flow_views import Chosen
from federation.umbrella.flows import Span, day_of, span_of
from schemas.amounts import LINE_UNITS_PER_HOUR, Rate
from tests.federation.umbrella.traded import Federation, make_federation
from tests.federation.world.conftest import World

HOUR = LINE_UNITS_PER_HOUR
READ = {
    "flow_progress": "SELECT * FROM flow_progress",
    "flow_day": "SELECT * FROM flow_day",
    "flow_sum": "SELECT * FROM flow_sum",
    "flow_milestone": "SELECT * FROM flow_milestone",
    "flow_pair": "SELECT * FROM flow_pair",
    "flow_turnover": "SELECT * FROM flow_turnover",
    "flow_line": "SELECT * FROM flow_line",
    "flow_rate": "SELECT * FROM flow_rate",
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
    await federation.beta.start()
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


async def test_an_entry_that_cannot_be_read_stops_the_sums(federation: Federation) -> None:
    node = federation.umbrella.node
    await federation.followed()
    tables = FlowTables(node)
    await node.pool.execute("DELETE FROM flow_progress")
    await node.pool.execute("UPDATE mirror_state SET size = size + 1")

    await tables.run()

    assert tables.stopped
