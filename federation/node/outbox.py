"""The outbox: brings every line event to its partner, for ever, with back-off and jitter.

The chain itself is the queue: what the partner has not acknowledged is sent again. Where a line
stands survives a restart in its table; the exchange finds the rest out (design section 4).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

import structlog

from events.recovery import STORAGE_TROUBLE
from federation.node import exchange
from federation.node.delivery import Delivery, resumed, wait_s, worth_writing
from federation.node.exchange import Asked, ChainRow
from federation.node.queries import SQL
from federation.node.recent import SealedPeerText
from schemas.encoding import b64
from schemas.errors import PeerUnavailable, RuilbrugError, StorageError
from schemas.openings import Opening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from asyncpg import Pool, Record

    from events.release import ReleaseGate
    from events.restore import Seen
    from federation.line.decide import Received
    from federation.node.intake import Intake
    from federation.node.machine import NodeMachine
    from federation.node.peers import Peers
    from federation.node.sessions import Sessions
    from federation.peer.client import PeerClient
    from projections.lines import Line
    from schemas.messages import WireEvent

log = structlog.get_logger()

GIVE_WAY_S: Final = 0.01
"""So long an answer waits for the question behind it to leave; taking in one holds up the loop."""


class Outbox:
    """One worker for each line; the ports of `federation.node.exchange` over this node."""

    def __init__(  # noqa: PLR0913 - the outbox is where reading, speaking and releasing meet
        self,
        *,
        pool: Pool[Record],
        machine: NodeMachine,
        peers: Peers,
        client: PeerClient,
        gate: ReleaseGate,
        intake: Intake,
        sessions: Sessions,
        ask_seen: Callable[[str], Awaitable[Seen]],
        checkpoints: Callable[[], tuple[str, ...]],
        told: Callable[[str, Sequence[str]], None],
        tasks: asyncio.TaskGroup,
        clock: Callable[[], int],
        jitter: Callable[[], float],
    ) -> None:
        """Take what it reads, whom it speaks with, and what lets signed bytes out."""
        self._pool = pool
        self._machine = machine
        self._peers = peers
        self._client = client
        self._intake = intake
        self._tasks = tasks
        self.sessions = sessions
        self._ask_seen = ask_seen
        self.checkpoints = checkpoints
        self.told = told
        self.now_s = clock
        self.jitter = jitter
        self.release = gate.release
        self.release_all = gate.release_all
        self.require_writable = gate.require_writable
        self._wakes: dict[str, asyncio.Event] = {}
        self._left: dict[str, asyncio.Event] = {}
        """Set for a line while no question is about to leave."""
        self._ahead: asyncio.Task[None] | None = None
        self._ended = False
        self.deliveries: dict[str, Delivery] = {}
        self._written: dict[str, Delivery] = {}

    async def start(self) -> None:
        """Go on where the last process stopped."""
        for row in await self._pool.fetch(SQL["read_deliveries"]):
            stored = Delivery(
                line=row["line"],
                acknowledged_n=row["acknowledged_n"],
                failures=row["failures"],
                next_attempt_at_s=row["next_attempt_at_s"],
                last_contact_at_s=row["last_contact_at_s"],
            )
            self._written[stored.line] = stored
            self.keep(resumed(self.delivery(row["line"]), stored))
        for line in list(self._machine.books.lines.values()):
            self.wake(line.line)

    def end(self) -> None:
        """Begin nothing any more: the node stops. What is left waits for the next process."""
        self._ended = True

    def delivery(self, line: str) -> Delivery:
        """Give where the delivery of a line stands."""
        return self.deliveries.setdefault(line, Delivery(line=line))

    def wake(self, line: str) -> None:
        """Look at a line again; its worker is started when there is none."""
        if self._ended:  # an exchange that is cut short by the stop comes here as it ends
            return
        event = self._wakes.get(line)
        if event is None:
            event = self._wakes[line] = asyncio.Event()
            self._left[line] = asyncio.Event()
            self._tasks.create_task(self._work(line, event), name=f"outbox-{line[:8]}")
        event.set()
        if self._ahead is None or self._ahead.done():
            self._ahead = self._tasks.create_task(self._release_ahead(), name="release-ahead")

    async def _release_ahead(self) -> None:
        """Let out what is durable while an answer is awaited: the next question need not wait.

        What stands in the way is told to who sends.
        """
        with contextlib.suppress(StorageError):
            await self.release_all()

    def keep(self, delivery: Delivery) -> None:
        """Make this the state of a delivery, in memory."""
        self.deliveries[delivery.line] = delivery

    def line(self, line: str) -> Line | None:
        """Give a line as the books hold it now."""
        return self._machine.books.lines.get(line)

    def lines(self) -> Sequence[Line]:
        """Give every line as the books hold it now."""
        return list(self._machine.books.lines.values())

    async def own_chain(self, line: str, after: int, limit: int) -> Sequence[ChainRow]:
        """Give durable own events of a line after a place, oldest first."""
        recent = self._machine.recent.after(line, after, limit)
        if recent:
            return [ChainRow(event.seq, event.core, event.signature) for event in recent]
        rows = await self._pool.fetch(SQL["own_chain"], line, after, limit)
        return [ChainRow(row["seq"], row["core"], row["signature"]) for row in rows]

    async def openings(self, seqs: Sequence[int]) -> dict[int, Opening]:
        """Open the peer texts that go to the partner; what was erased is left out."""
        recent = {seq: event for seq in seqs if (event := self._machine.recent.at(seq))}
        texts = [(seq, event.peer) for seq, event in recent.items() if event.peer is not None]
        older = [seq for seq in seqs if seq not in recent]
        if older:
            texts += [
                (row["seq"], SealedPeerText(row["commitment"], row["subject"], row["sealed"]))
                for row in await self._pool.fetch(SQL["peer_texts"], older)
            ]
        found: dict[int, Opening] = {}
        for seq, text in texts:
            plain = self._machine.keyring.open(text.subject, text.commitment, text.sealed)
            if plain is not None:
                found[seq] = Opening(salt=b64(plain[0]), bytes=b64(plain[1]))
        return found

    async def take(self, peer: str, line: str, wire: Sequence[WireEvent]) -> Received:
        """Take in events of a partner."""
        return await self._intake.take(peer, line, wire)

    async def post(self, peer: str, line: str, body: bytes) -> bytes:
        """Ask a partner on a line and give its answer.

        Raises:
            InputError: `peer_unknown` when it may not be spoken with any more.
            RuilbrugError: it cannot be reached, or refuses.

        """
        known = self._peers.require(peer)
        path = f"/federation/v1/lines/{line}/events"
        self._left[line].set()
        return await self._client.post(known.node, known.url, path, body)

    async def ask_seen(self, peer: str) -> Seen:
        """Ask a partner what it has seen of us; opens a session with it."""
        return await self._ask_seen(peer)

    async def write(self, delivery: Delivery) -> None:
        """Make the state of a delivery durable, when its loss would cost more than a little."""
        if not worth_writing(delivery, self._written.get(delivery.line)):
            return
        await self._pool.execute(
            SQL["write_delivery"],
            delivery.line,
            delivery.acknowledged_n,
            delivery.failures,
            delivery.next_attempt_at_s,
            delivery.last_contact_at_s,
        )
        self._written[delivery.line] = delivery

    async def _work(self, line: str, wake: asyncio.Event) -> None:
        taking: asyncio.Task[None] | None = None
        while True:
            pause_s = self._wait_s(line)
            if pause_s is None or pause_s > 0:
                self._left[line].set()
                try:
                    async with asyncio.timeout(pause_s):
                        await wake.wait()
                except TimeoutError:
                    pass
                wake.clear()
                pause_s = self._wait_s(line)
                if pause_s is None or pause_s > 0:
                    continue
            taking = await self._attempt(self._machine.books.lines[line], taking)

    def _wait_s(self, line: str) -> float | None:
        known = self._machine.books.lines.get(line)
        if known is None:
            return None
        agreed = known.terms is not None
        return wait_s(self.delivery(line), known.out_n, now_s=self.now_s(), agreed=agreed)

    async def _attempt(
        self, line: Line, before: asyncio.Task[None] | None
    ) -> asyncio.Task[None] | None:
        """Ask, while the answer before is still being taken in; then take in this one behind it."""
        asked: Asked | None = None
        self._left[line.line].clear()
        try:
            async with self._trouble(line.line, asking=True):
                asked = await exchange.ask(self, line)
        finally:
            self._left[line.line].set()
        if before is not None:
            await before
        if asked is None:
            return None
        return self._tasks.create_task(self._take(line, asked), name=f"take-{line.line[:8]}")

    async def _take(self, line: Line, asked: Asked) -> None:
        """Take in an answer, but let the next question leave first: the partner waits for that."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GIVE_WAY_S):
                await self._left[line.line].wait()
                await asyncio.sleep(0)  # aiohttp writes it from a task behind this one
        async with self._trouble(line.line, asking=False):
            await exchange.take_answer(self, line, asked)

    @contextlib.asynccontextmanager
    async def _trouble(self, line: str, *, asking: bool) -> AsyncIterator[None]:
        """Try again later, whatever went wrong with an exchange; learn from a partner's refusal."""
        try:
            yield
        except STORAGE_TROUBLE as error:
            log.warning("exchange_without_database", kind=type(error).__name__)
            exchange.postpone(self, line, error)
        except RuilbrugError as error:
            if not isinstance(error, PeerUnavailable):
                log.warning("exchange_refused", line=line, code=error.code)
            if asking:  # our own refusal of an answer speaks of the partner's chain, not of ours
                exchange.learned(self, line, error)
            await self._failed(line, error)

    async def _failed(self, line: str, error: RuilbrugError) -> None:
        delivery = exchange.postpone(self, line, error)
        try:
            await self.write(delivery)
        except STORAGE_TROUBLE as trouble:
            log.warning("delivery_not_written", kind=type(trouble).__name__)
