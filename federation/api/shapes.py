"""What goes in and comes out of the API: accounts, bookings, statements, the group.

Amounts are integers of the unit's smallest part (`..._minor`) or of 1/100 of a second of time
(`..._units`), times are seconds since 1970 (`..._s`), ids are text. Unknown fields are refused.
A code is a member code (letscode), which is also the id of a member's account.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from federation.api.tokens import TokenRole
from federation.group.limit_reasons import LimitReason
from schemas.bodies import AccountKind, AccountStatus, MemberCode
from schemas.ids import Amount, Count, NodeId, Positive

DESCRIPTION_MAX = 500
Description = Annotated[str, Meta(max_length=DESCRIPTION_MAX)]
Name = Annotated[str, Meta(max_length=100, pattern=r"\A[^\x00-\x1f\x7f]+\Z")]
Number = Annotated[str, Meta(pattern=r"\A(0|[1-9][0-9]{0,14})\Z")]
"""A number that is the id of something, as text."""
Limit = Annotated[int, Meta(ge=1, le=200)]
PAGE = 50


class Sent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every request has: no fields that nobody reads."""


class Empty(Sent, frozen=True, kw_only=True):
    """An object without fields."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What every answer has."""


class Nothing(Given, frozen=True, kw_only=True):
    """There is nothing to tell."""


class Group(Given, frozen=True, kw_only=True):
    """This group and its unit."""

    group: NodeId
    name: str
    singular: str
    plural: str
    per_hour: Positive
    """Whole units that one hour is worth."""
    decimals: Count
    """The smallest part is 10 to the power of minus this."""


class Me(Given, frozen=True, kw_only=True):
    """For whom a token speaks."""

    role: TokenRole
    token: str
    token_name: str
    expires_at_s: Count
    account: MemberCode | None = None
    acts_for: tuple[MemberCode, ...] = ()
    """Accounts that it may use, its own first."""


class Account(Given, frozen=True, kw_only=True):
    """An account and how much it may still give and take; no number where there is no limit."""

    code: MemberCode
    kind: AccountKind
    status: AccountStatus
    balance_minor: Amount
    held_minor: Count
    """Set apart for trades with other groups."""
    lower_minor: Amount | None = None
    upper_minor: Amount | None = None
    may_give_minor: Count | None = None
    may_take_minor: Count | None = None
    name: str | None = None
    """Not for auditors."""


class Accounts(Given, frozen=True, kw_only=True):
    """A page of accounts; `next` is `after` for the page that follows, if there is one."""

    accounts: tuple[Account, ...]
    next: Number | None = None


class AccountsAsked(Sent, frozen=True, kw_only=True):
    """Which page of accounts."""

    after: Number = "0"
    limit: Limit = PAGE
    kind: AccountKind | None = None


class MemberAdded(Sent, frozen=True, kw_only=True):
    """A new member; limits that are left out are the group's."""

    code: MemberCode
    name: Name
    lower_minor: Amount | None = None
    upper_minor: Amount | None = None


class LimitsSet(Sent, frozen=True, kw_only=True):
    """Limits of an account; what is left out is the group's."""

    lower_minor: Amount | None = None
    upper_minor: Amount | None = None


class Bound(Given, frozen=True, kw_only=True):
    """One of the two limits of an account; no number where there is none."""

    hard_minor: Amount | None = None
    """Beyond it nothing is booked."""
    reason: LimitReason
    """Where it comes from."""
    soft_minor: Amount | None = None
    """Beyond it a friendly word is said, and it is booked."""
    soft_own: bool
    room_minor: Count | None = None
    """So much may still be given, or taken."""


class Limits(Given, frozen=True, kw_only=True):
    """Both limits of an account, and what they hang on."""

    lower: Bound
    upper: Bound
    newcomer_until_s: Count | None = None
    given_minor: Count
    growth_percent: Count
    growth_most_minor: Count
    grown_minor: Count
    """By so much the group's limits are wider for this member; part of the numbers already."""


class StatusSet(Sent, frozen=True, kw_only=True):
    """Whether an account can be used; a leaver's balance only moves towards zero."""

    status: AccountStatus


class TransferAsked(Sent, frozen=True, kw_only=True):
    """Units pass from payer to payee, both of this group."""

    payer: MemberCode
    payee: MemberCode
    amount_minor: Positive
    description: Description = ""


class TransferBooked(Given, frozen=True, kw_only=True):
    """What was booked; the same again for the same key."""

    booking: Number
    payer: MemberCode
    payee: MemberCode
    amount_minor: Positive
