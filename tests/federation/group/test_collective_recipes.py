"""Who takes part in a collective booking, and for how much."""

from __future__ import annotations

import pytest

from federation.group.collective_recipes import Basis, Whom, asked, chosen
from federation.group.commands import SetGroupLimits, SetStatus
from schemas.bodies import AccountStatus
from schemas.limit_bodies import Limits
from tests.federation.group.group import Group, salt

DAY_S = 86_400


@pytest.fixture
def group() -> Group:
    """Anna leaves, Bea and Carl are members, Dora is gone."""
    group = Group(lower=-100, upper=100)
    anna, bea, carl, dora = group.members
    group.pay(anna, bea, 30)
    group.pay(anna, carl, 15)
    group.pay(carl, bea, 5)
    group.do(SetStatus(anna, AccountStatus.LEAVING))
    group.do(SetStatus(dora, AccountStatus.INACTIVE))
    return group


def test_those_who_book_take_part_by_status(group: Group) -> None:
    anna, bea, carl, _ = group.members
    limits = Limits(newcomer_days=1)
    group.do(SetGroupLimits(salt("limits"), None, limits))

    def those(whom: Whom, one: int = 0) -> tuple[int, ...]:
        return chosen(group.books, whom, one=one, now_s=group.now_s)

    assert those(Whom.ALL) == (anna, bea, carl)
    assert those(Whom.ALL, one=bea) == (anna, carl)
    assert those(Whom.LEAVERS) == (anna,)
    assert (those(Whom.NEWCOMERS), those(Whom.SETTLED)) == ((bea, carl), ())
    group.now_s += DAY_S
    assert (those(Whom.NEWCOMERS), those(Whom.SETTLED)) == ((), (bea, carl))


@pytest.mark.parametrize(
    ("basis", "amounts"),
    [
        (Basis.EACH, (10, 10, 10)),
        (Basis.EQUAL, (4, 3, 3)),
        (Basis.BALANCE, (0, 8, 2)),  # 35 and 10 above zero: 7.8 and 2.2
        (Basis.GIVEN, (0, 7, 3)),  # 35 and 15 given
    ],
)
def test_each_is_asked_the_same_or_in_proportion(
    group: Group, basis: Basis, amounts: tuple[int, ...]
) -> None:
    anna, bea, carl, _ = group.members

    shares = asked(group.books, basis, 10, (anna, bea, carl))

    each = zip((anna, bea, carl), amounts, strict=True)
    assert shares == tuple((member, amount) for member, amount in each if amount)


@pytest.mark.parametrize("basis", [Basis.BALANCE, Basis.GIVEN])
def test_in_proportion_to_nothing_nobody_is_asked(basis: Basis) -> None:
    group = Group()

    assert asked(group.books, basis, 10, group.members) == ()
