"""A map of the country for the directory: postcodes as a ground, groups with a number. Pure.

No border is drawn: where people have a postcode, there is land. Points are GeoNames'
(`federation.members.places`); the projection is flat, with the middle parallel at its true length.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.members.postcodes import Spot, all_places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.public.directory import Near

WIDTH: Final = 360
_MARGIN: Final = 12
_DOT_PX: Final = 9


class Dot(NamedTuple):
    """A group on the map, by its number in the list; more than one may stand in one place."""

    number: str
    x: int
    y: int
    radius: int


class DirectoryMap(NamedTuple):
    """The map, in the units of its view box."""

    width: int
    height: int
    land: str
    """A path of points, each drawn as a round spot."""
    dots: tuple[Dot, ...]
    here: tuple[int, int] | None


class _Frame(NamedTuple):
    west: float
    north: float
    per_degree_x: float
    per_degree_y: float
    height: int

    def place(self, spot: Spot) -> tuple[int, int]:
        x = _MARGIN + (spot.longitude - self.west) * self.per_degree_x
        y = _MARGIN + (self.north - spot.latitude) * self.per_degree_y
        return round(x), round(y)


@cache
def _frame() -> _Frame:
    spots = [place.spot for place in all_places()]
    west = min(spot.longitude for spot in spots)
    east = max(spot.longitude for spot in spots)
    south = min(spot.latitude for spot in spots)
    north = max(spot.latitude for spot in spots)
    per_x = (WIDTH - 2 * _MARGIN) / (east - west)
    per_y = per_x / math.cos(math.radians((north + south) / 2))
    return _Frame(west, north, per_x, per_y, round((north - south) * per_y) + 2 * _MARGIN)


@cache
def _land() -> str:
    frame = _frame()
    points = sorted({frame.place(place.spot) for place in all_places()})
    return "".join(f"M{x} {y}h0" for x, y in points)


def draw_map(groups: Sequence[Near], here: Spot | None) -> DirectoryMap:
    """Draw the groups whose place is known; the number of each is its place in the list.

    Groups in one place share a dot, which then has the first number and a plus sign.
    """
    frame, at = _frame(), dict[tuple[int, int], list[int]]()
    for number, near in enumerate(groups, 1):
        spot = near.group.spot
        if spot is not None:
            at.setdefault(frame.place(spot), []).append(number)
    dots = [
        Dot(f"{numbers[0]}+" if len(numbers) > 1 else str(numbers[0]), x, y, _DOT_PX)
        for (x, y), numbers in at.items()
    ]
    # the first of the list lies on top
    dots.reverse()
    return DirectoryMap(
        WIDTH, frame.height, _land(), tuple(dots), None if here is None else frame.place(here)
    )
