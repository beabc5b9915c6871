"""A member's own limits as fields of a form: how far below and above zero, without a sign. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from schemas.amounts import format_minor

if TYPE_CHECKING:
    from federation.web.forms import Form
    from projections.ledger import Account

UNLIMITED: Final = "unlimited"
_FIELDS: Final = ("lower_minor", "upper_minor", "soft_lower_minor", "soft_upper_minor")


class Own(NamedTuple):
    """The limits of one account; nothing follows the group's."""

    lower_minor: int | None
    upper_minor: int | None
    soft_lower_minor: int | None
    soft_upper_minor: int | None
    unlimited: bool


def of(account: Account) -> Own:
    """Give the own limits of an account."""
    return Own(
        lower_minor=account.lower_minor,
        upper_minor=account.upper_minor,
        soft_lower_minor=account.soft_lower_minor,
        soft_upper_minor=account.soft_upper_minor,
        unlimited=account.unlimited,
    )


def filled(account: Account, decimals: int) -> dict[str, str]:
    """Give what stands in each field."""
    own = of(account)
    known = {UNLIMITED: "yes"} if own.unlimited else {}
    for name in _FIELDS:
        minor = getattr(own, name)
        known[_field(name)] = "" if minor is None else written(abs(minor), decimals)
    return known


def written(minor: int, decimals: int) -> str:
    """Write an amount as it is typed."""
    return format_minor(minor, decimals).replace(".", ",")


def read(form: Form, decimals: int) -> Own:
    """Read them; notes what is wrong."""
    lower, soft_lower = (distance(form, name, decimals) for name in ("lower", "soft-lower"))
    return Own(
        lower_minor=None if lower is None else -lower,
        upper_minor=distance(form, "upper", decimals),
        soft_lower_minor=None if soft_lower is None else -soft_lower,
        soft_upper_minor=distance(form, "soft-upper", decimals),
        unlimited=form.flag(UNLIMITED),
    )


def distance(form: Form, name: str, decimals: int) -> int | None:
    """Read how far from zero; nothing where the field is left empty."""
    typed = form.value(name).strip()
    if not typed:
        return None
    return 0 if typed.strip("0,.") == "" else form.amount(name, decimals)


def _field(name: str) -> str:
    return name.removesuffix("_minor").replace("_", "-")
