"""Hours a quarter as a picture: what stayed inside, what went out, what came in, on each other.

Gives numbers that a template draws as SVG, with the table beside it. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.group.public_figures import PublicQuarter

WIDTH: Final = 360
HEIGHT: Final = 182
TOP: Final = 20
"""Above it stands the number of the tallest bar."""
BOTTOM: Final = 145
"""Below it stand the quarters."""
QUARTERS_MAX: Final = 8


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of hours in a bar."""

    kind: str
    y: int
    height: int


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One quarter."""

    quarter: str
    """Its number in the year, and the year where it begins."""
    year: str
    hours: int
    x: int
    width: int
    middle: int
    top: int
    blocks: tuple[Block, ...]


class QuarterChart(msgspec.Struct, frozen=True, kw_only=True):
    """The picture, in the units of its view box; no bars when there is nothing to draw."""

    width: int
    height: int
    zero_y: int
    bars: tuple[Bar, ...]


def draw_quarters(quarters: Sequence[PublicQuarter]) -> QuarterChart:
    """Draw the newest quarters, given newest first, from left to right."""
    drawn = list(reversed(quarters[:QUARTERS_MAX]))
    most = max((one.all.hours for one in drawn), default=0)
    step = WIDTH // max(4, len(drawn))
    bars = [
        _bar(one, most, x=number * step + step // 6, width=step * 2 // 3)
        for number, one in enumerate(drawn)
    ]
    return QuarterChart(width=WIDTH, height=HEIGHT, zero_y=BOTTOM, bars=tuple(bars) if most else ())


def _bar(one: PublicQuarter, most: int, *, x: int, width: int) -> Bar:
    blocks, below = [], 0
    for kind, hours in (
        ("inside", one.inside.hours),
        ("gave", one.gave.hours),
        ("got", one.got.hours),
    ):
        foot, top = _y(below, most), _y(below + hours, most)
        below += hours
        if hours:
            blocks.append(Block(kind=kind, y=top, height=foot - top))
    year, _, quarter = one.name.partition("-Q")
    return Bar(
        quarter=quarter,
        year=year,
        hours=below,
        x=x,
        width=width,
        middle=x + width // 2,
        top=_y(below, most) - 5,
        blocks=tuple(blocks),
    )


def _y(hours: int, most: int) -> int:
    return BOTTOM - hours * (BOTTOM - TOP) // max(1, most)
