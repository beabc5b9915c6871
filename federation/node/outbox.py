"""The outbox: brings every line event to its partner, for ever, with back-off and jitter.

The chain itself is the queue: what the partner has not acknowledged is sent again. Where a line
stands survives a restart in its table; the exchange finds the rest out (design section 4).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from events.recovery import STORAGE_TROUBLE
from federation.node.queries import SQL
from schemas.encoding import b64, encode
from schemas.errors import Code, PeerUnavailable, RuilbrugError
from schemas.messages import EVENTS_MAX, Exchange, WireEvent
from schemas.openings import Opening

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncpg import Pool, Record

    from events.release import ReleaseGate
    from federation.node.intake import Intake
    from federation.node.machine import NodeMachine
    from federation.node.peers import Peers
    from federation.peer.client import PeerClient
    from projections.lines import Line

log = structlog.get_logger()

FIRST_WAIT_S: Final = 0.25
WAIT_MAX_S: Final = 300.0
GRACE_S: Final = 2.0
"""How long what went out in a response may stay unacknowledged before it is sent by ourselves."""
BATCH_BYTES_MAX: Final = 2 * 2**20
_EXCHANGE: Final = msgspec.json.Decoder(Exchange)


class Delivery(msgspec.Struct):
    """Where the delivery of one line stands. The only mutable thing about a line outside COMMIT."""

    line: str
    acknowledged_n: int = 0
    offered_n: int = 0
    """Newest event that went out in a response and was not acknowledged yet."""
    failures: int = 0
    next_attempt_at_s: int = 0
    last_contact_at_s: int = 0
    serving: int = 0
    """Exchanges on this line that we are answering now."""


class Outbox:
    """One worker for each line."""

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
        self._gate = gate
        self._intake = intake
        self._tasks = tasks
        self._clock = clock
        self._jitter = jitter
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

    def acknowledge(self, line: str, n: int) -> None:
        """Take note of how far the partner has come."""
        delivery = self.delivery(line)
        delivery.acknowledged_n = max(delivery.acknowledged_n, n)
        delivery.last_contact_at_s = self._clock()

    def heard_from(self, peer: str) -> None:
        """A partner that speaks with us is there: try again now what waits for it."""
        for line in list(self._machine.books.lines.values()):
            delivery = self.delivery(line.line)
            if line.peer == peer and delivery.failures:
                delivery.failures = 1
                delivery.next_attempt_at_s = self._clock() + 1
                self.wake(line.line)

    async def pending(self, line: str, after: int) -> tuple[WireEvent, ...]:
        """Give own events of a line after a place, with openings, released.

        Raises:
            StorageError: `releases_nothing`, `read_only`.

        """
        rows = await self._pool.fetch(SQL["own_chain"], line, after, EVENTS_MAX)
        rows, size = rows[:EVENTS_MAX], 0
        for at, row in enumerate(rows):
            size += len(row["core"])
            if size > BATCH_BYTES_MAX:
                rows = rows[: at + 1]
                break
        if not rows:
            return ()
        await self._gate.release(rows[-1]["seq"] + 1)
        openings = await self._openings([row["seq"] for row in rows if b'"peer":' in row["core"]])
        return tuple(
            WireEvent(
                core=b64(row["core"]),
                signature=b64(row["signature"]),
                opening=openings.get(row["seq"]),
            )
            for row in rows
        )

    async def _openings(self, seqs: list[int]) -> dict[int, Opening]:
        """Open the peer texts that go to the partner; what was erased is left out."""
        found: dict[int, Opening] = {}
        for row in await self._pool.fetch(SQL["peer_texts"], seqs) if seqs else ():
            plain = self._machine.keyring.open(row["subject"], row["commitment"], row["sealed"])
            if plain is not None:
                found[row["seq"]] = Opening(salt=b64(plain[0]), bytes=b64(plain[1]))
        return found

    async def _work(self, line: str, wake: asyncio.Event) -> None:
        while True:
            delivery = self.delivery(line)
            wait_s = self._wait_s(delivery)
            if wait_s is None or wait_s > 0:
                try:
                    async with asyncio.timeout(wait_s):
                        await wake.wait()
                except TimeoutError:
                    pass
                wake.clear()
                wait_s = self._wait_s(delivery)
                if wait_s is None or (wait_s > 0 and delivery.failures):
                    continue
                if wait_s > 0 and delivery.offered_n >= self._out_n(line):
                    continue
            await self._attempt(self._machine.books.lines[line], delivery)

    def _out_n(self, line: str) -> int:
        known = self._machine.books.lines.get(line)
        return 0 if known is None else known.out_n

    def _wait_s(self, delivery: Delivery) -> float | None:
        """Tell how long to wait before an attempt: none when there is nothing to bring."""
        out_n = self._out_n(delivery.line)
        if delivery.acknowledged_n >= out_n or delivery.serving:
            return None
        if delivery.failures:
            return max(0.0, delivery.next_attempt_at_s - self._clock())
        if delivery.offered_n >= out_n:
            contact = delivery.last_contact_at_s
            return max(0.0, contact + GRACE_S - self._clock())
        return 0

    async def _attempt(self, line: Line, delivery: Delivery) -> None:
        try:
            await self._exchange(line, delivery)
        except STORAGE_TROUBLE as error:
            log.warning("exchange_without_database", kind=type(error).__name__)
            self._postpone(delivery)
        except RuilbrugError as error:
            if not isinstance(error, PeerUnavailable):
                log.warning("exchange_refused", line=line.line, code=error.code)
            if error.code is Code.LINE_GAP and isinstance(error.facts.get("expected"), int):
                delivery.acknowledged_n = int(error.facts["expected"]) - 1
            await self._failed(delivery)

    async def _exchange(self, line: Line, delivery: Delivery) -> None:
        peer = self._peers.require(line.peer)
        events = await self.pending(line.line, delivery.acknowledged_n)
        body = encode(Exchange(after=line.in_n, events=events))
        path = f"/federation/v1/lines/{line.line}/events"
        data = await self._client.post(peer.node, peer.url, path, body)
        try:
            answer = _EXCHANGE.decode(data)
        except msgspec.MsgspecError as error:
            raise PeerUnavailable(Code.PEER_WRONG, reason="exchange") from error
        self.acknowledge(line.line, min(answer.after, line.out_n))
        if answer.events:
            await self._intake.take(peer.node, line.line, answer.events)
        if delivery.failures or delivery.acknowledged_n >= self._out_n(line.line):
            delivery.failures = 0
            await self._write(delivery)

    async def _failed(self, delivery: Delivery) -> None:
        self._postpone(delivery)
        try:
            await self._write(delivery)
        except STORAGE_TROUBLE as error:
            log.warning("delivery_not_written", kind=type(error).__name__)

    def _postpone(self, delivery: Delivery) -> None:
        delivery.failures += 1
        wait_s = min(WAIT_MAX_S, FIRST_WAIT_S * 2 ** min(delivery.failures, 20))
        wait_s *= 0.5 + self._jitter()
        delivery.next_attempt_at_s = self._clock() + max(1, round(wait_s))

    async def _write(self, delivery: Delivery) -> None:
        await self._pool.execute(
            SQL["write_delivery"],
            delivery.line,
            delivery.acknowledged_n,
            delivery.failures,
            delivery.next_attempt_at_s,
            delivery.last_contact_at_s,
        )
