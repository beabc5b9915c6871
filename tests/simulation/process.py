"""One run of a node in a simulated world: the real rules, batch, gate, intake and exchange.

Everything that a process holds in memory lives here and dies with it. What is simulated is the
shell: the writer, a worker for each line, the ticker, and the question of the restore rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.growing import GrowingTree
from events.restore import Mode
from events.sealed import Keyring
from federation.node import exchange
from federation.node.delivery import Delivery, resumed
from federation.node.sessions import Sessions
from schemas.messages import Exchange, LineHead, SeenAnswer
from tests.simulation.exchange_ports import ExchangePorts
from tests.simulation.outbox import Outbox
from tests.simulation.restarting import RestoreQuestion
from tests.simulation.sequencing import Sequencer
from tests.simulation.ticking import Ticker

if TYPE_CHECKING:
    from federation.node.machine import Changes
    from tests.simulation.host import Host
    from tests.simulation.schedule import Promise


class Process(ExchangePorts):
    """A running node. Also the ports of `exchange` and `taking`."""

    def __init__(self, host: Host) -> None:
        super().__init__()
        self.host = host
        self.world = host.world
        self.schedule = host.world.schedule
        self.disk = host.disk
        keyring = Keyring({"wrapping-1": host.wrapping}, "wrapping-1")
        for row in self.disk.data_keys:
            keyring.learn(row)
        self.machine = host.machine(
            node=host.id,
            books=self.disk.read_books(),
            keyring=keyring,
            on_change=self.changed,
        )
        self.accounts_by_subject = self.machine.accounts_by_subject
        tree = GrowingTree.from_tiles(
            self.disk.subroots, [e.id for e in self.disk.log[len(self.disk.subroots) * 256 :]]
        )
        self.deliveries: dict[str, Delivery] = {}
        self.sessions = Sessions(host.rng.randbytes)
        self.sequencer = Sequencer(self, tree)
        self.ticker = Ticker(self)
        self.outbox = Outbox(self)
        self.wake = self.outbox.wake
        self.question = RestoreQuestion(self)
        self.gate = self.question.gate()

    @property
    def tree(self) -> GrowingTree:
        """Give the tree over all that is durable."""
        return self.sequencer.tree

    @property
    def outbox_open(self) -> bool:
        """Tell whether the restore rule allows to speak."""
        return self.outbox.open

    def start(self) -> None:
        """Open the outbox when the restore rule allows it, else ask until it does."""
        self.ticker.plan()
        if self.gate.mode is Mode.OPEN:
            self.open_outbox()
        else:
            self.schedule.spawn(self, self.question.ask_until_judged())

    def open_outbox(self) -> None:
        """Go on bringing what was not acknowledged."""
        self.outbox.open = True
        if self.host.newest is not None:  # nothing that anybody has seen is missing here
            self.host.newest = None
            self.world.monitor.gave_up(self.host)
        for stored in self.disk.deliveries.values():
            self.keep(resumed(self.delivery(stored.line), stored))
        for line in self.lines():
            self.wake(line.line)

    # writing

    def submit_soon(self, command: Any) -> Promise[Any]:
        """Hand in a command; the promise is kept after COMMIT."""
        return self.sequencer.submit_soon(command)

    async def submit(self, command: Any) -> Any:
        """Hand in a command and wait for COMMIT."""
        return await self.submit_soon(command)

    async def do(self, command: Any) -> Any:
        """Do what a person asks; refused while the node only reads."""
        self.gate.require_writable()
        return await self.submit_soon(command)

    def changed(self, changes: Changes) -> None:
        """Look after lines that moved, and after the clock of open trades."""
        for line in changes.lines:
            self.wake(line.line)
        self.ticker.changed(changes)

    def clock_jumped(self) -> None:
        """The clock of this node says something else now: look at everything again."""
        self.ticker.clock_jumped()
        for line in self.lines():
            self.outbox.plan_anew(line.line)

    # what others ask

    async def serve(self, caller: str, line: str, question: Exchange) -> Exchange:
        """Answer an exchange."""
        return await exchange.serve(self, caller, line, question)

    def seen(self, caller: str) -> SeenAnswer:
        """Tell what was seen of the asker's side of each line; in every mode."""
        exchange.heard_from(self, caller)
        session = self.sessions.open(caller)
        heads = tuple(
            LineHead(line=line.line, n=line.in_n, id=line.in_id or None)
            for line in self.lines()
            if line.peer == caller
        )
        behind = self.gate.mode is Mode.READ_ONLY
        answer = SeenAnswer(size=0, heads=heads, session=session, behind=behind)
        return self.disk.cosigned.told(caller, answer)
