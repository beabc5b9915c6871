"""The list of members: whom it shows, in which order; the same list for page, file and mail."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from federation.group.member_list import (
    Column,
    Member,
    Order,
    Shown,
    Standing,
    Wanted,
    columns_of,
    listed,
    standing_of,
)
from schemas.bodies import AccountStatus

TEXTS = st.text("abcé01 ", max_size=4)
MEMBERS = st.lists(
    st.builds(
        lambda account, name, standing, balance, place: Member(
            account=account,
            code=f"{account:03}",
            name=name,
            standing=standing,
            balance=balance,
            lower=None,
            upper=None,
            given=0,
            since_s=account * 7 % 5,
            place=place,
        ),
        st.integers(1, 40),
        TEXTS,
        st.sampled_from(Standing),
        st.integers(-5, 5),
        TEXTS,
    ),
    max_size=12,
    unique_by=lambda member: member.account,
)


@given(MEMBERS, st.sampled_from(Shown), st.sampled_from(Order), st.booleans(), TEXTS)
def test_who_is_listed_is_wanted_and_nobody_who_is_wanted_is_left_out(
    members: list[Member], shown: Shown, order: Order, falling: bool, words: str
) -> None:
    found = listed(members, Wanted(words, shown, order, falling))

    for member in members:
        text = f"{member.code} {member.name} {member.place}".casefold()
        said = all(word in text for word in words.casefold().split())
        assert (member in found) is (shown.admits(member.standing) and said)
    assert len(found) == len(set(found))


@given(MEMBERS, st.sampled_from(Order))
def test_the_other_way_round_turns_the_order_but_not_that_of_equals(
    members: list[Member], order: Order
) -> None:
    everybody = Wanted(shown=Shown.EVERYBODY, order=order)
    rising, falling = listed(members, everybody), listed(members, everybody._replace(falling=True))

    balances = [member.balance for member in falling]
    if order is Order.BALANCE:
        assert balances == sorted(balances, reverse=True)
        assert all(
            one.code < other.code
            for one, other in pairwise(falling)
            if one.balance == other.balance
        )
    assert sorted(rising) == sorted(falling)


def test_codes_that_are_numbers_stand_as_numbers() -> None:
    def one(number: int, code: str) -> Member:
        return Member(number, code, "", Standing.ACTIVE, 0, None, None, 0, 0)

    found = listed([one(1, "100"), one(2, "9"), one(3, "20")], Wanted())

    assert [member.code for member in found] == ["9", "20", "100"]


def test_every_status_has_a_place_and_a_newcomer_is_active() -> None:
    new_or_not = (False, True)
    said = {
        (one, new): standing_of(one, newcomer=new) for one in AccountStatus for new in new_or_not
    }

    assert set(said.values()) == set(Standing)
    assert said[AccountStatus.ACTIVE, True] is Standing.NEWCOMER
    assert said[AccountStatus.LEAVING, True] is Standing.LEAVER


def test_columns_come_in_their_order_and_what_is_none_is_left_out() -> None:
    assert columns_of(["note", "secret", "status", "note"]) == (Column.STATUS, Column.NOTE)
