"""Which accounts a settled payment moves, on either side (design section 4, booking).

The clearing account of a line always stands at R(b), the line balance in minor units (I2); the
member's leg is what was agreed; the rounding account takes the rest, at most one minor unit (I10).
Under terms that have been replaced meanwhile it is booked in two steps: by the rates that were
signed, then the difference to the rates of today against the revaluation account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemas.amounts import Rate, to_minor
from schemas.bodies import AccountKind, Posting

if TYPE_CHECKING:
    from projections.books import Books
    from projections.lines import Line


class Accounts(NamedTuple):
    """The accounts that a booking on one line can touch, by number."""

    member: int
    clearing: int
    rounding: int
    revaluation: int


def accounts(books: Books, line: Line, member: int) -> Accounts:
    """Name the accounts that a booking for `member` on `line` can touch."""
    rounding = books.ledger.account_of_kind(AccountKind.ROUNDING)
    revaluation = books.ledger.account_of_kind(AccountKind.REVALUATION)
    assert rounding is not None
    assert revaluation is not None
    assert line.clearing
    return Accounts(member, line.clearing, rounding.account, revaluation.account)


def postings(
    accounts: Accounts,
    *,
    member_minor: int,
    before_units: int,
    after_units: int,
    signed: Rate,
    today: Rate,
) -> tuple[Posting, ...]:
    """Book a change of the line balance against a member.

    `member_minor` is negative for a payer, positive for a payee; `before_units` and `after_units`
    are this side's line balance (positive: it owes the other side). Legs of zero are left out.
    """
    by_signed = to_minor(after_units, signed) - to_minor(before_units, signed)
    by_today = to_minor(after_units, today) - to_minor(before_units, today)
    rounding = -member_minor - by_signed
    assert -1 <= rounding <= 1, "I10: a rounding posting is at most one minor unit"
    legs = (
        Posting(accounts.member, member_minor),
        Posting(accounts.clearing, by_signed),
        Posting(accounts.rounding, rounding),
        Posting(accounts.clearing, by_today - by_signed),
        Posting(accounts.revaluation, by_signed - by_today),
    )
    assert sum(leg.amount_minor for leg in legs) == 0, "I1"
    return tuple(leg for leg in legs if leg.amount_minor)
