"""The only writer of a simulated node: batches, COMMIT and what is decided but not durable yet.

Rules, batch and gate are the product's; what is simulated is the loop, and the disk under it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.batch import BATCH_MAX, Batch, append_fairly, decide
from events.machine import Context
from federation.line.commands import ReceiveEvents
from federation.node.key_commands import RecordKey
from federation.node.machine import NodeBranch, NodeMachine
from projections.lines import granted_by_them, granted_by_us
from schemas import cores
from schemas.encoding import b64
from schemas.errors import Code, StorageError
from tests.simulation.disk import saved
from tests.simulation.schedule import Crashed, Promise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from events.growing import GrowingTree
    from events.log_store import Entry
    from events.mark import Mark
    from tests.simulation.process import Process


class WatchedMachine(NodeMachine):
    """The machine of a node; takes note of what was granted when a trade was admitted."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.grants: dict[int, int] = {}

    def apply(self, branch: NodeBranch, seq: int, event_id: str, meaning: Any) -> None:
        super().apply(branch, seq, event_id, meaning)
        kind = type(meaning.core)
        if kind is cores.PayAccept:
            self.grants[seq] = granted_by_us(branch.books.lines[meaning.core.line])
        elif kind is cores.PayPrepare:
            self.grants[seq] = granted_by_them(branch.books.lines[meaning.core.line])


class Sequencer:
    """Appends what was handed in, in its order; the machine may die at every durable step."""

    def __init__(self, process: Process, tree: GrowingTree) -> None:
        """Go on from the log as the disk holds it."""
        self._process, self.tree = process, tree
        self._host, self._world = process.host, process.world
        self._schedule = process.schedule
        self._waiting: list[tuple[Any, Promise[Any]]] = []
        self._appending = False
        self.undurable: list[Entry] = []
        """Decided and signed, not on the disk yet: for variants that do not wait."""

    def submit_soon(self, command: Any) -> Promise[Any]:
        """Hand in a command; the promise is kept after COMMIT."""
        answer: Promise[Any] = Promise()
        self._waiting.append((command, answer))
        if not self._appending:
            self._appending = True
            self._schedule.spawn(self._process, self._append_all())
        return answer

    def busy(self) -> bool:
        """Tell whether something is being appended or waits for it."""
        return self._appending

    async def write_mark(self, write: Callable[[Mark], None], mark: Mark) -> None:
        """Make a mark durable."""
        if self._world.faults.tears(self._host):
            self._host.mark.tear()
            raise Crashed
        await self._durable("mark", lambda: write(mark))

    async def _append_all(self) -> None:
        while self._waiting:
            count = 1 if isinstance(self._waiting[0][0], RecordKey) else BATCH_MAX
            taken = self._waiting[:count]  # what comes after a new key is signed by it
            del self._waiting[:count]
            await append_fairly(taken, self._append, self._stumbled)
        self._appending = False

    async def _append(self, taken: Sequence[tuple[Any, Promise[Any]]]) -> None:
        commands = [command for command, _ in taken]
        process, host, machine = self._process, self._host, self._process.machine
        batch = Batch(machine.branch(), self.tree.copy())
        await machine.load(process.disk, batch.branch, commands)  # type: ignore[arg-type]
        key = host.log_key
        context = Context(process.now_s(), host.rng.randbytes, key.sign, b64(key.public.data))
        machine.grants = {}
        outcomes = [
            decide(machine, batch, command, origin=host.id, context=context) for command in commands
        ]
        if batch.entries or machine.dirty(batch.branch):
            received = {
                event.id: event.core
                for command in commands
                if isinstance(command, ReceiveEvents)
                for event in command.events
            }
            written = saved(batch, received, machine.grants)
            self.undurable = batch.entries
            await self._durable("commit", lambda: host.save(written))
            self.undurable = []
            if not self._world.rng.randrange(8):  # the answer of the database is a moment late
                await self._schedule.pause(self._world.rng.randint(1, 400))
        self.tree = batch.tree
        machine.adopt(batch.branch)
        self._world.adopted(process, commands)
        for (_, answer), outcome in zip(taken, outcomes, strict=True):
            answer.keep(outcome)

    def _stumbled(self, waiting: tuple[Any, Promise[Any]], error: Exception) -> None:
        command, answer = waiting
        self._world.stumbled(self._process, command, error)
        answer.fail(StorageError(Code.INTERNAL))
        remedy = self._process.machine.stumbled(command)
        if remedy is not None:
            self.submit_soon(remedy)

    async def _durable(self, what: str, write: Callable[[], None]) -> None:
        """Do one durable step; the machine may die before it, in it, or after it."""
        faults = self._world.faults
        if faults.crashes(self._host, f"{what}.before"):
            raise Crashed
        await self._schedule.pause(faults.disk_ms(self._host))
        write()
        if faults.crashes(self._host, f"{what}.after"):
            raise Crashed
