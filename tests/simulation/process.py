"""One run of a node in a simulated world: the real rules, batch, gate, intake and exchange.

Everything that a process holds in memory lives here and dies with it. What is simulated is the
shell: a loop that appends, a worker for each line, a ticker, and the question of the restore rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from events import restore
from events.batch import BATCH_MAX, Batch, append_fairly, decide
from events.growing import GrowingTree
from events.log_store import Entry
from events.machine import Context
from events.mark import Mark
from events.release import ReleaseGate
from events.restore import Held, Judgement, Mode, Seen
from events.sealed import Keyring
from federation.line import commands as line_commands
from federation.line.payee import SILENCE_S
from federation.node import exchange, taking
from federation.node.delivery import Delivery, resumed, wait_s, worth_writing
from federation.node.exchange import Asked, ChainRow
from federation.node.key_commands import RecordKey
from federation.node.machine import Changes, NodeBranch, NodeMachine
from federation.node.sessions import Sessions
from projections.lines import Line, granted_by_them, granted_by_us
from schemas import cores
from schemas.encoding import b64
from schemas.errors import Code, PeerUnavailable, RuilbrugError, StorageError
from schemas.keys import Role
from schemas.messages import Exchange, LineHead, SeenAnswer, WireEvent
from schemas.openings import Opening
from tests.simulation.disk import saved
from tests.simulation.schedule import Crashed, Promise, Turn
from tests.simulation.taking_ports import TakingPorts

if TYPE_CHECKING:
    from tests.simulation.host import Host

T = TypeVar("T")
TICK_MS = 1_000
TICK_READ_ONLY_MS = 600_000
ASK_AGAIN_MS = 2_000


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


class Process(TakingPorts):
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
        self.machine = WatchedMachine(
            node=host.id,
            books=self.disk.read_books(),
            keyring=keyring,
            on_change=self.changed,
        )
        self.accounts_by_subject = self.machine.accounts_by_subject
        self.tree = GrowingTree.from_tiles(
            self.disk.subroots, [e.id for e in self.disk.log[len(self.disk.subroots) * 256 :]]
        )
        self.deliveries: dict[str, Delivery] = {}
        self.sessions = Sessions(host.rng.randbytes)
        self._waiting: list[tuple[Any, Promise[Any]]] = []
        self._appending = False
        self._working: set[str] = set()
        self._taking: dict[str, Promise[Any]] = {}
        self._due: dict[str, int] = {}
        self._tick_at: int | None = None
        self._ticked_s = 0
        self.outbox_open = False
        self.undurable: list[Entry] = []
        """Decided and signed, not on the disk yet: for variants that do not wait."""
        self.gate = self._judged_gate()

    # starting

    def _judged_gate(self) -> ReleaseGate:
        mark = self.host.mark.read()
        root = None
        if mark is not None and mark.size <= self.tree.size:
            ids = [entry.id for entry in self.disk.log[: mark.size]]
            root = GrowingTree.from_tiles([], ids).root()
        heads = {line.line: line.out_n for line in self.lines()}
        key = b64(self.host.log_key.public.data)
        speaks = self.host.stated().speaks(Role.LOG, key, self.tree.size)
        self._held = Held(self.tree.size, root, heads, speaks)
        self._mark = mark
        return ReleaseGate(
            self.host.mark,  # type: ignore[arg-type]
            lambda: (self.tree.size, self.tree.root()),
            self._judge(()),
            turn=Turn(),
            aside=self._write_mark,
        )

    def _judge(self, answers: Sequence[Seen]) -> Judgement:
        return restore.judge(
            self._mark, self._held, answers, umbrella=None, partners=self._partners()
        )

    def _partners(self) -> frozenset[str]:
        return frozenset(line.peer for line in self.lines())

    def start(self) -> None:
        """Open the outbox when the restore rule allows it, else ask until it does."""
        self._plan_tick()
        if self.gate.mode is Mode.OPEN:
            self._open_outbox()
        else:
            self.schedule.spawn(self, self._ask_until_judged())

    def _open_outbox(self) -> None:
        self.outbox_open = True
        self.host.newest = None  # nothing that anybody has seen is missing here
        for stored in self.disk.deliveries.values():
            self.keep(resumed(self.delivery(stored.line), stored))
        for line in self.lines():
            self.wake(line.line)

    async def _ask_until_judged(self) -> None:
        answers: dict[str, Seen] = {}
        while True:
            silent = restore.silent(answers.values(), umbrella=None, partners=self._partners())
            asked = [(peer, self.world.ask_seen(self, peer)) for peer in sorted(silent)]
            for peer, promise in asked:
                try:
                    answers[peer] = self._told(peer, await promise)
                except RuilbrugError:
                    continue
                self.sessions.hold(peer, answers[peer].session)
            judgement = self._judge(list(answers.values()))
            if judgement.mode is Mode.OPEN and self._mark is None:
                self._mark = self.gate.create_mark()
            self.gate.judgement = judgement
            if judgement.mode is Mode.OPEN:
                self._open_outbox()
                return
            await self.schedule.pause(ASK_AGAIN_MS * self.host.rng.randint(1, 100))

    def _told(self, peer: str, answer: SeenAnswer) -> Seen:
        ids = {}
        for head in answer.heads:
            seqs = self.disk.chains.get(head.line, [])
            if 0 < head.n <= len(seqs):
                ids[head.line, head.n] = b64(self.disk.log[seqs[head.n - 1]].id)
        return restore.held_against(peer, answer, ids)

    # the only writer

    def submit_soon(self, command: Any) -> Promise[Any]:
        """Hand in a command; the promise is kept after COMMIT."""
        answer: Promise[Any] = Promise()
        self._waiting.append((command, answer))
        if not self._appending:
            self._appending = True
            self.schedule.spawn(self, self._append_all())
        return answer

    def busy(self) -> bool:
        """Tell whether something is being appended or waits for it."""
        return self._appending

    async def submit(self, command: Any) -> Any:
        """Hand in a command and wait for COMMIT."""
        return await self.submit_soon(command)

    async def do(self, command: Any) -> Any:
        """Do what a person asks; refused while the node only reads."""
        self.gate.require_writable()
        return await self.submit_soon(command)

    async def _append_all(self) -> None:
        while self._waiting:
            count = 1 if isinstance(self._waiting[0][0], RecordKey) else BATCH_MAX
            taken = self._waiting[:count]  # what comes after a new key is signed by it
            del self._waiting[:count]
            await append_fairly(taken, self._append, self._stumbled)
        self._appending = False

    async def _append(self, taken: Sequence[tuple[Any, Promise[Any]]]) -> None:
        commands = [command for command, _ in taken]
        batch = Batch(self.machine.branch(), self.tree.copy())
        await self.machine.load(self.disk, batch.branch, commands)  # type: ignore[arg-type]
        key = self.host.log_key
        context = Context(self.now_s(), self.host.rng.randbytes, key.sign, b64(key.public.data))
        self.machine.grants = {}
        outcomes = [
            decide(self.machine, batch, command, origin=self.host.id, context=context)
            for command in commands
        ]
        if batch.entries or self.machine.dirty(batch.branch):
            received = {
                event.id: event.core
                for command in commands
                if isinstance(command, line_commands.ReceiveEvents)
                for event in command.events
            }
            written = saved(batch, received, self.machine.grants)
            self.undurable = batch.entries
            await self._durable("commit", lambda: self.host.save(written))
            self.undurable = []
            if not self.world.rng.randrange(8):  # the answer of the database is a moment late
                await self.schedule.pause(self.world.rng.randint(1, 400))
        self.tree = batch.tree
        self.machine.adopt(batch.branch)
        self.host.world.adopted(self, commands)
        for (_, answer), outcome in zip(taken, outcomes, strict=True):
            answer.keep(outcome)

    def _stumbled(self, waiting: tuple[Any, Promise[Any]], error: Exception) -> None:
        command, answer = waiting
        self.world.stumbled(self, command, error)
        answer.fail(StorageError(Code.INTERNAL))
        remedy = self.machine.stumbled(command)
        if remedy is not None:
            self.submit_soon(remedy)

    async def _durable(self, what: str, write: Callable[[], None]) -> None:
        """Do one durable step; the machine may die before it, in it, or after it."""
        faults = self.world.faults
        if faults.crashes(self.host, f"{what}.before"):
            raise Crashed
        await self.schedule.pause(faults.disk_ms(self.host))
        write()
        if faults.crashes(self.host, f"{what}.after"):
            raise Crashed

    async def _write_mark(self, write: Callable[[Mark], None], mark: Mark) -> None:
        if self.world.faults.tears(self.host):
            self.host.mark.tear()
            raise Crashed
        await self._durable("mark", lambda: write(mark))

    def changed(self, changes: Changes) -> None:
        """Look after lines that moved, and after the clock of open trades."""
        for line in changes.lines:
            self.wake(line.line)
        if changes.transfers:
            self._plan_tick()

    # the ticker

    def _plan_tick(self) -> None:
        """Tick when the clock passes a moment that an open trade names, whatever the rules say.

        The ticker of the product looks every second; between these moments nothing can be due.
        """
        moments = [
            moment_s
            for transfer in self.machine.books.transfers.values()
            for moment_s in (transfer.expires_at_s, transfer.expires_at_s + SILENCE_S)
            if moment_s > self._ticked_s
        ]
        if moments:
            self._tick_in(max(TICK_MS, (min(moments) - self.now_s()) * 1000))

    def _tick_in(self, delay_ms: int) -> None:
        at_ms = self.schedule.now_ms + delay_ms
        if self._tick_at is None or at_ms < self._tick_at:
            self._tick_at = at_ms
            self.schedule.after(delay_ms, self._tick, at_ms)

    def _tick(self, planned_ms: int) -> None:
        if not self.alive or self._tick_at != planned_ms:
            return
        self._tick_at = None
        if self.gate.mode is Mode.READ_ONLY:
            self._tick_in(TICK_READ_ONLY_MS)
            return
        now_s = self.now_s()
        if any(t.expires_at_s <= now_s for t in self.machine.books.transfers.values()):
            self.submit_soon(line_commands.ExpireDue())
        self._ticked_s = now_s
        self._plan_tick()

    def clock_jumped(self) -> None:
        """The clock of this node says something else now: look at everything again."""
        self._tick_at, self._ticked_s = None, 0
        self._plan_tick()
        for line in self.lines():
            self._due.pop(line.line, None)
            self.wake(line.line)

    # the worker of a line

    def wake(self, line: str) -> None:
        """Plan the next attempt of a line."""
        if not self.alive or not self.outbox_open or line in self._working:
            return
        known = self.line(line)
        pause_s = (
            None if known is None else wait_s(self.delivery(line), known.out_n, now_s=self.now_s())
        )
        if pause_s is None:
            self._due.pop(line, None)
            return
        at_ms = self.schedule.now_ms + round(pause_s * 1000)
        if self._due.get(line, at_ms + 1) > at_ms:
            self._due[line] = at_ms
            self.schedule.after(at_ms - self.schedule.now_ms, self._attempt, line, at_ms)

    def _attempt(self, line: str, planned_ms: int) -> None:
        if not self.alive or self._due.get(line) != planned_ms:
            return
        del self._due[line]
        known = self.line(line)
        assert known is not None
        pause_s = wait_s(self.delivery(line), known.out_n, now_s=self.now_s())
        if pause_s != 0:
            self.wake(line)
            return
        self._working.add(line)
        self.schedule.spawn(self, self._bring(known))

    async def _bring(self, line: Line) -> None:
        """Ask, while the answer before is still being taken in, as the outbox does."""
        self.world.bringing(self, line)
        asked: Asked | None = None
        try:
            asked = await exchange.ask(self, line)
        except RuilbrugError as error:
            exchange.learned(self, line.line, error)
            await self._failed(line, error)
        before = self._taking.get(line.line)
        if before is not None:
            await before
        if asked is not None:
            self._taking[line.line] = Promise()
            self.schedule.spawn(self, self._take_answer(line, asked), self._taking[line.line])
        self._working.discard(line.line)
        self.wake(line.line)

    async def _take_answer(self, line: Line, asked: Asked) -> None:
        try:
            await exchange.take_answer(self, line, asked)
        except RuilbrugError as error:  # it speaks of the partner's chain: nothing is learned
            await self._failed(line, error)

    async def _failed(self, line: Line, error: RuilbrugError) -> None:
        if not isinstance(error, PeerUnavailable):
            self.world.refused(self, line, error)
        await self.write(exchange.postpone(self, line.line, error))

    # ports of `exchange`

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
        return self._told(peer, await self.world.ask_seen(self, peer))

    def checkpoints(self) -> tuple[str, ...]:
        """Give none: what a checkpoint says is what the events of this world say."""
        return ()

    def told(self, peer: str, checkpoints: Sequence[str]) -> None:
        """Nobody tells any."""
        del peer
        assert not checkpoints

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
        return SeenAnswer(size=0, heads=heads, session=session, behind=behind)
