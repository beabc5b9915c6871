"""How much an account may still give or take: the one place where limits become numbers.

An account beyond a limit may only move towards zero; so may a leaver's. Holds count in their own
direction only: what may come in makes no room for what goes out (design sections 4 and 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schemas.bodies import AccountKind, AccountStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from projections.ledger import Account, Ledger

DAY_S: Final = 86_400


def is_newcomer(ledger: Ledger, account: Account, *, now_s: int) -> bool:
    """Tell whether a member became one only lately, as the group's limits count it."""
    settings = ledger.settings
    if settings is None or account.status is not AccountStatus.ACTIVE:
        return False
    member = account.kind is AccountKind.MEMBER
    return member and now_s < account.since_s + settings.limits.newcomer_days * DAY_S


def limits(ledger: Ledger, account: Account, *, now_s: int) -> tuple[int | None, int | None]:
    """Give lower and upper limit in force, `None` where there is none.

    A member's own limit counts, else the group's, widened by what the member gave so far; for a
    newcomer the narrower one of that and the newcomers'. Only members fall back to the group's; a
    partner's clearing account never does.
    """
    if account.unlimited or account.kind is not AccountKind.MEMBER:
        return account.lower_minor, account.upper_minor
    settings = ledger.settings
    lower, upper = account.lower_minor, account.upper_minor
    if settings is None:
        return lower, upper
    grown = growth(ledger, account)
    if lower is None and settings.limits.lower_minor is not None:
        lower = settings.limits.lower_minor - grown
    if upper is None and settings.limits.upper_minor is not None:
        upper = settings.limits.upper_minor + grown
    if is_newcomer(ledger, account, now_s=now_s):
        if account.lower_minor is None:
            lower = _narrower(lower, settings.limits.newcomer_lower_minor, max)
        if account.upper_minor is None:
            upper = _narrower(upper, settings.limits.newcomer_upper_minor, min)
    return lower, upper


def growth(ledger: Ledger, account: Account) -> int:
    """Give by how many minor units the group's limits are wider for who gave so much."""
    settings = ledger.settings
    if settings is None or not settings.limits.growth_percent:
        return 0
    earned = (ledger.given.get(account.account) or 0) * settings.limits.growth_percent // 100
    return min(earned, settings.limits.growth_most_minor)


def soft_limits(ledger: Ledger, account: Account) -> tuple[int | None, int | None]:
    """Give lower and upper limit beyond which somebody is warned, `None` where there is none."""
    if account.unlimited or account.kind is not AccountKind.MEMBER:
        return account.soft_lower_minor, account.soft_upper_minor
    settings = ledger.settings
    lower, upper = account.soft_lower_minor, account.soft_upper_minor
    if lower is None and settings is not None:
        lower = settings.limits.soft_lower_minor
    if upper is None and settings is not None:
        upper = settings.limits.soft_upper_minor
    return lower, upper


def passes_soft_limit(ledger: Ledger, account: Account, amount_minor: int) -> bool:
    """Tell whether a balance would pass a soft limit by this, or move on away from it beyond."""
    after = ledger.balance(account.account) + amount_minor
    lower, upper = soft_limits(ledger, account)
    if amount_minor < 0:
        return lower is not None and after < min(lower, 0)
    return upper is not None and after > max(upper, 0)


def room_to_give(ledger: Ledger, account: Account, *, now_s: int) -> int | None:
    """Give the minor units that `account` may still give, `None` for no limit; never negative."""
    available = ledger.balance(account.account) - (ledger.held_lower.get(account.account) or 0)
    lower, _ = limits(ledger, account, now_s=now_s)
    if account.status is AccountStatus.LEAVING:
        lower = 0 if lower is None else max(lower, 0)
    return None if lower is None else max(0, available - lower)


def room_to_take(ledger: Ledger, account: Account, *, now_s: int) -> int | None:
    """Give the minor units that `account` may still take, `None` for no limit; never negative."""
    taken = ledger.balance(account.account) + (ledger.held_upper.get(account.account) or 0)
    _, upper = limits(ledger, account, now_s=now_s)
    if account.status is AccountStatus.LEAVING:
        upper = 0 if upper is None else min(upper, 0)
    return None if upper is None else max(0, upper - taken)


def _narrower(
    one: int | None, other: int | None, narrower: Callable[[int, int], int]
) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return narrower(one, other)
