"""How much an account may still give or take: the one place where limits become numbers.

An account beyond a limit may only move towards zero; so may a leaver's. Holds count in their own
direction only: what may come in makes no room for what goes out (design sections 4 and 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.bodies import AccountKind, AccountStatus

if TYPE_CHECKING:
    from projections.ledger import Account, Ledger


def limits(ledger: Ledger, account: Account) -> tuple[int | None, int | None]:
    """Give lower and upper limit in force, `None` where there is none.

    Only members fall back to the group's defaults; a partner's clearing account never does.
    """
    if account.unlimited or account.kind is not AccountKind.MEMBER:
        return account.lower_minor, account.upper_minor
    settings = ledger.settings
    lower = account.lower_minor
    upper = account.upper_minor
    if lower is None and settings is not None:
        lower = settings.lower_minor
    if upper is None and settings is not None:
        upper = settings.upper_minor
    return lower, upper


def room_to_give(ledger: Ledger, account: Account) -> int | None:
    """Give the minor units that `account` may still give, `None` for no limit; never negative."""
    available = ledger.balance(account.account) - (ledger.held_lower.get(account.account) or 0)
    lower, _ = limits(ledger, account)
    if account.status is AccountStatus.LEAVING:
        lower = 0 if lower is None else max(lower, 0)
    return None if lower is None else max(0, available - lower)


def room_to_take(ledger: Ledger, account: Account) -> int | None:
    """Give the minor units that `account` may still take, `None` for no limit; never negative."""
    taken = ledger.balance(account.account) + (ledger.held_upper.get(account.account) or 0)
    _, upper = limits(ledger, account)
    if account.status is AccountStatus.LEAVING:
        upper = 0 if upper is None else min(upper, 0)
    return None if upper is None else max(0, upper - taken)
