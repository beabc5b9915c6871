"""The audit: what all cores say about the lines, held against each other (design section 6).

A pure fold over cores in the order of each log. A1 (chains; signatures and roots are checked where
the bytes come in), A2 (totals), A3 (balance claims mirror each other at matched heads), A4 (line
positions sum to zero, but for commits that are still on their way).
"""

from __future__ import annotations

from typing import Any

import msgspec

from schemas import cores


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that cannot be: which check, where, and what was expected."""

    check: str
    node: str
    line: str = ""
    seq: int = -1
    what: str = ""
    line_units: int = 0


class Side(msgspec.Struct, kw_only=True):
    """One direction of a line: the chain of the node that writes it."""

    node: str
    n: int = 0
    id: str = ""
    paid_units: int = 0
    credited_units: int = 0
    balance_units: int = 0
    """As the newest commit or receipt of this side claims."""
    opening_units: int = 0
    """The opening position that this side has booked."""
    written_units: int = 0
    """What this side has written off of a partner that had gone."""
    commits: int = 0
    receipts: int = 0
    totals: dict[str, int] = {}
    """Commit id -> total, until the other side's receipt has named it."""
    receipts_unmatched: dict[str, tuple[int, int]] = {}
    """Commit id -> (total, seq) of receipts whose commit has not been mirrored yet."""


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """What went over a line from one group to the other, in line units, and what is on its way."""

    payer: str
    payee: str
    trades: int
    settled_units: int
    in_flight_units: int


class LineReport(msgspec.Struct, frozen=True, kw_only=True):
    """A line as the audit sees it. `owes_units`: what `lower` owes `higher`; negative, reversed."""

    line: str
    lower: str
    higher: str
    flows: tuple[Flow, ...]
    owes_units: int
    matched: bool
    """Both sides have seen everything, and their balances mirror each other."""


