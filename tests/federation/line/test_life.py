"""The life of a line: limits, pauses, new rates, openings, heads, false claims."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from federation.group import commands as group
from federation.line import commands as line
from federation.line.life import FAULTS_MAX, HEADS_EVERY_S, heads_due
from projections.lines import DAY_S, Phase, granted_by_them, granted_by_us
from schemas.bodies import AccountKind, QuarantineEnded
from schemas.core_parts import FreezeReason, WireCode
from schemas.errors import Code
from schemas.member_bodies import Role
from schemas.terms import HOURS_GRANTED_MAX
from tests.federation.line.pair import HOUR, KEY, MEMBER, NOW, Node, Pair, path, refused

# limits


def lower(node: Node, grants_units: int) -> Any:
    return node.do(line.LowerLimit(node.line.line, grants_units))


def test_a_limit_is_lowered_alone_and_only_lowered(pair: Pair) -> None:
    lower(pair.b, 2 * HOUR)
    assert refused(lower(pair.b, 3 * HOUR)) is Code.LIMIT_NOT_LOWER
    assert refused(lower(pair.b, -1)) is Code.LIMIT_NOT_LOWER
    before = len(pair.b.chain)
    lower(pair.b, 2 * HOUR)
    assert len(pair.b.chain) == before
    pair.settle()

    assert granted_by_us(pair.b.line) == granted_by_them(pair.a.line) == 2 * HOUR
    assert granted_by_us(pair.a.line) == granted_by_them(pair.b.line) == 20 * HOUR
    assert refused(pair.start(amount=121)) is Code.LINE_LIMIT


def test_a_lowered_limit_stops_what_was_prepared_before_it_was_seen(pair: Pair) -> None:
    pair.start(amount=120)
    lower(pair.b, HOUR)

    pair.settle()

    assert pair.a.transfer().phase is Phase.ABORTED
    assert pair.a.transfer().code == pair.b.transfer().code == WireCode.LINE_LIMIT


def test_new_terms_end_a_lowered_limit_unless_it_covers_them(pair: Pair) -> None:
    lower(pair.a, HOUR)
    pair.settle()
    pair.propose(terms=pair.terms(rev=2, grants=30 * HOUR))
    lower(pair.a, 2 * HOUR - 1 - HOUR)
    pair.deliver(pair.a)
    assert granted_by_them(pair.b.line) == HOUR - 1
    pair.answer(pair.b)
    pair.settle()

    assert granted_by_us(pair.a.line) == granted_by_them(pair.b.line) == HOUR - 1
    pair.agree(pair.terms(rev=3, grants=40 * HOUR))
    assert granted_by_us(pair.a.line) == granted_by_them(pair.b.line) == 40 * HOUR


# pauses


def test_a_frozen_line_admits_nothing_and_finishes_what_is_under_way(pair: Pair) -> None:
    pair.start()
    pair.deliver(pair.a)
    pair.b.do(line.Freeze(pair.line_id, FreezeReason.COORDINATOR))
    pair.settle()

    assert pair.a.transfer().phase is Phase.SETTLED
    for node in (pair.a, pair.b):
        answer = pair.start(2, node=node)
        assert refused(answer) is Code.LINE_FROZEN
        assert answer.facts["reason"] == "coordinator"
    pair.b.do(line.Unfreeze(pair.line_id))
    pair.settle()
    pair.start(3)
    pair.settle()
    assert pair.a.transfer(3).phase is Phase.SETTLED


def test_freezing_twice_says_it_once(pair: Pair) -> None:
    for _ in range(2):
        pair.b.do(line.Freeze(pair.line_id, FreezeReason.MAINTENANCE))
    for _ in range(2):
        pair.b.do(line.Unfreeze(pair.line_id))

    assert pair.b.types()[-2:] == ["line.freeze", "line.unfreeze"]


def test_a_prepare_that_crosses_a_freeze_is_rejected(pair: Pair) -> None:
    pair.b.do(line.Freeze(pair.line_id, FreezeReason.COORDINATOR))
    pair.start()

    pair.settle()

    assert pair.a.transfer().code == WireCode.LINE_NOT_OPEN


def wrong_events(pair: Pair, numbers: range, **changes: Any) -> None:
    """Let a send prepares that b has to refuse as no honest node's."""
    for number in numbers:
        assert not pair.b.line.own_frozen
        pair.start(number, **changes)
        event = pair.a.chain[-1]
        assert not isinstance(event.core, str)
        wrong = msgspec.structs.replace(event.core, payer_minor=11)
        pair.send(pair.a, [event._replace(core=wrong)])
        pair.deliver(pair.b)
        pair.deliver(pair.a)


def test_a_partner_that_is_wrong_too_often_is_frozen_with_the_reason(pair: Pair) -> None:
    wrong_events(pair, range(1, FAULTS_MAX + 1))

    assert pair.b.line.own_frozen == FreezeReason.TOO_MANY_ERRORS
    assert pair.b.types()[-1] == "line.freeze"
    assert pair.a.balance() == pair.b.balance() == 0


