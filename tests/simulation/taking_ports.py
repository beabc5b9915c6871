"""What taking in a partner's events needs of the simulated node around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from events.evidence import build_fork, check_evidence, read_evidence
from federation.line import commands as line_commands
from federation.node import taking
from schemas.encoding import b64
from schemas.evidence import SignedEvent
from tests.simulation.schedule import Life

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from events.keys import KeyHistory
    from federation.line.decide import FoundVerdicts
    from federation.peer.channel import ChannelEvent
    from projections.lines import Line
    from tests.simulation.disk import Disk
    from tests.simulation.host import Host
    from tests.simulation.schedule import Schedule
    from tests.simulation.world import World

T = TypeVar("T")


class TakingPorts(Life):
    """Ports of `federation.node.taking` over a simulated disk; the rest of a node is `Process`."""

    host: Host
    world: World
    disk: Disk
    schedule: Schedule
    accounts_by_subject: Callable[[], Mapping[str, int]]
    """Gives the account of each member."""

    if TYPE_CHECKING:

        def line(self, line: str) -> Line | None:
            """Give a line as the books hold it now."""

        async def submit(self, command: Any) -> Any:
            """Hand in a command."""

    # ports of `taking`

    def history(self, peer: str) -> KeyHistory | None:
        """Give the key history of a partner, as far as it is known here."""
        return self.host.histories.get(peer)

    async def refresh(self, peer: str) -> None:
        """Fetch the key statements of a partner anew."""
        await self.world.ask_keys(self, peer)

    def known(self, peer: str) -> bool:
        """Everybody in this world is registered."""
        return peer in self.world.parties

    async def inbox_ids(self, line: str, first: int, last: int) -> Mapping[int, str]:
        """Give the ids of received events by their place."""
        rows = self.disk.inbox.get(line, [])[max(0, first - 1) : last]
        return {row.n: row.id for row in rows}

    async def subjects(self, reader: str, pseudonyms: Sequence[str]) -> Mapping[str, str]:
        """Give the members behind the names by which `reader` knows them."""
        names = self.host.pseudonyms
        return {name: names[reader, name] for name in pseudonyms if (reader, name) in names}

    async def compute(self, work: Callable[[], T], *, signatures: int) -> T:
        """Verify, however few: a moment passes, and others go on."""
        del signatures
        await self.schedule.pause(1)
        return work()

    async def vouched(self, peer: str, event: ChannelEvent) -> bool:
        """Ask the umbrella, where one keeps a register: others have followed no log."""
        umbrella = self.world.umbrella
        if umbrella is None or umbrella.registry is None:
            return False
        assert event.core.origin == peer
        shown = SignedEvent(core=b64(event.core_bytes), signature=b64(event.signature))
        return await self.world.network.counts(self.host.id, umbrella.id, shown) == event.id

    def check_later(self, line: str, events: Sequence[ChannelEvent], history: KeyHistory) -> None:
        """Check the signatures that the last one covered, in a task of its own."""
        self.schedule.spawn(self, self._check_late(line, events, history))

    async def _check_late(
        self, line: str, events: Sequence[ChannelEvent], history: KeyHistory
    ) -> None:
        bad = taking.first_bad(events, history)
        if bad:
            await self.submit(line_commands.Quarantine(line, bad, "bad_signature"))

    async def forked(self, peer: str, event: ChannelEvent) -> None:
        """Take note of proof against a partner, and set the line aside as a node does.

        A cheat's event is proof enough here; against an honest node it has to prove itself.
        """
        line = self.line(event.core.line)
        if self.world.honest(peer) and not self._proven(peer, event):
            return
        if line is not None and not line.quarantined:
            await self.submit(line_commands.Quarantine(line.line, event.n, "channel_fork"))

    def _proven(self, peer: str, event: ChannelEvent) -> bool:
        """Tell whether two events for one place prove something to a stranger."""
        row = self.disk.inbox[event.core.line][event.n - 1]
        statements = self.world.host(peer).disk.statements
        received, stored = (
            SignedEvent(core=b64(core), signature=b64(signature))
            for core, signature in (
                (event.core_bytes, event.signature),
                (row.core, row.signature),
            )
        )
        file = build_fork(peer, statements, stored, received)
        return check_evidence(read_evidence(file), self.history(peer)).proven

    async def contradicted(self, line: str, findings: Sequence[FoundVerdicts]) -> None:
        """The rules have set the line aside; files of proof are for nodes."""
