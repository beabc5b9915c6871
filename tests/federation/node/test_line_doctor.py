"""The doctor of lines: what it says of each doubt, whom it asks, and from where on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import hypothesis.strategies as st
import pytest
from hypothesis import given
from msgspec.structs import replace

from federation.node.delivery import Delivery
from federation.node.line_doctor import SILENT_S, Advice, Doubt, Who, examine
from projections.books import Books
from projections.lines import (
    DONE,
    Limit,
    Line,
    Phase,
    Transfer,
    alarm_from_units,
    near_limit,
    used_percent,
)
from schemas.core_parts import FreezeReason
from schemas.quarantine import QuarantineCode
from schemas.reasons import words_for
from tests.federation.line.pair import HOUR, NOW, Pair, path

PAIR = Pair().opened()
LINE = replace(PAIR.a.line, out_n=5)
THERE = Delivery(line=LINE.line, acknowledged_n=5, last_contact_at_s=NOW)
AWAY = replace(THERE, acknowledged_n=3, failures=4, last_contact_at_s=NOW - SILENT_S - 1)
NOTHING: Mapping[str, Any] = MappingProxyType({})
OWED = 12 * HOUR
"""60% of the twenty hours that each side lets the other owe."""


class Case(NamedTuple):
    """What one doubt comes from, and what is to be told of it."""

    code: Doubt
    needs: Who
    says: str
    line: Mapping[str, Any] = NOTHING
    delivery: Delivery = THERE
    left: bool = False
    releases: bool = True
    trade: Mapping[str, Any] = NOTHING


PERSON, NOBODY = Who.PERSON, Who.NOBODY
CASES = [
    Case(Doubt.QUARANTINED, PERSON, "'ruilbrug line release'", {"quarantined": "channel_fork"}),
    Case(
        Doubt.PROPOSAL_WAITS,
        PERSON,
        "answer with 'ruilbrug line accept' or 'line refuse'",
        {"their_proposal": LINE.terms},
    ),
    Case(Doubt.PROPOSED, NOBODY, "waits for their answer", {"own_proposal": LINE.terms}),
    Case(
        Doubt.FROZEN_BY_US,
        PERSON,
        "Lift it with 'ruilbrug line unfreeze'",
        {"own_frozen": "maintenance"},
    ),
    Case(
        Doubt.FROZEN_BY_THEM,
        NOBODY,
        "The other group admits no new trades for the moment (coordinator)",
        {"their_frozen": "coordinator"},
    ),
    Case(Doubt.CLOSING, NOBODY, "the other follows", {"own_closed": True}),
    Case(Doubt.CLOSING, NOBODY, "the other follows", {"their_closed": True}),
    Case(Doubt.WE_OWE_MUCH, PERSON, "We owe 60% of what", {"balance_units": OWED}),
    Case(Doubt.WE_OWE_MUCH, PERSON, "We owe 60% of what", {"held_out_units": OWED}),
    Case(Doubt.THEY_OWE_MUCH, PERSON, "They owe 60% of what", {"balance_units": -OWED}),
    Case(Doubt.THEY_OWE_MUCH, PERSON, "They owe 60% of what", {"held_in_units": OWED}),
    Case(Doubt.PARTNER_LEFT, PERSON, "'ruilbrug line close'", left=True),
    Case(
        Doubt.RELEASES_NOTHING,
        PERSON,
        "2 messages wait: this node sends nothing",
        delivery=AWAY,
        releases=False,
    ),
    Case(Doubt.SILENT, PERSON, "not answered for more than a day; 2 messages", delivery=AWAY),
    Case(
        Doubt.ON_ITS_WAY,
        NOBODY,
        "2 messages are on their way",
        delivery=replace(THERE, acknowledged_n=3),
    ),
    Case(Doubt.HELD, NOBODY, "given back by itself", trade={"phase": Phase.PREPARED}),
    Case(Doubt.COMMITTED, NOBODY, "Booked here", trade={"phase": Phase.COMMITTED}),
    Case(
        Doubt.ACCEPTED,
        NOBODY,
        "waits for the other group's decision",
        trade={"phase": Phase.ACCEPTED, "direction": "in"},
    ),
    Case(
        Doubt.VERDICT_LATE,
        NOBODY,
        "Seven days after its end our member's room is free again",
        trade={"phase": Phase.ACCEPTED, "direction": "in", "expires_at_s": NOW - 1},
    ),
    Case(
        Doubt.SILENT_VERDICT,
        PERSON,
        "No decision for a week",
        trade={"phase": Phase.SILENT, "direction": "in", "expires_at_s": NOW - 1},
    ),
    Case(
        Doubt.REQUESTED,
        NOBODY,
        "the other side can still consent",
        trade={"phase": Phase.REQUESTED, "direction": "in"},
    ),
    Case(
        Doubt.CONSENT_WAITS,
        NOBODY,
        "A member of ours is asked to pay",
        trade={"phase": Phase.REQUESTED, "direction": "out"},
    ),
]


def told(
    line: Line = LINE,
    delivery: Delivery = THERE,
    *trades: Transfer,
    left: bool = False,
    releases: bool = True,
    now_s: int = NOW,
) -> list[Advice]:
    books = Books()
    for one in trades:
        books.transfers.put(one.key(), one)
    return examine(books, line, delivery, left=left, releases=releases, now_s=now_s)


def codes(found: list[Advice]) -> list[Doubt]:
    return [advice.code for advice in found]


def trade(number: int = 1, **changes: Any) -> Transfer:
    usual: dict[str, Any] = {
        "path": path(number),
        "line": LINE.line,
        "direction": "out",
        "phase": Phase.PREPARED,
        "prepare": "",
        "prepare_n": 1,
        "expires_at_s": NOW,
    }
    return Transfer(**usual | changes)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code.value)
def test_each_doubt_is_told_alone_with_who_has_to_act(case: Case) -> None:
    trades = [trade(**case.trade)] if case.trade else []

    found = told(
        replace(LINE, **case.line),
        case.delivery,
        *trades,
        left=case.left,
        releases=case.releases,
    )

    (advice,) = found
    assert (advice.line, advice.code, advice.needs) == (LINE.line, case.code, case.needs)
    assert case.says in advice.text
    assert advice.path == (path(1) if case.trade else "")


def test_the_table_above_leaves_out_no_doubt() -> None:
    assert {case.code for case in CASES} == set(Doubt)


def test_where_nothing_is_in_doubt_nothing_is_told() -> None:
    other_line = trade(1, line="b" * 52)
    done = [trade(n, phase=phase) for n, phase in enumerate(sorted(DONE), 2)]
    assert told(LINE, THERE, other_line, *done) == []
    assert told(LINE, replace(AWAY, acknowledged_n=5)) == []  # nothing waits for who is away
    assert told(LINE, replace(THERE, acknowledged_n=6), releases=False) == []
    assert told(replace(LINE, own_closed=True, their_closed=True)) == []
    assert told(replace(LINE, terms=None, balance_units=OWED)) == []  # nothing was agreed on
    assert told(replace(LINE, own_closed=True, balance_units=1)) == []
    assert told(replace(LINE, own_closed=True), left=True) == []  # nobody is there to follow


def test_what_needs_a_person_comes_first_and_else_the_order_is_kept() -> None:
    line = replace(LINE, own_proposal=LINE.terms, own_frozen="findings", balance_units=OWED)
    trades = [trade(1), trade(2, phase=Phase.SILENT, direction="in"), trade(3)]

    found = told(line, replace(THERE, acknowledged_n=4), *trades)

    assert codes(found) == [
        Doubt.FROZEN_BY_US,
        Doubt.WE_OWE_MUCH,
        Doubt.SILENT_VERDICT,
        Doubt.PROPOSED,
        Doubt.ON_ITS_WAY,
        Doubt.HELD,
        Doubt.HELD,
    ]
    assert [advice.path for advice in found if advice.path] == [path(2), path(1), path(3)]


def test_a_partner_is_silent_after_a_day_of_failures_and_no_sooner() -> None:
    a_day = replace(AWAY, last_contact_at_s=NOW - SILENT_S)
    assert codes(told(LINE, a_day)) == [Doubt.ON_ITS_WAY]
    assert codes(told(LINE, a_day, now_s=NOW + 1)) == [Doubt.SILENT]
    assert codes(told(LINE, replace(AWAY, failures=0))) == [Doubt.ON_ITS_WAY]
    assert codes(told(LINE, AWAY, left=True)) == [Doubt.PARTNER_LEFT]


def test_a_verdict_is_late_once_the_time_of_the_payment_is_over() -> None:
    accepted = trade(phase=Phase.ACCEPTED, direction="in", expires_at_s=NOW)
    assert codes(told(LINE, THERE, accepted)) == [Doubt.ACCEPTED]
    assert codes(told(LINE, THERE, accepted, now_s=NOW + 1)) == [Doubt.VERDICT_LATE]
    held = trade(phase=Phase.PREPARED, expires_at_s=NOW)
    assert codes(told(LINE, THERE, held, now_s=NOW + 1)) == [Doubt.HELD]


@pytest.mark.parametrize("code", QuarantineCode)
def test_why_a_line_is_set_aside_is_told_for_each_reason(code: QuarantineCode) -> None:
    (advice,) = told(replace(LINE, quarantined=code.value))
    assert advice.text.startswith(f"Set aside ({code.value}). {words_for(code).what} ")


@pytest.mark.parametrize("reason", FreezeReason)
def test_why_a_line_is_paused_is_told_for_each_reason(reason: FreezeReason) -> None:
    line = replace(LINE, own_frozen=reason.value, their_frozen=reason.value)
    found = told(line)
    assert codes(found) == [Doubt.FROZEN_BY_US, Doubt.FROZEN_BY_THEM]
    for advice in found:
        assert f"({reason.value}). {words_for(reason).what}" in advice.text


BOTH_WAYS = [
    (Doubt.WE_OWE_MUCH, "balance_units", 1, "their_limit"),
    (Doubt.WE_OWE_MUCH, "held_out_units", 1, "their_limit"),
    (Doubt.THEY_OWE_MUCH, "balance_units", -1, "own_limit"),
    (Doubt.THEY_OWE_MUCH, "held_in_units", 1, "own_limit"),
]


@pytest.mark.parametrize(("code", "field", "sign", "limit"), BOTH_WAYS)
def test_the_alarm_begins_at_sixty_percent_of_what_holds(
    code: Doubt, field: str, sign: int, limit: str
) -> None:
    def owing(units: int, **more: Any) -> list[Doubt]:
        return codes(told(replace(LINE, **{field: sign * units}, **more)))

    assert owing(OWED - 1) == []
    assert owing(OWED) == [code]
    assert owing(OWED + 1) == [code]
    lowered = {limit: Limit(grants_units=10 * HOUR)}
    assert owing(6 * HOUR - 1, **lowered) == []
    assert owing(6 * HOUR, **lowered) == [code]
    of_the_other = {"own_limit" if limit == "their_limit" else "their_limit": Limit(grants_units=1)}
    assert owing(OWED - 1, **of_the_other) == []
    nothing_more = {limit: Limit(grants_units=0)}
    assert owing(0, **nothing_more) == []
    assert owing(1, **nothing_more) == [code]


@pytest.mark.parametrize(
    ("owed", "granted", "percent"),
    [
        (0, 0, 0),
        (-5, 0, 0),
        (-5, 100, 0),
        (0, 100, 0),
        (599, 1000, 59),
        (600, 1000, 60),
        (609, 1000, 60),
        (1000, 1000, 100),
        (1500, 1000, 150),
        (1, 0, 100),
        (OWED, 0, 100),
    ],
)
def test_the_use_of_a_limit_is_rounded_down(owed: int, granted: int, percent: int) -> None:
    assert used_percent(owed, granted) == percent


@given(st.integers(0, 10**9))
def test_the_alarm_begins_exactly_where_it_is_shown_to_begin(granted: int) -> None:
    begins = alarm_from_units(granted)

    assert begins > 0
    assert near_limit(begins, granted)
    assert not near_limit(begins - 1, granted)
