"""Bodies about groups without a node: who answers for them by mail, pauses, monthly statements.

Such a group has an ordinary account here. Its trades are requests that name who confirms them
(`schemas.thread_bodies`). Name and mail address of the contact lie in the personal layer, under a
key of the contact's own; the group's name and reasons under the group's.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from schemas.body_parts import Body, TextReference
from schemas.ids import Amount, Count, Positive, Salt

MonthName = Annotated[str, Meta(pattern=r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z")]
"""A calendar month in the group's time zone: `2026-11`."""


class PartnerReached(Body, frozen=True, kw_only=True, tag="partner.reached"):
    """A group is reached by mail: at this contact from now on, and at no earlier one."""

    at_s: Count
    account: Positive
    contact: Positive
    """The how manieth contact of this group it is; links in mails to earlier ones end."""
    subject: Salt
    """Whose data key seals name and address of the contact."""
    entered_by: Positive | None = None
    texts: tuple[TextReference, ...] = ()


class PartnerPaused(Body, frozen=True, kw_only=True, tag="partner.paused"):
    """No new trades with a group for now; the reason is sealed under the group's key."""

    at_s: Count
    account: Positive
    entered_by: Positive | None = None
    texts: tuple[TextReference, ...] = ()


class PartnerResumed(Body, frozen=True, kw_only=True, tag="partner.resumed"):
    """Trades with a group again."""

    at_s: Count
    account: Positive
    entered_by: Positive | None = None


class StatementAnswered(Body, frozen=True, kw_only=True, tag="partner.statement"):
    """A group says whether our statement of a month is what its own books say."""

    at_s: Count
    account: Positive
    month: MonthName
    balance_minor: Amount
    """The closing balance that it was shown."""
    agrees: bool
    texts: tuple[TextReference, ...] = ()


PartnerBody = PartnerReached | PartnerPaused | PartnerResumed | StatementAnswered
