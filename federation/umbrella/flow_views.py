"""What auditors look at: flows of a period, positions over time, lines, what lags. Reads tables."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import msgspec

from federation.node.patience import connection_in_time
from federation.umbrella.flow_lines import LineStand, line_stand
from federation.umbrella.flow_tables import ALL, SQL, histories, of, read_asides
from federation.umbrella.flows import (
    EVERYTHING,
    DayFlow,
    Flow,
    LineDay,
    Period,
    Span,
    Turnover,
    calendar_day,
    day_flows,
    day_of,
    month_period,
    oldest_debt,
    on_its_way,
    positions_over_time,
    with_others,
)
from schemas.amounts import Rate, Unit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

    from asyncpg import Record
    from asyncpg.pool import PoolConnectionProxy

    from federation.node.service import Node
    from federation.umbrella.flow_counting import Aside
    from federation.umbrella.flow_lines import LineHistory

LINES_SHOWN: Final = 50
LINES_OF_GROUP_MAX: Final = 500
LAGS_SHOWN: Final = 100
ALL_ROWS: Final = 2**31 - 1
QUIET_S: Final = 86_400
"""A log that was not followed for so long is shown as silent."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group as pages name it, with the rate of its own unit when a line has told it."""

    node: str
    name: str
    rate: Rate | None = None
    unit_names: tuple[str, str] | None = None
    """What it calls one and several of its unit, where it says so."""
    closed_at_s: int = 0
    """When it ended by its own word; 0 when it has not."""

    @property
    def unit(self) -> Unit | None:
        """Its own unit, when name and rate are known."""
        if self.rate is None or self.unit_names is None:
            return None
        singular, plural = self.unit_names
        return Unit(singular=singular, plural=plural, rate=self.rate)


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """A month, quarter or year, or everything."""

    span: Span | None = None
    period: Period = EVERYTHING

    @property
    def key(self) -> tuple[bytes, int]:
        """Give what names it in the tables."""
        return (ALL, 0) if self.span is None else (self.span.value.encode(), self.period.first)


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """A period in few numbers."""

    groups: int
    trades: int
    units: int
    other_givers: int
    other_takers: int
    """Groups that are not among the largest."""
    given: tuple[tuple[str, str, int], ...]
    """(giver, taker, units); the others have no name."""


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """Where a group stood before each of some days, and what it could have owed or been owed."""

    days: tuple[int, ...]
    net_units: tuple[int, ...]
    """What it was owed; negative, what it owed."""
    may_owe_units: tuple[int, ...]
    may_be_owed_units: tuple[int, ...]

    def changed(self) -> tuple[int, ...]:
        """Give the places of the months that tell something new, and the last one.

        None when nothing ever stood on it: rows of noughts say less than a sentence.
        """
        said = tuple(zip(self.net_units, self.may_owe_units, self.may_be_owed_units, strict=True))
        new = [at for at, (before, one) in enumerate(pairwise(((0, 0, 0), *said))) if one != before]
        return tuple(new) if not new or new[-1] == len(said) - 1 else (*new, len(said) - 1)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it stands now, and what is on its way on it."""

    stand: LineStand
    closed: bool
    on_its_way_units: int


class Lag(msgspec.Struct, frozen=True, kw_only=True):
    """What one group has paid over a line and the other not credited."""

    line: str
    payer: str
    payee: str
    units: int
    since_day: int


class FollowedLog(msgspec.Struct, frozen=True, kw_only=True):
    """How far a group's log was followed."""

    node: str
    name: str
    size: int = 0
    pulled_at_s: int = 0
    """When it was last followed; 0: never."""
    last_at_s: int = 0
    """When its newest entry was written."""
    root: bytes = b""
    stopped_at: int | None = None
    """Behind how many entries its sums stand still; None when they do not."""
    asides: tuple[Aside, ...] = ()
    """What of it is in no sum."""

    here: bool = True
    """Whether the group has not left."""
    closed_at_s: int = 0
    """When it ended by its own word; 0 when it has not."""

    def silent(self, now_s: int) -> bool:
        """Tell whether it was not followed for a day; who has left is not expected to speak."""
        return self.here and now_s - self.pulled_at_s >= QUIET_S


