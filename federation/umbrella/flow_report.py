"""A report of the flows of a quarter or a year, which everybody who holds the cores makes alike.

Pure. The bytes follow from cores alone, but for the groups' names, which the report carries: no
clock, no language, no rounding but of hours in the table. It names the logs that it was made from
by size and root, so that two who come to other bytes know whether they have read the same.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from hashlib import sha256
from io import StringIO
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from events.note import SignedNote
from federation.umbrella.flow_lines import line_stand
from federation.umbrella.flows import (
    calendar_day,
    day_flows,
    quarter_period,
    total_flows,
    year_period,
)
from federation.words.cells import plain_text
from schemas.amounts import LINE_UNITS_PER_HOUR
from schemas.encoding import b64, encode
from schemas.errors import Code, InputError
from schemas.moments import YEARS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from events.note import NoteSigner
    from federation.umbrella.flow_counting import Aside
    from federation.umbrella.flow_lines import LineHistory
    from federation.umbrella.flows import Flow, LineDay, Period
    from schemas.amounts import Rate

KIND: Final = "ruilbrug/flows/v1"
"""First line of the note that signs a report: no checkpoint begins so, its origin has a host."""
_YEAR_LENGTH: Final = 4
_QUARTER_LENGTH: Final = 7


class ReadLog(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A log as it was read: its first `size` entries, which `root` stands for."""

    node: str
    name: str
    size: int
    root: str