class Audit:
    """The state of the fold. Feed each node's cores in the order of its log."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self.sides: dict[tuple[str, str], Side] = {}
        self.findings: list[Finding] = []
        self.events = 0

    def read(self, node: str, core: Any, event_id: str) -> None:
        """Take in one event of a node's log."""
        self.events += 1
        if isinstance(core, cores.LocalCore | cores.KeyCore):
            return
        side = self.sides.setdefault((core.line, node), Side(node=node))
        self._chain(side, core)
        side.n, side.id = core.n, event_id
        if isinstance(core, cores.PayCommit):
            self._commit(side, core, event_id)
        elif isinstance(core, cores.PayReceipt):
            self._receipt(side, core)
        elif isinstance(core, cores.LineRevalued) and core.rev == 1:
            side.opening_units = core.balance - (side.paid_units - side.credited_units)
            side.balance_units = core.balance
        elif isinstance(core, cores.LineClose):
            side.written_units += core.written_off_units
            side.balance_units = core.balance

    def _chain(self, side: Side, core: Any) -> None:
        """A1: numbers without gaps, each event naming the one before."""
        if core.n != side.n + 1:
            self._find("A1", side.node, core, f"number {core.n} follows {side.n}")
        elif (core.prev or "") != side.id:
            self._find("A1", side.node, core, f"number {core.n} names another predecessor")

    def _commit(self, side: Side, core: cores.PayCommit, event_id: str) -> None:
        """A2 and A3 for what the payer's node says."""
        side.paid_units += core.line_units
        side.commits += 1
        side.balance_units = core.balance
        side.totals[event_id] = core.total
        self._claims(side, core, side.paid_units)
        other = self._other(core.line, side.node)
        early = None if other is None else other.receipts_unmatched.pop(event_id, None)
        if other is not None and early is not None:
            side.totals.pop(event_id)
            self._mirrored(other, core, core.total, early[0])

    def _receipt(self, side: Side, core: cores.PayReceipt) -> None:
        """A2 and A3 for what the payee's node says."""
        side.credited_units += core.line_units
        side.receipts += 1
        side.balance_units = core.balance
        self._claims(side, core, side.credited_units)
        other = self._other(core.line, side.node)
        committed = None if other is None else other.totals.pop(core.commit, None)
        if committed is None:
            side.receipts_unmatched[core.commit] = (core.total, core.seq)
        else:
            self._mirrored(side, core, committed, core.total)

    def _claims(
        self, side: Side, core: cores.PayCommit | cores.PayReceipt, expected_total: int
    ) -> None:
        if core.total != expected_total:
            self._find("A2", side.node, core, f"total {core.total}, sum {expected_total}")
        balance = side.opening_units + side.paid_units - side.credited_units + side.written_units
        if core.balance != balance:
            self._find("A3", side.node, core, f"balance {core.balance}, own chain {balance}")

    def _mirrored(
        self,
        side: Side,
        core: cores.PayCommit | cores.PayReceipt,
        committed: int,
        received: int,
    ) -> None:
        """A2 across the line: a receipt has the total of the commit that it answers."""
        if committed != received:
            what = f"receipt total {received}, commit total {committed}"
            self._find("A2", side.node, core, what)

    def _other(self, line: str, node: str) -> Side | None:
        return next(
            (s for (name, owner), s in self.sides.items() if name == line and owner != node), None
        )

    def _find(self, check: str, node: str, core: Any, what: str) -> None:
        self.findings.append(
            Finding(check=check, node=node, line=core.line, seq=core.seq, what=what)
        )

    def close(self) -> tuple[list[LineReport], list[Finding]]:
        """Hold the lines against each other as far as they were read: A3 and A4."""
        lines: dict[str, list[Side]] = {}
        for (line, _), side in self.sides.items():
            lines.setdefault(line, []).append(side)
        reports: list[LineReport] = []
        findings = list(self.findings)
        for line, sides in sorted(lines.items()):
            pair = sorted(sides, key=lambda side: side.node)
            if len(pair) == 2:  # noqa: PLR2004 - the other side has not been mirrored yet
                report, found = _compare(line, pair[0], pair[1])
                reports.append(report)
                findings.extend(found)
        return reports, findings


def _traded(side: Side) -> int:
    """Give what trades alone made of a claimed balance: openings are booked one after the other."""
    if not side.commits and not side.receipts:
        return 0
    return side.balance_units - side.opening_units - side.written_units


def _compare(line: str, lower: Side, higher: Side) -> tuple[LineReport, list[Finding]]:
    findings: list[Finding] = []
    flows = []
    for payer, payee in ((lower, higher), (higher, lower)):
        in_flight = payer.paid_units - payee.credited_units
        flows.append(
            Flow(
                payer=payer.node,
                payee=payee.node,
                trades=payee.receipts,
                settled_units=payee.credited_units,
                in_flight_units=in_flight,
            )
        )
        unproved = payee.receipts_unmatched
        if in_flight < 0 and unproved:
            findings.append(
                Finding(
                    check="A4",
                    node=payee.node,
                    line=line,
                    what="more was credited than the payer's log shows committed",
                    line_units=-in_flight,
                )
            )
    settled = all(flow.in_flight_units == 0 for flow in flows)
    sum_units = _traded(lower) + _traded(higher)
    on_its_way = sum(flow.in_flight_units for flow in flows)
    if settled and sum_units:
        findings.append(
            Finding(
                check="A3",
                node=lower.node,
                line=line,
                what="balances do not mirror each other",
                line_units=sum_units,
            )
        )
    elif sum_units != on_its_way:
        findings.append(
            Finding(
                check="A4",
                node=lower.node,
                line=line,
                what="positions do not sum to zero",
                line_units=sum_units - on_its_way,
            )
        )
    report = LineReport(
        line=line,
        lower=lower.node,
        higher=higher.node,
        flows=tuple(flows),
        owes_units=lower.paid_units - lower.credited_units,
        matched=settled and not findings,
    )
    return report, findings
