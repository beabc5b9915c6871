"""Flows between groups: what cores say, summed by day, period, direction and group. Pure.

A trade is settled once its payee is credited: a receipt in the log of the payee's group. Days are
days of UTC, so that whoever holds the cores comes to the same sums. Amounts are line units, whole.
What one log says never depends on another, so logs may be read in any order. No log proves here
that it is honest: that is the audit's part.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import msgspec

from schemas import cores
from schemas.moments import told_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from federation.umbrella.flow_lines import LineHistory

DAY_S: Final = 86_400
QUARTERS: Final = 4
_MONTHS_IN_QUARTER: Final = 3
_MONTHS: Final = 12
_EPOCH: Final = date(1970, 1, 1)
MILESTONES: Final = (cores.TermsPropose, cores.TermsAccept, cores.LineLimit, cores.LineClose)
"""What makes a line what it is; `flow_lines` reads them."""


class LineDay(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What the log of `node` says about one of its lines on one day.

    `paid`: its commits, as the payer's side. `credited`: its receipts, as the payee's side.
    """

    line: str
    node: str
    day: int
    """Days since 1970-01-01, UTC."""
    paid_trades: int = 0
    paid_units: int = 0
    credited_trades: int = 0
    credited_units: int = 0

    def __add__(self, other: LineDay) -> LineDay:
        """Sum two; the day is the first's."""
        return LineDay(
            line=self.line,
            node=self.node,
            day=self.day,
            paid_trades=self.paid_trades + other.paid_trades,
            paid_units=self.paid_units + other.paid_units,
            credited_trades=self.credited_trades + other.credited_trades,
            credited_units=self.credited_units + other.credited_units,
        )


