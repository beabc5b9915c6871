"""Figures for everybody: per quarter or longer, whole hours, and no cell of fewer than 5 trades.

Pure. A cell is what the members of one group gave those of another in a quarter. Invariant: all
that is published follows from the rounded cells of quarters alone. Totals are sums of the cells
that are shown, a year is the sum of its quarters as they were shown; so whoever subtracts one
figure from another gets another shown figure, never one that is hidden.
"""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from federation.umbrella.flows import quarter_period
from schemas.amounts import LINE_UNITS_PER_HOUR
from schemas.published_figures import SETTLES_DAYS, round_hours, too_few

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.umbrella.flows import Flow


class Audience(StrEnum):
    """Who may see something; each sees what those after it see as well."""

    AUDITORS = "auditors"
    PARTNERS = "partners"
    PUBLIC = "public"

    def sees(self, shown_to: Audience) -> bool:
        """Tell whether this one sees what is shown to `shown_to`."""
        order = list(Audience)
        return order.index(self) <= order.index(shown_to)


class Cell(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What one group gave another, as far as it is shown."""

    payer: str
    payee: str
    trades: int = 0
    hours: int = 0
    small: int = 0
    """In how many quarters there were fewer than 5 trades; these are in no sum."""


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of one group: the sum of its cells."""

    node: str
    gave_trades: int
    gave_hours: int
    got_trades: int
    got_hours: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of a quarter or a year."""

    name: str
    """`2026-Q3`, `2026`."""
    cells: tuple[Cell, ...] | None
    """Who gave whom; None where only totals are shown."""
    totals: tuple[Total, ...] | None
    trades: int
    hours: int


def quarter_cells(flows: Iterable[Flow]) -> tuple[Cell, ...]:
    """Give the cells of one quarter; of a small one nothing but that it is small."""
    return tuple(
        sorted(
            Cell(payer=flow.payer, payee=flow.payee, small=1)
            if too_few(flow.trades)
            else Cell(
                payer=flow.payer,
                payee=flow.payee,
                trades=flow.trades,
                hours=round_hours(flow.units, LINE_UNITS_PER_HOUR),
            )
            for flow in flows
            if flow.trades
        )
    )


def year_cells(quarters: Iterable[Iterable[Cell]]) -> tuple[Cell, ...]:
    """Sum the cells of quarters as they were shown."""
    sums: dict[tuple[str, str], Cell] = {}
    for cell in (cell for quarter in quarters for cell in quarter):
        before = sums.get((cell.payer, cell.payee), Cell(payer=cell.payer, payee=cell.payee))
        sums[cell.payer, cell.payee] = Cell(
            payer=cell.payer,
            payee=cell.payee,
            trades=before.trades + cell.trades,
            hours=before.hours + cell.hours,
            small=before.small + cell.small,
        )
    return tuple(sorted(sums.values()))


def totals_of(cells: Iterable[Cell]) -> tuple[Total, ...]:
    """Sum the shown cells by group; who gave and got most comes first."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for cell in cells:
        gave, got = sums[cell.payee], sums[cell.payer]
        gave[0] += cell.trades
        gave[1] += cell.hours
        got[2] += cell.trades
        got[3] += cell.hours
    made = [
        Total(node=node, gave_trades=a, gave_hours=b, got_trades=c, got_hours=d)
        for node, (a, b, c, d) in sums.items()
    ]
    return tuple(sorted(made, key=lambda one: (-one.gave_hours - one.got_hours, one.node)))


def figures(name: str, cells: tuple[Cell, ...], *, pairs: bool, totals: bool) -> Figures:
    """Give what is shown of a period, with who gave whom and what each group gave, or without."""
    return Figures(
        name=name,
        cells=cells if pairs else None,
        totals=totals_of(cells) if totals else None,
        trades=sum(cell.trades for cell in cells),
        hours=sum(cell.hours for cell in cells),
    )


def settled(year: int, quarter: int, today: int) -> bool:
    """Tell whether a quarter can be published on a day."""
    return today >= quarter_period(year, quarter).end + SETTLES_DAYS
