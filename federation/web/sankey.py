"""Who helped whom as a Sankey: groups that gave on the left, groups that got on the right. Pure.

Gives numbers that a template draws as SVG, with the table beside it; colours are the stylesheet's.
Invariant: the ribbons of a group fill its bar exactly, side by side, everything lies inside, and no
two labels lie over each other.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NARROW: Final = 360
"""As wide as a small phone, so that letters keep their size there."""
BROAD: Final = 780
"""A little wider than a page becomes: letters as small as beside it, and room for whole names."""
SHOWN_MAX: Final = 8
"""So many groups a side; the smaller ones are drawn as one."""
COLOURS: Final = 6
_FLOW_HEIGHT: Final = 280
_LABEL: Final = 40
"""Room above each bar for two lines, its group's name and its amount."""
_NAME_UP: Final = 26
_AMOUNT_UP: Final = 8
"""How far above the bar these lines stand."""
_BAR: Final = 10
_THINNEST: Final = 1.5
OTHERS: Final = ""
"""Stands for the groups that are drawn as one."""


class Amount(msgspec.Struct, frozen=True):
    """What one group gave another, in any unit."""

    giver: str
    taker: str
    amount: int


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A group on one side."""

    group: str
    """`OTHERS` for several."""
    groups: int
    amount: int
    colour: int
    x: int
    y: float
    width: int = _BAR
    height: float
    label_y: float
    """Where the name stands; the amount is a line below it."""
    amount_y: float


class Ribbon(msgspec.Struct, frozen=True, kw_only=True):
    """What went from one bar to another."""

    giver: str
    taker: str
    amount: int
    colour: int
    path: str
    left_y: float
    right_y: float
    height: float


class Sankey(msgspec.Struct, frozen=True, kw_only=True):
    """The picture, in the units of its view box."""

    width: int
    height: int
    givers: tuple[Bar, ...]
    takers: tuple[Bar, ...]
    ribbons: tuple[Ribbon, ...]

    @property
    def label_room(self) -> int:
        """So wide is a label at most: those of both sides never meet, wherever their bars lie."""
        return self.width // 2 - 6


def draw_sankey(
    amounts: Iterable[Amount], *, others: tuple[int, int] = (0, 0)
) -> tuple[Sankey, Sankey]:
    """Draw the same amounts for a phone and for a wide screen."""
    known = list(amounts)
    return _drawn(known, others, NARROW), _drawn(known, others, BROAD)


def _drawn(amounts: Iterable[Amount], others: tuple[int, int], width: int) -> Sankey:
    """Place bars and ribbons; everything fits, whatever the amounts.

    `others` says for how many givers and takers `OTHERS` stands already.
    """
    known = [one for one in amounts if one.amount > 0]
    giving = _ranked((one.giver, one.amount) for one in known)
    taking = _ranked((one.taker, one.amount) for one in known)
    left, right = _placed(giving), _placed(taking)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for one in known:
        sums[left.get(one.giver, OTHERS), right.get(one.taker, OTHERS)] += one.amount
    total = sum(sums.values()) or 1
    heights = {pair: max(_THINNEST, _FLOW_HEIGHT * part / total) for pair, part in sums.items()}
    givers = _bars(giving, left, heights, side=0, others=others[0], x=0)
    takers = _bars(taking, right, heights, side=1, others=others[1], x=width - _BAR)
    ends = [bar.y + bar.height for bar in (*givers, *takers)]
    return Sankey(
        width=width,
        height=int(max(ends, default=0)) + 4,
        givers=givers,
        takers=takers,
        ribbons=_ribbons(givers, takers, sums, heights, width),
    )


def _ranked(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for group, amount in parts:
        sums[group] += amount
    return dict(sorted(sums.items(), key=lambda one: (-one[1], one[0])))


def _placed(ranked: Mapping[str, int]) -> dict[str, str]:
    """Name the groups that get a bar of their own; one alone is never drawn as several."""
    shown = SHOWN_MAX if len(ranked) <= SHOWN_MAX else SHOWN_MAX - 1
    return {group: group for group in [one for one in ranked if one != OTHERS][:shown]}


def _bars(
    ranked: Mapping[str, int],
    own: Mapping[str, str],
    heights: Mapping[tuple[str, str], float],
    *,
    side: int,
    others: int,
    x: int,
) -> tuple[Bar, ...]:
    rest = [amount for group, amount in ranked.items() if group not in own]
    others += sum(group not in own and group != OTHERS for group in ranked)
    amounts = {group: ranked[group] for group in own} | ({OTHERS: sum(rest)} if rest else {})
    bars, y = [], 0.0
    for number, (group, amount) in enumerate(amounts.items()):
        height = sum(part for pair, part in heights.items() if pair[side] == group)
        bars.append(
            Bar(
                group=group,
                groups=1 if group else others,
                amount=amount,
                colour=number % COLOURS,
                x=x,
                y=round(y + _LABEL, 1),
                height=round(height, 1),
                label_y=round(y + _LABEL - _NAME_UP, 1),
                amount_y=round(y + _LABEL - _AMOUNT_UP, 1),
            )
        )
        y += _LABEL + height
    return tuple(bars)


def _ribbons(
    givers: tuple[Bar, ...],
    takers: tuple[Bar, ...],
    sums: Mapping[tuple[str, str], int],
    heights: Mapping[tuple[str, str], float],
    width: int,
) -> tuple[Ribbon, ...]:
    left = {bar.group: bar.y for bar in givers}
    right = {bar.group: bar.y for bar in takers}
    ribbons = []
    for giver in givers:
        for taker in takers:
            pair = (giver.group, taker.group)
            if pair not in sums:
                continue
            start, end, height = left[giver.group], right[taker.group], heights[pair]
            left[giver.group] += height
            right[taker.group] += height
            ribbons.append(
                Ribbon(
                    giver=giver.group,
                    taker=taker.group,
                    amount=sums[pair],
                    colour=giver.colour,
                    path=_path(start, end, height, width),
                    left_y=start,
                    right_y=end,
                    height=height,
                )
            )
    return tuple(ribbons)


def _path(start: float, end: float, height: float, width: int) -> str:
    """Draw a band from the left bar to the right one, flat where it touches them."""
    x0, x1, middle = _BAR, width - _BAR, width // 2
    below, under = start + height, end + height
    return (
        f"M{x0} {start:.1f}C{middle} {start:.1f} {middle} {end:.1f} {x1} {end:.1f}"
        f"V{under:.1f}C{middle} {under:.1f} {middle} {below:.1f} {x0} {below:.1f}Z"
    )
