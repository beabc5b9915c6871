"""How a member leaves: posts end at once, the account at zero with nothing open."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.group import agreeing, commands
from federation.group import member_commands as members
from federation.group.commands import CloseLeft, SetStatus
from federation.group.statuses import who_has_left
from schemas.bodies import AccountStatus, PostEnded
from schemas.openings import PostText
from tests.federation.group.group import NOW, Group, salt

LEAVING, INACTIVE, ACTIVE = AccountStatus.LEAVING, AccountStatus.INACTIVE, AccountStatus.ACTIVE


@pytest.fixture
def group() -> Group:
    return Group(lower=-240, upper=240)


def status(group: Group, account: int) -> AccountStatus:
    return group.books.ledger.accounts[account].status


def place(group: Group, account: int) -> int:
    post: int = group.do(offer(salt("post", len(group.events)), account))
    return post


def offer(key: str, account: int) -> members.PlacePost:
    return members.PlacePost(key, account, account, False, PostText(title="Fiets"), NOW + 9_999)


def ended(group: Group) -> list[int]:
    return [event.body.post for event in group.events if isinstance(event.body, PostEnded)]


def test_the_posts_of_a_leaver_end_at_once_and_nobody_elses(group: Group) -> None:
    anna, bea, *_ = group.members
    group.pay(anna, bea, 30)
    first, second = place(group, anna), place(group, anna)
    place(group, bea)
    group.do(members.EndPost(salt("end"), anna, first))

    assert group.do(SetStatus(anna, LEAVING)) == anna

    assert ended(group) == [first, second]
    assert status(group, anna) is LEAVING


def test_a_leaver_at_zero_is_gone_at_once(group: Group) -> None:
    anna, *_ = group.members

    assert group.do(SetStatus(anna, LEAVING)) == anna

    assert status(group, anna) is INACTIVE


def test_a_leaver_is_gone_when_the_balance_came_to_zero_and_only_once(group: Group) -> None:
    anna, bea, *_ = group.members
    group.pay(anna, bea, 30)
    group.do(SetStatus(anna, LEAVING))
    later = place(group, anna)

    group.pay(bea, anna, 29)
    assert group.do(CloseLeft()) == 0
    group.pay(bea, anna, 1)
    assert who_has_left(group.books) == [anna]
    assert group.do(CloseLeft()) == 1

    assert status(group, anna) is INACTIVE
    assert ended(group) == [later]
    assert group.do(CloseLeft()) == 0


def test_who_is_asked_for_units_stays_until_that_has_an_answer(group: Group) -> None:
    anna, bea, *_ = group.members
    group.do(agreeing.AskPayment(salt("ask"), anna, bea, 5))

    group.do(SetStatus(anna, LEAVING))
    group.do(SetStatus(bea, LEAVING))
    assert (status(group, anna), status(group, bea)) == (LEAVING, LEAVING)
    group.do(agreeing.DeclineAsked(salt("ask"), anna))

    assert group.do(CloseLeft()) == 2
    assert (status(group, anna), status(group, bea)) == (INACTIVE, INACTIVE)


def test_who_comes_back_is_a_member_and_the_posts_stay_ended(group: Group) -> None:
    anna, bea, *_ = group.members
    group.pay(anna, bea, 30)
    place(group, anna)
    group.do(SetStatus(anna, LEAVING))

    assert group.do(SetStatus(anna, ACTIVE)) == anna
    group.pay(bea, anna, 30)

    assert group.do(CloseLeft()) == 0
    assert len(ended(group)) == 1


def test_a_status_that_stands_already_makes_no_event(group: Group) -> None:
    before = len(group.events)

    assert group.do(SetStatus(group.members[0], ACTIVE)) == group.members[0]

    assert len(group.events) == before


MOVES = st.lists(
    st.tuples(
        st.sampled_from(("pay", "ask", "consent", "decline", "status", "post")),
        st.integers(0, 3),
        st.integers(0, 3),
        st.integers(1, 40),
        st.sampled_from(AccountStatus),
    ),
    max_size=40,
)


@given(MOVES)
def test_a_leaver_only_nears_zero_and_is_gone_exactly_there(
    moves: list[tuple[str, int, int, int, AccountStatus]],
) -> None:
    group = Group(lower=-100, upper=100)
    for number, (kind, one, other, amount, new) in enumerate(moves):
        first, second = group.members[one], group.members[other]
        before = {m: (status(group, m), group.books.ledger.balance(m)) for m in group.members}
        key, asked = salt("move", number), salt("move", number - 1)
        command: Any = {
            "pay": commands.Transfer(key, first, second, amount),
            "ask": agreeing.AskPayment(key, first, second, amount),
            "consent": agreeing.ConsentToAsked(key, asked, first),
            "decline": agreeing.DeclineAsked(asked, first),
            "status": SetStatus(first, new),
            "post": offer(key, first),
        }[kind]
        group.do(command)
        group.do(CloseLeft())

        for member, (was, had) in before.items():
            has = group.books.ledger.balance(member)
            if was is LEAVING:
                assert abs(has) <= abs(had)
                assert has * had >= 0
            if was is LEAVING and status(group, member) is INACTIVE and kind != "status":
                assert has == 0
                assert all(
                    p.ended for p in group.books.members.posts.values() if p.account == member
                )
        assert not who_has_left(group.books)
    again = group.folded()
    assert [again.ledger.accounts[m] for m in group.members] == [
        group.books.ledger.accounts[m] for m in group.members
    ]
