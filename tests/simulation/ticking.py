"""The ticker of a simulated node: it looks when the clock passes a moment that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from events.restore import Mode
from federation.group.commands import CloseLeft
from federation.group.statuses import who_has_left
from federation.line.commands import ExpireDue
from federation.line.payee import SILENCE_S

if TYPE_CHECKING:
    from federation.node.machine import Changes
    from tests.simulation.process import Process

TICK_MS: Final = 1_000
TICK_READ_ONLY_MS: Final = 600_000


class Ticker:
    """Plans its own next look; nothing else in a process knows of the time that passes."""

    def __init__(self, process: Process) -> None:
        """Plan nothing yet."""
        self._process, self._schedule = process, process.schedule
        self._tick_at: int | None = None
        self._ticked_s = 0

    def plan(self) -> None:
        """Tick when the clock passes a moment that an open trade names, whatever the rules say.

        The ticker of the product looks every second; between these moments nothing can be due.
        """
        moments = [
            moment_s
            for transfer in self._process.machine.books.transfers.values()
            for moment_s in (transfer.expires_at_s, transfer.expires_at_s + SILENCE_S)
            if moment_s > self._ticked_s
        ]
        if moments:
            self._tick_in(max(TICK_MS, (min(moments) - self._process.now_s()) * 1000))

    def changed(self, changes: Changes) -> None:
        """Look after the clock of open trades, and after who has left."""
        if changes.transfers:
            self.plan()
        if who_has_left(self._process.machine.books):
            self._tick_in(TICK_MS)

    def clock_jumped(self) -> None:
        """The clock says something else now: plan anew."""
        self._tick_at, self._ticked_s = None, 0
        self.plan()

    def _tick_in(self, delay_ms: int) -> None:
        at_ms = self._schedule.now_ms + delay_ms
        if self._tick_at is None or at_ms < self._tick_at:
            self._tick_at = at_ms
            self._schedule.after(delay_ms, self._tick, at_ms)

    def _tick(self, planned_ms: int) -> None:
        process = self._process
        if not process.alive or self._tick_at != planned_ms:
            return
        self._tick_at = None
        if process.gate.mode is Mode.READ_ONLY:
            self._tick_in(TICK_READ_ONLY_MS)
            return
        now_s = process.now_s()
        if any(t.expires_at_s <= now_s for t in process.machine.books.transfers.values()):
            process.submit_soon(ExpireDue())
        if who_has_left(process.machine.books):
            process.submit_soon(CloseLeft())
        self._ticked_s = now_s
        self.plan()
