"""Who is found by name from other groups: only with the group's yes and the member's own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.group.commands import SetStatus
from federation.group.erasing import EraseMember
from federation.group.member_commands import (
    AppointHelper,
    PausePosts,
    ResumePosts,
    SetRules,
    ShareName,
)
from federation.group.shared_names import all_found_elsewhere, found_elsewhere
from schemas.bodies import AccountStatus
from schemas.errors import Code
from tests.federation.group.test_members import KEY, MEMBERS, NOW_S, Town


def found(town: Town) -> list[int]:
    return all_found_elsewhere(town.books, now_s=town.now_s)


def test_nobody_is_found_before_both_the_group_and_the_member_said_yes() -> None:
    town = Town()
    assert town.refused(ShareName(KEY, 2, 2, shares=True)) is Code.NAMES_NOT_SHARED
    assert town.do(SetRules(KEY, 4, names_shared=True)) == 0
    assert found(town) == []

    assert town.do(ShareName(KEY, 2, 2, shares=True)) == 2

    assert found(town) == [2]
    assert town.refused(ShareName(KEY, 2, 2, shares=True)) is Code.ALREADY_SO
    assert town.do(ShareName(KEY, 2, 2, shares=False)) == 2
    assert found(town) == []


def test_nobody_says_yes_for_another_and_who_acts_for_it_may_say_no() -> None:
    town = Town()
    town.do(SetRules(KEY, 4, names_shared=True))
    town.do(AppointHelper(KEY, 2, 2, 3))

    for actor in (None, 3, 4):
        assert town.refused(ShareName(KEY, actor, 2, shares=True)) is Code.NOT_YOURS
    assert town.refused(ShareName(KEY, 5, 5, shares=True)) is Code.ACCOUNT_INACTIVE
    assert town.refused(ShareName(KEY, 1, 1, shares=True)) is Code.ACCOUNT_UNKNOWN

    for actor in (None, 2, 3, 4):
        town.do(ShareName(KEY, 2, 2, shares=True))
        assert town.do(ShareName(KEY, actor, 2, shares=False)) == 2
    assert town.refused(ShareName(KEY, 2, 3, shares=False)) is Code.NOT_YOURS


def test_a_no_is_heard_where_the_group_shares_no_names_any_more() -> None:
    town = Town()
    town.do(SetRules(KEY, 4, names_shared=True))
    town.do(ShareName(KEY, 2, 2, shares=True))
    town.do(SetRules(KEY, 4, names_shared=False))
    assert found(town) == []

    assert town.do(ShareName(KEY, 2, 2, shares=False)) == 2
    town.do(SetRules(KEY, 4, names_shared=True))

    assert found(town) == []


def test_a_rule_of_the_group_changes_without_the_other() -> None:
    town = Town()
    town.do(SetRules(KEY, 4, members_see_balances=True))
    town.do(SetRules(KEY, 4, names_shared=True))

    assert town.books.members.members_see_balances
    assert town.books.members.names_shared
    assert town.refused(SetRules(KEY, 4, names_shared=True)) is Code.ALREADY_SO
    assert town.refused(SetRules(KEY, 4)) is Code.ALREADY_SO
    assert town.refused(SetRules(KEY, 3, names_shared=False)) is Code.FORBIDDEN


def test_who_is_away_is_found_again_at_the_end_of_it() -> None:
    town = Town()
    town.do(SetRules(KEY, 4, names_shared=True))
    town.do(ShareName(KEY, 2, 2, shares=True))
    town.do(PausePosts(KEY, 2, 2, NOW_S + 100))
    assert found(town) == []

    town.now_s = NOW_S + 100

    assert found(town) == [2]


@pytest.mark.parametrize("status", list(AccountStatus))
def test_only_an_active_member_is_found(status: AccountStatus) -> None:
    town = Town()
    town.do(SetRules(KEY, 4, names_shared=True))
    town.do(ShareName(KEY, 2, 2, shares=True))
    town.do(SetStatus(2, status))

    assert found(town) == ([2] if status is AccountStatus.ACTIVE else [])


switches = st.booleans()
who = st.sampled_from(MEMBERS)
commands: st.SearchStrategy[Any] = st.one_of(
    st.builds(SetRules, st.just(KEY), st.sampled_from([None, 3, 4]), st.none(), switches),
    st.builds(ShareName, st.just(KEY), st.sampled_from([None, *MEMBERS]), who, switches),
    st.builds(PausePosts, st.just(KEY), st.none(), who, st.sampled_from([None, NOW_S + 5])),
    st.builds(ResumePosts, st.just(KEY), st.none(), who),
    st.builds(SetStatus, who, st.sampled_from(list(AccountStatus))),
    st.builds(EraseMember, st.just(KEY), st.none(), who),
)


@given(st.lists(st.tuples(commands, st.integers(0, 9)), max_size=30))
def test_whatever_is_done_in_any_order_only_who_said_yes_last_is_found(
    story: list[tuple[Any, int]],
) -> None:
    """The rule once more, from what was accepted alone; the code is not asked how."""
    town = Town()
    group, said, away = False, dict[int, bool](), dict[int, int | None]()
    erased: set[int] = set()
    for command, later_s in story:
        town.now_s += later_s
        if town.refused(command) is not None:
            continue
        match command:
            case SetRules():
                group = bool(command.names_shared)
            case ShareName():
                assert not command.shares or (command.actor == command.account and group)
                said[command.account] = command.shares
            case PausePosts():
                away[command.account] = command.until_s
            case ResumePosts():
                away.pop(command.account, None)
            case EraseMember():
                erased.add(command.account)
            case _:
                pass
        accounts = town.books.ledger.accounts
        expected = [
            one
            for one in MEMBERS
            if group
            and said.get(one, False)
            and one not in erased
            and accounts[one].status is AccountStatus.ACTIVE
            and not (one in away and ((end := away[one]) is None or town.now_s < end))
        ]
        assert found(town) == expected
        assert expected == [o for o in MEMBERS if found_elsewhere(town.books, o, now_s=town.now_s)]
