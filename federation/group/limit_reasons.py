"""Why an account's limits are what they are, for its member to read. Pure.

The numbers are those of `projections.room`; here is only said where each comes from.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from projections.room import (
    DAY_S,
    growth,
    is_newcomer,
    limits,
    room_to_give,
    room_to_take,
    soft_limits,
)
from schemas.bodies import AccountStatus

if TYPE_CHECKING:
    from projections.ledger import Account, Ledger


class LimitReason(StrEnum):
    """Where a limit comes from."""

    NONE = "none"
    """There is none."""
    OWN = "own"
    """The coordinators gave this member one of its own."""
    GROUP = "group"
    """That of every member."""
    GROWN = "grown"
    """That of every member, and wider for what this one gave."""
    NEWCOMER = "newcomer"
    """That of newcomers, which is narrower."""
    LEAVER = "leaver"
    """Whoever leaves only moves towards zero."""


class Bound(NamedTuple):
    """One of the two limits."""

    hard_minor: int | None
    """Beyond it nothing is booked."""
    reason: LimitReason
    soft_minor: int | None
    """Beyond it a friendly word is said, and it is booked."""
    soft_own: bool
    room_minor: int | None
    """So much may still be given, or taken."""


class Explained(NamedTuple):
    """Both limits of an account, and what they hang on."""

    lower: Bound
    upper: Bound
    newcomer_until_s: int | None
    given_minor: int
    growth_percent: int
    growth_most_minor: int
    grown_minor: int
    """By so much the group's limits are wider for this member; part of the numbers already."""


def explain(ledger: Ledger, account: Account, *, now_s: int) -> Explained:
    """Say how far an account may go, and why."""
    lower, upper = limits(ledger, account, now_s=now_s)
    soft_lower, soft_upper = soft_limits(ledger, account)
    newcomer, settings = is_newcomer(ledger, account, now_s=now_s), ledger.settings
    of_group = None if settings is None else settings.limits
    lower_reason = upper_reason = LimitReason.NONE
    if lower is not None:
        group = None if of_group is None else of_group.lower_minor
        lower_reason = _reason(ledger, account, lower, account.lower_minor, group)
    if upper is not None:
        group = None if of_group is None else of_group.upper_minor
        upper_reason = _reason(ledger, account, upper, account.upper_minor, group)
    if account.status is AccountStatus.LEAVING:
        lower, upper = max(lower or 0, 0), min(upper or 0, 0)
        lower_reason = upper_reason = LimitReason.LEAVER
    until_s = None
    if newcomer and of_group is not None:
        until_s = account.since_s + of_group.newcomer_days * DAY_S
    return Explained(
        lower=Bound(
            lower,
            lower_reason,
            soft_lower,
            account.soft_lower_minor is not None,
            room_to_give(ledger, account, now_s=now_s),
        ),
        upper=Bound(
            upper,
            upper_reason,
            soft_upper,
            account.soft_upper_minor is not None,
            room_to_take(ledger, account, now_s=now_s),
        ),
        newcomer_until_s=until_s,
        given_minor=ledger.given.get(account.account) or 0,
        growth_percent=0 if of_group is None else of_group.growth_percent,
        growth_most_minor=0 if of_group is None else of_group.growth_most_minor,
        grown_minor=growth(ledger, account),
    )


def _reason(
    ledger: Ledger, account: Account, limit: int, own: int | None, group: int | None
) -> LimitReason:
    """Say where a limit that there is comes from, by what it would be otherwise."""
    if own is not None or account.unlimited:
        return LimitReason.OWN
    grown = growth(ledger, account)
    if group is None or abs(limit) != abs(group) + grown:
        return LimitReason.NEWCOMER
    return LimitReason.GROWN if grown else LimitReason.GROUP
