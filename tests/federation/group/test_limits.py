"""How far balances may go: the group's limits, one's own, newcomers', and limits that grow."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.group import commands
from federation.group.agreeing import ReverseBooking
from federation.group.commands import SetGroupLimits, SetLimits, SetStatus
from federation.group.member_commands import GiveRole
from projections.room import (
    growth,
    is_newcomer,
    limits,
    passes_soft_limit,
    room_to_give,
    room_to_take,
)
from schemas.bodies import AccountKind, AccountStatus, GroupLimits
from schemas.errors import Code, Refusal
from schemas.limit_bodies import Limits
from schemas.member_bodies import Role
from tests.federation.group.group import NOW, Group, salt

DAY_S: Final = 86_400


@pytest.fixture
def group() -> Group:
    return Group(lower=-240, upper=240)


def set_limits(group: Group, **said: int) -> object:
    name = len(group.events)
    return group.do(SetGroupLimits(salt("limits", name), None, Limits(**said)))


def pay(group: Group, payer: int, payee: int, amount: int) -> object:
    key = salt("pay", len(group.events), payer, payee, amount)
    return group.do(commands.Transfer(key, payer, payee, amount))


def in_force(group: Group, account: int) -> tuple[int | None, int | None]:
    ledger = group.books.ledger
    return limits(ledger, ledger.accounts[account], now_s=group.now_s)


def test_the_newest_limits_of_the_group_count_and_keep_its_unit(group: Group) -> None:
    before = group.books.ledger.settings
    assert before is not None

    assert set_limits(group, lower_minor=-100, upper_minor=50, soft_lower_minor=-80) == 0

    after = group.books.ledger.settings
    assert after is not None
    assert after.unit == before.unit
    assert (after.limits.lower_minor, after.limits.upper_minor) == (-100, 50)
    assert (after.limits.soft_lower_minor, after.limits.soft_upper_minor) == (-80, None)
    assert in_force(group, group.members[0]) == (-100, 50)


def test_another_rate_leaves_the_limits_that_it_does_not_name(group: Group) -> None:
    set_limits(group, lower_minor=-100, upper_minor=100, newcomer_days=30)
    settings = group.books.ledger.settings
    assert settings is not None

    group.do(commands.Configure(settings.unit, -90, 100))

    after = group.books.ledger.settings
    assert after is not None
    assert (after.limits.lower_minor, after.limits.newcomer_days) == (-90, 30)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"lower_minor": 1}, "lower_minor"),
        ({"upper_minor": -1}, "upper_minor"),
        ({"lower_minor": -10, "soft_lower_minor": -11}, "soft_lower_minor"),
        ({"upper_minor": 10, "soft_upper_minor": 11}, "soft_upper_minor"),
        ({"soft_lower_minor": 1}, "soft_lower_minor"),
        ({"lower_minor": -10, "newcomer_lower_minor": -11}, "newcomer_lower_minor"),
        ({"upper_minor": 10, "newcomer_upper_minor": 11}, "newcomer_upper_minor"),
    ],
)
def test_limits_that_do_not_fit_together_are_refused_by_their_field(
    group: Group, said: dict[str, int], field: str
) -> None:
    assert set_limits(group, **said) == Refusal(Code.LIMITS_ORDER, {"field": field})


def test_the_same_limits_again_are_no_event(group: Group) -> None:
    set_limits(group, lower_minor=-10, upper_minor=10)

    again = set_limits(group, lower_minor=-10, upper_minor=10)

    assert again == Refusal(Code.ALREADY_SO, {"field": "limits"})


def test_only_a_coordinator_sets_limits_and_stands_on_record(group: Group) -> None:
    anna, bea = group.members[:2]
    forbidden = Refusal(Code.FORBIDDEN, {"field": "account"})
    said = Limits(lower_minor=-1, upper_minor=1)
    assert group.do(SetGroupLimits(salt("a"), anna, said)) == forbidden
    assert group.do(SetLimits(bea, -5, 5, actor=anna)) == forbidden
    assert group.do(SetStatus(bea, AccountStatus.LEAVING, actor=anna)) == forbidden

    group.do(GiveRole(salt("role"), None, anna, Role.COORDINATOR))

    assert group.do(SetGroupLimits(salt("b"), anna, said)) == 0
    body = group.events[-1].body
    assert isinstance(body, GroupLimits)
    assert body.entered_by == anna
    assert group.do(SetLimits(bea, -5, 5, actor=anna)) == bea
    assert in_force(group, bea) == (-5, 5)


def test_a_newcomer_has_the_narrower_limits_until_its_days_are_over(group: Group) -> None:
    anna, bea = group.members[:2]
    set_limits(
        group, lower_minor=-240, newcomer_days=30, newcomer_lower_minor=-60, newcomer_upper_minor=90
    )

    assert in_force(group, anna) == (-60, 90)
    assert pay(group, anna, bea, 61) == Refusal(
        Code.PAYER_LIMIT, {"field": "payer", "possible_minor": 60}
    )
    group.now_s = NOW + 30 * DAY_S - 1
    assert in_force(group, anna) == (-60, 90)
    group.now_s = NOW + 30 * DAY_S
    assert in_force(group, anna) == (-240, None)
    assert not isinstance(pay(group, anna, bea, 61), Refusal)


def test_a_limit_of_ones_own_comes_before_the_one_of_newcomers(group: Group) -> None:
    anna = group.members[0]
    set_limits(group, lower_minor=-240, newcomer_days=30, newcomer_lower_minor=-60)

    group.do(SetLimits(anna, -100, None))

    assert in_force(group, anna) == (-100, None)


def test_who_asked_for_information_books_nothing_and_is_a_newcomer_from_the_day_of_joining(
    group: Group,
) -> None:
    anna, bea = group.members[:2]
    set_limits(group, newcomer_days=10, newcomer_lower_minor=-5)
    group.do(SetStatus(anna, AccountStatus.INFORMATION))
    group.now_s = NOW + 50 * DAY_S
    inactive = Code.ACCOUNT_INACTIVE
    assert pay(group, anna, bea, 1) == Refusal(inactive, {"field": "payer"})
    assert pay(group, bea, anna, 1) == Refusal(inactive, {"field": "payee"})

    group.do(SetStatus(anna, AccountStatus.ACTIVE))

    ledger = group.books.ledger
    assert is_newcomer(ledger, ledger.accounts[anna], now_s=group.now_s)
    assert not is_newcomer(ledger, ledger.accounts[bea], now_s=group.now_s)
    assert in_force(group, anna) == (-5, None)


def test_limits_grow_with_what_a_member_gave_up_to_the_most(group: Group) -> None:
    anna, bea = group.members[:2]
    set_limits(group, lower_minor=-100, upper_minor=100, growth_percent=25, growth_most_minor=20)
    group.pay(anna, bea, 43)

    assert in_force(group, bea) == (-110, 110)
    assert in_force(group, anna) == (-100, 100)
    group.pay(anna, bea, 50)
    assert in_force(group, bea) == (-120, 120)


def test_what_is_given_back_makes_no_room(group: Group) -> None:
    anna, bea = group.members[:2]
    set_limits(group, lower_minor=-100, growth_percent=100, growth_most_minor=1_000)
    booked = group.pay(anna, bea, 40)

    group.do(ReverseBooking(salt("back"), booked, bea))

    assert in_force(group, bea) == (-100, None)
    assert in_force(group, anna) == (-100, None)


def test_a_soft_limit_warns_and_refuses_nothing(group: Group) -> None:
    anna, bea = group.members[:2]
    set_limits(group, lower_minor=-100, soft_lower_minor=-50, soft_upper_minor=50)
    ledger = group.books.ledger

    assert not passes_soft_limit(ledger, ledger.accounts[anna], -50)
    assert passes_soft_limit(ledger, ledger.accounts[anna], -51)
    assert not passes_soft_limit(ledger, ledger.accounts[bea], 50)
    assert passes_soft_limit(ledger, ledger.accounts[bea], 51)
    assert not isinstance(pay(group, anna, bea, 60), Refusal)
    assert not passes_soft_limit(ledger, ledger.accounts[anna], 5)


def test_only_members_have_the_groups_limits(group: Group) -> None:
    set_limits(group, lower_minor=-1, soft_lower_minor=-1, newcomer_days=9, growth_percent=9)
    ledger = group.books.ledger
    account = ledger.account_of_kind(AccountKind.GROUP)
    assert account is not None

    assert limits(ledger, account, now_s=group.now_s) == (None, None)
    assert not is_newcomer(ledger, account, now_s=group.now_s)
    assert not passes_soft_limit(ledger, account, -100)


@given(
    moves=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 120)), max_size=30
    ),
    percent=st.integers(0, 200),
    most=st.integers(0, 300),
    lower=st.integers(-200, 0),
    newcomer=st.integers(-200, 0),
    days=st.integers(0, 3),
)
def test_no_booking_leaves_a_payer_below_the_limit_in_force(
    moves: list[tuple[int, int, int]],
    percent: int,
    most: int,
    lower: int,
    newcomer: int,
    days: int,
) -> None:
    group = Group()
    set_limits(
        group,
        lower_minor=lower,
        upper_minor=-lower,
        newcomer_days=days,
        newcomer_lower_minor=max(newcomer, lower),
        growth_percent=percent,
        growth_most_minor=most,
    )
    ledger = group.books.ledger
    for payer, payee, amount in moves:
        group.now_s += DAY_S // 3
        first, second = group.members[payer], group.members[payee]
        bottom, top = in_force(group, first)[0], in_force(group, second)[1]
        answer = pay(group, first, second, amount)
        if isinstance(answer, Refusal):
            continue
        assert bottom is not None
        assert top is not None
        assert ledger.balance(first) >= bottom
        assert ledger.balance(second) <= top
    for number in group.members:
        account = ledger.accounts[number]
        assert 0 <= growth(ledger, account) <= most
        assert (room_to_give(ledger, account, now_s=group.now_s) or 0) >= 0
        assert (room_to_take(ledger, account, now_s=group.now_s) or 0) >= 0
    again = group.folded().ledger
    assert [again.given.get(m) for m in group.members] == [
        ledger.given.get(m) for m in group.members
    ]
