"""What limits of a group come to for members of some kinds, by the rule that binds them. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from projections.ledger import Account, Ledger, Settings
from projections.room import DAY_S, limits
from schemas.amounts import Unit
from schemas.bodies import AccountKind, AccountStatus
from schemas.limit_bodies import DAYS_MAX, Limits

GENEROUS_HOURS: Final = 50
_MEMBER: Final = 1
_LATER_S: Final = (DAYS_MAX + 1) * DAY_S


class Example(NamedTuple):
    """The lowest and the highest balance; none where there is no limit."""

    newcomer: bool
    given_minor: int
    lower_minor: int | None
    upper_minor: int | None


def examples(unit: Unit, of_group: Limits) -> tuple[Example, ...]:
    """Say how far a newcomer, a member, and one who gave a lot may go; equal ones once."""
    given = GENEROUS_HOURS * unit.rate.per_hour * 10**unit.rate.decimals
    kinds = [(True, 0)] if of_group.newcomer_days else []
    kinds.append((False, 0))
    if of_group.growth_percent and of_group.growth_most_minor:
        kinds.append((False, given))
    return tuple(_example(unit, of_group, newcomer=new, given=given) for new, given in kinds)


def _example(unit: Unit, of_group: Limits, *, newcomer: bool, given: int) -> Example:
    ledger = Ledger()
    ledger.settings = Settings(unit=unit, limits=of_group)
    account = Account(
        account=_MEMBER, code="", kind=AccountKind.MEMBER, status=AccountStatus.ACTIVE
    )
    ledger.given.put(_MEMBER, given)
    lower, upper = limits(ledger, account, now_s=0 if newcomer else _LATER_S)
    return Example(newcomer, given, lower, upper)
