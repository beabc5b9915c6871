"""What the umbrella's people do: admit groups, follow their logs, audit, report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from events.merkle import leaf_hash
from federation.node.service import now_s
from federation.umbrella.audit import Audit, Finding, LineReport
from federation.umbrella.mirror import pull, read_core
from federation.umbrella.queries import SQL
from schemas.amounts import LINE_UNITS_PER_HOUR
from schemas.encoding import b64

if TYPE_CHECKING:
    from federation.node.service import Node

PAGE = 4096


class AuditReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit saw: how much, per pair of groups what flowed, and what cannot be."""

    events: int
    groups: dict[str, str]
    """Node id -> name."""
    lines: tuple[LineReport, ...]
    findings: tuple[Finding, ...]
    behind: tuple[str, ...] = ()
    """Groups that did not answer; their logs are audited as far as they were followed."""


async def audit(umbrella: Node) -> AuditReport:
    """Follow every registered group's log to its newest checkpoint, and hold them together."""
    groups = [peer for peer in umbrella.peers.all() if peer.standing == "registered"]
    findings: list[Finding] = []
    behind: list[str] = []
    states = {}
    for peer in groups:
        taken, finding = await pull(umbrella, peer)
        states[peer.node] = taken
        if finding is not None:
            findings.append(finding)
    fresh = {
        row["node"]: row["pulled_at_s"]
        for row in await umbrella.pool.fetch(SQL["read_mirror_states"])
    }
    started = now_s() - 60
    behind = [peer.node for peer in groups if fresh.get(peer.node, 0) < started]
    fold = Audit()
    for peer in groups:
        await _read_mirror(umbrella, fold, peer.node)
    lines, found = fold.close()
    return AuditReport(
        events=fold.events,
        groups={peer.node: peer.name for peer in groups},
        lines=tuple(lines),
        findings=(*findings, *found),
        behind=tuple(behind),
    )


async def _read_mirror(umbrella: Node, fold: Audit, node: str) -> None:
    after = 0
    while rows := await umbrella.pool.fetch(SQL["read_mirror"], node, after, PAGE):
        for row in rows:
            fold.read(node, read_core(row["core"]), b64(leaf_hash(row["core"])))
        after += len(rows)


def render(report: AuditReport) -> str:
    """Write a report for people: per pair of groups what flowed and where the line stands."""
    names = report.groups
    out = [f"{len(names)} groups, {report.events} events read"]
    for line in report.lines:
        one, other = names.get(line.lower, line.lower), names.get(line.higher, line.higher)
        out.append(f"{one} - {other}")
        for flow in line.flows:
            trades = "1 trade" if flow.trades == 1 else f"{flow.trades} trades"
            way = f", {hours(flow.in_flight_units)} on its way" if flow.in_flight_units else ""
            out.append(
                f"  {names.get(flow.payer, flow.payer)} gave {names.get(flow.payee, flow.payee)} "
                f"{hours(flow.settled_units)} in {trades}{way}"
            )
        debtor, creditor = (one, other) if line.owes_units >= 0 else (other, one)
        agree = "both books agree" if line.matched else "not settled on both sides yet"
        stands = (
            f"{debtor} owes {creditor} {hours(abs(line.owes_units))}"
            if line.owes_units
            else "nobody owes anything"
        )
        out.append(f"  the line stands: {stands}; {agree}")
    out += [
        f"no answer from {names.get(group, group)}; audited as far as it was followed"
        for group in report.behind
    ]
    for finding in report.findings:
        where = names.get(finding.node, finding.node)
        out.append(f"FINDING {finding.check} at {where}, event {finding.seq}: {finding.what}")
    if not report.findings:
        out.append("no findings: A1 chains and signatures, A2 totals, A3 balances, A4 sum of lines")
    return "\n".join(out)


def hours(line_units: int) -> str:
    """Write line units as hours, minutes and seconds, `1 h 24 min`."""
    seconds_100 = abs(line_units)
    whole, rest = divmod(seconds_100, LINE_UNITS_PER_HOUR)
    minutes, rest = divmod(rest, LINE_UNITS_PER_HOUR // 60)
    seconds, hundredths = divmod(rest, 100)
    parts = [f"{whole} h"] if whole else []
    if minutes:
        parts.append(f"{minutes} min")
    if seconds or hundredths or not parts:
        parts.append(f"{seconds}.{hundredths:02d} s" if hundredths else f"{seconds} s")
    return ("-" if line_units < 0 else "") + " ".join(parts)
