"""What a report needs of logs, read anew from their cores, entry by entry.

Pure. Invariant: whoever reads the same entries of the same logs, in whatever pieces, comes to the
same bytes. Holds one sum for each line and day, and the milestones of lines: memory does not grow
with the logs. It believes what it is given; whose entries they are is checked before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.umbrella.flow_counting import Counting
from federation.umbrella.flow_lines import line_histories
from federation.umbrella.flow_report import make_report
from federation.umbrella.flows import MILESTONES, LineDay, read_days
from schemas.errors import Code, VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from federation.umbrella.flow_report import FlowReport, ReadLog


class ReadCores:
    """What was read so far."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._days: dict[tuple[str, str, int], LineDay] = {}
        self._milestones: list[Any] = []
        self._counting: dict[str, Counting] = {}
        self._taken: dict[str, int] = {}

    def take(self, node: str, entries: Iterable[bytes]) -> None:
        """Read the next entries of a log; each of them once, in their order."""
        counting = self._counting.setdefault(node, Counting(node))
        found = []
        for entry in entries:
            seq = self._taken.get(node, 0)
            self._taken[node] = seq + 1
            core = counting.take(seq, entry)
            if core is not None:
                found.append(core)
        for day in read_days(node, found):
            at = day.line, day.node, day.day
            before = self._days.get(at)
            self._days[at] = day if before is None else before + day
        self._milestones += [core for core in found if isinstance(core, MILESTONES)]

    def report(self, period: str, logs: Sequence[ReadLog]) -> FlowReport:
        """Make the report that says it was made from these logs.

        Raises:
            InputError: `not_found` for a period that is none.
            VerificationError: `malformed` when a log is named twice, for it would count twice.

        """
        named = [log.node for log in logs]
        if len(set(named)) != len(named):
            raise VerificationError(Code.MALFORMED, field="logs", reason="one is named twice")
        aside = [one for counting in self._counting.values() for one in counting.asides()]
        histories = line_histories(self._milestones)
        return make_report(period, logs, self._days.values(), histories, aside)
