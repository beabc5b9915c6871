"""How figures for everybody are rounded: whole hours, and nothing of what happened too seldom.

Pure. One rule for what an umbrella publishes and for what a group shows of itself; so the one is
never the key to what the other hides. Totals are sums of cells as they are shown, never of others.
"""

from __future__ import annotations

from typing import Final

TRADES_MIN: Final = 5
SETTLES_DAYS: Final = 30
"""So long after its end a quarter is published: by then every log has been followed."""


def too_few(many: int) -> bool:
    """Tell whether so few trades, or members, are shown as `<5` and stand in no sum."""
    return many < TRADES_MIN


def round_hours(amount: int, per_hour: int) -> int:
    """Give whole hours of an amount, halves upwards; `per_hour` is in the unit of the amount."""
    return (2 * amount + per_hour) // (2 * per_hour)


def quarter_name(year: int, quarter: int) -> str:
    """Name a quarter, `2026-Q3`."""
    return f"{year}-Q{quarter}"
