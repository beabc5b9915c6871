"""What goes in and comes out of the API about bookings: statements, and the group's books."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from federation.api.shapes import PAGE, Given, Limit, Number, Sent
from schemas.bodies import MemberCode
from schemas.ids import Amount, Count, Salt

StatementPlace = Annotated[str, Meta(pattern=r"\A[0-9]{1,16}\.[0-9]{1,5}\Z")]


class StatementAsked(Sent, frozen=True, kw_only=True):
    """Which part of a statement: a period, a person, a text, and the place to go on from.

    With `who` or `text` a page may have fewer lines than `limit`, and yet a next one.
    """

    from_s: Count = 0
    until_s: Count = 2**53 - 1
    who: Annotated[str, Meta(max_length=100)] = ""
    """A part of the other's name or code. Not for auditors."""
    text: Annotated[str, Meta(max_length=100)] = ""
    """A part of the description. Not for auditors."""
    after: StatementPlace | None = None
    limit: Limit = PAGE


class StatementLine(Given, frozen=True, kw_only=True):
    """One booking as its account sees it."""

    booking: Number
    at_s: Count
    amount_minor: Amount
    balance_minor: Amount
    """After this booking."""
    other: str
    """Code of the other account, or name of the other group."""
    name: str | None = None
    """Of the other member. Not for auditors."""
    description: str | None = None
    """Empty unless the two of the booking ask, or it is the group's. Not for auditors."""
    path: Salt | None = None
    """The trade, where two groups traded."""
    their_minor: Amount | None = None
    """The amount on the other group's side, in its unit."""
    their_decimals: Count | None = None
    their_singular: str | None = None
    their_plural: str | None = None
    """What its unit is called, where its posts tell."""


class Statement(Given, frozen=True, kw_only=True):
    """A page of a statement, newest first; `next` is `after` for the older page."""

    code: MemberCode
    balance_minor: Amount
    lines: tuple[StatementLine, ...]
    next: StatementPlace | None = None


class MonthsAsked(Sent, frozen=True, kw_only=True):
    """How many months, this one as the last."""

    count: Annotated[int, Meta(ge=1, le=36)] = 12


class Month(Given, frozen=True, kw_only=True):
    """What one month came to, by the clock of the group."""

    month: Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}\Z")]
    starts_at_s: Count
    received_minor: Count
    given_minor: Count
    balance_minor: Amount
    """At the end of the month, or now."""


class Months(Given, frozen=True, kw_only=True):
    """What the last months came to, the oldest first."""

    code: MemberCode
    months: tuple[Month, ...]


class BooksAsked(Sent, frozen=True, kw_only=True):
    """Which page of the books."""

    after: Number = "0"
    limit: Limit = PAGE


class Leg(Given, frozen=True, kw_only=True):
    """What one booking moves on one account; the legs of a booking sum to zero."""

    code: MemberCode
    amount_minor: Amount
    balance_minor: Amount


class Booking(Given, frozen=True, kw_only=True):
    """One booking of the group's books."""

    booking: Number
    at_s: Count
    legs: tuple[Leg, ...]


class Books(Given, frozen=True, kw_only=True):
    """A page of the group's books, oldest first; `next` is there until the end is reached."""

    bookings: tuple[Booking, ...]
    next: Number | None = None
