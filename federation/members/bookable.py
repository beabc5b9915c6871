"""What a post costs its reader, and whether the trade could be booked now. Pure, over the books.

Says beforehand what admission would say (design section 4): the same rules, asked with the guide
price, or with the smallest amount where the price is to be talked about. Nothing is promised:
limits may be reached meanwhile, and the other group's own members it cannot see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.group.transfers import payee_refused
from federation.line.conversion import Quote, quote
from federation.line.payer import admit_payment, not_now, payer_refused, undecided_too_much
from federation.line.planning import Plan
from projections.lines import granted_by_us
from schemas.core_parts import Fixed
from schemas.errors import Code, Refusal
from schemas.openings import PeerText

if TYPE_CHECKING:
    from projections.books import Books
    from projections.lines import Line
    from schemas.amounts import Rate

LEAST_MINOR: Final = 1
"""What is asked about where there is no price yet."""
_NOBODY: Final = PeerText(v=1, payer="", payee="")


class Asked(NamedTuple):
    """What a post says that matters for booking; amounts in its own group's minor units."""

    node: str
    """Empty: of this group."""
    account: int | None
    """Its member, when it is one of this group."""
    want: bool
    price_minor: int | None
    rate: Rate
    """Of its own group, as that group says; a line's terms come first."""


def line_with_peer(books: Books, peer: str) -> Line | None:
    """Give the line with a group: the one in force before one that is only proposed."""
    lines = [line for line in books.lines.values() if line.peer == peer]
    return max(lines, key=lambda line: (line.open(), line.counter), default=None)


def price_across(asked: Asked, own: Rate, line: Line | None) -> Quote | Refusal | None:
    """Convert a guide price as a booking would; nothing where there is none.

    An offer's price is what its member gets, a want's what its member gives.
    """
    if asked.price_minor is None:
        return None
    ours, theirs = _rates(asked, own, line)
    if asked.want:
        return quote(Fixed.PAYER, asked.price_minor, payer=theirs, payee=ours)
    return quote(Fixed.PAYEE, asked.price_minor, payer=ours, payee=theirs)


def bookable(
    books: Books, reader: int | None, asked: Asked, line: Line | None, *, now_s: int
) -> Refusal | None:
    """Say why a trade could not be booked now; nothing when it could.

    Refusals, in this order: `account_same`; of another group those of `not_now` and of `quote`;
    then those of admission, as payer (`too_large_for_line`, `account_unknown`,
    `account_inactive`, `payer_limit`, `line_limit`, `line_busy`) or as payee
    (`too_large_for_line`, `line_limit`, `line_busy`, `account_unknown`, `account_inactive`,
    `payee_limit`).
    """
    if asked.node:
        return _across(books, reader, asked, line, now_s)
    if reader is not None and reader == asked.account:
        return Refusal(Code.ACCOUNT_SAME, {"field": "payee"})
    accounts = books.ledger.accounts
    payer, payee = (asked.account, reader) if asked.want else (reader, asked.account)
    amount = asked.price_minor or LEAST_MINOR
    return payer_refused(books, accounts.get(payer or 0), amount, now_s=now_s) or payee_refused(
        books, accounts.get(payee or 0), amount, now_s=now_s
    )


def _across(
    books: Books, reader: int | None, asked: Asked, line: Line | None, now_s: int
) -> Refusal | None:
    refusal = not_now(books, line.line if line is not None else "", 1, now_s=0)
    if refusal is not None:
        return refusal
    assert line is not None
    assert line.terms is not None
    priced = asked._replace(price_minor=asked.price_minor or LEAST_MINOR)
    numbers = price_across(priced, line.terms.side(line.us).rate, line)
    assert numbers is not None
    if isinstance(numbers, Refusal):
        # the smallest amount may be worth nothing on the other side; a real one will be
        return None if asked.price_minor is None else numbers
    if asked.want:
        return _payee_across(books, reader, line, numbers, now_s)
    made = Plan(reader or 0, numbers, Fixed.PAYEE, line.terms.rev, 1, _NOBODY, "")
    return admit_payment(books, line.line, made, now_s=now_s)


def _payee_across(
    books: Books, reader: int | None, line: Line, numbers: Quote, now_s: int
) -> Refusal | None:
    """Say what our answer to their prepare would be (`federation.line.payee.admit`)."""
    assert line.terms is not None
    if numbers.line_units > line.terms.largest_units:
        possible = line.terms.largest_units
        return Refusal(Code.TOO_LARGE_FOR_LINE, {"field": "amount", "possible_units": possible})
    granted = granted_by_us(line)
    room = granted - line.owed_to_us()
    if numbers.line_units > room:
        return Refusal(Code.LINE_LIMIT, {"field": "line", "possible_units": max(0, room)})
    if undecided_too_much(line.held_in_units, numbers.line_units, granted):
        return Refusal(Code.LINE_BUSY, {"field": "line"})
    account = books.ledger.accounts.get(reader or 0)
    return payee_refused(books, account, numbers.payee_minor, now_s=now_s)


def _rates(asked: Asked, own: Rate, line: Line | None) -> tuple[Rate, Rate]:
    if line is None or line.terms is None:
        return own, asked.rate
    return line.terms.side(line.us).rate, line.terms.other(line.us).rate