async def groups(node: Node, only: Iterable[str] | None = None) -> dict[str, Group]:
    """Give groups by their id: those named, or all that were ever registered."""
    chosen = None if only is None else set(only)
    known = (one for one in node.peers.everyone() if chosen is None or one.node in chosen)
    names = {peer.node: peer.name for peer in known}
    ended = {one.node: one.closed_at_s for one in await node.peers.closed()}
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["read_rates"], None if only is None else list(names))
    rates = {row["node"]: Rate(row["per_hour"], row["decimals"]) for row in rows}
    return {
        one: Group(
            node=one,
            name=names.get(one, one[:8]),
            rate=rates.get(one),
            closed_at_s=ended.get(one, 0),
        )
        for one in names | rates
    }


async def spans(node: Node, *, today: int) -> list[tuple[Span, int]]:
    """Give the months, quarters and years in which something was traded, the newest first.

    None that begins later: who signs a day of the year 8000 sets no period before anybody.
    """
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["spans"], today)
    return [(Span(row["span"]), row["first_day"]) for row in rows]


async def flows(
    node: Node, chosen: Chosen, *, most: int = ALL_ROWS, after: int = 0
) -> tuple[Flow, ...]:
    """Give who traded with whom in a period; the most first."""
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["flows_of_span"], *chosen.key, most, after)
    return tuple(Flow(**dict(row)) for row in rows)


async def turned_over(node: Node, chosen: Chosen, *, most: int, after: int) -> list[Turnover]:
    """Give what each group gave and got in a period; who moved most comes first."""
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["turnovers_of_span"], *chosen.key, most, after)
    return [Turnover(**dict(row)) for row in rows]