def test_events_and_refused_batches_count_together(pair: Pair) -> None:
    wrong_events(pair, range(1, FAULTS_MAX - 4))
    pair.b.do(line.FreezeWhoIsWrong(pair.line_id, 4))
    assert pair.b.types()[-1] != "line.freeze"

    pair.b.do(line.FreezeWhoIsWrong(pair.line_id, 5))

    assert pair.b.line.own_frozen == FreezeReason.TOO_MANY_ERRORS
    assert pair.b.types().count("line.freeze") == 1


def test_faults_of_another_day_do_not_count(pair: Pair) -> None:
    wrong_events(pair, range(1, FAULTS_MAX))
    pair.b.now_s += DAY_S

    later = {"expires_at_s": NOW + DAY_S + 60}
    wrong_events(pair, range(FAULTS_MAX, FAULTS_MAX + 2), **later)
    pair.b.do(line.FreezeWhoIsWrong(pair.line_id, FAULTS_MAX - 3))

    assert not pair.b.line.own_frozen
    assert pair.b.line.faults.count == 2


def test_a_pause_that_was_lifted_does_not_come_back_with_the_next_event(pair: Pair) -> None:
    wrong_events(pair, range(1, FAULTS_MAX + 1))
    pair.b.do(line.Unfreeze(pair.line_id))
    pair.settle()

    pair.start(FAULTS_MAX + 1)
    pair.settle()

    assert not pair.b.line.own_frozen
    assert pair.b.balance() == 30


# new rates


def test_a_new_rate_is_booked_on_its_own_side_against_revaluation(pair: Pair) -> None:
    pair.start(amount=30)
    pair.settle()
    pair.a.set_rate(40)

    pair.agree(pair.terms(rev=2))

    assert pair.a.line.clearing_rate == pair.a.rate
    assert pair.a.balance(pair.a.line.clearing) == 20
    assert pair.a.balance(pair.a.own_account(AccountKind.REVALUATION)) == -10
    assert "line.revalued" in pair.a.types()
    assert "line.revalued" not in pair.b.types()
    assert not pair.a.quarantined()
    assert not pair.b.quarantined()


def test_a_commit_under_older_terms_is_booked_in_two_steps(pair: Pair) -> None:
    pair.start(amount=30)
    pair.deliver(pair.a)
    pair.b.set_rate(40)
    pair.propose(pair.b, pair.terms(rev=2))
    pair.deliver(pair.b)
    pair.answer(pair.a)
    pair.settle()

    assert pair.b.transfer().phase is Phase.CREDITED
    assert pair.b.balance() == 30
    assert pair.b.balance(pair.b.line.clearing) == -20
    assert pair.b.balance(pair.b.own_account(AccountKind.REVALUATION)) == -10
    assert pair.b.balance(pair.b.own_account(AccountKind.ROUNDING)) == 0


def test_what_was_prepared_by_older_terms_is_refused_as_stale(pair: Pair) -> None:
    pair.propose(terms=pair.terms(rev=2, grants=21 * HOUR))
    pair.deliver(pair.a)
    pair.start()
    pair.answer(pair.b)

    pair.settle()

    assert pair.a.transfer().code == WireCode.TERMS_STALE


# opening positions


def old_account(node: Node, balance_minor: int) -> int:
    number = node.group(group.OpenAccount(path(9), "oud", AccountKind.OLD_PARTNER))
    node.group(
        group.ImportTransfer(
            key=path(8),
            at_s=NOW,
            source="x:1",
            payer=MEMBER,
            payee=number,
            amount_minor=balance_minor,
        )
    )
    return int(number)


def test_an_opening_position_empties_the_old_accounts_and_names_the_difference() -> None:
    pair = Pair()
    mine, theirs = old_account(pair.a, 50), old_account(pair.b, 120)

    pair.agree(pair.terms(a_owes=2 * HOUR), old_accounts=(mine, theirs))

    assert pair.a.balance(mine) == pair.b.balance(theirs) == 0
    assert pair.a.balance(pair.a.line.clearing) == 40
    assert pair.b.balance(pair.b.line.clearing) == -120
    assert pair.a.balance(pair.a.own_account(AccountKind.GROUP)) == 10
    assert pair.b.balance(pair.b.own_account(AccountKind.GROUP)) == 240
    assert pair.a.line.balance_units == -pair.b.line.balance_units == 2 * HOUR
    pair.start(node=pair.b)
    pair.settle()
    assert not pair.a.quarantined()
    assert not pair.b.quarantined()


def test_only_first_terms_carry_an_opening(pair: Pair) -> None:
    answer = pair.propose(terms=pair.terms(rev=2, a_owes=5))

    assert refused(answer) is Code.TERMS_INVALID
    assert answer.facts["field"] == "opening"


