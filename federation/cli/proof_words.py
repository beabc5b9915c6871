"""A proven booking in plain words, and as fields for programs. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from schemas.texts.facts import time_text

if TYPE_CHECKING:
    from projections.receipt import Between, Booked

_ALONE: Final = (
    "No witness has cosigned this: it is the word of the group alone, which could show somebody "
    "else another log. Check it again with a policy that wants witnesses."
)
_LIMITS: Final = (
    "Amounts are in the smallest part of the group's unit. Whose account a number is, only the "
    "group can say; how the help was, only the people themselves."
)


def summary(booked: Booked) -> dict[str, Any]:
    """Give what is proven, for programs."""
    between = None if booked.between is None else booked.between._asdict()
    postings = [msgspec.structs.asdict(posting) for posting in booked.postings]
    told = booked._asdict() | {"postings": postings, "between": between}
    return {"proven": True} | told


def tell(booked: Booked) -> str:
    """Say what is proven, by whose word, and what is not."""
    where = f"the log {booked.log}, at place {booked.place} of {booked.size}"
    lines = [
        f"PROVEN: this booking stands in {where}.",
        f"  kind:      {booked.kind}, by the group {booked.node}",
        f"  booked:    {_time(booked.at_s)}",
        *(f"  account {one.account}: {one.amount_minor:+d}" for one in booked.postings),
    ]
    if booked.description is not None:
        lines.append(f"  for:       {_shown(booked.description)}")
    if booked.between is not None:
        lines += _between(booked.between)
    lines += [f"  witnessed: {name}, {_time(at_s)}" for name, at_s in booked.cosigned_at_s.items()]
    return "\n".join([*lines, *([] if booked.cosigned_at_s else [_ALONE]), _LIMITS])


def _between(between: Between) -> list[str]:
    lines = [
        f"  between:   two groups on line {between.line}, payment {between.path}",
        f"  worth:     {time_text(between.line_units)} of time",
    ]
    if between.payer_minor is not None:
        lines.append(
            f"  amounts:   {between.payer_minor} at the payer's group, "
            f"{between.payee_minor} at the payee's"
        )
    if between.payer:
        lines.append(f"  payer:     {between.payer} (by this name the other group knows it)")
        lines.append(f"  payee:     {between.payee} (likewise)")
    return lines


def _shown(text: str) -> str:
    """Show what somebody wrote as it can move no terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def _time(at_s: int) -> str:
    """Write a time, or the number when no calendar goes that far."""
    try:
        return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"second {at_s}"
