"""Whose turn it is to audit, and when the next audit is due by itself; one `AuditTurns` a node.

Invariant: one audit at a time, whoever wants it, and what somebody asked for puts off the next.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from federation.node.service import Node

AGAIN_S: Final = 60
"""So soon is an audit that failed tried again, unless the next one is due sooner anyway."""


def due_in_s(last_s: float, now_s: float, *, every_s: int, failed: bool) -> float:
    """Tell how long it is until the next audit; `last_s`: when the last one ended or failed."""
    wait_s = min(every_s, AGAIN_S) if failed else every_s
    return max(0.0, last_s + wait_s - now_s)


class AuditTurns:
    """Who audits waits for the lock `one`, and works inside `running`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take a clock that never goes back; the first audit is due an interval from now."""
        self._clock = clock
        self._last_s = clock()
        self._failed = False
        self.one = asyncio.Lock()

    def left_s(self, every_s: int) -> float:
        """Tell how long it is until the next audit."""
        return due_in_s(self._last_s, self._clock(), every_s=every_s, failed=self._failed)

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
