"""Conversion and booking by properties: I1, I2, I3 and I10, and nobody gains by a round trip."""

from __future__ import annotations

import random
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from federation.line.booking import Accounts, postings
from federation.line.conversion import Quote, fits, quote
from schemas.amounts import LINE_UNITS_PER_HOUR, Rate, to_minor
from schemas.cores import Fixed
from schemas.errors import Code, Refusal
from schemas.ids import SAFE_INTEGER

EXAMPLES = 2000
TRANSFERS = 100_000
ACCOUNTS = Accounts(member=1, clearing=2, rounding=3, revaluation=4)

rates = st.builds(Rate, per_hour=st.integers(1, 3600), decimals=st.integers(0, 2)).filter(
    Rate.terms_rule
)
amounts = st.integers(1, 10**9)
balances = st.integers(-(10**9), 10**9)


def worth(minor: int, rate: Rate) -> Fraction:
    """What an amount is worth, in line units, exactly."""
    return Fraction(minor * LINE_UNITS_PER_HOUR, rate.minor_per_hour())


@settings(max_examples=EXAMPLES)
@given(st.sampled_from(Fixed), amounts, rates, rates)
def test_payer_never_gives_less_than_the_line_carries_nor_payee_gets_more(
    fixed: Fixed, amount: int, payer: Rate, payee: Rate
) -> None:
    numbers = quote(fixed, amount, payer=payer, payee=payee)

    if isinstance(numbers, Refusal):
        assert numbers.code is Code.TOO_SMALL
        return
    assert numbers.line_units >= 1
    assert numbers.payee_minor >= (0 if fixed is Fixed.LINE else 1)
    assert worth(numbers.payer_minor, payer) >= numbers.line_units
    assert worth(numbers.payee_minor, payee) <= numbers.line_units
    given_minor = {
        Fixed.PAYEE: numbers.payee_minor,
        Fixed.PAYER: numbers.payer_minor,
        Fixed.LINE: numbers.line_units,
    }
    assert given_minor[fixed] == amount


@settings(max_examples=EXAMPLES)
@given(st.sampled_from(Fixed), amounts, rates, rates, st.tuples(*[st.integers(-1, 1)] * 3))
def test_payee_node_accepts_exactly_the_numbers_of_the_terms(
    fixed: Fixed, amount: int, payer: Rate, payee: Rate, change: tuple[int, int, int]
) -> None:
    numbers = quote(fixed, amount, payer=payer, payee=payee)
    assume(isinstance(numbers, Quote))
    assert isinstance(numbers, Quote)
    changed = Quote(*(n + c for n, c in zip(numbers, change, strict=True)))

    assert fits(numbers, fixed, payer=payer, payee=payee)
    kept = {Fixed.PAYEE: 2, Fixed.PAYER: 1, Fixed.LINE: 0}[fixed]
    if changed != numbers and changed[kept] == numbers[kept]:
        assert not fits(changed, fixed, payer=payer, payee=payee)


@settings(max_examples=EXAMPLES)
@given(balances, amounts, rates, rates, st.booleans())
def test_each_booking_sums_to_zero_and_rounds_at_most_one_minor_unit(
    before: int, amount: int, signed: Rate, today: Rate, pays: bool
) -> None:
    numbers = quote(Fixed.PAYEE, amount, payer=signed, payee=signed)
    assume(isinstance(numbers, Quote))
    assert isinstance(numbers, Quote)
    after = before + numbers.line_units if pays else before - numbers.line_units
    member = -numbers.payer_minor if pays else numbers.payee_minor

    legs = postings(
        ACCOUNTS,
        member_minor=member,
        before_units=before,
        after_units=after,
        signed=signed,
        today=today,
    )

    by_account = dict.fromkeys(ACCOUNTS, 0)
    for leg in legs:
        by_account[leg.account] += leg.amount_minor
    assert sum(by_account.values()) == 0  # I1
    clearing = to_minor(before, today) + by_account[ACCOUNTS.clearing]
    assert clearing == to_minor(after, today)  # I2, also after a change of rates
    assert abs(by_account[ACCOUNTS.rounding]) <= 1  # I10
    assert by_account[ACCOUNTS.member] == member


class Books:
    """One side of a line: member, clearing, rounding in minor units, and the line balance."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self.balance_units = 0
        self.minor = dict.fromkeys(ACCOUNTS, 0)

    def book(self, member_minor: int, line_units: int) -> None:
        before, after = self.balance_units, self.balance_units + line_units
        legs = postings(
            ACCOUNTS,
            member_minor=member_minor,
            before_units=before,
            after_units=after,
            signed=self.rate,
            today=self.rate,
        )
        assert sum(leg.amount_minor for leg in legs) == 0
        for leg in legs:
            self.minor[leg.account] += leg.amount_minor
            assert leg.account != ACCOUNTS.rounding or abs(leg.amount_minor) <= 1
        self.balance_units = after
        assert self.minor[ACCOUNTS.clearing] == to_minor(after, self.rate)

    def value(self) -> Fraction:
        """What the members of this side hold, in line units."""
        return worth(self.minor[ACCOUNTS.member], self.rate)


def test_100_000_transfers_back_and_forth_keep_both_books() -> None:
    chance = random.Random(20_240_607)
    done = 0
    while done < TRANSFERS:
        sides = (Books(_rate(chance)), Books(_rate(chance)))
        for _ in range(1000):
            payer, payee = sides if chance.random() < 0.5 else sides[::-1]
            fixed = chance.choice((Fixed.PAYEE, Fixed.PAYER))
            numbers = quote(fixed, chance.randint(1, 10_000), payer=payer.rate, payee=payee.rate)
            if isinstance(numbers, Refusal):
                continue
            payer.book(-numbers.payer_minor, numbers.line_units)
            payee.book(numbers.payee_minor, -numbers.line_units)
            assert payer.balance_units == -payee.balance_units  # I3
            assert payer.value() + payee.value() <= 0  # nobody gains, whatever they do
            done += 1


def _rate(chance: random.Random) -> Rate:
    while True:
        rate = Rate(chance.randint(1, 3600), chance.randint(0, 2))
        if rate.terms_rule():
            return rate


def test_an_amount_beyond_the_safe_integers_is_refused() -> None:
    rate = Rate(20)

    for amount, code in (
        (0, Code.AMOUNT_NOT_POSITIVE),
        (-1, Code.AMOUNT_NOT_POSITIVE),
        (SAFE_INTEGER + 1, Code.AMOUNT_TOO_LARGE),
        (SAFE_INTEGER, Code.AMOUNT_TOO_LARGE),
    ):
        answer = quote(Fixed.PAYEE, amount, payer=rate, payee=rate)
        assert isinstance(answer, Refusal)
        assert answer.code is code
        assert answer.facts == {"field": "amount"}
