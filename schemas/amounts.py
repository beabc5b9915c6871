"""Amounts and rates: integers and exact fractions only.

A line unit is 1/100 of a second of time, 360,000 to the hour, the same for the whole federation.
A rate says how many minor units of a group's own unit one hour is worth; because of
`terms_rule` one line unit is at most one minor unit, which keeps every rounding posting at one
minor unit or less (invariant I10, design section 4).
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

LINE_UNITS_PER_HOUR: Final = 360_000
DECIMALS_MAX: Final = 2


class Rate(msgspec.Struct, frozen=True):
    """Units per hour of a group's own unit, and how many decimals that unit has."""

    per_hour: Annotated[int, Meta(ge=1, le=LINE_UNITS_PER_HOUR)]
    decimals: Annotated[int, Meta(ge=0, le=DECIMALS_MAX)] = 0

    def minor_per_hour(self) -> int:
        """Give the minor units that one hour is worth."""
        return int(self.per_hour * 10**self.decimals)

    def terms_rule(self) -> bool:
        """Tell whether one line unit is at most one minor unit (design section 4)."""
        return self.minor_per_hour() <= LINE_UNITS_PER_HOUR


class Unit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group's own unit: its name and its rate."""

    singular: Annotated[str, Meta(min_length=1, max_length=40)]
    plural: Annotated[str, Meta(min_length=1, max_length=40)]
    rate: Rate


def to_minor(line_units: int, rate: Rate) -> int:
    """R(b): a line balance in minor units, rounded half away from zero (design section 4)."""
    doubled = 2 * abs(line_units) * rate.minor_per_hour() + LINE_UNITS_PER_HOUR
    minor = doubled // (2 * LINE_UNITS_PER_HOUR)
    return minor if line_units >= 0 else -minor


def minor_ceiling(line_units: int, rate: Rate) -> int:
    """Give the least minor amount worth at least `line_units`."""
    return -(-line_units * rate.minor_per_hour() // LINE_UNITS_PER_HOUR)


def minor_floor(line_units: int, rate: Rate) -> int:
    """Give the greatest minor amount worth at most `line_units`."""
    return line_units * rate.minor_per_hour() // LINE_UNITS_PER_HOUR


def line_units_ceiling(amount_minor: int, rate: Rate) -> int:
    """Give the least number of line units worth at least `amount_minor`."""
    return -(-amount_minor * LINE_UNITS_PER_HOUR // rate.minor_per_hour())


def line_units_floor(amount_minor: int, rate: Rate) -> int:
    """Give the greatest number of line units worth at most `amount_minor`."""
    return amount_minor * LINE_UNITS_PER_HOUR // rate.minor_per_hour()


def format_minor(amount_minor: int, decimals: int) -> str:
    """Write an amount in whole units with its decimals, `-12` or `3.50`."""
    sign = "-" if amount_minor < 0 else ""
    whole, part = divmod(abs(amount_minor), 10**decimals)
    return f"{sign}{whole}.{part:0{decimals}d}" if decimals else f"{sign}{whole}"
