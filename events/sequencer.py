"""The sequencer: the only writer of a log (design section 3).

When the last commit has returned it takes whatever waits, decides each command on a branch that
already holds what the same batch changed, builds and signs the events in order, and writes all of
it in one transaction. Callers are answered after COMMIT, never before. It knows nothing of LETS:
what the commands mean comes in as a `Machine`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple

import asyncpg
import structlog

from events import log_store
from events.batch import BATCH_MAX, Batch, append_fairly, decide
from events.machine import Branch, Command, Context, Draft, Machine, Written
from events.recovery import STORAGE_TROUBLE, close_connection, reconnect
from events.transaction import batch_transaction
from schemas.encoding import b64
from schemas.errors import Code, Refusal, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from events.growing import GrowingTree
    from events.signing import PrivateKey
    from events.transaction import BatchTransaction

log = structlog.get_logger()

PART: Final = 64
WAITING_MAX: Final = 10_000
BATCH_TIMEOUT_S: Final = 60
BROKEN: Final = (asyncpg.IntegrityConstraintViolationError, AssertionError)
"""What says that a command of the batch cannot be: the others are tried without it."""


class _Waiting(NamedTuple):
    command: Any
    answer: asyncio.Future[Any]


class _Batch(Batch[Branch]):
    """A batch with those who wait for it."""

    __slots__ = ("answers", "stored")

    def __init__(self, branch: Branch, tree: GrowingTree) -> None:
        super().__init__(branch, tree)
        self.stored = False
        self.answers: list[tuple[asyncio.Future[Any], Any]] = []


class Finished(NamedTuple):
    """What became of one batch, in numbers."""

    events: int
    seconds: float
    """From when it was taken up until it was durable."""
    refused: list[Code]


class Sequencer(Generic[Branch, Command, Draft]):
    """Appends to one log. Start `run` as a task; hand in commands with `submit`."""

    def __init__(
        self,
        *,
        dsn: str,
        machine: Machine[Branch, Command, Draft],
        key: PrivateKey,
        clock: Callable[[], int],
        random: Callable[[int], bytes],
        lock: int | None = None,
    ) -> None:
        """Take the log's database, its meaning, its key, and the two sources of chance."""
        self._dsn = dsn
        self._machine = machine
        self._key = key
        self._clock = clock
        self._random = random
        self._lock = lock
        self._public = b64(key.public.data)
        self._waiting: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._tree: GrowingTree | None = None
        self._last: _Batch[Branch] | None = None
        self._origin = ""
        self._epoch = 0
        self._batch = 0
        self._writer = random(16)
        self._stopped: Code | None = None
        self._turn = asyncio.Lock()
        self.size_changed: Callable[[int], None] = lambda _size: None
        self.batch_finished: Callable[[Finished], None] | None = None
        """For who counts; nothing is measured without."""

    @property
    def size(self) -> int:
        """How many events are durable."""
        return 0 if self._tree is None else self._tree.size

    @property
    def root(self) -> bytes:
        """The Merkle root of the durable events."""
        assert self._tree is not None
        return self._tree.root()

    @property
    def origin(self) -> str:
        """The node id of the log."""
        return self._origin

    def use_key(self, key: PrivateKey) -> None:
        """Sign with another log key from now on; its statement stands in the log already."""
        self._key = key
        self._public = b64(key.public.data)

    async def open(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        """Become the writer over `connection`; whoever was it before is fenced off."""
        async with asyncio.timeout(BATCH_TIMEOUT_S):
            state = await log_store.take_over(connection, self._writer)
            self._tree = await log_store.read_tree(connection, state.size)
        assert self._tree.root() == state.root, "stored ids do not give the stored root"
        self._connection = connection
        self._origin = state.origin
        self._epoch = state.epoch
        self._batch = state.batch

    async def close(self) -> None:
        """Close the connection that it writes over, a newer one than `open` took if there is."""
        if self._connection is not None:
            await close_connection(self._connection)

    @contextlib.asynccontextmanager
    async def set_aside(self) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        """Let the block write to the log over the only writer's connection; commands wait.

        For events that come back as they were signed (`events.received_log`). Afterwards, also
        after a failure, the sequencer goes on from what is durable then.

        Raises:
            StorageError: `fenced` when another writer took over meanwhile.

        """
        async with self._turn:
            assert self._connection is not None
            try:
                yield self._connection
            finally:
                if self._connection.is_closed():
                    self._connection, _ = await reconnect(
                        self._dsn, self._writer, self._connection, lock=self._lock
                    )
                await self.open(self._connection)

    def submit(self, command: Command) -> asyncio.Future[Any]:
        """Hand in a command; the future gives the answer or a `Refusal` after COMMIT.

        Raises:
            StorageError: the log takes nothing now (stopped, or too many callers wait).

        """
        if self._stopped is not None:
            raise StorageError(self._stopped)
        if len(self._waiting) >= WAITING_MAX:
            raise StorageError(Code.BUSY)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(command, answer))
        self._wake.set()
        return answer

    async def append_now(self, command: Command) -> Any:
        """Decide and append one command at once; for a log whose `run` has not been started."""
        answer = self.submit(command)
        waiting = self._waiting.pop()
        self._wake.clear()
        await self._append([waiting])
        return await answer

    async def run(self) -> None:
        """Append until cancelled. Ends with `fenced` when another writer has taken over."""
        try:
            while True:
                await self._wake.wait()
                taken = [self._waiting.popleft() for _ in range(min(BATCH_MAX, len(self._waiting)))]
                if not self._waiting:
                    self._wake.clear()
                taken = [waiting for waiting in taken if not waiting.answer.done()]
                if taken:
                    async with self._turn:
                        await self._append(taken)
        except StorageError as error:
            self._stop(error.code)
            log.critical("sequencer_stopped", code=error.code)
            raise
        finally:
            self._stop(Code.DATABASE_UNAVAILABLE)

    def _stop(self, code: Code) -> None:
        self._stopped = self._stopped or code
        while self._waiting:
            answer = self._waiting.popleft().answer
            if not answer.done():
                answer.set_exception(StorageError(self._stopped))

    async def _append(self, taken: list[_Waiting]) -> None:
        """Append what was taken; on trouble one by one, so that only the culprit suffers."""
        try:
            await append_fairly(taken, self._append_together, self._stumble, BROKEN)
        except BaseException as error:
            for waiting in taken:
                if not waiting.answer.done():
                    waiting.answer.set_exception(
                        error
                        if isinstance(error, StorageError)
                        else StorageError(Code.DATABASE_UNAVAILABLE)
                    )
            raise

    def _stumble(self, waiting: _Waiting, error: Exception) -> None:
        log.critical("invariant_broken", kind=type(error).__name__, exc_info=error)
        if not waiting.answer.done():
            waiting.answer.set_exception(StorageError(Code.INTERNAL))
        remedy = self._machine.stumbled(waiting.command)
        if remedy is not None:
            self.submit(remedy)

    async def _append_together(self, taken: Sequence[_Waiting]) -> None:
        """Write one batch, and find out what became of it when the connection breaks."""
        began = asyncio.get_running_loop().time()
        while True:
            batch: _Batch[Branch] | None = None
            try:
                async with asyncio.timeout(BATCH_TIMEOUT_S):
                    assert self._connection is not None
                    batch = await self._write(self._connection, taken)
            except STORAGE_TROUBLE as error:
                log.warning("append_outcome_unknown", kind=type(error).__name__)
                if not await self._recover():
                    continue  # nothing of it was written: decide again
                batch = self._last
            assert batch is not None
            self._finish(batch)
            if self.batch_finished is not None:
                seconds = asyncio.get_running_loop().time() - began
                refused = [said.code for _, said in batch.answers if isinstance(said, Refusal)]
                events = batch.tree.size - batch.old_size
                self.batch_finished(Finished(events, seconds, refused))
            return

    def _finish(self, batch: _Batch[Branch]) -> None:
        self._tree = batch.tree
        self._batch += batch.stored
        self._machine.adopt(batch.branch)
        if batch.entries:
            self.size_changed(batch.tree.size)
        for answer, outcome in batch.answers:
            if not answer.done():
                answer.set_result(outcome)

    async def _recover(self) -> bool:
        """Reconnect, bar the old connection, and tell whether the last batch was committed."""
        expected = self._last
        assert self._tree is not None
        self._connection, state = await reconnect(
            self._dsn, self._writer, self._connection, lock=self._lock
        )
        self._epoch = state.epoch
        committed = state.batch == self._batch + 1 and expected is not None
        tree = expected.tree if committed and expected is not None else self._tree
        if state.batch != self._batch + committed or state.size != tree.size:
            raise StorageError(Code.FENCED)
        if state.root != tree.root():
            raise StorageError(Code.FENCED)
        return committed

    async def _write(
        self, connection: asyncpg.Connection[asyncpg.Record], taken: Sequence[_Waiting]
    ) -> _Batch[Branch]:
        assert self._tree is not None
        self._last = None
        batch = _Batch(self._machine.branch(), self._tree.copy())
        # before the transaction: nobody but this writer changes what is read here
        await self._machine.load(connection, batch.branch, [w.command for w in taken])
        context = Context(self._clock(), self._random, self._key.sign, self._public)
        async with batch_transaction(connection) as transaction:
            if len(taken) > PART:
                await transaction.begin()
            await self._decide_all(transaction, batch, taken, context)
            if batch.entries or self._machine.dirty(batch.branch):
                batch.stored = True
                self._last = batch
                await self._store(transaction, batch)
        return batch

    async def _decide_all(
        self,
        transaction: BatchTransaction,
        batch: _Batch[Branch],
        taken: Sequence[_Waiting],
        context: Context,
    ) -> None:
        """Decide part by part: while PostgreSQL takes in one part, the next one is decided.

        The last part stays in the batch.
        """
        appending: asyncio.Task[None] | None = None
        try:
            for at in range(0, len(taken), PART):
                for waiting in taken[at : at + PART]:
                    outcome = decide(
                        self._machine,
                        batch,
                        waiting.command,
                        origin=self._origin,
                        context=context,
                    )
                    batch.answers.append((waiting.answer, outcome))
                if appending is not None:
                    await appending
                appending = None
                if at + PART < len(taken) and (part := batch.next_part()).entries:
                    appending = asyncio.create_task(
                        log_store.append(transaction, *part), name="append-part"
                    )
                    await asyncio.sleep(0)  # lets the part go out before the next is decided
        finally:
            if appending is not None:
                await appending

    async def _store(self, transaction: BatchTransaction, batch: _Batch[Branch]) -> None:
        also = await self._machine.write(
            transaction, batch.branch, Written(batch.entries, batch.meanings)
        )
        advance = log_store.Advance(batch.tree.size, batch.tree.root(), batch.old_size, self._epoch)
        await log_store.append_last(transaction, batch.next_part(), advance, also)
