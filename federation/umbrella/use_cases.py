"""What the umbrella's people do: admit groups, follow their logs, audit, report."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec

from federation.node.service import now_s
from federation.umbrella import auditing, noting
from federation.umbrella.audit import LineReport
from federation.umbrella.known_findings import Looked
from federation.umbrella.mirror import pull
from federation.umbrella.queries import SQL
from federation.umbrella.turns import turns_of
from schemas.amounts import LINE_UNITS_PER_HOUR
from schemas.finding_words import words_of
from schemas.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.node.peers import Peer
    from federation.node.service import Node

AT_ONCE: Final = 4
"""So many logs are followed at a time."""


class AuditReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit saw: how much, per pair of groups what flowed, and what cannot be."""

    events: int
    groups: dict[str, str]
    """Node id -> name."""
    lines: tuple[LineReport, ...]
    findings: tuple[Finding, ...]
    behind: tuple[str, ...] = ()
    """Groups that did not answer; their logs are audited as far as they were followed."""
    agrees: bool = True
    """False when an audit from the start comes to another result than the one that is kept."""


async def audit(umbrella: Node, *, full: bool = False, signatures: bool = False) -> AuditReport:
    """Follow every registered group's log to its newest checkpoint, and hold them together.

    Goes on from the last audit, and waits for one that runs. `full` also fetches all entries again
    and holds them against those that were followed, audits everything anew (with every signature,
    when that is asked for too), and says whether both audits agree.
    """
    turns = turns_of(umbrella)
    async with turns.one:
        with turns.running():
            return await _audit(umbrella, full=full, signatures=signatures)


async def audit_when_due(umbrella: Node) -> None:
    """Audit what is new, unless somebody has done so while this waited for its turn."""
    turns = turns_of(umbrella)
    async with turns.one:
        if turns.left_s(umbrella.settings.audit.every_s) > 0:
            return
        with turns.running():
            await _audit(umbrella, full=False, signatures=False)


async def _audit(umbrella: Node, *, full: bool, signatures: bool) -> AuditReport:
    groups = [peer for peer in umbrella.peers.all() if peer.standing == "registered"]
    started = now_s() - 60
    refused = await _follow(umbrella, groups, again=full)
    fresh = {
        row["node"]: row["pulled_at_s"]
        for row in await umbrella.pool.fetch(SQL["read_mirror_states"])
    }
    nodes, at_s = sorted({*fresh, *(peer.node for peer in groups)}), now_s()
    kept = await auditing.go_on(umbrella.pool, nodes)
    findings, lines = kept.findings(at_s), kept.lines()
    agrees = True
    if full:
        anew, altered = await auditing.from_the_start(umbrella.pool, nodes, signatures=signatures)
        refused += altered
        agrees = (anew.findings(at_s), anew.lines()) == (findings, lines)
        findings, lines = anew.findings(at_s), anew.lines()
    behind = tuple(peer.node for peer in groups if fresh.get(peer.node, 0) < started)
    looked = Looked(full=full, behind=frozenset(behind))
    await noting.note(umbrella, [*refused, *findings], looked)
    return AuditReport(
        events=kept.events(),
        groups={peer.node: peer.name for peer in groups},
        lines=tuple(lines),
        findings=(*refused, *findings),
        behind=behind,
        agrees=agrees,
    )


async def _follow(umbrella: Node, groups: Sequence[Peer], *, again: bool) -> list[Finding]:
    """Follow some logs at a time: who is slow holds up nobody, and all together fill no memory."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(peer: Peer) -> Finding | None:
        async with turns:
            return (await pull(umbrella, peer, again=again)).finding

    async with asyncio.TaskGroup() as tasks:
        pulls = [tasks.create_task(one(peer), name=f"pull-{peer.node}") for peer in groups]
    return [finding for work in pulls if (finding := work.result()) is not None]


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
    if not report.agrees:
        out.append("the audit that is kept came to another result than this one from the start")
    for finding in report.findings:
        where = names.get(finding.node, finding.node)
        out += _told(finding, where)
    if not report.findings:
        out.append("no findings: A1 to A12, A14 and A15 hold for all that was read")
    return "\n".join(out)


def _told(finding: Finding, where: str) -> list[str]:
    """Say where a finding stands, what it means and what to do next."""
    place = f", event {finding.seq}" if finding.seq >= 0 else ""
    amount = f", {hours(finding.line_units)}" if finding.line_units else ""
    words = words_of(finding)
    return [
        f"{finding.severity.upper()} {finding.check} at {where}{place}{amount}: {words.what}",
        f"  {words.next_step}",
        f"  when it is solved: ruilbrug audit solve {finding.id().hex()[:16]} 'how'",
    ]


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