@pytest.mark.parametrize(
    ("field", "terms"),
    [
        ("grants", {"grants": HOURS_GRANTED_MAX * HOUR + 1}),
        ("largest", {"largest": HOURS_GRANTED_MAX * HOUR + 1}),
        ("opening", {"a_owes": HOURS_GRANTED_MAX * HOUR + 1}),
    ],
)
def test_absurd_terms_are_refused_by_either_side(field: str, terms: dict[str, int]) -> None:
    pair = Pair()
    absurd = pair.terms(**terms)
    answer = pair.propose(terms=absurd)
    assert (refused(answer), answer.facts["field"]) == (Code.TERMS_INVALID, field)

    pair.propose()
    event = pair.a.chain[-1]
    wrong = msgspec.structs.replace(event.core, terms=absurd)
    pair.send(pair.a, [event._replace(core=wrong)])
    assert pair.b.types() == ["terms.refuse"]


# heads and claims


def test_heads_say_where_the_books_stand_once_a_day(pair: Pair) -> None:
    pair.start()
    pair.settle()
    for node in (pair.a, pair.b):
        assert not heads_due(node.line, now_s=NOW + HEADS_EVERY_S - 1)
        assert heads_due(node.line, now_s=NOW + HEADS_EVERY_S)
    pair.a.do(line.SendHeads(pair.line_id))
    pair.settle()

    assert not pair.b.quarantined()
    assert not heads_due(pair.a.line, now_s=NOW + HEADS_EVERY_S)
    pair.start(2)
    assert not heads_due(pair.a.line, now_s=NOW + HEADS_EVERY_S - 1)
    assert heads_due(pair.a.line, now_s=NOW + HEADS_EVERY_S)


@pytest.mark.parametrize("field", ["paid", "credited", "balance"])
def test_heads_that_differ_set_the_line_aside(pair: Pair, field: str) -> None:
    pair.start()
    pair.settle()
    pair.a.do(line.SendHeads(pair.line_id))
    event = pair.a.chain[-1]
    wrong = msgspec.structs.replace(event.core, **{field: 1})

    pair.send(pair.a, [event._replace(core=wrong)])

    assert pair.b.quarantined() == "claim_differs"


@pytest.mark.parametrize("field", ["total", "balance"])
def test_a_false_claim_books_the_decision_and_sets_the_line_aside(pair: Pair, field: str) -> None:
    pair.start()
    pair.deliver(pair.a)
    pair.deliver(pair.b)
    event = pair.a.chain[-1]
    wrong = msgspec.structs.replace(event.core, **{field: 7})

    pair.send(pair.a, [event._replace(core=wrong)])

    assert pair.b.balance() == 30
    assert pair.b.quarantined() == "claim_differs"
    assert refused(pair.start(2, node=pair.b)) is Code.LINE_NOT_OPEN
    pair.b.do(line.EndQuarantine(pair.line_id))
    assert not pair.b.quarantined()


def test_only_a_coordinator_or_the_operator_ends_a_quarantine(pair: Pair) -> None:
    def released(by: int | None) -> Any:
        pair.b.do(line.Quarantine(pair.line_id, 1, "claim_differs"))
        return pair.b.do(line.EndQuarantine(pair.line_id, by))

    clearing = pair.b.line.clearing
    treasurer, coordinator = map(pair.b.member_as, (Role.TREASURER, Role.COORDINATOR))
    for nobody in (MEMBER, treasurer, clearing, 999):
        assert refused(released(nobody)) is Code.NOT_COORDINATOR
        assert pair.b.quarantined() == "claim_differs"

    for who in (coordinator, None):
        released(who)
        assert not pair.b.quarantined()
        ended = pair.b.events[-1].body
        assert isinstance(ended, QuarantineEnded)
        assert ended.entered_by == who


def test_a_receipt_with_a_false_balance_sets_the_line_aside(pair: Pair) -> None:
    pair.start()
    for sender in (pair.a, pair.b, pair.a):
        pair.deliver(sender)
    event = pair.b.chain[-1]
    wrong = msgspec.structs.replace(event.core, balance=1)

    pair.send(pair.b, [event._replace(core=wrong)])

    assert pair.a.quarantined() == "claim_differs"
    assert pair.a.transfer().phase is Phase.SETTLED


# griefing


def test_undecided_prepares_take_at_most_half_of_a_limit(pair: Pair) -> None:
    for number in (1, 2):
        pair.start(number, amount=5 * 60)
    assert refused(pair.start(3, amount=1)) is Code.LINE_BUSY


def test_the_payees_side_holds_at_most_half_undecided_whatever_is_sent() -> None:
    pair = Pair(grants=4 * HOUR, largest=3 * HOUR).opened()
    pair.start(1, amount=150)
    pair.deliver(pair.a)
    assert pair.b.transfer().phase is Phase.ACCEPTED
    first = pair.a.chain[-1]
    second = msgspec.structs.replace(
        first.core,
        path=path(2),
        n=first.core.n + 1,
        prev=first.id,
    )
    small = msgspec.structs.replace(
        second,
        line_units=HOUR // 60,
        payee_minor=1,
        payer_minor=1,
    )

    pair.send(pair.a, [first._replace(n=small.n, id=KEY, core=small)])

    assert pair.b.transfer(2).code == WireCode.LINE_BUSY