class DayFlow(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What moved over a line on one day: `payer`'s group owes `units` more, or is owed less.

    Without trades it is an opening position, or a debt that was written off.
    """

    day: int
    payer: str
    payee: str
    line: str
    trades: int
    units: int


class Flow(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What the members of `payee` gave those of `payer` over all lines in some period."""

    payer: str
    payee: str
    trades: int
    units: int


class Period(msgspec.Struct, frozen=True, order=True):
    """Days from `first` on, until before `end`."""

    first: int
    end: int

    def holds(self, day: int) -> bool:
        """Tell whether a day is one of them."""
        return self.first <= day < self.end


EVERYTHING: Final = Period(0, 2**31)


class Turnover(msgspec.Struct, frozen=True, kw_only=True):
    """What one group gave and got in some period."""

    node: str
    gave_units: int
    gave_trades: int
    got_units: int
    got_trades: int

    @property
    def net_units(self) -> int:
        """What it gave more than it got."""
        return self.gave_units - self.got_units


class OnItsWay(msgspec.Struct, frozen=True, kw_only=True):
    """What a payer's side has booked on a line and the payee's side not yet."""

    units: int
    since_day: int


class Span(StrEnum):
    """The lengths of period by which sums are kept."""

    MONTH = "m"
    QUARTER = "q"
    YEAR = "y"


def day_of(at_s: int) -> int:
    """Give the day of UTC on which a second falls; the last that a calendar tells for any later."""
    return told_s(at_s) // DAY_S


def day_number(day: date) -> int:
    """Give the number of a day of the calendar."""
    return (day - _EPOCH).days


def calendar_day(day: int) -> date:
    """Give the day of the calendar that a number stands for."""
    return datetime.fromtimestamp(day * DAY_S, UTC).date()


def year_period(year: int) -> Period:
    """Give the days of a year."""
    return Period(day_number(date(year, 1, 1)), day_number(date(year + 1, 1, 1)))


def quarter_period(year: int, quarter: int) -> Period:
    """Give the days of a quarter, 1 to 4."""
    month = (quarter - 1) * _MONTHS_IN_QUARTER + 1
    following = (year + 1, 1) if quarter == QUARTERS else (year, month + _MONTHS_IN_QUARTER)
    return Period(day_number(date(year, month, 1)), day_number(date(*following, 1)))


def quarter_of(day: int) -> tuple[int, int]:
    """Give year and quarter of a day."""
    said = calendar_day(day)
    return said.year, (said.month - 1) // _MONTHS_IN_QUARTER + 1


def month_period(year: int, month: int) -> Period:
    """Give the days of a month, 1 to 12."""
    following = (year + 1, 1) if month == _MONTHS else (year, month + 1)
    return Period(day_number(date(year, month, 1)), day_number(date(*following, 1)))


def span_of(span: Span, day: int) -> Period:
    """Give the month, quarter or year in which a day lies."""
    if span is Span.YEAR:
        return year_period(calendar_day(day).year)
    if span is Span.QUARTER:
        return quarter_period(*quarter_of(day))
    said = calendar_day(day)
    return month_period(said.year, said.month)


def read_days(node: str, read: Iterable[Any]) -> tuple[LineDay, ...]:
    """Sum a part of a node's log by line and day; parts add up to the whole log."""
    sums: dict[tuple[str, int], LineDay] = {}
    for core in read:
        if isinstance(core, cores.PayCommit | cores.PayReceipt):
            day = day_of(core.ts)
            before = sums.get((core.line, day), LineDay(line=core.line, node=node, day=day))
            sums[core.line, day] = before + _one(node, core, day)
    return tuple(sorted(sums.values()))


def _one(node: str, core: cores.PayCommit | cores.PayReceipt, day: int) -> LineDay:
    if isinstance(core, cores.PayCommit):
        return LineDay(
            line=core.line, node=node, day=day, paid_trades=1, paid_units=core.line_units
        )
    return LineDay(
        line=core.line, node=node, day=day, credited_trades=1, credited_units=core.line_units
    )


def sum_days(days: Iterable[LineDay], period: Period) -> tuple[LineDay, ...]:
    """Sum what falls into a period, by line and log; each sum carries the period's first day."""
    sums: dict[tuple[str, str], LineDay] = {}
    for one in days:
        if period.holds(one.day):
            empty = LineDay(line=one.line, node=one.node, day=period.first)
            sums[one.line, one.node] = sums.get((one.line, one.node), empty) + one
    return tuple(sorted(sums.values()))


def day_flows(days: Iterable[LineDay], lines: Mapping[str, LineHistory]) -> tuple[DayFlow, ...]:
    """Give what was settled, by day and direction.

    What stands on a line that no two groups have agreed on, or that is another's, counts nowhere.
    """
    return tuple(
        DayFlow(
            day=one.day,
            payer=lines[one.line].other(one.node),
            payee=one.node,
            line=one.line,
            trades=one.credited_trades,
            units=one.credited_units,
        )
        for one in days
        if one.credited_trades and one.line in lines and lines[one.line].is_end(one.node)
    )


def total_flows(flows: Iterable[DayFlow], period: Period) -> tuple[Flow, ...]:
    """Sum the trades of a period by direction, over all lines of two groups; the largest first."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for one in flows:
        if one.trades and period.holds(one.day):
            trades, units = sums.get((one.payer, one.payee), (0, 0))
            sums[one.payer, one.payee] = trades + one.trades, units + one.units
    found = [
        Flow(payer=payer, payee=payee, trades=trades, units=units)
        for (payer, payee), (trades, units) in sums.items()
    ]
    return tuple(sorted(found, key=lambda flow: (-flow.units, flow.payer, flow.payee)))


def turnovers(found: Iterable[Flow]) -> list[Turnover]:
    """Sum flows by group; who moved most comes first. What all gave is what all got."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for flow in found:
        gave, got = sums[flow.payee], sums[flow.payer]
        gave[0] += flow.units
        gave[1] += flow.trades
        got[2] += flow.units
        got[3] += flow.trades
    made = [
        Turnover(node=node, gave_units=a, gave_trades=b, got_units=c, got_trades=d)
        for node, (a, b, c, d) in sums.items()
    ]
    assert sum(one.net_units for one in made) == 0, "what one group gave another one got"
    return sorted(made, key=lambda one: (-one.gave_units - one.got_units, one.node))


def with_others(
    between: Mapping[tuple[str, str], int],
    givers: Mapping[str, int],
    takers: Mapping[str, int],
    total: int,
) -> Iterator[tuple[str, str, int]]:
    """Give (giver, taker, units); the groups that are not among the largest have no name."""
    for (giver, taker), units in between.items():
        yield giver, taker, units
    for giver, units in givers.items():
        yield giver, "", units - sum(between.get((giver, taker), 0) for taker in takers)
    for taker, units in takers.items():
        yield "", taker, units - sum(between.get((giver, taker), 0) for giver in givers)
    rest = total - sum(givers.values()) - sum(takers.values()) + sum(between.values())
    assert rest >= 0, "parts are not more than the whole"
    yield "", "", rest


def net_positions(flows: Iterable[DayFlow]) -> dict[str, int]:
    """Give what each group gave more than it got, negative when it got more; all sum to zero."""
    positions: dict[str, int] = defaultdict(int)
    for one in flows:
        positions[one.payee] += one.units
        positions[one.payer] -= one.units
    assert sum(positions.values()) == 0, "what one group owes another one is owed"
    return dict(positions)


def positions_over_time(
    flows: Iterable[DayFlow], ends: Sequence[int]
) -> dict[str, tuple[int, ...]]:
    """Give each group's net position before each of some days, which are in order."""
    known = sorted(flows)
    taken, at, running = 0, 0, defaultdict[str, int](int)
    series: dict[str, list[int]] = {}
    for at, end in enumerate(ends):
        while taken < len(known) and known[taken].day < end:
            one = known[taken]
            running[one.payee] += one.units
            running[one.payer] -= one.units
            taken += 1
        for group, units in running.items():
            series.setdefault(group, [0] * at).append(units)
    return {group: tuple(found) for group, found in series.items()}


def oldest_debt(owed_units: int, taken: Iterable[tuple[int, int]]) -> int | None:
    """Give the day from which the oldest part of a debt dates; none when nothing is owed.

    `taken` is what made the debtor owe more, as (day, units). What is given back pays the oldest
    first, so what is still owed is the newest of it.
    """
    left = owed_units
    for day, units in sorted(taken, reverse=True):
        if left <= 0:
            break
        left -= units
        oldest = day
    return oldest if owed_units > 0 and left < owed_units else None


def on_its_way(paid: Iterable[tuple[int, int]], credited_units: int) -> OnItsWay | None:
    """Give what of the payments of one side, as (day, units), the other has not credited yet."""
    left = credited_units
    units, since = 0, 0
    for day, amount in sorted(paid):
        covered = min(left, amount)
        left -= covered
        if amount > covered:
            since = since if units else day
            units += amount - covered
    return OnItsWay(units=units, since_day=since) if units else None
