"""Keeps the proof of what one log says twice: two events of one number, two decisions of a payment.

An audit finds the second of the two; the first stands in the same log, and the mirror holds both as
they were signed. What was looked for in vain is looked for again, what was not tried yet first.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Final

from events.evidence import build_fork, build_verdicts, exclude_each_other
from events.restore import Mode
from federation.node.evidence import PER_LINE_MAX, list_evidence
from federation.umbrella.audit import decision_signed
from federation.umbrella.following import AnyCore, read_core
from federation.umbrella.known_findings import proves
from federation.umbrella.queries import SQL
from schemas.cores import LineCore, PayAbort, PayCommit, UnknownCore
from schemas.encoding import b64
from schemas.errors import VerificationError
from schemas.evidence import SignedEvent
from schemas.findings import What
from schemas.keys import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.node.evidence import EvidenceRow
    from federation.node.service import Node
    from schemas.findings import Finding
    from schemas.pay_cores import SignedDecision

EACH_MAX: Final = 16
"""So many in one audit: each is a search through a log, and who cheats without end waits."""


class Tried:
    """In which audit the proof of each finding was looked for last; one a node."""

    def __init__(self) -> None:
        """Start with nothing tried."""
        self.audits = 0
        self.last: dict[bytes, int] = {}


async def prove(umbrella: Node, findings: Iterable[Finding]) -> None:
    """Make and keep the proof of each finding whose two halves stand in the log of one group.

    An umbrella that is not sure of its own log does it the next time, since it can keep no proof.
    """
    own = {one.id(): one for one in findings if one.what in (What.TWO_CHAINS, What.TWO_VERDICTS)}
    if not own or umbrella.gate.mode is Mode.READ_ONLY:
        return
    tried: Tried = umbrella.parts.setdefault(Tried, Tried())
    tried.audits += 1
    tried.last = {id_: when for id_, when in tried.last.items() if id_ in own}
    numbers = await numbers_of(umbrella, own.values())
    kept = await list_evidence(umbrella.pool)
    many = Counter((row.line, row.accused) for row in kept)
    open_ = [
        id_
        for id_, one in own.items()
        if many[one.line, one.node] < PER_LINE_MAX
        and not any(is_about(one, row, numbers.get((one.node, one.seq))) for row in kept)
    ]
    for id_ in sorted(open_, key=lambda id_: (tried.last.get(id_, 0), own[id_].order()))[:EACH_MAX]:
        tried.last[id_] = tried.audits
        if own[id_].what is What.TWO_CHAINS:
            await _fork(umbrella, own[id_], numbers.get((own[id_].node, own[id_].seq)))
        else:
            await _verdicts(umbrella, own[id_])


def is_about(finding: Finding, row: EvidenceRow, number: int | None) -> bool:
    """Tell whether a proof that is kept is about a finding; `number` as `numbers_of` gives it."""
    return proves(
        finding,
        kind=row.kind,
        line=row.line,
        accused=row.accused,
        about=row.about,
        number=number,
    )


async def numbers_of(umbrella: Node, findings: Iterable[Finding]) -> dict[tuple[str, int], int]:
    """Give, by log and place, the number on its line of each event that takes another's place."""
    twice = [one for one in findings if one.what is What.TWO_CHAINS]
    rows = await umbrella.pool.fetch(
        SQL["mirrored_places"], [one.node for one in twice], [one.seq for one in twice]
    )
    read = [(row["node"], row["seq"], _read(row["core"])) for row in rows]
    return {
        (node, seq): core.n for node, seq, core in read if isinstance(core, LineCore | UnknownCore)
    }


def _read(data: bytes) -> AnyCore | None:
    """Decode what is mirrored; none for what somebody has altered there, which a finding tells."""
    try:
        return read_core(data)
    except VerificationError:
        return None


async def _fork(umbrella: Node, finding: Finding, n: int | None) -> None:
    """Hold the event against those of the same number that stand before it."""
    if n is None:
        return
    node, line = finding.node, finding.line
    events, last = [], None
    for row in await umbrella.pool.fetch(SQL["mirrored_numbers"], node, line, n):
        core = _read(row["core"])
        if not isinstance(core, LineCore | UnknownCore) or (core.line, core.n) != (line, n):
            continue
        event = SignedEvent(core=b64(row["core"]), signature=b64(row["signature"]))
        if core.seq == finding.seq:
            last = event
            await _know_key(umbrella, node, core.key, core.seq)
        elif core.seq < finding.seq:
            events.append(event)
    if last is None:
        return
    statements = await umbrella.evidence.statements(node)
    for event in events[:EACH_MAX]:
        file = build_fork(node, statements, event, last)
        if await umbrella.evidence.of_line(file, line=line, about=str(n)):
            return


async def _verdicts(umbrella: Node, finding: Finding) -> None:
    """Hold the group's own decision against those on the same payment that stand before it."""
    node, path = finding.node, finding.path
    before: list[SignedDecision] = []
    last: SignedDecision | None = None
    for row in await umbrella.pool.fetch(SQL["mirrored_path"], node, path, finding.seq):
        core = _read(row["core"])
        if not isinstance(core, PayCommit | PayAbort) or core.decision.decision.origin != node:
            continue
        if core.seq == finding.seq:
            last = core.decision
            await _know_key(umbrella, node, core.key, core.seq)
        else:
            before.append(core.decision)
    if last is None:
        return
    statements = await umbrella.evidence.statements(node)
    others = [one for one in before if exclude_each_other(one.decision, last.decision)]
    for one in await asyncio.to_thread(_signed, others):
        file = build_verdicts(node, statements, one, last)
        if await umbrella.evidence.of_line(file, line=finding.line, about=path):
            return


def _signed(decisions: Iterable[SignedDecision]) -> list[SignedDecision]:
    """Give a few that are signed: those that are not, however many, keep none of them back."""
    return list(islice(filter(decision_signed, decisions), EACH_MAX))


async def _know_key(umbrella: Node, node: str, key: str, seq: int) -> None:
    """Ask for newer key statements when those at hand do not name the key that has signed."""
    history = umbrella.peers.history(node)
    if history is None or not history.speaks(Role.LOG, key, seq):
        await umbrella.peers.refresh(node)
