"""What a payment costs on both sides of a line (design section 4, conversion).

Exact integers only. Computed once, by the payer's node, and carried in the prepare; the payee's
node recomputes and refuses a mismatch; nobody recomputes later. The payer's side bears rounding.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from schemas.amounts import (
    Rate,
    line_units_ceiling,
    line_units_floor,
    minor_ceiling,
    minor_floor,
)
from schemas.cores import Fixed
from schemas.errors import Code, Refusal
from schemas.ids import SAFE_INTEGER


class Quote(NamedTuple):
    """X, p and q: the numbers that the member confirms and both nodes book."""

    line_units: int
    payer_minor: int
    payee_minor: int


def quote(fixed: Fixed, amount: int, *, payer: Rate, payee: Rate) -> Quote | Refusal:
    """Convert `amount`: q for `payee`, p for `payer` (minor units), X for `line` (line units).

    Refuses `amount_not_positive`, `too_small` when X (or, but for `line`, q) would be below 1,
    and `amount_too_large` when a number leaves the safe integers.
    """
    if amount < 1:
        return Refusal(Code.AMOUNT_NOT_POSITIVE, {"field": "amount"})
    if amount > SAFE_INTEGER:
        return Refusal(Code.AMOUNT_TOO_LARGE, {"field": "amount"})
    numbers = _convert(fixed, amount, payer, payee)
    if numbers.line_units < 1 or (numbers.payee_minor < 1 and fixed is not Fixed.LINE):
        return Refusal(Code.TOO_SMALL, {"field": "amount"})
    if max(numbers) > SAFE_INTEGER:
        return Refusal(Code.AMOUNT_TOO_LARGE, {"field": "amount"})
    return numbers


def amounts(numbers: Quote, fixed: Fixed, *, terms_rev: int, reverses: str) -> dict[str, Any]:
    """Give the fields of a prepare or a request that say what is paid, and by which terms."""
    said = {**numbers._asdict(), "terms_rev": terms_rev, "fixed": fixed}
    return {**said, "reverses": reverses} if reverses else said


def fits(numbers: Quote, fixed: Fixed, *, payer: Rate, payee: Rate) -> bool:
    """Tell whether X, p and q are what the terms give: the payee's node recomputes."""
    given = {
        Fixed.PAYEE: numbers.payee_minor,
        Fixed.PAYER: numbers.payer_minor,
        Fixed.LINE: numbers.line_units,
    }[fixed]
    return quote(fixed, given, payer=payer, payee=payee) == numbers


def _convert(fixed: Fixed, amount: int, payer: Rate, payee: Rate) -> Quote:
    if fixed is Fixed.PAYEE:
        line_units = line_units_ceiling(amount, payee)
        return Quote(line_units, minor_ceiling(line_units, payer), amount)
    if fixed is Fixed.PAYER:
        line_units = line_units_floor(amount, payer)
        return Quote(line_units, amount, minor_floor(line_units, payee))
    return Quote(amount, minor_ceiling(amount, payer), minor_floor(amount, payee))
