"""The audit: what all cores say about the lines, held against each other (design section 6).

A pure fold over the cores of each log, in the order of the log; the logs may be read in any order
and in any pieces. What it finds is a function of its records and of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from events.evidence import DECISION_PREFIX
from events.signing import PublicKey
from federation.umbrella.audit import chains, positions
from federation.umbrella.audit.agreed import agreed
from federation.umbrella.audit.claims import claimed
from federation.umbrella.audit.decisions import decided
from federation.umbrella.audit.judged import Judge, judge
from federation.umbrella.audit.records import State
from federation.umbrella.audit.trades import traded
from schemas import cores
from schemas.encoding import encode, unb64
from schemas.errors import VerificationError
from schemas.findings import What, found

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from federation.umbrella.audit.positions import LineReport
    from federation.umbrella.audit.records import NodeRecord
    from schemas.findings import Finding
    from schemas.pay_cores import SignedDecision

LAG_S: Final = 24 * 3600
"""So long may an answer take before somebody should look; nodes retry every few minutes."""
TIME_AHEAD_S: Final = 3600
_ON_A_LINE: Final = (cores.LineCore, cores.UnknownCore)


def decision_signed(signed: SignedDecision) -> bool:
    """Tell whether a decision bears the signature of the key that it names."""
    try:
        key = PublicKey.of_text(signed.decision.key)
        signature = unb64(signed.signature, size=64, field="signature")
    except VerificationError:
        return False
    return key.verify(signature, DECISION_PREFIX + encode(signed.decision))


class Audit:
    """The state of the fold. Feed each node's cores in the order of its log."""

    def __init__(
        self,
        state: State | None = None,
        *,
        signed: Callable[[SignedDecision], bool] = decision_signed,
    ) -> None:
        """Go on from records, or start with nothing."""
        self.state = State() if state is None else state
        self._signed = signed

    def read(self, node: str, core: Any, event_id: str) -> None:
        """Take in one event of a node's log."""
        record = self.state.node(node)
        record.events += 1
        chains.dated(record, core.seq, core.ts, line=getattr(core, "line", ""))
        self._told(record, core, event_id)

    def read_in_a_row(
        self, node: str, start: int, times: Sequence[int], others: Sequence[tuple[Any, str]]
    ) -> None:
        """Take in events one behind the other, the first at `start`, as `read` each.

        By the time that each bears; those that are not local are among `others`, with their ids.
        """
        record = self.state.node(node)
        record.events += len(times)
        if chains.dated_in_a_row(record, start, times):
            for core, event_id in others:
                self._told(record, core, event_id)
            return
        by_place = {core.seq: (core, event_id) for core, event_id in others}
        for seq, ts in enumerate(times, start):
            core, event_id = by_place.get(seq, (None, ""))
            chains.dated(record, seq, ts, line=getattr(core, "line", ""))
            self._told(record, core, event_id)

    def _told(self, record: NodeRecord, core: Any, event_id: str) -> None:
        """Take in what an event says, when it is one on a line."""
        if not isinstance(core, _ON_A_LINE):
            return
        line = self.state.line(core.line)
        if isinstance(core, cores.TermsPropose) and core.names_its_line():
            line.between(core.terms.lower.node, core.terms.higher.node)
        side = line.side(record.node)
        if side.first_seq < 0:
            side.first_seq = core.seq
        if not chains.placed(record, side, core):
            return
        claimed(record, side, core)
        agreed(side, core)
        decided(self.state, record, core, self._signed)
        traded(self.state, record, side, core, event_id)
        chains.extended(line, side, core, event_id)
        chains.saw(record, line, side, core)

    def findings(self, now_s: int, *, lag_s: int = LAG_S) -> list[Finding]:
        """Give everything that is wrong by what was read so far; the same in any order of reading.

        Payments in which nothing is missing and nothing wrong are not looked at again.
        """
        by = Judge(now_s, lag_s, self._signed)
        findings = [one for node in self.state.nodes.values() for one in node.found]
        findings += [
            found(What.TIME_AHEAD, node.node, seq=node.latest_seq)
            for node in self.state.nodes.values()
            if node.latest_ts > now_s + TIME_AHEAD_S
        ]
        nodes = sorted(self.state.nodes)
        for line in self.state.lines.values():
            findings += positions.stands(line, nodes, by)
        for path in sorted(self.state.open):
            wrong, done = judge(self.state, self.state.paths[path], by)
            findings += wrong
            if done and not wrong:
                self.state.open.discard(path)
                self.state.changed_paths.add(path)
        return sorted(findings, key=lambda finding: finding.order())

    def lines(self) -> list[LineReport]:
        """Say how each line stands of which both logs were read."""
        reports = (positions.report(line) for _, line in sorted(self.state.lines.items()))
        return [one for one in reports if one is not None]

    def events(self) -> int:
        """Count what was read."""
        return sum(node.events for node in self.state.nodes.values())
