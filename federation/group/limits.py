"""The rules for setting how far balances may go: the group's limits, and one account's own.

Pure. What limits mean for a booking is said in `projections.room` (design section 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.group.members import not_coordinator
from federation.line.drafts import LocalDraft
from schemas import bodies
from schemas.bodies import AccountKind
from schemas.errors import Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.group.commands import SetGroupLimits, SetLimits
    from federation.line.drafts import Draft
    from projections.books import Books


_WITH_LIMITS: Final = (AccountKind.MEMBER, AccountKind.GROUP, AccountKind.OLD_PARTNER)


def set_group_limits(
    books: Books, command: SetGroupLimits, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Set the limits of the group.

    Refusals, in this order: `forbidden`, `not_configured`, `limits_order` naming the field,
    `already_so`.
    """
    refusal = not_coordinator(books, command.actor)
    if refusal is not None:
        return refusal
    settings = books.ledger.settings
    if settings is None:
        return Refusal(Code.NOT_CONFIGURED, {"field": "unit"})
    limits = command.limits
    refusal = _bounds_refused(limits.lower_minor, limits.upper_minor)
    for kind in ("soft", "newcomer"):
        refusal = refusal or _inside_refused(
            (limits.lower_minor, limits.upper_minor),
            (getattr(limits, f"{kind}_lower_minor"), getattr(limits, f"{kind}_upper_minor")),
            kind,
        )
    if refusal is not None:
        return refusal
    if limits == settings.limits:
        return Refusal(Code.ALREADY_SO, {"field": "limits"})
    yield LocalDraft(bodies.GroupLimits(v=1, at_s=now_s, limits=limits, entered_by=command.actor))
    return 0


def set_limits(
    books: Books, command: SetLimits, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Give an account limits of its own.

    Refusals, in this order: `forbidden`, `account_unknown`, `limits_order` naming the field.
    """
    refusal = not_coordinator(books, command.actor)
    if refusal is not None:
        return refusal
    account = books.ledger.accounts.get(command.account)
    if account is None or account.kind not in _WITH_LIMITS:
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "account"})
    hard = (command.lower_minor, command.upper_minor)
    soft = (command.soft_lower_minor, command.soft_upper_minor)
    refusal = _bounds_refused(*soft, kind="soft_") or _inside_refused(hard, soft, "soft")
    if refusal is not None:
        return refusal
    yield LocalDraft(
        bodies.AccountLimited(
            v=1,
            at_s=now_s,
            account=command.account,
            lower_minor=command.lower_minor,
            upper_minor=command.upper_minor,
            unlimited=command.unlimited,
            soft_lower_minor=command.soft_lower_minor,
            soft_upper_minor=command.soft_upper_minor,
            entered_by=command.actor,
        )
    )
    return command.account


def _bounds_refused(lower: int | None, upper: int | None, *, kind: str = "") -> Refusal | None:
    """Refuse a lower limit above zero, or an upper one below."""
    if lower is not None and lower > 0:
        return Refusal(Code.LIMITS_ORDER, {"field": f"{kind}lower_minor"})
    if upper is not None and upper < 0:
        return Refusal(Code.LIMITS_ORDER, {"field": f"{kind}upper_minor"})
    return None


def _inside_refused(
    outer: tuple[int | None, int | None], inner: tuple[int | None, int | None], kind: str
) -> Refusal | None:
    """Refuse a narrower pair of limits that does not lie within the wider one."""
    refusal = _bounds_refused(*inner, kind=f"{kind}_")
    if refusal is not None:
        return refusal
    (outer_lower, outer_upper), (lower, upper) = outer, inner
    if lower is not None and outer_lower is not None and lower < outer_lower:
        return Refusal(Code.LIMITS_ORDER, {"field": f"{kind}_lower_minor"})
    if upper is not None and outer_upper is not None and upper > outer_upper:
        return Refusal(Code.LIMITS_ORDER, {"field": f"{kind}_upper_minor"})
    return None
