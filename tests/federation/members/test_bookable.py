"""What a post costs its reader and whether the trade could be booked now, over made-up books."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from federation.members.bookable import Asked, bookable, line_with_peer, price_across
from projections.books import Books
from projections.ledger import Account, Settings
from projections.lines import Line
from schemas.amounts import LINE_UNITS_PER_HOUR, Rate, Unit
from schemas.bodies import AccountKind, AccountStatus
from schemas.errors import Code
from schemas.limit_bodies import Limits
from schemas.terms import Side, Terms

OWN, THEIRS = Rate(20), Rate(60)
US, THEM = "a" * 52, "b" * 52
LINE = "line"
ANNA, BERT, GONE = 1, 2, 3
TODAY_S = 1_700_000_000


def books(*, balance: int = 0) -> Books:
    made = Books()
    unit = Unit(singular="polleke", plural="pollekes", rate=OWN)
    made.ledger.settings = Settings(unit=unit, limits=Limits(lower_minor=-100, upper_minor=100))
    for number, status in ((ANNA, AccountStatus.ACTIVE), (BERT, AccountStatus.ACTIVE),
                           (GONE, AccountStatus.INACTIVE)):  # fmt: skip
        made.ledger.know(
            Account(account=number, code=f"{number:03}", kind=AccountKind.MEMBER, status=status)
        )
    made.ledger.balances.put(ANNA, balance)
    return made


def line(*, hours: int = 20, largest_hours: int = 5) -> Line:
    granted = hours * LINE_UNITS_PER_HOUR
    terms = Terms(
        line=LINE,
        rev=1,
        lower=Side(node=US, rate=OWN, grants_units=granted),
        higher=Side(node=THEM, rate=THEIRS, grants_units=granted),
        largest_units=largest_hours * LINE_UNITS_PER_HOUR,
    )
    return Line(line=LINE, us=US, peer=THEM, counter=0, terms=terms, clearing=9)


def inside(*, account: int = BERT, want: bool = False, price: int | None = 8) -> Asked:
    return Asked("", account, want, price, OWN)


def across(*, want: bool = False, price: int | None = 60) -> Asked:
    return Asked(THEM, None, want, price, THEIRS)


def code(made: Books, reader: int | None, asked: Asked) -> Code | None:
    refusal = bookable(made, reader, asked, line_with_peer(made, asked.node), now_s=TODAY_S)
    return None if refusal is None else refusal.code


def with_line(made: Books, known: Line) -> Books:
    made.lines.put(known.line, known)
    return made


@pytest.mark.parametrize("price", [8, None, 100])
@pytest.mark.parametrize("want", [False, True])
def test_a_post_of_the_own_group_can_be_booked(price: int | None, want: bool) -> None:
    assert code(books(), ANNA, inside(price=price, want=want)) is None


@pytest.mark.parametrize(
    ("reader", "asked", "balance", "expected"),
    [
        (ANNA, inside(account=ANNA), 0, Code.ACCOUNT_SAME),
        (ANNA, inside(account=GONE), 0, Code.ACCOUNT_INACTIVE),
        (ANNA, inside(account=77), 0, Code.ACCOUNT_UNKNOWN),
        (GONE, inside(), 0, Code.ACCOUNT_INACTIVE),
        (None, inside(), 0, Code.ACCOUNT_UNKNOWN),
        (ANNA, inside(price=101), 0, Code.PAYER_LIMIT),
        (ANNA, inside(price=None), -100, Code.PAYER_LIMIT),
        (ANNA, inside(), -95, Code.PAYER_LIMIT),
        (ANNA, inside(want=True), 95, Code.PAYEE_LIMIT),
        (ANNA, inside(want=True, price=101), -50, Code.PAYER_LIMIT),
        (ANNA, inside(want=True), -95, None),
    ],
)
def test_inside_the_group(
    reader: int | None, asked: Asked, balance: int, expected: Code | None
) -> None:
    assert code(books(balance=balance), reader, asked) == expected


@pytest.mark.parametrize("price", [60, None])
@pytest.mark.parametrize("want", [False, True])
def test_a_post_of_a_group_with_a_line_can_be_booked(price: int | None, want: bool) -> None:
    assert code(with_line(books(), line()), ANNA, across(price=price, want=want)) is None


@pytest.mark.parametrize(
    ("known", "asked", "expected"),
    [
        (line(largest_hours=1), across(price=61), Code.TOO_LARGE_FOR_LINE),
        (line(largest_hours=1), across(price=61, want=True), Code.TOO_LARGE_FOR_LINE),
        (replace(line(), own_frozen="coordinator"), across(), Code.LINE_FROZEN),
        (replace(line(), their_frozen="maintenance"), across(want=True), Code.LINE_FROZEN),
        (replace(line(), quarantined="two_verdicts"), across(), Code.LINE_NOT_OPEN),
        (replace(line(), own_closed=True), across(), Code.LINE_NOT_OPEN),
        (replace(line(), terms=None), across(), Code.LINE_NOT_OPEN),
        (replace(line(hours=2), balance_units=2 * LINE_UNITS_PER_HOUR), across(), Code.LINE_LIMIT),
        (
            replace(line(hours=2), balance_units=-2 * LINE_UNITS_PER_HOUR),
            across(want=True),
            Code.LINE_LIMIT,
        ),
        (replace(line(hours=2), balance_units=-2 * LINE_UNITS_PER_HOUR), across(), None),
        (replace(line(hours=2), paid_units=1), across(price=120), Code.LINE_BUSY),
        (replace(line(hours=2), held_in_units=1), across(price=119, want=True), Code.LINE_BUSY),
    ],
)
def test_between_groups(known: Line, asked: Asked, expected: Code | None) -> None:
    assert code(with_line(books(), known), ANNA, asked) == expected


@pytest.mark.parametrize(
    ("reader", "asked", "balance", "expected"),
    [
        (ANNA, across(), -90, Code.PAYER_LIMIT),
        (ANNA, across(want=True), 90, Code.PAYEE_LIMIT),
        (GONE, across(), 0, Code.ACCOUNT_INACTIVE),
        (GONE, across(want=True), 0, Code.ACCOUNT_INACTIVE),
        (None, across(), 0, Code.ACCOUNT_UNKNOWN),
        (None, across(want=True), 0, Code.ACCOUNT_UNKNOWN),
    ],
)
def test_the_reader_has_limits_between_groups_too(
    reader: int | None, asked: Asked, balance: int, expected: Code
) -> None:
    assert code(with_line(books(balance=balance), line()), reader, asked) == expected


def test_a_group_without_a_line_is_none_to_book_with() -> None:
    assert code(books(), ANNA, across()) == Code.LINE_NOT_OPEN


def test_the_price_is_what_a_booking_would_cost() -> None:
    offer = price_across(across(price=61), OWN, line())
    want = price_across(across(price=61, want=True), OWN, line())

    assert offer == (366_000, 21, 61)  # an hour and a minute; the payer's side bears the rounding
    assert want == (366_000, 61, 20)
    assert price_across(across(price=None), OWN, line()) is None


def test_a_price_follows_the_terms_before_what_the_feed_says() -> None:
    stale = across(price=60)._replace(rate=Rate(10))

    assert price_across(stale, OWN, line()) == (360_000, 20, 60)
    assert price_across(stale, OWN, None) == (6 * 360_000, 120, 60)


def test_a_want_too_small_for_us_says_so() -> None:
    made = with_line(books(), line())
    refusal = bookable(made, ANNA, across(price=1, want=True), made.lines[LINE], now_s=TODAY_S)

    assert refusal is not None
    assert refusal.code is Code.TOO_SMALL
    assert code(made, ANNA, across(price=None, want=True)) is None
