"""One account and many in one event: what is planned, what is booked, what is given back."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.group import collective
from federation.group.agreeing import AskBack, ReverseBooking
from federation.group.collective import Beyond, BookCollective, Plan, ReverseCollective, spread
from federation.group.commands import GROUP_SUBJECT, SetGroupLimits, SetLimits, SetStatus, Transfer
from federation.group.member_commands import GiveRole
from schemas.bodies import AccountStatus, CollectiveBooked
from schemas.errors import Code, Refusal
from schemas.limit_bodies import Limits
from schemas.member_bodies import Role
from tests.federation.group.group import Group, salt


@pytest.fixture
def group() -> Group:
    return Group(lower=-100, upper=100)


def one_of(group: Group) -> int:
    assert group.group_account is not None
    return group.group_account


def book(group: Group, shares: Sequence[tuple[int, int]], **changed: Any) -> Any:
    fields = {
        "key": salt("collective", len(group.events)),
        "actor": None,
        "one": one_of(group),
        "gives": False,
        "shares": tuple(shares),
        "description": "Bijdrage 2026",
    }
    return group.do(BookCollective(**(fields | changed)))


def plan(group: Group, asked: Sequence[tuple[int, int]], **changed: Any) -> Plan:
    fields: dict[str, Any] = {
        "one": one_of(group),
        "gives": False,
        "beyond": Beyond.SKIP,
        "now_s": group.now_s,
    }
    return collective.plan(group.books, asked=asked, **(fields | changed))


def refused(answer: Any) -> Code:
    assert isinstance(answer, Refusal), answer
    return answer.code


def give_back(group: Group, original: int, **changed: Any) -> Any:
    fields = {"key": salt("back", len(group.events)), "actor": None, "original": original}
    return group.do(ReverseCollective(**(fields | changed)))


def test_many_give_to_one_in_one_event_that_says_why_once(group: Group) -> None:
    anna, bea, carl, _ = group.members
    before = len(group.events)

    book(group, [(anna, 5), (bea, 7), (carl, 1)])

    assert len(group.events) == before + 1
    assert group.balances() == [-5, -7, -1, 0]
    assert group.books.ledger.balance(one_of(group)) == 13
    assert [subject for subject, _ in group.texts[-1]] == [GROUP_SUBJECT]
    assert [row.balance_minor for row in group.rows[-4:]] == [13, -5, -7, -1]


def test_one_gives_to_many(group: Group) -> None:
    anna, bea, *_ = group.members

    book(group, [(anna, 5), (bea, 7)], gives=True)

    assert group.balances() == [5, 7, 0, 0]
    assert group.books.ledger.balance(one_of(group)) == -12


def test_a_contribution_makes_no_limit_grow(group: Group) -> None:
    anna, *_ = group.members

    book(group, [(anna, 50)], gives=True)

    assert not group.books.ledger.given.get(anna)


@pytest.mark.parametrize(
    ("shares", "code"),
    [
        ([], Code.MALFORMED),
        ([("anna", 1), ("anna", 1)], Code.MALFORMED),
        ([("one", 1)], Code.ACCOUNT_SAME),
        ([("nobody", 1)], Code.ACCOUNT_UNKNOWN),
        ([("anna", 1), ("gone", 1)], Code.ACCOUNT_INACTIVE),
        ([("anna", 0)], Code.AMOUNT_NOT_POSITIVE),
        ([("anna", -1)], Code.AMOUNT_NOT_POSITIVE),
        ([("anna", 2**53)], Code.AMOUNT_TOO_LARGE),
        ([("bea", 1), ("anna", 101)], Code.PAYER_LIMIT),
    ],
)
def test_what_cannot_be_booked_is_refused_whole(
    group: Group, shares: list[tuple[str, int]], code: Code
) -> None:
    anna, bea, _, gone = group.members
    group.do(SetStatus(gone, AccountStatus.INACTIVE))
    names = {"anna": anna, "bea": bea, "gone": gone, "one": one_of(group), "nobody": 99}

    assert refused(book(group, [(names[name], amount) for name, amount in shares])) is code

    assert group.balances() == [0, 0, 0, 0]


def test_more_than_a_thousand_at_once_are_refused(group: Group) -> None:
    shares = [(number, 1) for number in range(100, 1101)]

    assert refused(book(group, shares)) is Code.MALFORMED


def test_the_one_keeps_its_own_limit(group: Group) -> None:
    anna, bea, carl, _ = group.members
    group.do(SetLimits(anna, -10, None))

    answer = book(group, [(bea, 6), (carl, 5)], one=anna, gives=True)

    assert answer == Refusal(Code.PAYER_LIMIT, {"field": "account", "possible_minor": 10})


def test_only_a_coordinator_books_and_what_it_is_for_is_said(group: Group) -> None:
    anna, bea, *_ = group.members
    assert refused(book(group, [(bea, 1)], actor=anna)) is Code.FORBIDDEN
    group.do(GiveRole(salt("role"), None, anna, Role.COORDINATOR))
    assert refused(book(group, [(bea, 1)], actor=anna, description=" ")) is Code.TEXT_MISSING

    assert not isinstance(book(group, [(bea, 1)], actor=anna), Refusal)

    assert group.events[-1].body.entered_by == anna  # type: ignore[union-attr]


def test_it_is_given_back_in_one_event_and_once(group: Group) -> None:
    anna, bea, *_ = group.members
    book(group, [(anna, 5), (bea, 7)])
    original = len(group.events) - 1

    assert not isinstance(give_back(group, original), Refusal)

    body = group.events[-1].body
    assert isinstance(body, CollectiveBooked)
    assert body.reverses == original
    assert group.balances() == [0, 0, 0, 0]
    assert refused(give_back(group, original)) is Code.ALREADY_REVERSED
    assert refused(give_back(group, len(group.events) - 1)) is Code.REVERSAL_UNKNOWN
    assert group.folded().agreeing.reversed.get(original) == original + 1


def test_giving_back_is_for_coordinators_and_keeps_limits(group: Group) -> None:
    anna, bea, *_ = group.members
    book(group, [(anna, 90)], gives=True)
    original = len(group.events) - 1
    group.pay(anna, bea, 90)
    group.do(SetLimits(anna, -10, None))

    assert refused(give_back(group, original, actor=anna)) is Code.FORBIDDEN
    assert refused(give_back(group, original)) is Code.PAYER_LIMIT
    assert refused(give_back(group, 0)) is Code.REVERSAL_UNKNOWN


def test_no_member_gives_its_own_part_back_alone(group: Group) -> None:
    anna, *_ = group.members
    book(group, [(anna, 5)], gives=True)
    original = len(group.events) - 1

    assert refused(group.do(ReverseBooking(salt("a"), original, anna))) is Code.REVERSAL_UNKNOWN
    back = AskBack(salt("b"), original, one_of(group))
    assert refused(group.do(back)) is Code.REVERSAL_UNKNOWN


def test_who_would_pass_a_limit_is_skipped_or_gives_what_is_possible(group: Group) -> None:
    anna, bea, carl, gone = group.members
    group.do(SetLimits(anna, -3, None))
    group.do(SetStatus(gone, AccountStatus.INACTIVE))
    asked = [(anna, 5), (bea, 5), (carl, 5), (gone, 5)]

    skipped, lowered = (plan(group, asked, beyond=beyond) for beyond in Beyond)

    assert [row.amount_minor for row in skipped.rows] == [0, 5, 5, 0]
    assert [row.amount_minor for row in lowered.rows] == [3, 5, 5, 0]
    codes = [row.refusal and row.refusal.code for row in lowered.rows]
    assert codes == [Code.PAYER_LIMIT, None, None, Code.ACCOUNT_INACTIVE]
    assert [row.after_minor for row in lowered.rows] == [-3, -5, -5, 0]
    assert (lowered.total_minor, lowered.one_after_minor, lowered.refusal) == (13, 13, None)


def test_beyond_a_soft_limit_it_is_booked_all_the_same_and_said(group: Group) -> None:
    anna, bea, *_ = group.members
    limits = Limits(lower_minor=-100, upper_minor=100, soft_lower_minor=-4)
    group.do(SetGroupLimits(salt("limits"), None, limits))

    planned = plan(group, [(anna, 5), (bea, 4)])

    assert [(row.amount_minor, row.soft) for row in planned.rows] == [(5, True), (4, False)]
    assert not isinstance(book(group, planned.shares), Refusal)


weights = st.dictionaries(st.integers(1, 400), st.integers(0, 10**9), max_size=60)


@given(st.integers(0, 10**9), weights)
def test_a_total_is_spread_to_the_last_unit_and_nobody_is_a_unit_off(
    total: int, weighing: dict[int, int]
) -> None:
    shares = spread(total, weighing)

    every = sum(weighing.values())
    assert sum(amount for _, amount in shares) == (total if every else 0)
    for account, amount in shares:
        assert abs(Fraction(total * weighing[account], every) - amount) < 1
    by_weight = sorted(shares, key=lambda share: weighing[share[0]])
    for (lighter, less), (heavier, more) in pairwise(by_weight):
        assert less <= more or weighing[lighter] == weighing[heavier]


@given(
    st.booleans(),
    st.sampled_from(Beyond),
    st.lists(st.integers(0, 160), min_size=4, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 90)), max_size=6),
    st.lists(st.sampled_from(AccountStatus), min_size=4, max_size=4),
)
def test_what_was_planned_is_booked_as_it_was_shown_and_given_back(
    gives: bool,
    beyond: Beyond,
    amounts: list[int],
    moves: list[tuple[int, int, int]],
    statuses: list[AccountStatus],
) -> None:
    group = Group(lower=-100, upper=100)
    for number, (payer, payee, amount) in enumerate(moves):
        if payer != payee:
            first, second = group.members[payer], group.members[payee]
            group.do(transfer(number, first, second, amount))
    for member, status in zip(group.members, statuses, strict=True):
        group.do(SetStatus(member, status))
    before = group.balances()

    planned = plan(
        group, list(zip(group.members, amounts, strict=True)), gives=gives, beyond=beyond
    )
    answer = book(group, planned.shares, gives=gives)

    if planned.refusal is not None:
        assert answer == planned.refusal
        assert not planned.shares
        return
    assert not isinstance(answer, Refusal)
    assert group.balances() == [row.after_minor for row in planned.rows]
    assert group.books.ledger.balance(one_of(group)) == planned.one_after_minor
    for row in planned.rows:
        assert row.amount_minor <= row.asked_minor
        assert (row.refusal is None) is (row.amount_minor == row.asked_minor) or not row.asked_minor
    leaving = [status is AccountStatus.LEAVING for status in statuses]
    back = give_back(group, len(group.events) - 1)
    if not any(leaving):
        assert not isinstance(back, Refusal)
        assert group.balances() == before
    assert sum(group.folded().ledger.balance(m) for m in [*group.members, one_of(group)]) == 0


def transfer(number: int, payer: int, payee: int, amount: int) -> Any:
    return Transfer(salt("pay", number), payer, payee, amount)
