"""Conversion between the rates, and up to the limits, that groups of the old systems have."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from federation.line.booking import Accounts, postings
from federation.line.conversion import Quote, fits, quote
from schemas.amounts import LINE_UNITS_PER_HOUR, Rate, to_minor
from schemas.cores import Fixed
from schemas.errors import Code, Refusal
from tests.federation.line.pair import HOUR, Pair

RATES = (20, 30, 40, 60)
"""20: Antwerpen, Mechelen, Pollekesland; 30: Begijnendijk; 40: Gent; 60: Aalter, Brussel, Leie."""
LIMITS = ((-1500, 1500), (-500, 5000), (-1500, 3000), (-750, 1500))
"""The last: of members in their first year."""
ACCOUNTS = Accounts(member=1, clearing=2, rounding=3, revaluation=4)

FIFTY = {
    # payer's and payee's rate: what 50 units of the payer bring, and what 50 of the payee cost
    (20, 20): ((900_000, 50), (50, 900_000)),
    (20, 30): ((900_000, 75), (34, 600_000)),
    (20, 40): ((900_000, 100), (25, 450_000)),
    (20, 60): ((900_000, 150), (17, 300_000)),
    (30, 20): ((600_000, 33), (75, 900_000)),
    (30, 30): ((600_000, 50), (50, 600_000)),
    (30, 40): ((600_000, 66), (38, 450_000)),
    (30, 60): ((600_000, 100), (25, 300_000)),
    (40, 20): ((450_000, 25), (100, 900_000)),
    (40, 30): ((450_000, 37), (67, 600_000)),
    (40, 40): ((450_000, 50), (50, 450_000)),
    (40, 60): ((450_000, 75), (34, 300_000)),
    (60, 20): ((300_000, 16), (150, 900_000)),
    (60, 30): ((300_000, 25), (100, 600_000)),
    (60, 40): ((300_000, 33), (75, 450_000)),
    (60, 60): ((300_000, 50), (50, 300_000)),
}


@pytest.mark.parametrize(("payer", "payee"), FIFTY)
def test_50_units_between_any_two_rates_seen(payer: int, payee: int) -> None:
    (units_given, brings), (costs, units_asked) = FIFTY[payer, payee]
    rates = {"payer": Rate(payer), "payee": Rate(payee)}

    assert quote(Fixed.PAYER, 50, **rates) == Quote(units_given, 50, brings)
    assert quote(Fixed.PAYEE, 50, **rates) == Quote(units_asked, costs, 50)


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize(("payer", "payee"), list(product(RATES, RATES)))
def test_from_one_limit_to_the_other_and_back_makes_no_unit(
    payer: int, payee: int, limits: tuple[int, int]
) -> None:
    """A member gives everything down to a lower limit; who got it gives all of it back."""
    rates = Rate(payer), Rate(payee)
    there = quoted(-limits[0], *rates)
    back = quoted(there.payee_minor, *rates[::-1])

    for numbers, pays, gets in ((there, *rates), (back, *rates[::-1])):
        assert fits(numbers, Fixed.PAYER, payer=pays, payee=gets)
        assert worth(numbers.payee_minor, gets) <= numbers.line_units
        assert numbers.line_units == worth(numbers.payer_minor, pays), "these rates divide evenly"
    assert 0 <= -limits[0] - back.payee_minor <= -(-payer // payee), "less than one of Bob's units"
    whole = payee % payer == 0
    assert not whole or back.payee_minor == -limits[0], "nothing is lost to a finer unit"


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize(("payer", "payee"), list(product(RATES, RATES)))
def test_books_of_both_sides_at_the_limits_seen(
    payer: int, payee: int, limits: tuple[int, int]
) -> None:
    """From zero to the upper limit in steps of 50: I1, I2, I3 and I10 after each."""
    ours, theirs = Rate(payer), Rate(payee)
    sums = {"a": dict.fromkeys(ACCOUNTS, 0), "b": dict.fromkeys(ACCOUNTS, 0)}
    owed = 0
    for _ in range(0, limits[1], 50):
        numbers = quoted(50, ours, theirs)
        after = owed + numbers.line_units
        for name, member, sign, rate in (
            ("a", -numbers.payer_minor, 1, ours),
            ("b", numbers.payee_minor, -1, theirs),
        ):
            legs = postings(
                ACCOUNTS,
                member_minor=member,
                before_units=sign * owed,
                after_units=sign * after,
                signed=rate,
                today=rate,
            )
            for leg in legs:
                sums[name][leg.account] += leg.amount_minor
                assert leg.account != ACCOUNTS.rounding or abs(leg.amount_minor) <= 1
            assert sum(sums[name].values()) == 0
            assert sums[name][ACCOUNTS.clearing] == to_minor(sign * after, rate)
        owed = after
    given, taken = -sums["a"][ACCOUNTS.member], sums["b"][ACCOUNTS.member]
    assert given == limits[1]
    assert worth(given, ours) == owed >= worth(taken, theirs)
    assert sums["b"][ACCOUNTS.rounding] == -taken - to_minor(-owed, theirs)


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize(("payer", "payee"), list(product(RATES, RATES)))
def test_limits_seen_are_met_exactly_at_every_rate(
    payer: int, payee: int, limits: tuple[int, int]
) -> None:
    """To the lower limit and no unit beyond it; to the upper limit of the other group likewise."""
    lower, upper = limits
    pair = Pair(
        per_hour=(payer, payee),
        grants=2000 * HOUR,
        largest=1000 * HOUR,
        lower=lower,
        upper=upper,
    ).opened()

    beyond = pair.start(1, 1 - lower, fixed=Fixed.PAYER)
    assert isinstance(beyond, Refusal)
    assert (beyond.code, beyond.facts["possible_minor"]) == (Code.PAYER_LIMIT, -lower)
    pair.start(2, -lower, fixed=Fixed.PAYER)
    pair.settle()

    arrives = quoted(-lower, Rate(payer), Rate(payee)).payee_minor
    if arrives > upper:
        assert (pair.a.balance(), pair.b.balance()) == (0, 0)
        assert pair.a.transfer(2).code == Code.PAYEE_LIMIT
        return
    assert (pair.a.balance(), pair.b.balance()) == (lower, arrives)
    assert pair.a.line.balance_units == -pair.b.line.balance_units > 0
    full = pair.start(3, 3, fixed=Fixed.PAYER)
    assert isinstance(full, Refusal)
    assert full.facts["possible_minor"] == 0


def quoted(amount: int, payer: Rate, payee: Rate) -> Quote:
    numbers = quote(Fixed.PAYER, amount, payer=payer, payee=payee)
    assert isinstance(numbers, Quote)
    return numbers


def worth(minor: int, rate: Rate) -> Fraction:
    return Fraction(minor * LINE_UNITS_PER_HOUR, rate.minor_per_hour())
