"""Who left long ago is told, then erased: the rules over numbers, and over books in memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.group import agreeing, leavers
from federation.group import member_commands as members
from federation.group.commands import SetStatus
from federation.group.erasing import COOLING_OFF_S, AskErasure, EraseMember
from federation.group.leavers import DAY_S, NOTICE_S, Leaving, Notice, to_erase, to_forget, to_tell
from federation.group.statuses import becomes
from schemas.bodies import AccountStatus, MemberErased
from schemas.errors import Code, Refusal
from schemas.member_bodies import Role
from schemas.openings import PersonText
from tests.federation.group.group import NOW, Group, salt
from tests.federation.group.test_merging import merge

PAST = 180 * DAY_S
GONE, ACTIVE = AccountStatus.INACTIVE, AccountStatus.ACTIVE

moments = st.integers(0, 400 * DAY_S)
choices = st.none() | st.integers(180, 300)
accounts = st.integers(1, 4)
knowns = st.builds(
    Leaving,
    st.dictionaries(accounts, moments),
    st.lists(st.builds(Notice, accounts, moments, moments), unique_by=lambda one: one.account),
    choices,
)


@given(knowns, moments)
def test_nobody_is_told_and_erased_and_forgotten_at_once(known: Leaving, now_s: int) -> None:
    tells, erases, forgets = (rule(known, now_s=now_s) for rule in (to_tell, to_erase, to_forget))

    told = {one.account for one in known.told}
    assert not set(tells) & set(erases)
    assert not set(erases) & set(forgets)
    assert set(erases) | set(forgets) <= told
    assert set(tells) | set(erases) <= set(known.left)


@given(knowns, moments)
def test_a_group_that_chose_never_tells_and_erases_nobody(known: Leaving, now_s: int) -> None:
    never = known._replace(days=None)

    assert to_tell(never, now_s=now_s) == to_erase(never, now_s=now_s) == []
    assert to_forget(never, now_s=now_s) == sorted(one.account for one in known.told)


@given(knowns, moments, moments)
def test_who_is_due_stays_so_as_time_goes_by(known: Leaving, now_s: int, later_s: int) -> None:
    for rule in (to_tell, to_erase):
        assert set(rule(known, now_s=now_s)) <= set(rule(known, now_s=now_s + later_s))


@given(
    st.lists(
        st.tuples(st.just("wait"), st.integers(1, 200))
        | st.tuples(st.sampled_from(["leave", "return"]), accounts)
        | st.tuples(st.just("choose"), choices),
        max_size=40,
    )
)
def test_whatever_happens_nobody_goes_without_fourteen_days_in_which_it_was_so(
    steps: list[tuple[str, int | None]],
) -> None:
    """After each step a round; what it may do is said here by what was so at each moment since."""
    now_s, days, left = 0, None, dict[int, int]()
    notices: dict[int, Notice] = {}
    told_s: dict[int, int] = {}
    """When somebody was told, of whom nothing has become untrue since."""
    for step, value in steps:
        match step, value:
            case "wait", int(passed):
                now_s += passed * DAY_S
            case "leave", int(account):
                left.setdefault(account, now_s)
            case "return", int(account):
                left.pop(account, None)
                told_s.pop(account, None)
            case _:
                days = value
        late = {one for one, at_s in left.items() if days and at_s + days * DAY_S <= now_s}
        told_s = {one: at_s for one, at_s in told_s.items() if one in late}

        for one in to_forget(Leaving(left, [*notices.values()], days), now_s=now_s):
            del notices[one]
        known = Leaving(left, [*notices.values()], days)
        erases, tells = to_erase(known, now_s=now_s), to_tell(known, now_s=now_s)

        assert set(erases) == {one for one in told_s if told_s[one] + 14 * DAY_S <= now_s}
        assert set(tells) == late - set(told_s)
        for one in erases:
            del left[one], notices[one], told_s[one]
        for one in tells:
            notices[one], told_s[one] = Notice(one, left[one], now_s), now_s


def test_the_last_second_before_counts_as_before() -> None:
    known = Leaving({1: NOW}, [], 180)
    assert to_tell(known, now_s=NOW + PAST - 1) == []
    assert to_tell(known, now_s=NOW + PAST) == [1]

    known = known._replace(told=[Notice(1, NOW, NOW + PAST)])
    assert to_erase(known, now_s=NOW + PAST + NOTICE_S - 1) == []
    assert to_erase(known, now_s=NOW + PAST + NOTICE_S) == [1]
    assert to_tell(known, now_s=NOW + PAST + NOTICE_S) == []


def test_a_notice_about_an_earlier_leaving_is_none() -> None:
    known = Leaving({1: NOW + 9}, [Notice(1, NOW, NOW + PAST)], 180)
    later_s = NOW + 2 * PAST

    assert to_erase(known, now_s=later_s) == []
    assert to_forget(known, now_s=later_s) == to_tell(known, now_s=later_s) == [1]


@pytest.fixture
def group() -> Group:
    made = Group(lower=-240, upper=240)
    made.do(members.GiveRole(salt("role"), None, made.members[2], Role.COORDINATOR))
    return made


def leave(group: Group, account: int, status: AccountStatus = GONE) -> None:
    assert group.do(SetStatus(account, status, group.members[2])) == account


def erase(group: Group, account: int, left_by_s: int) -> object:
    answer = group.do(EraseMember(salt(len(group.events)), None, account, left_by_s=left_by_s))
    return answer.code if isinstance(answer, Refusal) else answer


def test_somebody_is_gone_since_the_event_that_said_so(group: Group) -> None:
    anna, bea, *_ = group.members
    group.now_s += 5
    leave(group, anna)
    group.now_s += 5
    leave(group, bea, AccountStatus.LEAVING)  # at zero, so gone at once

    assert leavers.who_left(group.books) == {anna: NOW + 5, bea: NOW + 10}


def test_who_is_gone_already_stays_gone_since_then(group: Group) -> None:
    anna = group.members[0]
    leave(group, anna)
    group._append(becomes(anna, GONE, now_s=NOW + 5))  # as merging a double says once more

    assert leavers.who_left(group.books) == {anna: NOW}


def test_who_only_leaves_is_not_gone_until_the_account_is_at_zero(group: Group) -> None:
    anna, bea, *_ = group.members
    group.pay(anna, bea, 30)
    leave(group, anna, AccountStatus.LEAVING)
    assert leavers.who_left(group.books) == {}
    group.now_s += 7
    group.pay(bea, anna, 30)
    leave(group, anna)

    assert leavers.who_left(group.books) == {anna: NOW + 7}


def test_who_comes_back_and_leaves_again_is_gone_since_then(group: Group) -> None:
    anna = group.members[0]
    leave(group, anna)
    leave(group, anna, ACTIVE)
    assert leavers.who_left(group.books) == {}
    group.now_s += PAST
    leave(group, anna)

    assert leavers.who_left(group.books) == {anna: NOW + PAST}


def test_a_double_goes_with_the_account_that_goes_on_for_it(group: Group) -> None:
    anna, bea, *_ = group.members
    assert merge(group, bea, anna) == anna
    assert leavers.who_left(group.books) == {}
    group.now_s += 5
    leave(group, anna)
    assert leavers.who_left(group.books) == {anna: NOW + 5}

    assert erase(group, anna, NOW + 5) == anna
    assert group.books.members.is_erased(bea)


def test_who_asked_to_be_erased_goes_by_its_own_wish(group: Group) -> None:
    anna = group.members[0]
    group.do(AskErasure(salt("ask"), anna, anna))
    leave(group, anna)
    assert leavers.who_left(group.books) == {}
    assert erase(group, anna, NOW) is Code.FORBIDDEN
    group.now_s += COOLING_OFF_S

    assert group.do(EraseMember(salt("due"), None, anna, due=True)) == anna
    assert leavers.who_left(group.books) == {}


def test_nobody_is_erased_by_the_clock_but_who_left_by_then(group: Group) -> None:
    anna, bea, *_ = group.members
    leave(group, anna)

    assert erase(group, bea, NOW + PAST) is Code.FORBIDDEN
    assert erase(group, anna, NOW - 1) is Code.FORBIDDEN
    leave(group, anna, ACTIVE)
    assert erase(group, anna, NOW) is Code.FORBIDDEN
    leave(group, anna)
    assert erase(group, anna, NOW) == anna
    assert erase(group, anna, NOW) is Code.ACCOUNT_UNKNOWN


def test_the_clock_erases_nobody_whose_account_is_not_at_zero(group: Group) -> None:
    anna, bea, *_ = group.members
    group.pay(anna, bea, 30)
    leave(group, anna)

    assert erase(group, anna, NOW) is Code.TRADES_OPEN
    leave(group, anna, ACTIVE)
    group.pay(bea, anna, 30)
    leave(group, anna)
    assert erase(group, anna, NOW) == anna


def test_the_clock_erases_nobody_who_has_something_open(group: Group) -> None:
    anna, bea, *_ = group.members
    group.do(agreeing.AskPayment(salt("ask"), anna, bea, 5))
    leave(group, anna)

    assert erase(group, anna, NOW) is Code.TRADES_OPEN
    group.do(agreeing.DeclineAsked(salt("ask"), anna))
    assert erase(group, anna, NOW) == anna


def test_a_whole_household_goes_with_its_account_and_by_nobody(group: Group) -> None:
    anna = group.members[0]
    kin = PersonText(name="Kim", address="kim@voorbeeld.be")
    group.do(members.JoinPerson(salt("j"), anna, anna, salt("kin"), kin))
    leave(group, anna)

    assert erase(group, anna, NOW) == anna

    (gone,) = [one.body for one in group.events if isinstance(one.body, MemberErased)]
    assert len(gone.subjects) == 2
    assert gone.entered_by is None
