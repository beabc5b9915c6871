"""A plane map of Belgium in metres, as `plain.on_map` in SQL, and the squares of a circle on it.

Lambert's conformal cone on a sphere with the parallels of the Belgian map; in Belgium distances
are right to 0.05 %, and an index gives the nearest first. Pure.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from federation.members.postcodes import Spot

CONE: Final = 0.7716419963491863
RADIUS_M: Final = 11_575_694.004187712
MIDDLE_LONGITUDE: Final = 4.367
SQUARE_M: Final = 10_000
COLUMN: Final = 100_000
"""A square is COLUMN * (metres east // SQUARE_M) + metres north // SQUARE_M."""


class Point(NamedTuple):
    """Metres east and north on the map."""

    east: float
    north: float


def on_map(spot: Spot) -> Point:
    """Give the point on the map."""
    radius = RADIUS_M * math.tan(math.radians(45 - spot.latitude / 2)) ** CONE
    angle = math.radians(CONE * (spot.longitude - MIDDLE_LONGITUDE))
    return Point(radius * math.sin(angle), -radius * math.cos(angle))


def squares_around(point: Point, within_m: int) -> list[int]:
    """Give every square that a circle touches (and some beside it)."""
    columns = _span(point.east, within_m)
    rows = _span(point.north, within_m)
    return [
        COLUMN * column + row
        for column in columns
        for row in rows
        if _gap(point.east, column) ** 2 + _gap(point.north, row) ** 2 <= (within_m + 1) ** 2
    ]


def _span(middle: float, within_m: int) -> range:
    return range(
        math.floor((middle - within_m - 1) / SQUARE_M),
        math.floor((middle + within_m + 1) / SQUARE_M) + 1,
    )


def _gap(at: float, square: int) -> float:
    """Give the metres between a coordinate and a square's nearest edge; 0 inside it."""
    low = square * SQUARE_M
    return max(low - at, at - low - SQUARE_M, 0.0)
