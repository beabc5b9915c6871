"""The outbox: brings every line event to its partner, for ever, with back-off and jitter.

The chain itself is the queue: what the partner has not acknowledged is sent again. Where a line
stands survives a restart in its table; the exchange finds the rest out (design section 4).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from events.recovery import STORAGE_TROUBLE
from federation.node import exchange
from federation.node.delivery import Delivery, wait_s
from federation.node.exchange import ChainRow
from federation.node.queries import SQL
from schemas.encoding import b64
from schemas.errors import PeerUnavailable, RuilbrugError
from schemas.openings import Opening

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from asyncpg import Pool, Record

    from events.release import ReleaseGate
    from federation.line.decide import Received
    from federation.node.intake import Intake
    from federation.node.machine import NodeMachine
    from federation.node.peers import Peers
    from federation.peer.client import PeerClient
    from projections.lines import Line
    from schemas.messages import WireEvent

log = structlog.get_logger()


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
        self.now_s = clock
        self.jitter = jitter
        self.release = gate.release
        self.require_writable = gate.require_writable
        self._wakes: dict[str, asyncio.Event] = {}
        self.deliveries: dict[str, Delivery] = {}

    async def start(self) -> None:
        """Go on where the last process stopped."""
        for row in await self._pool.fetch(SQL["read_deliveries"]):
            self.deliveries[row["line"]] = Delivery(
                line=row["line"],
                acknowledged_n=row["acknowledged_n"],
                failures=row["failures"],
                next_attempt_at_s=row["next_attempt_at_s"],
                last_contact_at_s=row["last_contact_at_s"],
            )
        for line in list(self._machine.books.lines.values()):
            self.wake(line.line)

    def delivery(self, line: str) -> Delivery:
        """Give where the delivery of a line stands."""
        return self.deliveries.setdefault(line, Delivery(line=line))

    def wake(self, line: str) -> None:
        """Look at a line again; its worker is started when there is none."""
        event = self._wakes.get(line)
        if event is None:
            event = self._wakes[line] = asyncio.Event()
            self._tasks.create_task(self._work(line, event), name=f"outbox-{line[:8]}")
        event.set()

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
        rows = await self._pool.fetch(SQL["own_chain"], line, after, limit)
        return [ChainRow(row["seq"], row["core"], row["signature"]) for row in rows]

    async def openings(self, seqs: Sequence[int]) -> dict[int, Opening]:
        """Open the peer texts that go to the partner; what was erased is left out."""
        found: dict[int, Opening] = {}
        for row in await self._pool.fetch(SQL["peer_texts"], seqs):
            plain = self._machine.keyring.open(row["subject"], row["commitment"], row["sealed"])
            if plain is not None:
                found[row["seq"]] = Opening(salt=b64(plain[0]), bytes=b64(plain[1]))
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
        return await self._client.post(known.node, known.url, path, body)

    async def write(self, delivery: Delivery) -> None:
        """Make the state of a delivery durable."""
        await self._pool.execute(
            SQL["write_delivery"],
            delivery.line,
            delivery.acknowledged_n,
            delivery.failures,
            delivery.next_attempt_at_s,
            delivery.last_contact_at_s,
        )

    async def _work(self, line: str, wake: asyncio.Event) -> None:
        while True:
            pause_s = self._wait_s(line)
            if pause_s is None or pause_s > 0:
                try:
                    async with asyncio.timeout(pause_s):
                        await wake.wait()
                except TimeoutError:
                    pass
                wake.clear()
                pause_s = self._wait_s(line)
                delivery = self.delivery(line)
                if pause_s is None or (pause_s > 0 and delivery.failures):
                    continue
                if pause_s > 0 and delivery.offered_n >= self._out_n(line):
                    continue
            await self._attempt(self._machine.books.lines[line])

    def _out_n(self, line: str) -> int:
        known = self._machine.books.lines.get(line)
        return 0 if known is None else known.out_n

    def _wait_s(self, line: str) -> float | None:
        return wait_s(self.delivery(line), self._out_n(line), now_s=self.now_s())

    async def _attempt(self, line: Line) -> None:
        try:
            await exchange.bring(self, line)
        except STORAGE_TROUBLE as error:
            log.warning("exchange_without_database", kind=type(error).__name__)
            exchange.postpone(self, line.line)
        except RuilbrugError as error:
            if not isinstance(error, PeerUnavailable):
                log.warning("exchange_refused", line=line.line, code=error.code)
            exchange.learned(self, line.line, error)
            await self._failed(line.line)

    async def _failed(self, line: str) -> None:
        delivery = exchange.postpone(self, line)
        try:
            await self.write(delivery)
        except STORAGE_TROUBLE as error:
            log.warning("delivery_not_written", kind=type(error).__name__)
