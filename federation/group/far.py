"""From where on a balance lies far from zero: what the group likes, else some hours. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from projections.room import soft_limits

if TYPE_CHECKING:
    from projections.ledger import Account, Ledger

FAR_HOURS: Final = 10


def far_minor(ledger: Ledger, account: Account) -> tuple[int, int]:
    """Give (below, above): balances beyond these are far from zero."""
    lower, upper = soft_limits(ledger, account)
    settings = ledger.settings
    rate = None if settings is None else settings.unit.rate
    hours = 0 if rate is None else FAR_HOURS * rate.per_hour * 10**rate.decimals
    return -hours if lower is None else min(lower, 0), hours if upper is None else max(upper, 0)
