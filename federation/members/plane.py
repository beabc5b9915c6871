"""A plane map of Belgium in metres, as `plain.on_map` in SQL, and the squares of a circle on it.

Lambert's conformal cone on a sphere with the parallels of the Belgian map; in Belgium distances
are right to 0.05 %, and an index gives the nearest first. Pure.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from federation.members.postcodes import Spot

CONE: Final = 0.7716419963491863
RADIUS_M: Final = 11_575_694.004187712
MIDDLE_LONGITUDE: Final = 4.367
SQUARE_M: Final = 10_000
WIDE_M: Final = 20_000
"""The squares of `plain.placed_words`."""
COLUMN: Final = 100_000
"""A square is COLUMN * (metres east // SQUARE_M) + metres north // SQUARE_M."""
_AROUND_KEPT: Final = 1_000
"""People look from home, mostly."""


class Point(NamedTuple):
    """Metres east and north on the map."""

    east: float
    north: float


def on_map(spot: Spot) -> Point:
    """Give the point on the map."""
    radius = RADIUS_M * math.tan(math.radians(45 - spot.latitude / 2)) ** CONE
    angle = math.radians(CONE * (spot.longitude - MIDDLE_LONGITUDE))
    return Point(radius * math.sin(angle), -radius * math.cos(angle))


@lru_cache(_AROUND_KEPT)
def squares_around(point: Point, within_m: int, square_m: int = SQUARE_M) -> tuple[int, ...]:
    """Give every square that a circle touches (and some beside it)."""
    columns = _span(point.east, within_m, square_m)
    rows = _span(point.north, within_m, square_m)
    return tuple(
        COLUMN * column + row
        for column in columns
        for row in rows
        if _gap(point.east, column, square_m) ** 2 + _gap(point.north, row, square_m) ** 2
        <= (within_m + 1) ** 2
    )


def _span(middle: float, within_m: int, square_m: int) -> range:
    return range(
        math.floor((middle - within_m - 1) / square_m),
        math.floor((middle + within_m + 1) / square_m) + 1,
    )


def _gap(at: float, square: int, square_m: int) -> float:
    """Give the metres between a coordinate and a square's nearest edge; 0 inside it."""
    low = square * square_m
    return max(low - at, at - low - square_m, 0.0)
