"""Whose turn it is to audit, and when the next audit is due by itself; one `AuditTurns` a node.

A full audit waits for no moment of its own: the first audit that is due behind its moment is one.

Invariant: one audit at a time, whoever wants it, and what somebody asked for puts off the next.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from federation.node.service import now_s

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from zoneinfo import ZoneInfo

    from federation.node.service import Node

AGAIN_S: Final = 60
"""So soon is an audit that failed tried again, unless the next one is due sooner anyway."""

FULL_AGAIN_S: Final = 3_600
"""So long after a full audit was begun none is begun by itself, whatever came of it."""
DAY_S: Final = 86_400


def full_due_s(last_s: int, *, every_s: int, zone: ZoneInfo, hour: int) -> int:
    """Tell when a full audit is due, by when the last one ended or, without one, the node began.

    One that comes daily or less often begins at an hour of the clock; the one after it does not
    slip by a night because the last one took its time.
    """
    if every_s < DAY_S:
        return last_s + every_s
    from_s = last_s + every_s - DAY_S // 2
    begins = datetime.fromtimestamp(from_s, zone).replace(hour=hour, minute=0, second=0)
    if begins.timestamp() < from_s:
        begins += timedelta(days=1)
    return int(begins.timestamp())


def due_in_s(last_s: float, now_s: float, *, every_s: int, failed: bool) -> float:
    """Tell how long it is until the next audit; `last_s`: when the last one ended or failed."""
    wait_s = min(every_s, AGAIN_S) if failed else every_s
    return max(0.0, last_s + wait_s - now_s)


class AuditTurns:
    """Who audits waits for the lock `one`, and works inside `running`."""

    def __init__(
        self, clock: Callable[[], float], *, wall_clock: Callable[[], int] = now_s
    ) -> None:
        """Take a clock that never goes back, and the one on the wall.

        The first audit is due an interval from now.
        """
        self._clock = clock
        self._wall_clock = wall_clock
        self._began_s = wall_clock()
        self._full_begun_s: float | None = None
        self._last_s = clock()
        self._failed = False
        self.one = asyncio.Lock()
        self.slow: dict[str, float] = {}
        """Groups that used up their time when their log was followed last, and when that began."""

    def left_s(self, every_s: int) -> float:
        """Tell how long it is until the next audit."""
        return due_in_s(self._last_s, self._clock(), every_s=every_s, failed=self._failed)

    def full_is_due(self, last_s: int | None, *, every_s: int, zone: ZoneInfo, hour: int) -> bool:
        """Tell whether the next audit is to be a full one; `last_s`: when one ended last."""
        since_s = self._full_begun_s
        if every_s == 0 or (since_s is not None and self._clock() < since_s + FULL_AGAIN_S):
            return False
        counted_s = self._began_s if last_s is None else last_s
        due_s = full_due_s(counted_s, every_s=every_s, zone=zone, hour=hour)
        return self._wall_clock() >= due_s

    def clock_s(self) -> float:
        """Tell what the clock says that never goes back."""
        return self._clock()

    def wall_s(self) -> int:
        """Tell what the clock on the wall says."""
        return self._wall_clock()

    def full_begins(self) -> None:
        """Note that a full audit begins."""
        self._full_begun_s = self._clock()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Note when the audit in the block ended, and whether it failed."""
        assert self.one.locked(), "one audit at a time"
        self._failed = True
        try:
            yield
            self._failed = False
        finally:
            self._last_s = self._clock()


def turns_of(node: Node) -> AuditTurns:
    """Give the turns of this node."""
    if AuditTurns not in node.parts:
        node.parts[AuditTurns] = AuditTurns(asyncio.get_running_loop().time)
    turns: AuditTurns = node.parts[AuditTurns]
    return turns
