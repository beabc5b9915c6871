"""Where a group stood over some months, with its limits, as a picture. Pure.

Gives numbers that a template draws as SVG, with the table beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH: Final = 360
HEIGHT: Final = 200
TOP: Final = 18
BOTTOM: Final = 174
"""Below it stand the names of the months."""
LEFT: Final = 4


class CourseChart(msgspec.Struct, frozen=True, kw_only=True):
    """The picture, in the units of its view box."""

    width: int
    height: int
    zero_y: int
    top_units: int
    bottom_units: int
    """What the highest and the lowest point stand for."""
    top_y: int = TOP
    bottom_y: int = BOTTOM
    net: str
    """The position, as the points of a polyline."""
    upper: str
    lower: str
    """The limits, as steps."""
    marks: tuple[tuple[int, int], ...]
    """Where the name of which month stands: (x, number of the month)."""


def draw_course(
    net: Sequence[int], may_be_owed: Sequence[int], may_owe: Sequence[int]
) -> CourseChart:
    """Place the lines; everything fits, whatever the amounts."""
    lowest = [-units for units in may_owe]
    top, bottom = max(0, *net, *may_be_owed), min(0, *net, *lowest)
    span = top - bottom or 1
    step = (WIDTH - 2 * LEFT) / max(1, len(net))

    def y(units: int) -> int:
        return BOTTOM - (units - bottom) * (BOTTOM - TOP) // span

    def x(number: int) -> int:
        return round(LEFT + step * (number + 1))

    def steps(limits: Sequence[int]) -> str:
        points = ((x(at - 1), x(at), y(limit)) for at, limit in enumerate(limits))
        return " ".join(f"{start},{height} {end},{height}" for start, end, height in points)

    return CourseChart(
        width=WIDTH,
        height=HEIGHT,
        zero_y=y(0),
        top_units=top,
        bottom_units=bottom,
        net=" ".join(f"{x(at)},{y(units)}" for at, units in enumerate(net)),
        upper=steps(may_be_owed),
        lower=steps(lowest),
        marks=tuple((x(at), at) for at in range(len(net) - 1, -1, -6))[::-1],
    )