@contextlib.asynccontextmanager
async def _one_moment(node: Node) -> AsyncIterator[PoolConnectionProxy[Record]]:
    """Give a connection that answers several questions as the tables stand at the first.

    They are written all the time, and answers of two moments do not add up.
    """
    async with (
        connection_in_time(node.pool) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        yield connection


async def outline(node: Node, chosen: Chosen, *, groups_max: int) -> Outline:
    """Give the totals of a period and what its largest groups gave each other.

    What the others gave and got follows by subtraction: the same rows are read however many.
    """
    async with _one_moment(node) as connection:
        totals = await connection.fetchrow(SQL["totals_of_span"], *chosen.key)
        givers = _units(await connection.fetch(SQL["top_givers"], *chosen.key, groups_max))
        takers = _units(await connection.fetch(SQL["top_takers"], *chosen.key, groups_max))
        rows = await connection.fetch(SQL["pairs_between"], *chosen.key, list(takers), list(givers))
    assert totals is not None
    between = {(row["payee"], row["payer"]): row["units"] for row in rows}
    return Outline(
        groups=totals["groups"],
        trades=totals["trades"],
        units=totals["units"],
        other_givers=totals["givers"] - len(givers),
        other_takers=totals["takers"] - len(takers),
        given=tuple(with_others(between, givers, takers, totals["units"])),
    )


def _units(rows: Iterable[Record]) -> dict[str, int]:
    return {row["node"]: row["units"] for row in rows}


async def course(node: Node, group: str, *, now_s: int, months: int = 24) -> Course:
    """Give a group's net position at the end of each of the last months, with its limits."""
    async with _one_moment(node) as connection:
        rows = await connection.fetch(SQL["line_sums"], group, LINES_OF_GROUP_MAX, 0)
        lines = await histories(connection, [row["line"] for row in rows])
        days = await connection.fetch(SQL["days_of_lines"], list(lines))
    moved = [*day_flows(map(_day, days), lines), *_without_trade(lines.values())]
    ends = _month_ends(day_of(now_s), months)
    nothing = (0,) * len(ends)
    return Course(
        days=ends,
        net_units=positions_over_time(moved, ends).get(group, nothing),
        may_owe_units=_granted(lines.values(), ends, lambda line: line.other(group)),
        may_be_owed_units=_granted(lines.values(), ends, lambda _: group),
    )


def _granted(
    lines: Iterable[LineHistory], ends: Sequence[int], by: Callable[[LineHistory], str]
) -> tuple[int, ...]:
    known = list(lines)
    return tuple(sum(line.granted_units(by(line), end - 1) for line in known) for end in ends)


def _month_ends(today: int, months: int) -> tuple[int, ...]:
    """Give the first days after each of the last months; the running month ends today."""
    said = calendar_day(today)
    at = said.year * 12 + said.month - 1
    firsts = [divmod(month, 12) for month in range(at - months + 2, at + 1)]
    return (*(month_period(year, month + 1).first for year, month in firsts), today + 1)


def _without_trade(lines: Iterable[LineHistory]) -> list[DayFlow]:
    return [flow for line in lines for flow in line.without_trade()]


def _day(row: Record) -> LineDay:
    return LineDay(**dict(row))


async def lines(
    node: Node, *, now_s: int, group: str | None = None, after: int = 0
) -> tuple[list[Standing], bool]:
    """Give how lines stand, the largest debts first, and whether there are more."""
    async with _one_moment(node) as connection:
        rows = await connection.fetch(SQL["line_sums"], group, LINES_SHOWN + 1, after)
        shown = rows[:LINES_SHOWN]
        known = await histories(connection, [row["line"] for row in shown])
        days = await connection.fetch(SQL["days_of_lines"], list(known))
    moved: dict[str, list[DayFlow]] = defaultdict(list)
    for flow in (*day_flows(map(_day, days), known), *_without_trade(known.values())):
        moved[flow.line].append(flow)
    standings = [_standing(row, known[row["line"]], moved[row["line"]], now_s) for row in shown]
    return standings, len(rows) > LINES_SHOWN


def _standing(row: Record, history: LineHistory, moved: Sequence[DayFlow], now_s: int) -> Standing:
    owes = row["lower_owes"]
    debtor = history.lower if owes >= 0 else history.higher
    taken = [(flow.day, flow.units) for flow in moved if flow.payer == debtor]
    stand = line_stand(history, owes, day=day_of(now_s), oldest_day=oldest_debt(abs(owes), taken))
    on_way = (
        row["lower_paid"] - row["higher_credited"],
        row["higher_paid"] - row["lower_credited"],
    )
    return Standing(
        stand=stand, closed=row["closed"], on_its_way_units=sum(max(0, units) for units in on_way)
    )


async def lags(node: Node) -> list[Lag]:
    """Give what was paid and not credited yet, the most first."""
    async with _one_moment(node) as connection:
        rows = await connection.fetch(SQL["on_its_way"], LAGS_SHOWN)
        days = await connection.fetch(SQL["days_of_lines"], sorted({row["line"] for row in rows}))
    paid: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for day in days:
        paid[day["line"], day["node"]].append((day["day"], day["paid_units"]))
    found = []
    for row in rows:
        way = on_its_way(paid[row["line"], row["payer"]], row["credited"])
        if way is not None:
            found.append(
                Lag(
                    line=row["line"],
                    payer=row["payer"],
                    payee=row["payee"],
                    units=way.units,
                    since_day=way.since_day,
                )
            )
    return found


async def followed(node: Node, named: Mapping[str, Group]) -> list[FollowedLog]:
    """Give how far each registered group's log was followed; who was silent longest first."""
    async with connection_in_time(node.pool) as connection:
        rows = {row["node"]: row for row in await connection.fetch(SQL["read_logs"])}
        asides: dict[str, list[Aside]] = defaultdict(list)
        for aside in await read_asides(connection):
            asides[aside.node].append(aside)
    stopped = of(node).stopped
    registered = {peer.node for peer in node.peers.all() if peer.standing == "registered"}
    found = []
    for one in registered | set(rows):
        name = named[one].name if one in named else one[:8]
        row = rows.get(one)
        if row is None:
            found.append(FollowedLog(node=one, name=name))
            continue
        found.append(
            FollowedLog(
                node=one,
                name=name,
                size=row["size"],
                pulled_at_s=row["pulled_at_s"],
                last_at_s=row["last_at_s"],
                root=row["root"],
                stopped_at=stopped[one].size if one in stopped else None,
                asides=tuple(asides[one]),
                here=one in registered,
                closed_at_s=named[one].closed_at_s if one in named else 0,
            )
        )
    return sorted(found, key=lambda log: (log.pulled_at_s, log.name))
