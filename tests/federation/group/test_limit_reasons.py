"""Why limits are what they are: the numbers of the rule that binds, and where each comes from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.group.limit_reasons import LimitReason, explain
from projections.ledger import Account, Ledger, Settings
from projections.room import DAY_S, limits, room_to_give, room_to_take, soft_limits
from schemas.amounts import Rate, Unit
from schemas.bodies import AccountKind, AccountStatus
from schemas.limit_bodies import Limits

UNIT = Unit(singular="unit", plural="units", rate=Rate(20))
GROUP = Limits(
    lower_minor=-240,
    upper_minor=240,
    soft_lower_minor=-100,
    newcomer_days=90,
    newcomer_lower_minor=-60,
    growth_percent=10,
    growth_most_minor=50,
)
LATER = 100 * DAY_S


def books(
    of_group: Limits = GROUP, *, given_minor: int = 0, **said: object
) -> tuple[Ledger, Account]:
    ledger = Ledger()
    ledger.settings = Settings(unit=UNIT, limits=of_group)
    known = {"kind": AccountKind.MEMBER, "status": AccountStatus.ACTIVE, **said}
    account = Account(account=1, code="001", **known)  # type: ignore[arg-type]
    ledger.accounts.put(1, account)
    ledger.given.put(1, given_minor)
    return ledger, account


@pytest.mark.parametrize(
    ("said", "now_s", "lower", "upper"),
    [
        ({}, LATER, (-240, LimitReason.GROUP), (240, LimitReason.GROUP)),
        ({"given_minor": 200}, LATER, (-260, LimitReason.GROWN), (260, LimitReason.GROWN)),
        ({"given_minor": 9000}, LATER, (-290, LimitReason.GROWN), (290, LimitReason.GROWN)),
        ({}, 0, (-60, LimitReason.NEWCOMER), (240, LimitReason.GROUP)),
        ({"lower_minor": -500}, 0, (-500, LimitReason.OWN), (240, LimitReason.GROUP)),
        ({"unlimited": True}, LATER, (None, LimitReason.NONE), (None, LimitReason.NONE)),
        (
            {"status": AccountStatus.LEAVING},
            LATER,
            (0, LimitReason.LEAVER),
            (0, LimitReason.LEAVER),
        ),
        ({"of_group": Limits()}, LATER, (None, LimitReason.NONE), (None, LimitReason.NONE)),
        (
            {"of_group": Limits(newcomer_days=9, newcomer_lower_minor=-5)},
            0,
            (-5, LimitReason.NEWCOMER),
            (None, LimitReason.NONE),
        ),
    ],
)
def test_each_limit_says_where_it_comes_from(
    said: dict[str, object], now_s: int, lower: tuple[object, ...], upper: tuple[object, ...]
) -> None:
    found = explain(*books(**said), now_s=now_s)  # type: ignore[arg-type]

    assert (found.lower.hard_minor, found.lower.reason) == lower
    assert (found.upper.hard_minor, found.upper.reason) == upper


def test_a_newcomer_is_told_until_when_and_what_giving_does() -> None:
    found = explain(*books(given_minor=200), now_s=DAY_S)

    assert found.newcomer_until_s == 90 * DAY_S
    assert (found.given_minor, found.growth_percent, found.grown_minor) == (200, 10, 20)
    assert (found.lower.soft_minor, found.lower.soft_own) == (-100, False)
    assert explain(*books(soft_lower_minor=-9), now_s=LATER).lower.soft_own


bounds = st.none() | st.integers(0, 500)


@given(
    own=st.tuples(bounds, bounds),
    group=st.tuples(bounds, bounds),
    newcomer=st.tuples(bounds, bounds),
    given_minor=st.integers(0, 5000),
    now_s=st.sampled_from([0, LATER]),
)
def test_the_numbers_are_those_that_bind(
    own: tuple[int | None, int | None],
    group: tuple[int | None, int | None],
    newcomer: tuple[int | None, int | None],
    given_minor: int,
    now_s: int,
) -> None:
    def below(pair: tuple[int | None, int | None]) -> int | None:
        return None if pair[0] is None else -pair[0]

    of_group = Limits(
        lower_minor=below(group),
        upper_minor=group[1],
        newcomer_days=90,
        newcomer_lower_minor=below(newcomer),
        newcomer_upper_minor=newcomer[1],
        growth_percent=10,
        growth_most_minor=50,
    )
    ledger, account = books(
        of_group, given_minor=given_minor, lower_minor=below(own), upper_minor=own[1]
    )

    found = explain(ledger, account, now_s=now_s)

    assert (found.lower.hard_minor, found.upper.hard_minor) == limits(ledger, account, now_s=now_s)
    assert (found.lower.soft_minor, found.upper.soft_minor) == soft_limits(ledger, account)
    assert found.lower.room_minor == room_to_give(ledger, account, now_s=now_s)
    assert found.upper.room_minor == room_to_take(ledger, account, now_s=now_s)
    for bound in (found.lower, found.upper):
        assert (bound.reason is LimitReason.NONE) is (bound.hard_minor is None)
