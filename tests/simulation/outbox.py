"""The workers of a simulated node's lines: when each brings what its partner lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.node import exchange
from federation.node.delivery import wait_s
from schemas.errors import PeerUnavailable, RuilbrugError
from tests.simulation.schedule import Promise

if TYPE_CHECKING:
    from typing import Any

    from federation.node.exchange import Asked
    from projections.lines import Line
    from tests.simulation.process import Process


class Outbox:
    """One worker a line; closed until the restore rule allows to speak."""

    def __init__(self, process: Process) -> None:
        """Begin closed, with nothing planned."""
        self._process, self._schedule = process, process.schedule
        self.open = False
        self._working: set[str] = set()
        self._taking: dict[str, Promise[Any]] = {}
        self._due: dict[str, int] = {}

    def wake(self, line: str) -> None:
        """Plan the next attempt of a line."""
        if not self._process.alive or not self.open or line in self._working:
            return
        pause_s = self._wait_s(line)
        if pause_s is None:
            self._due.pop(line, None)
            return
        at_ms = self._schedule.now_ms + round(pause_s * 1000)
        if self._due.get(line, at_ms + 1) > at_ms:
            self._due[line] = at_ms
            self._schedule.after(at_ms - self._schedule.now_ms, self._attempt, line, at_ms)

    def plan_anew(self, line: str) -> None:
        """Forget what was planned for a line, and plan it by the clock as it is now."""
        self._due.pop(line, None)
        self.wake(line)

    def _wait_s(self, line: str) -> float | None:
        process = self._process
        known = process.line(line)
        if known is None:
            return None
        agreed = known.terms is not None
        return wait_s(process.delivery(line), known.out_n, now_s=process.now_s(), agreed=agreed)

    def _attempt(self, line: str, planned_ms: int) -> None:
        if not self._process.alive or self._due.get(line) != planned_ms:
            return
        del self._due[line]
        known = self._process.line(line)
        assert known is not None
        if self._wait_s(line) != 0:
            self.wake(line)
            return
        self._working.add(line)
        self._schedule.spawn(self._process, self._bring(known))

    async def _bring(self, line: Line) -> None:
        """Ask, while the answer before is still being taken in, as the outbox does."""
        self._process.world.bringing(self._process, line)
        asked: Asked | None = None
        try:
            asked = await exchange.ask(self._process, line)
        except RuilbrugError as error:
            exchange.learned(self._process, line.line, error)
            await self._failed(line, error)
        before = self._taking.get(line.line)
        if before is not None:
            await before
        if asked is not None:
            self._taking[line.line] = Promise()
            take = self._take_answer(line, asked)
            self._schedule.spawn(self._process, take, self._taking[line.line])
        self._working.discard(line.line)
        self.wake(line.line)

    async def _take_answer(self, line: Line, asked: Asked) -> None:
        try:
            await exchange.take_answer(self._process, line, asked)
        except RuilbrugError as error:  # it speaks of the partner's chain: nothing is learned
            await self._failed(line, error)

    async def _failed(self, line: Line, error: RuilbrugError) -> None:
        if not isinstance(error, PeerUnavailable):
            self._process.world.refused(self._process, line, error)
        await self._process.write(exchange.postpone(self._process, line.line, error))
