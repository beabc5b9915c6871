"""Bookings inside a group: between two, between one and many, and those of a former system."""

from __future__ import annotations

from schemas.body_parts import Body, Posting, TextReference
from schemas.ids import Count, Positive, Salt


class TransferBooked(Body, frozen=True, kw_only=True, tag="transfer"):
    """Units pass from one account of the group to another. `key` makes it idempotent."""

    at_s: Count
    key: Salt
    postings: tuple[Posting, ...]
    entered_by: Positive | None = None
    """The account of who booked it, when it is not the payer."""
    texts: tuple[TextReference, ...] = ()
    request: Salt | None = None
    """The request that the payer consents to by this."""
    reverses: Count | None = None
    """Place in the log of the booking that this one gives back, number by number."""
    activity: Positive | None = None
    """What the payees did together; then there are as many postings as who helped, and one."""


class CollectiveBooked(Body, frozen=True, kw_only=True, tag="transfer.collective"):
    """One account gives units to many, or many give to one. `key` makes it idempotent.

    The first posting is that of the one; all others have the other sign. What it is for is sealed
    once, under the group's own subject: it is said to everybody.
    """

    at_s: Count
    key: Salt
    postings: tuple[Posting, ...]
    entered_by: Positive | None = None
    texts: tuple[TextReference, ...] = ()
    reverses: Count | None = None
    """Place in the log of the collective booking that this one gives back, number by number."""


class TransferImported(Body, frozen=True, kw_only=True, tag="transfer.imported"):
    """A booking of the system that the group came from; no limit is checked."""

    at_s: Count
    source: str
    postings: tuple[Posting, ...]
    texts: tuple[TextReference, ...] = ()
