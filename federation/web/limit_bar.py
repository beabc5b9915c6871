"""A balance between its two limits, with what stands apart, as a picture. Pure.

Gives numbers that a template draws as SVG, with the table beside it.
"""

from __future__ import annotations

from typing import Final

import msgspec

WIDTH: Final = 360
LEFT: Final = 8


class LimitBar(msgspec.Struct, frozen=True, kw_only=True):
    """The picture, across the units of its view box; a limit that there is not has no place."""

    width: int
    zero_x: int
    balance_x: int
    lower_x: int | None
    upper_x: int | None
    held_from_x: int
    """Where the balance may come by what stands apart: from here ..."""
    held_to_x: int
    """... to here."""

    @property
    def filled(self) -> tuple[int, int]:
        """Give start and width of the bar from zero to the balance."""
        return min(self.zero_x, self.balance_x), abs(self.zero_x - self.balance_x)


def draw_bar(
    balance: int, *, lower: int | None, upper: int | None, held_in: int, held_out: int
) -> LimitBar:
    """Place balance and limits; everything fits, whatever the amounts."""
    known = [0, balance - held_out, balance + held_in]
    least = min([*known, *([] if lower is None else [lower])])
    most = max([*known, *([] if upper is None else [upper])])
    span = most - least or 1

    def x(minor: int) -> int:
        return LEFT + (minor - least) * (WIDTH - 2 * LEFT) // span

    return LimitBar(
        width=WIDTH,
        zero_x=x(0),
        balance_x=x(balance),
        lower_x=None if lower is None else x(lower),
        upper_x=None if upper is None else x(upper),
        held_from_x=x(balance - held_out),
        held_to_x=x(balance + held_in),
    )
