"""What an exchange needs of the simulated node around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.node import taking
from federation.node.delivery import Delivery, worth_writing
from federation.node.exchange import ChainRow
from schemas.encoding import b64
from schemas.openings import Opening
from tests.simulation.taking_ports import TakingPorts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from events.release import ReleaseGate
    from events.restore import Seen
    from federation.node.sessions import Sessions
    from projections.lines import Line
    from schemas.messages import WireEvent
    from tests.simulation.restarting import RestoreQuestion
    from tests.simulation.sequencing import WatchedMachine


class ExchangePorts(TakingPorts):
    """Ports of `federation.node.exchange` over a simulated disk and network."""

    machine: WatchedMachine
    deliveries: dict[str, Delivery]
    sessions: Sessions
    gate: ReleaseGate
    question: RestoreQuestion
    wake: Callable[[str], None]
    """Plans the next attempt of a line."""

    def now_s(self) -> int:
        """Give the time as this node's clock has it."""
        return self.host.now_s()

    def jitter(self) -> float:
        """Give a random number in 0 to 1."""
        return self.host.rng.random()

    def line(self, line: str) -> Line | None:
        """Give a line as the books hold it now."""
        return self.machine.books.lines.get(line)

    def lines(self) -> Sequence[Line]:
        """Give every line as the books hold it now."""
        return list(self.machine.books.lines.values())

    def delivery(self, line: str) -> Delivery:
        """Give where the delivery of a line stands."""
        return self.deliveries.setdefault(line, Delivery(line=line))

    def keep(self, delivery: Delivery) -> None:
        """Make this the state of a delivery, in memory."""
        self.deliveries[delivery.line] = delivery

    async def write(self, delivery: Delivery) -> None:
        """Make the state of a delivery durable, when it is worth it."""
        if worth_writing(delivery, self.disk.deliveries.get(delivery.line)):
            self.disk.write(delivery)

    def require_writable(self) -> None:
        """Refuse while the node only reads."""
        self.gate.require_writable()

    async def release(self, size: int) -> None:
        """Return when everything of the log below `size` may leave the process."""
        await self.gate.release(size)

    async def own_chain(self, line: str, after: int, limit: int) -> Sequence[ChainRow]:
        """Give durable own events of a line after a place, oldest first."""
        log = self.disk.log
        seqs = self.disk.chains.get(line, [])[after : after + limit]
        return [ChainRow(seq, log[seq].core, log[seq].signature) for seq in seqs]

    async def openings(self, seqs: Sequence[int]) -> dict[int, Opening]:
        """Open the peer texts of own events."""
        found = {}
        for seq in seqs:
            for text in self.disk.texts.get(seq, ()):
                plain = self.machine.keyring.open(text.subject, text.commitment, text.sealed)
                if text.layer == "peer" and plain is not None:
                    found[seq] = Opening(salt=b64(plain[0]), bytes=b64(plain[1]))
        return found

    async def take(self, peer: str, line: str, wire: Sequence[WireEvent]) -> Any:
        """Take in events of a partner."""
        self.world.monitor.arrived(self.host.id, wire)
        return await taking.take(self, peer, line, wire)

    async def post(self, peer: str, line: str, body: bytes) -> bytes:
        """Ask a partner on a line and give its answer."""
        return await self.world.ask_exchange(self, peer, line, body)

    async def ask_seen(self, peer: str) -> Seen:
        """Ask a partner what it has seen of us; opens a session with it."""
        return self.question.told(peer, await self.world.ask_seen(self, peer))

    def checkpoints(self) -> tuple[str, ...]:
        """Give none: what a checkpoint says is what the events of this world say."""
        return ()

    def told(self, peer: str, checkpoints: Sequence[str]) -> None:
        """Nobody tells any."""
        del peer
        assert not checkpoints
