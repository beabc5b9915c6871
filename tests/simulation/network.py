"""The simulated network: questions and answers that get lost, late, doubled and out of order.

Who asks waits ten seconds, as the real client does; what arrives later is done all the same.
Errors travel as the problems of `federation.peer.problems`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from events.keys import KeyHistory
from federation.peer.problems import read_problem, write_problem
from schemas.encoding import encode
from schemas.errors import Code, PeerUnavailable, RuilbrugError
from schemas.evidence import SignedEvent
from schemas.messages import Exchange, SeenAnswer
from tests.simulation.schedule import Promise

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.world import World

TIMEOUT_MS = 10_000
SERVER_ERROR = 500
_EXCHANGE = msgspec.json.Decoder(Exchange)
Ask = Callable[["Process"], Any]
"""Starts the answer in the process that was asked: gives a coroutine."""


class Network:
    """Carries questions to parties and their answers back."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.schedule = world.schedule
        self.sent = 0

    def exchange(self, sender: str, receiver: str, line: str, body: bytes) -> Promise[bytes]:
        """Carry an exchange; the promise is broken when no answer comes in time."""
        question = _EXCHANGE.decode(body)
        self.world.monitor.left(sender, question.events)

        async def serve(process: Process) -> bytes:
            answer = await process.serve(sender, line, question)
            self.world.monitor.left(receiver, answer.events)
            return encode(answer)

        answer: Promise[bytes] = Promise()
        self._ask(sender, receiver, serve, answer)
        return answer

    def seen(self, sender: str, receiver: str) -> Promise[SeenAnswer]:
        """Ask what a partner has seen of the asker."""

        async def serve(process: Process) -> SeenAnswer:
            return process.seen(sender)

        answer: Promise[SeenAnswer] = Promise()
        self._ask(sender, receiver, serve, answer)
        return answer

    def keys(self, sender: str, receiver: str) -> Promise[KeyHistory]:
        """Fetch key statements, which prove themselves."""

        async def serve(process: Process) -> KeyHistory:
            return process.host.stated()

        answer: Promise[KeyHistory] = Promise()
        self._ask(sender, receiver, serve, answer)
        return answer

    def counts(self, sender: str, umbrella: str, shown: SignedEvent) -> Promise[str | None]:
        """Show the umbrella an event under a revoked key, and ask which entry counts there."""

        async def serve(process: Any) -> str | None:
            counts: str | None = await process.vouch(sender, shown)
            return counts

        answer: Promise[str | None] = Promise()
        self._ask(sender, umbrella, serve, answer)
        return answer

    def _ask(self, sender: str, receiver: str, serve: Ask, answer: Promise[Any]) -> None:
        self.schedule.timeout(answer, TIMEOUT_MS, _unreachable())
        faults = self.world.faults
        for _ in range(2 if faults.twice() else 1):
            self.sent += 1
            if not faults.cut(sender, receiver):
                delay_ms = faults.delay_ms()
                self.schedule.after(delay_ms, self._arrive, sender, receiver, serve, answer)

    def _arrive(self, sender: str, receiver: str, serve: Ask, answer: Promise[Any]) -> None:
        process = self.world.parties[receiver].process
        if process is None:
            if not self.world.faults.cut(receiver, sender):
                answer.fail(_unreachable())
            return
        done: Promise[Any] = Promise()
        self.schedule.spawn(process, serve(process), done)
        done.then(lambda: self._answer(sender, receiver, done, answer))

    def _answer(self, sender: str, receiver: str, done: Promise[Any], answer: Promise[Any]) -> None:
        faults, party = self.world.faults, self.world.parties[receiver]
        try:
            value, error = done.result(), None
        except RuilbrugError as refused:
            value, error = None, over_the_wire(refused)
        if self.world.honest(receiver) and faults.crashes(party, "response.before"):
            return
        if not faults.cut(receiver, sender):
            self.schedule.after(faults.delay_ms(), self._deliver, answer, value, error)
        if self.world.honest(receiver):
            faults.crashes(party, "response.after")

    def _deliver(self, answer: Promise[Any], value: Any, error: RuilbrugError | None) -> None:
        if answer.done:
            return
        if error is not None:
            answer.fail(error)
            return
        answer.keep(value)


def over_the_wire(error: RuilbrugError) -> RuilbrugError:
    """Give the error that the asker gets to see."""
    response = write_problem(error)
    if response.status >= SERVER_ERROR:
        return PeerUnavailable(Code.PEER_UNREACHABLE, reason=f"status {response.status}")
    return read_problem(response)


def _unreachable() -> PeerUnavailable:
    return PeerUnavailable(Code.PEER_UNREACHABLE, reason="no answer")
