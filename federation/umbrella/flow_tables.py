"""Sums what the mirror takes in, by line and day, into the tables that pages and reports read.

Invariant: the sums of a log are what its first `flow_progress.size` entries say, written in one
transaction with that number. Costs by new entries only. The tables can be lost: without a row of
progress a log is read from its first entry again. It sends nothing and judges nothing. What one log
says never stops the sums of another: an entry that cannot be counted is set aside and told
(`flow_counting`), and a log of which the sums cannot go on stands still alone, which is told too.
"""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import msgspec
import structlog

from events.queries import load_queries
from events.recovery import STORAGE_TROUBLE
from federation.peer.channel import decode_line_core
from federation.umbrella.flow_counting import Aside, Counting, Why
from federation.umbrella.flow_lines import LineHistory, line_histories
from federation.umbrella.flows import (
    EVERYTHING,
    MILESTONES,
    DayFlow,
    LineDay,
    Span,
    read_days,
    span_of,
    total_flows,
    turnovers,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from asyncpg import Record

    from events.log_store import AnyConnection
    from federation.node.service import Node

log = structlog.get_logger()

SQL: Final = load_queries(files("federation.umbrella").joinpath("sql/flows.sql"))
ALL: Final = b"a"
"""The span that holds all time."""
PAGE: Final = 4096
TICK_S: Final = 2.0
AGAIN_S: Final = 60.0
"""So long is a log that could not be summed left alone, and everything when all of it fails."""


class Stopped(NamedTuple):
    """A log whose sums stand still: behind how many entries, by what kind of error, until when."""

    size: int
    kind: str
    again_s: float


class FlowTables:
    """Keeps the sums of one umbrella up to date; `run` is its task."""

    def __init__(self, node: Node) -> None:
        """Take the umbrella's node."""
        self._node = node
        self._one_at_a_time = asyncio.Lock()
        self.stopped: dict[str, Stopped] = {}

    async def run(self) -> None:
        """Follow the mirror until cancelled."""
        while True:
            wait_s = TICK_S
            try:
                await self.catch_up()
            except STORAGE_TROUBLE as error:
                log.warning("flows_wait", kind=type(error).__name__)
            except Exception as error:
                log.critical("flows_failed", kind=type(error).__name__, exc_info=error)
                wait_s = AGAIN_S
            await asyncio.sleep(wait_s)

    async def catch_up(self) -> None:
        """Sum all that the mirror holds under a checkpoint by now."""
        async with self._one_at_a_time:
            behind = await self._node.pool.fetch(SQL["logs_behind"])
            nodes = {row["node"] for row in behind}
            self.stopped = {node: one for node, one in self.stopped.items() if node in nodes}
            now_s = asyncio.get_running_loop().time()
            for row in behind:
                stopped = self.stopped.get(row["node"])
                if stopped is None or stopped.again_s <= now_s:
                    await self._log(row, stopped)

    async def _log(self, row: Record, stopped: Stopped | None) -> None:
        """Sum what is new of one log; what goes wrong with it is its own trouble."""
        node, done, counted_units = row["node"], row["done"], row["counted_units"]
        try:
            while done < row["size"]:
                end = min(done + PAGE, row["size"])
                counted_units = await self._page(node, done, end, counted_units)
                done = end
        except STORAGE_TROUBLE:
            raise
        except Exception as error:
            kind, now_s = type(error).__name__, asyncio.get_running_loop().time()
            self.stopped[node] = Stopped(done, kind, now_s + AGAIN_S)
            if stopped is None or stopped[:2] != (done, kind):
                log.critical("flows_stopped", peer=node, seq=done, kind=kind, exc_info=error)
        else:
            self.stopped.pop(node, None)

    async def _page(self, node: str, start: int, end: int, counted_units: int) -> int:
        """Sum a page, behind entries that count for so many units; gives for how many by now."""
        rows = await self._node.pool.fetch(SQL["read_mirrored"], node, start, end)
        assert len(rows) == end - start, "the mirror has no gaps below a checkpoint"
        counting, found = Counting(node, counted_units), []
        for row in rows:
            core = counting.take(row["seq"], row["core"])
            if core is not None:
                found.append((row["seq"], row["core"], core))
        days, aside = read_days(node, (core for _, _, core in found)), counting.asides()
        async with self._node.pool.acquire() as connection, connection.transaction():
            done = await connection.fetchval(SQL["lock_progress"], node)
            assert (done or 0) == start, "somebody else writes these tables"
            await connection.execute(
                SQL["advance"], node, end, counting.last_at_s, counting.counted_units
            )
            if aside:
                await _set_aside(connection, aside)
            made = [one for one in found if isinstance(one[2], MILESTONES)]
            if made:
                await _add_milestones(connection, node, made)
            await _add_flows(connection, days)
            await _add(connection, days)
        return counting.counted_units


async def _set_aside(connection: AnyConnection, aside: list[Aside]) -> None:
    for one in aside:
        log.warning("flow_entries_aside", peer=one.node, **one.facts())
    await connection.execute(SQL["add_asides"], *_columns(aside))


async def _add(connection: AnyConnection, days: tuple[LineDay, ...]) -> None:
    if not days:
        return
    await connection.execute(SQL["add_days"], *_columns(days))
    for span in Span:
        sums: dict[tuple[str, int], LineDay] = {}
        for day in days:
            first = span_of(span, day.day).first
            empty = LineDay(line=day.line, node=day.node, day=first)
            sums[day.line, first] = sums.get((day.line, first), empty) + day
        await connection.execute(SQL["add_sums"], *_columns(sums.values()), span.value.encode())


async def _add_flows(connection: AnyConnection, days: Sequence[LineDay]) -> None:
    """Add what was credited on lines that both ends have signed to who gave whom; others wait."""
    named = sorted({day.line for day in days if day.credited_trades})
    if not named:
        return
    rows = await connection.fetch(SQL["read_ends"], named)
    ends = {row["line"]: (row["lower"], row["higher"]) for row in rows}
    for span in (*Span, None):
        by_first: dict[int, list[DayFlow]] = {}
        for day in days:
            if day.credited_trades and day.node in ends.get(day.line, ()):
                first = 0 if span is None else span_of(span, day.day).first
                by_first.setdefault(first, []).append(_flow(day, ends[day.line]))
        key = ALL if span is None else span.value.encode()
        for first, moved in by_first.items():
            flows = total_flows(moved, EVERYTHING)
            await connection.execute(SQL["add_pairs"], *_columns(flows), first, key)
            await connection.execute(SQL["add_turnovers"], *_columns(turnovers(flows)), first, key)


def _flow(day: LineDay, ends: tuple[str, str]) -> DayFlow:
    return DayFlow(
        day=day.day,
        payer=ends[1] if day.node == ends[0] else ends[0],
        payee=day.node,
        line=day.line,
        trades=day.credited_trades,
        units=day.credited_units,
    )


def _columns(days: Iterable[msgspec.Struct]) -> list[list[Any]]:
    return [list(column) for column in zip(*map(msgspec.structs.astuple, days), strict=True)]


async def _add_milestones(
    connection: AnyConnection, node: str, made: list[tuple[int, bytes, Any]]
) -> None:
    """Keep them, and say anew what their lines are."""
    seqs, data = [seq for seq, _, _ in made], [core for _, core, _ in made]
    named = [core.line for _, _, core in made]
    await connection.execute(SQL["add_milestones"], node, seqs, named, data)
    lines = list((await histories(connection, sorted(set(named)))).values())
    agreed = [line.line for line in lines]
    known = {row["line"] for row in await connection.fetch(SQL["read_ends"], agreed)}
    await connection.execute(
        SQL["write_lines"],
        [line.line for line in lines],
        [line.lower for line in lines],
        [line.higher for line in lines],
        [_moved(line) for line in lines],
        [bool(line.closed) for line in lines],
    )
    late = await connection.fetch(SQL["days_of_lines"], [one for one in agreed if one not in known])
    await _add_flows(connection, [LineDay(**dict(row)) for row in late])
    newest: dict[str, tuple[int, int, int]] = {}
    for line in sorted(lines, key=lambda line: line.agreed[-1].day):
        for end in (line.lower, line.higher):
            rate = line.rate(end)
            newest[end] = (line.agreed[-1].day, rate.per_hour, rate.decimals)
    columns = zip(*newest.values(), strict=True) if newest else ((), (), ())
    await connection.execute(SQL["write_rates"], list(newest), *map(list, columns))


def _moved(line: LineHistory) -> int:
    """Give what `lower` owes without any trade."""
    return sum(one.units if one.payer == line.lower else -one.units for one in line.without_trade())


async def read_asides(connection: AnyConnection) -> list[Aside]:
    """Read what is in no sum, of all logs."""
    return [
        Aside(
            node=row["node"],
            why=Why(row["why"]),
            entries=row["entries"],
            first_seq=row["first_seq"],
        )
        for row in await connection.fetch(SQL["read_asides"])
    ]


async def histories(connection: AnyConnection, lines: list[str]) -> dict[str, LineHistory]:
    """Read what some lines have agreed on and when; those that only one end has signed are none."""
    rows = await connection.fetch(SQL["read_milestones"], lines)
    return line_histories(decode_line_core(row["core"]) for row in rows)


def of(node: Node) -> FlowTables:
    """Give the sums of a running umbrella."""
    return cast("FlowTables", node.parts[FlowTables])
