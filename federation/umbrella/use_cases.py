"""What the umbrella's people do: admit groups, follow their logs, audit, report."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import msgspec
import structlog

from events.recovery import STORAGE_TROUBLE
from federation.node.remembered import LastFullAudit, last_full_audit, remember
from federation.node.service import now_s
from federation.umbrella import auditing, noting, vouching
from federation.umbrella.audit import LineReport
from federation.umbrella.audit.inquiry import claims_of, resolved
from federation.umbrella.inquiring import inquire
from federation.umbrella.known_findings import Looked
from federation.umbrella.mirror import pull
from federation.umbrella.proving import prove
from federation.umbrella.queries import SQL
from federation.umbrella.turns import turns_of
from federation.umbrella.verifiers import that_fit
from schemas.amounts import LINE_UNITS_PER_HOUR
from schemas.errors import RuilbrugError
from schemas.finding_words import words_of
from schemas.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.node.peers import Peer
    from federation.node.service import Node
    from federation.node.settings import NodeFolder

log = structlog.get_logger()

AT_ONCE: Final = 4
"""So many logs are followed at a time."""
SLOW_S: Final = 240
"""So long behind the first of them do those begin in one audit who used up their time before, two
rounds of `AT_ONCE`; who has no turn is followed no further, and comes first among them the next
time. So an audit ends, however many are slow."""


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
    """Audit what is new, unless somebody has done so while this waited for its turn.

    When a full audit is due by the settings, this is one, with every signature.
    """
    turns = turns_of(umbrella)
    async with turns.one:
        if turns.left_s(umbrella.settings.audit.every_s) > 0:
            return
        full = _full_is_due(umbrella)
        with turns.running():
            await _audit(umbrella, full=full, signatures=full)


def _full_is_due(umbrella: Node) -> bool:
    said, last = umbrella.settings.audit, last_full_audit(umbrella.folder)
    return turns_of(umbrella).full_is_due(
        None if last is None else last.at_s,
        every_s=said.full_every_s,
        zone=ZoneInfo(umbrella.settings.timezone),
        hour=said.full_at_hour,
    )


async def _audit(umbrella: Node, *, full: bool, signatures: bool) -> AuditReport:
    if full:
        turns_of(umbrella).full_begins()
    groups = [peer for peer in umbrella.peers.all() if peer.standing == "registered"]
    followed_s = now_s()
    started = followed_s - 60
    refused, lost, slow = await _follow(umbrella, groups, again=full)
    refused += await vouching.still_dated_back(umbrella)
    fresh = {
        row["node"]: row["pulled_at_s"]
        for row in await umbrella.pool.fetch(SQL["read_mirror_states"])
    }
    nodes, at_s = sorted({*fresh, *(peer.node for peer in groups)}), now_s()
    kept = held = await auditing.go_on(umbrella.pool, nodes)
    agrees = unaltered = True
    if full:
        held, altered = await auditing.from_the_start(
            umbrella.pool,
            nodes,
            signatures=signatures,
            processes=that_fit(umbrella.settings.audit.signature_processes),
        )
        refused += altered
        unaltered = not altered
        agrees = (held.findings(at_s), held.lines()) == (kept.findings(at_s), kept.lines())
    answers = await inquire(umbrella, claims_of(held.state), followed_s=followed_s)
    findings = resolved(held.state, held.findings(at_s), answers)
    await prove(umbrella, findings)
    behind = tuple(
        peer.node for peer in groups if peer.node in lost or fresh.get(peer.node, 0) < started
    )
    looked = Looked(full=full, behind=slow.union(behind), signatures=signatures)
    await noting.note(umbrella, [*refused, *findings], looked)
    if full:
        events, whole = kept.events(), agrees and unaltered
        done = LastFullAudit(at_s=turns_of(umbrella).wall_s(), events=events, agrees=whole)
        await asyncio.to_thread(_remember, umbrella.folder, done, signatures=signatures)
        (log.info if whole else log.critical)("audited_anew", events=events, agrees=whole)
    return AuditReport(
        events=kept.events(),
        groups={one.node: one.name for one in umbrella.peers.everyone() if one.node in nodes},
        lines=tuple(held.lines()),
        findings=(*refused, *findings),
        behind=behind,
        agrees=agrees,
    )


def _remember(folder: NodeFolder, done: LastFullAudit, *, signatures: bool) -> None:
    """Remember a full audit: the time of one that checked every signature, the trouble of any."""
    if signatures:
        remember(folder, done)
    elif not done.agrees and (last := last_full_audit(folder)) is not None:
        remember(folder, msgspec.structs.replace(last, agrees=False))


async def _follow(
    umbrella: Node, groups: Sequence[Peer], *, again: bool
) -> tuple[list[Finding], set[str], frozenset[str]]:
    """Follow some logs at a time: who is slow holds up nobody, and all together fill no memory.

    Who used up its time before comes behind all others. Gives what was found; whose log broke what
    follows it, a bug of ours, which whoever knows it must not turn against the audit of all others;
    and who used up its time or had no turn.
    """
    turns, lost = asyncio.Semaphore(AT_ONCE), set[str]()
    clock_s, slow = turns_of(umbrella).clock_s, turns_of(umbrella).slow
    began_s: list[float] = []

    async def one(peer: Peer) -> Finding | None:
        async with turns:
            now = clock_s()
            if peer.node in slow:
                began_s.append(now)
                if now > began_s[0] + SLOW_S:
                    return None
            try:
                pulled = await pull(umbrella, peer, again=again)
            except (*STORAGE_TROUBLE, RuilbrugError):
                raise
            except Exception as error:
                log.critical("mirror_failed", peer=peer.node, exc_info=error)
                lost.add(peer.node)
                return None
            slow.pop(peer.node, None)
            if pulled.slow:
                log.warning("mirror_slow", peer=peer.node, taken=pulled.taken)
                slow[peer.node] = now
            return pulled.finding

    async with asyncio.TaskGroup() as tasks:
        pulls = [
            tasks.create_task(one(peer), name=f"pull-{peer.node}")
            for peer in sorted(groups, key=lambda peer: slow.get(peer.node, float("-inf")))
        ]
    found = [finding for work in pulls if (finding := work.result()) is not None]
    return found, lost, frozenset(slow)


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
        where = names.get(finding.node, finding.node) or f"line {finding.line}"
        out += _told(finding, where)
    if not report.findings:
        out.append("no findings: A1 to A12, A14 and A15 hold for all that was read")
    return "\n".join(out)


def _told(finding: Finding, where: str) -> list[str]:
    """Say where a finding stands, what it means and what to do next."""
    place = f", event {finding.seq}" if finding.seq >= 0 else ""
    least = "at least " if finding.at_least() else ""
    amount = f", {least}{hours(finding.line_units)}" if finding.line_units else ""
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
