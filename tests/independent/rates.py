"""Hours, line units and minor units in exact fractions, after design section 4, for the judge."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Any

LINE_UNITS_PER_HOUR = 360_000

Numbers = tuple[int, int, int]
"""X, p and q: line units, the payer's minor units, the payee's."""


def minor_per_line_unit(rate: dict[str, Any]) -> Fraction:
    """r: what one line unit is worth in minor units."""
    minor = rate["per_hour"] * 10 ** rate.get("decimals", 0)
    return Fraction(minor, LINE_UNITS_PER_HOUR)


def stands_for(line_units: int, rate: dict[str, Any]) -> int:
    """R(b): rounded half away from zero."""
    exact = abs(line_units) * minor_per_line_unit(rate)
    rounded = floor(exact + Fraction(1, 2))
    return rounded if line_units >= 0 else -rounded


def numbers(fixed: str, given: int, *, payer: dict[str, Any], payee: dict[str, Any]) -> Numbers:
    """Convert a price: q for `payee`, p for `payer`, X for `line`."""
    r_payer, r_payee = minor_per_line_unit(payer), minor_per_line_unit(payee)
    if fixed == "payee":
        units = ceil(given / r_payee)
        return units, ceil(units * r_payer), given
    if fixed == "payer":
        units = floor(given / r_payer)
        return units, given, floor(units * r_payee)
    assert fixed == "line", fixed
    return given, ceil(given * r_payer), floor(given * r_payee)
