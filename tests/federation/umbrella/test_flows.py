"""Flows are sums that add up, whatever the cut; positions of all groups sum to zero."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.line import commands as line
from federation.umbrella.flow_lines import LineHistory, line_histories, line_stand
from federation.umbrella.flow_report import GroupSum
from federation.umbrella.flow_views import Course
from federation.umbrella.flows import (
    EVERYTHING,
    MILESTONES,
    DayFlow,
    Flow,
    LineDay,
    Period,
    Span,
    calendar_day,
    day_flows,
    day_number,
    day_of,
    net_positions,
    oldest_debt,
    on_its_way,
    positions_over_time,
    quarter_of,
    quarter_period,
    read_days,
    span_of,
    sum_days,
    total_flows,
    turnovers,
    with_others,
    year_period,
)
from projections.lines import granted_by_us
from tests.federation.line.pair import HOUR, NOW, Pair

TODAY = day_of(NOW)
DAY_S = 86_400

groups = st.sampled_from("abcde")
flow = st.builds(
    lambda day, pair, trades, units: DayFlow(
        day=day,
        payer=pair[0],
        payee=pair[1],
        line="-".join(sorted(pair)),
        trades=trades,
        units=units,
    ),
    st.integers(0, 400),
    st.tuples(groups, groups).filter(lambda pair: pair[0] != pair[1]),
    st.integers(1, 9),
    st.integers(1, 10**9),
)
flows = st.lists(flow, max_size=30)
cuts = st.lists(st.integers(0, 401), max_size=5).map(lambda inner: sorted({0, *inner, 401}))
steps = st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(1, 99)), max_size=20)


def traded() -> Pair:
    """A pair that owes from before, trades both ways on two days, and lowers a limit."""
    pair = Pair()
    pair.agree(pair.terms(a_owes=2 * HOUR))
    pair.start(1)
    pair.settle()
    for node in (pair.a, pair.b):
        node.now_s += DAY_S
    pair.start(2, node=pair.b, expires_at_s=NOW + 2 * DAY_S)
    pair.settle()
    pair.b.do(line.LowerLimit(pair.line_id, 7 * HOUR))
    pair.settle()
    return pair


def cores_of(pair: Pair) -> dict[str, list[Any]]:
    return {node.id: [event.core for event in node.events] for node in (pair.a, pair.b)}


def histories(pair: Pair) -> dict[str, LineHistory]:
    read = [core for log in cores_of(pair).values() for core in log]
    return line_histories(core for core in read if isinstance(core, MILESTONES))


def all_days(pair: Pair) -> list[LineDay]:
    return [day for node, log in cores_of(pair).items() for day in read_days(node, log)]


@given(flows, cuts)
def test_the_totals_of_any_cut_into_periods_add_up(found: list[DayFlow], days: list[int]) -> None:
    whole = {(f.payer, f.payee): (f.trades, f.units) for f in total_flows(found, Period(0, 401))}

    parts: dict[tuple[str, str], tuple[int, int]] = {}
    for first, end in pairwise(days):
        for part in total_flows(found, Period(first, end)):
            trades, units = parts.get((part.payer, part.payee), (0, 0))
            parts[part.payer, part.payee] = trades + part.trades, units + part.units

    assert parts == whole


@given(flows, st.integers(0, 4), st.integers(0, 4))
def test_the_rest_follows_by_subtraction(found: list[DayFlow], givers: int, takers: int) -> None:
    """Against all flows, with the groups that are not named put together."""
    totals = total_flows(found, EVERYTHING)
    sums = turnovers(totals)
    gave = {one.node: one.gave_units for one in sums[:givers]}
    got = {one.node: one.got_units for one in sums[-takers:] if takers}
    between = {
        (one.payee, one.payer): one.units
        for one in totals
        if one.payee in gave and one.payer in got
    }

    parts = with_others(between, gave, got, sum(one.units for one in totals))

    expected: dict[tuple[str, str], int] = defaultdict(int)
    for one in totals:
        giver = one.payee if one.payee in gave else ""
        expected[giver, one.payer if one.payer in got else ""] += one.units
    assert {(giver, taker): units for giver, taker, units in parts if units} == expected


@given(flows)
def test_net_positions_sum_to_zero(found: list[DayFlow]) -> None:
    assert sum(net_positions(found).values()) == 0


@given(flows, cuts)
def test_positions_over_time_are_the_positions_of_each_beginning(
    found: list[DayFlow], ends: list[int]
) -> None:
    series = positions_over_time(found, ends)

    for at, end in enumerate(ends):
        expected = net_positions(one for one in found if one.day < end)
        assert {group: units[at] for group, units in series.items() if units[at]} == {
            group: units for group, units in expected.items() if units
        }


@given(st.lists(st.builds(LineDay, line=groups, node=groups, day=st.integers(0, 9))), cuts)
def test_sums_of_days_keep_the_period_and_the_log(days: list[LineDay], ends: list[int]) -> None:
    period = Period(ends[0], ends[1])

    found = sum_days(days, period)

    assert {one.day for one in found} <= {period.first}
    assert {(one.line, one.node) for one in found} == {
        (one.line, one.node) for one in days if period.holds(one.day)
    }


@given(steps)
def test_the_oldest_debt_is_what_paying_the_oldest_first_leaves(
    made: list[tuple[bool, int, int]],
) -> None:
    """Against a queue that is worked off one unit after the other."""
    queue: list[int] = []
    credit = 0
    taken = []
    for more, day, units in sorted(made, key=lambda step: step[1]):
        if more:
            taken.append((day, units))
            owed, credit = max(0, units - credit), max(0, credit - units)
            queue += [day] * owed
        else:
            credit += max(0, units - len(queue))
            queue = queue[units:]

    assert oldest_debt(len(queue) - credit, taken) == (queue[0] if queue else None)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 99)), max_size=9), st.integers(0, 400))
def test_what_is_on_its_way_is_the_newest_of_what_was_paid(
    paid: list[tuple[int, int]], credited: int
) -> None:
    queue = [day for day, units in sorted(paid) for _ in range(units)][credited:]

    found = on_its_way(paid, credited)

    assert (None if found is None else (found.units, found.since_day)) == (
        (len(queue), queue[0]) if queue else None
    )


def test_days_read_in_parts_add_up_to_the_whole_log() -> None:
    pair = traded()
    log = cores_of(pair)[pair.a.id]

    whole = read_days(pair.a.id, log)
    parts = [day for core in log for day in read_days(pair.a.id, [core])]

    period = Period(0, TODAY + 9)
    assert sum_days(parts, period) == sum_days(whole, period)
    assert [(day.day, day.paid_trades, day.credited_trades) for day in whole] == [
        (TODAY, 1, 0),
        (TODAY + 1, 0, 1),
    ]


def test_flows_and_positions_are_what_the_nodes_say_themselves() -> None:
    pair = traded()
    lines, days = histories(pair), all_days(pair)

    moved = [*day_flows(days, lines), *lines[pair.line_id].without_trade()]

    assert len(moved) == 3
    assert net_positions(moved)[pair.a.id] == -pair.a.line.balance_units
    assert net_positions(moved)[pair.b.id] == -pair.b.line.balance_units
    assert {(one.payer, one.trades) for one in total_flows(moved, Period(0, TODAY + 9))} == {
        (pair.a.id, 1),
        (pair.b.id, 1),
    }


def test_limits_are_those_of_the_day() -> None:
    pair = traded()
    history = histories(pair)[pair.line_id]

    assert history.granted_units(pair.b.id, TODAY - 1) == 0
    assert history.granted_units(pair.b.id, TODAY) == 20 * HOUR
    assert history.granted_units(pair.b.id, TODAY + 1) == 7 * HOUR == granted_by_us(pair.b.line)
    assert history.granted_units(pair.a.id, TODAY + 1) == 20 * HOUR


def test_new_terms_end_a_lowered_limit() -> None:
    pair = traded()
    for node in (pair.a, pair.b):
        node.now_s += DAY_S
    pair.agree(pair.terms(rev=2, grants=30 * HOUR))

    history = histories(pair)[pair.line_id]

    assert history.granted_units(pair.b.id, TODAY + 2) == granted_by_us(pair.b.line) == 30 * HOUR
    assert history.granted_units(pair.b.id, TODAY + 1) == 7 * HOUR


def test_a_limit_lowered_behind_ones_own_proposal_goes_on() -> None:
    pair = traded()
    pair.propose(terms=pair.terms(rev=2, grants=30 * HOUR))
    pair.a.do(line.LowerLimit(pair.line_id, 3 * HOUR))
    pair.settle()
    pair.answer(pair.b)
    pair.settle()

    history = histories(pair)[pair.line_id]

    assert history.granted_units(pair.a.id, TODAY + 1) == granted_by_us(pair.a.line) == 3 * HOUR


def test_a_debt_that_was_written_off_is_owed_no_more() -> None:
    pair = Pair().opened()
    pair.start(1)
    pair.settle()
    pair.b.do(line.CloseLine(pair.line_id, gone=True))
    history = histories(pair)[pair.line_id]

    moved = [*day_flows(all_days(pair), {pair.line_id: history}), *history.without_trade()]

    assert set(net_positions(moved).values()) == {0}
    assert history.granted_units(pair.b.id, TODAY) == 0


def test_a_line_counts_only_once_both_ends_have_signed() -> None:
    pair = traded()
    alone = [core for core in cores_of(pair)[pair.a.id] if isinstance(core, MILESTONES)]

    assert line_histories(alone) == {}
    assert day_flows(all_days(pair), {}) == ()


def test_what_stands_on_the_line_of_others_counts_nowhere() -> None:
    pair = traded()
    stranger = LineDay(line=pair.line_id, node="c" * 52, day=TODAY, credited_trades=1)

    assert day_flows([stranger], histories(pair)) == ()


def test_a_line_stands_with_its_use_of_the_limit() -> None:
    pair = traded()
    history = histories(pair)[pair.line_id]
    a_is_lower = history.lower == pair.a.id

    stand = line_stand(history, 2 * HOUR if a_is_lower else -2 * HOUR, day=TODAY + 1, oldest_day=3)

    assert (stand.debtor, stand.creditor) == (pair.a.id, pair.b.id)
    assert stand.used == Fraction(2, 7)
    assert history.rate(pair.b.id) == pair.b.rate


@pytest.mark.parametrize(
    ("year", "quarter", "first", "last"),
    [
        (2026, 1, date(2026, 1, 1), date(2026, 3, 31)),
        (2024, 1, date(2024, 1, 1), date(2024, 3, 31)),
        (2026, 4, date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_quarter_has_its_days(year: int, quarter: int, first: date, last: date) -> None:
    period = quarter_period(year, quarter)

    assert (calendar_day(period.first), calendar_day(period.end - 1)) == (first, last)
    assert quarter_of(period.first) == quarter_of(period.end - 1) == (year, quarter)


def test_a_year_is_its_quarters() -> None:
    quarters = [quarter_period(2027, quarter) for quarter in (1, 2, 3, 4)]

    assert all(one.end == following.first for one, following in pairwise(quarters))
    assert year_period(2027) == Period(quarters[0].first, quarters[-1].end)
    assert day_number(date(1970, 1, 2)) == 1


@given(st.integers(0, 40_000), st.sampled_from(Span))
def test_a_day_lies_in_its_span_and_spans_follow_each_other(day: int, span: Span) -> None:
    found = span_of(span, day)

    assert found.holds(day)
    assert span_of(span, found.end).first == found.end
    assert span_of(span, found.first) == span_of(span, found.end - 1) == found


def test_the_largest_flow_comes_first() -> None:
    found = [
        DayFlow(day=1, payer="a", payee="b", line="l", trades=1, units=5),
        DayFlow(day=1, payer="b", payee="a", line="l", trades=1, units=9),
    ]

    assert total_flows(found, Period(0, 2)) == (
        Flow(payer="b", payee="a", trades=1, units=9),
        Flow(payer="a", payee="b", trades=1, units=5),
    )


@pytest.mark.parametrize(
    ("net", "may_owe", "told"),
    [
        ((0, 0, 0, 0), (0, 0, 0, 0), ()),
        ((0, 0, 0, 0), (0, 9, 9, 9), (1, 3)),
        ((0, 5, 5, 5), (9, 9, 9, 9), (0, 1, 3)),
        ((5, 5, 0, 0), (9, 9, 9, 0), (0, 2, 3)),
        ((0, 0, 0, -5), (0, 0, 0, 9), (3,)),
    ],
)
def test_months_that_tell_nothing_new_are_left_out(
    net: tuple[int, ...], may_owe: tuple[int, ...], told: tuple[int, ...]
) -> None:
    days = tuple(range(len(net)))
    nothing = (0,) * len(net)
    swapped = Course(days=days, net_units=net, may_owe_units=nothing, may_be_owed_units=may_owe)

    course = Course(days=days, net_units=net, may_owe_units=may_owe, may_be_owed_units=nothing)

    assert course.changed() == swapped.changed() == told


@pytest.mark.parametrize(
    ("gave", "got", "net", "still"),
    [(0, 0, 0, True), (1, 0, 0, False), (0, 1, 0, False), (0, 0, -3, False)],
)
def test_a_group_that_gave_and_got_nothing_and_stood_at_zero_is_still(
    gave: int, got: int, net: int, still: bool
) -> None:
    sums = {"gave_trades": gave, "gave_units": gave, "got_trades": got, "got_units": got}

    assert GroupSum(node="n", net_units=net, **sums).still is still