class GroupSum(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the members of a group gave and got in the period, and where it stood at its end."""

    node: str
    gave_trades: int
    gave_units: int
    got_trades: int
    got_units: int
    net_units: int
    """At the end: what it gave more than it got, all years together."""
    minor_per_hour: int = 0
    """What an hour was worth in its own unit, in the smallest part of it; 0 without a line."""
    decimals: int = 0

    @property
    def still(self) -> bool:
        """Tell whether it neither gave nor got anything, and stood at zero."""
        return not (self.gave_trades or self.got_trades or self.net_units)


class LineAt(msgspec.Struct, frozen=True, kw_only=True):
    """How a line stood at the end of the period."""

    line: str
    debtor: str
    creditor: str
    owed_units: int
    limit_units: int


class FlowReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The report. Amounts are line units, 360,000 to the hour."""

    v: Literal[1]
    kind: str
    period: str
    first_day: str
    last_day: str
    logs: tuple[ReadLog, ...]
    flows: tuple[Flow, ...]
    groups: tuple[GroupSum, ...]
    lines: tuple[LineAt, ...]
    aside: tuple[Aside, ...] = ()
    """Entries that were read and are in no sum."""

    def json(self) -> bytes:
        """Give the report as canonical JSON."""
        return encode(self)

    def table(self) -> bytes:
        """Give who gave whom and who owed whom as a table for spreadsheets."""
        names = {log.node: plain_text(log.name) for log in self.logs}
        written = StringIO()
        writer = csv.writer(written, lineterminator="\r\n")
        writer.writerow(["what", "from", "from_id", "to", "to_id", "trades", "hours", "line_units"])
        for flow in self.flows:
            ends = _ends(names, flow.payee, flow.payer)
            writer.writerow(["gave", *ends, flow.trades, _hours(flow.units), flow.units])
        for line in self.lines:
            ends = _ends(names, line.debtor, line.creditor)
            writer.writerow(["owes", *ends, "", _hours(line.owed_units), line.owed_units])
        for one in self.aside:
            whose = names.get(one.node, ""), one.node
            writer.writerow(["not counted", *whose, one.why.value, "", one.entries, "", ""])
        return written.getvalue().encode("utf-8-sig")


def _ends(names: Mapping[str, str], one: str, other: str) -> tuple[str, str, str, str]:
    return names.get(one, ""), one, names.get(other, ""), other


def _hours(line_units: int) -> str:
    """Write hours to the hundredth, halves upwards."""
    hundredths = (200 * line_units + LINE_UNITS_PER_HOUR) // (2 * LINE_UNITS_PER_HOUR)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def read_report_period(name: str) -> Period:
    """Read `2026-Q3` or `2026`.

    Raises:
        InputError: `not_found` for anything else.

    """
    year, mark, quarter = name[:4], name[4:6], name[6:]
    if year.isascii() and year.isdigit() and int(year) in YEARS:
        if len(name) == _YEAR_LENGTH:
            return year_period(int(year))
        if len(name) == _QUARTER_LENGTH and mark == "-Q" and quarter in ("1", "2", "3", "4"):
            return quarter_period(int(year), int(quarter))
    raise InputError(Code.NOT_FOUND, field="period")


def make_report(
    name: str,
    logs: Iterable[ReadLog],
    days: Iterable[LineDay],
    histories: Mapping[str, LineHistory],
    aside: Iterable[Aside] = (),
) -> FlowReport:
    """Make the report of a period from what the logs say about lines up to its end at least."""
    period = read_report_period(name)
    moved = [flow for flow in day_flows(days, histories) if flow.day < period.end]
    moved += [
        flow
        for line in histories.values()
        for flow in line.without_trade()
        if flow.day < period.end
    ]
    net: dict[str, int] = defaultdict(int)
    lower_owes: dict[str, int] = defaultdict(int)
    for flow in moved:
        net[flow.payee] += flow.units
        net[flow.payer] -= flow.units
        is_lower = flow.payer == histories[flow.line].lower
        lower_owes[flow.line] += flow.units if is_lower else -flow.units
    flows = total_flows(moved, period)
    read = tuple(sorted(logs))
    return FlowReport(
        v=1,
        kind=KIND,
        period=name,
        first_day=calendar_day(period.first).isoformat(),
        last_day=calendar_day(period.end - 1).isoformat(),
        logs=read,
        flows=flows,
        groups=_groups(read, flows, net, _rates(histories, period)),
        lines=tuple(
            _line(histories[line], lower_owes[line], period)
            for line in sorted(histories)
            if histories[line].agreed[0].day < period.end
        ),
        aside=tuple(sorted(aside)),
    )


def _groups(
    logs: Iterable[ReadLog],
    flows: Iterable[Flow],
    net: Mapping[str, int],
    rates: Mapping[str, Rate],
) -> tuple[GroupSum, ...]:
    gave: dict[str, tuple[int, int]] = {}
    got: dict[str, tuple[int, int]] = {}
    for flow in flows:
        for sums, node in ((gave, flow.payee), (got, flow.payer)):
            trades, units = sums.get(node, (0, 0))
            sums[node] = trades + flow.trades, units + flow.units
    return tuple(
        GroupSum(
            node=log.node,
            gave_trades=gave.get(log.node, (0, 0))[0],
            gave_units=gave.get(log.node, (0, 0))[1],
            got_trades=got.get(log.node, (0, 0))[0],
            got_units=got.get(log.node, (0, 0))[1],
            net_units=net.get(log.node, 0),
            minor_per_hour=rates[log.node].minor_per_hour() if log.node in rates else 0,
            decimals=rates[log.node].decimals if log.node in rates else 0,
        )
        for log in logs
    )


def _rates(histories: Mapping[str, LineHistory], period: Period) -> dict[str, Rate]:
    """Give each group's rate by the newest terms of the period or before, of any of its lines."""
    found = sorted(
        (agreed.day, line.line, agreed.terms.rev, agreed.terms)
        for line in histories.values()
        for agreed in line.agreed
        if agreed.day < period.end
    )
    return {side.node: side.rate for *_, terms in found for side in (terms.lower, terms.higher)}


def _line(history: LineHistory, lower_owes: int, period: Period) -> LineAt:
    stand = line_stand(history, lower_owes, day=period.end - 1)
    return LineAt(
        line=stand.line,
        debtor=stand.debtor,
        creditor=stand.creditor,
        owed_units=stand.owed_units,
        limit_units=stand.limit_units,
    )


def sign_report(report: FlowReport, signer: NoteSigner) -> bytes:
    """Sign the files of a report in one C2SP signed note, by their SHA-256."""
    files = {"report.json": report.json(), "report.csv": report.table()}
    said = [f"{b64(sha256(content).digest())} {name}\n" for name, content in files.items()]
    text = f"{KIND}\n{signer.public.name}\n{report.period}\n{''.join(said)}".encode()
    return SignedNote(text, (signer.sign(text),)).encode()
