"""What of a log is in the sums: all of an honest one, and at most so much of any other."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.umbrella.flow_counting import READ, UNITS_MAX, Aside, Counting, Why
from federation.umbrella.flow_lines import line_histories
from federation.umbrella.flow_report import make_report
from federation.umbrella.flows import (
    LineDay,
    Span,
    calendar_day,
    day_number,
    day_of,
    read_days,
    span_of,
)
from schemas import cores
from schemas.encoding import encode
from schemas.ids import SAFE_INTEGER
from schemas.moments import LAST_S
from tests.federation.line.pair import NOW
from tests.federation.umbrella.made_logs import HOUR, MadeLogs, group_id
from tests.federation.umbrella.test_extremes import HOSTILE, whole_life

A, B = group_id("a"), group_id("b")
INTEGER_MAX, BIGINT_MAX = 2**31 - 1, 2**63 - 1


def counted(entries: list[bytes], counting: Counting) -> list[Any]:
    taken = (counting.take(seq, entry) for seq, entry in enumerate(entries))
    return [core for core in taken if core is not None]


def test_all_of_an_honest_log_counts() -> None:
    logs, counting = MadeLogs(), Counting(B)
    for _ in range(3):
        logs.trade(A, B, HOUR, at_s=NOW)

    assert len(counted(logs.cores[B], counting)) == 3
    assert (counting.counted_units, counting.last_at_s) == (3 * HOUR, NOW)
    assert counting.asides() == []


def test_what_would_bring_more_than_the_most_is_set_aside_and_the_rest_counts() -> None:
    logs, counting = MadeLogs(), Counting(B)
    for units in (HOUR, SAFE_INTEGER, UNITS_MAX - HOUR, 1):
        logs.trade(A, B, units, at_s=NOW)

    taken = counted(logs.cores[B], counting)

    assert [core.line_units for core in taken] == [HOUR, UNITS_MAX - HOUR]
    assert counting.counted_units == UNITS_MAX
    assert counting.asides() == [Aside(node=B, why=Why.TOO_MUCH, entries=2, first_seq=1)]


def test_parts_of_a_log_count_like_the_whole() -> None:
    logs = MadeLogs()
    for units in (UNITS_MAX // 2, UNITS_MAX, UNITS_MAX // 2, 1):
        logs.trade(A, B, units, at_s=NOW)
    whole, first = Counting(B), Counting(B)

    taken = counted(logs.cores[B], whole)
    parts = counted(logs.cores[B][:2], first)
    parts += counted(logs.cores[B][2:], Counting(B, first.counted_units))

    assert parts == taken
    assert [core.line_units for core in taken] == [UNITS_MAX // 2] * 2


@pytest.mark.parametrize(
    "entry",
    [
        b"none",
        b"\xff",
        b'{"type":"pay.commit","ts":1}',
        b'{"ts":9007199254740992,"type":"local"}',
        b'{"ts":-1,"type":"local"}',
        b"[" * 100_000,
    ],
)
def test_an_entry_that_cannot_be_read_is_told(entry: bytes) -> None:
    counting = Counting(B)

    assert counting.take(7, entry) is None
    assert counting.asides() == [Aside(node=B, why=Why.UNREADABLE, entries=1, first_seq=7)]


def test_a_payment_of_a_form_that_is_not_known_is_told() -> None:
    logs, counting = MadeLogs(), Counting(B)
    logs.trade(A, B, HOUR, at_s=NOW)
    (entry,) = logs.cores[B]
    newer = entry.replace(b'"total":', b'"thanks":7,"total":')

    assert counting.take(0, newer) is None
    assert [one.why for one in counting.asides()] == [Why.UNREADABLE]


@pytest.mark.parametrize("at_s", [LAST_S, LAST_S + 1, 253_433_923_200, SAFE_INTEGER])
def test_a_day_behind_the_calendar_is_its_last_one(at_s: int) -> None:
    day = day_of(at_s)

    assert calendar_day(day) == date(8999, 12, 31)
    for span in Span:
        assert span_of(span, day).end == day_number(date(9000, 1, 1))


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32))
def test_whatever_is_signed_sums_fit_where_they_are_kept(seed: int) -> None:
    logs, line = whole_life(seed)
    days: list[LineDay] = []
    milestones: list[Any] = []
    aside: list[Aside] = []
    for node, log in logs.items():
        counting = Counting(node)
        taken = counted([encode(core) for core, _ in log], counting)
        assert len(taken) + sum(one.entries for one in counting.asides()) == sum(
            type(core).__struct_config__.tag in READ for core, _ in log
        )
        assert node == HOSTILE or counting.asides() == []
        days += read_days(node, taken)
        milestones += [core for core in taken if isinstance(core, cores.TermsPropose)]
        milestones += [core for core in taken if isinstance(core, cores.TermsAccept)]
        milestones += [core for core in taken if isinstance(core, cores.LineClose)]
        aside += counting.asides()

    for day in days:
        assert 0 <= day.day <= INTEGER_MAX
        assert max(day.paid_units, day.credited_units) <= UNITS_MAX < BIGINT_MAX // 2**12
    histories = line_histories(milestones)
    for history in histories.values():
        assert sum(flow.units for flow in history.without_trade()) <= 3 * UNITS_MAX
        assert all(flow.day <= INTEGER_MAX for flow in history.without_trade())
    for period in ("2023", "8999", f"{2023 + Random(seed).randrange(100)}-Q4"):
        made = make_report(period, (), days, histories, aside)
        assert made.json()
        assert made.table()
        assert {one.node for one in made.aside} <= {HOSTILE}
    assert line in histories
