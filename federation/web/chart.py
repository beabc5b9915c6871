"""Twelve months as a picture: what came in upwards, what went out downwards, the balance as a line.

Gives numbers that a template draws as SVG, with the table beside it; colours are the stylesheet's.
Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.web.dates import month_letter, month_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from federation.members.statement import Month
    from schemas.texts.words import Language

WIDTH: Final = 360
HEIGHT: Final = 180
TOP: Final = 6
BOTTOM: Final = 158
"""Below it stand the names of the months."""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One month of the picture."""

    name: str
    letter: str
    received_minor: int
    given_minor: int
    balance_minor: int
    x: int
    width: int
    middle: int
    received_y: int
    received_height: int
    given_height: int


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """The picture, in the units of its view box."""

    width: int
    height: int
    zero_y: int
    letters_y: int
    bars: list[Bar]
    line: str
    """The balance, as the points of a polyline."""
    empty: bool


def draw_months(months: Sequence[Month], starts: Sequence[date], language: Language) -> Chart:
    """Place bars and line; everything fits, whatever the amounts."""
    top = max([0, *(max(month.received_minor, month.balance_minor) for month in months)])
    bottom = min([0, *(min(-month.given_minor, month.balance_minor) for month in months)])
    span = top - bottom or 1

    def y(minor: int) -> int:
        return BOTTOM - (minor - bottom) * (BOTTOM - TOP) // span

    step = WIDTH // max(1, len(months))
    bars = [
        Bar(
            name=month_text(start, language),
            letter=month_letter(start, language),
            received_minor=month.received_minor,
            given_minor=month.given_minor,
            balance_minor=month.balance_minor,
            x=number * step + step // 5,
            width=step * 3 // 5,
            middle=number * step + step // 2,
            received_y=y(month.received_minor),
            received_height=y(0) - y(month.received_minor),
            given_height=y(-month.given_minor) - y(0),
        )
        for number, (month, start) in enumerate(zip(months, starts, strict=True))
    ]
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        zero_y=y(0),
        letters_y=HEIGHT - 5,
        bars=bars,
        line=" ".join(f"{bar.middle},{y(bar.balance_minor)}" for bar in bars),
        empty=top == bottom == 0,
    )
