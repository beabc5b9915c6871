"""The ports of `federation.node.taking` over this node's tables, keys and sequencer.

Used by the handler of an exchange and by the outbox for what came back in a response.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

from federation.line.commands import Quarantine
from federation.node import taking
from federation.node.queries import SQL
from schemas.encoding import b64
from schemas.errors import StorageError, VerificationError
from schemas.evidence import SignedEvent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from concurrent.futures import Executor

    from asyncpg import Pool, Record

    from events.keys import KeyHistory
    from federation.line.decide import FoundVerdicts, Received
    from federation.node.evidence import EvidenceKeeper
    from federation.node.machine import NodeMachine
    from federation.node.peers import Peers
    from federation.node.refused_batches import RefusedBatches
    from federation.peer.channel import ChannelEvent
    from projections.lines import Line
    from schemas.messages import WireEvent

log = structlog.get_logger()
SUBJECTS_KEPT: Final = 20_000
"""Names by which partners know members of ours. What a subject stands for is asked of the books."""
SIGNATURES_HERE_MAX: Final = 64
"""Four milliseconds of the loop, as long as it takes to decide about what they sign. A thread took
twice as long for 32: it came and went, and its turn at the interpreter was another's each time."""
NICER: Final = 10
NICEST: Final = 19
T = TypeVar("T")


def late_checks() -> ThreadPoolExecutor:
    """Give one thread that steps aside for others."""
    return ThreadPoolExecutor(1, "late-check", initializer=after_others)


class Intake:
    """Takes in what partners send; holds no step of its own."""

    def __init__(
        self,
        *,
        pool: Pool[Record],
        peers: Peers,
        machine: NodeMachine,
        submit: Callable[[Any], Awaitable[Any]],
        evidence: EvidenceKeeper,
        refused: RefusedBatches,
        tasks: asyncio.TaskGroup,
        late: Executor | None = None,
    ) -> None:
        """Take tables, keys, books, sequencer, who keeps proofs and counts, who owns checks."""
        self._pool = pool
        self._peers = peers
        self._machine = machine
        self._submit = submit
        self.history = peers.history
        self.refresh = peers.refresh
        self.accounts_by_subject = machine.accounts_by_subject
        self._evidence = evidence
        self.refused = refused
        self._tasks = tasks
        self._subjects: dict[tuple[str, str], str] = {}
        self._late = late or late_checks()

    async def take(self, peer: str, line: str, wire: Sequence[WireEvent]) -> Received:
        """Take in a batch of a partner; what is there already is skipped.

        Raises:
            VerificationError, RefusedError: as `taking.take`.

        """
        try:
            return await taking.take(self, peer, line, wire)
        except VerificationError as error:
            await self.refused.count(peer, error)
            raise

    def known(self, peer: str) -> bool:
        """Tell whether a node is registered or invited."""
        return self._peers.get(peer) is not None

    def line(self, line: str) -> Line | None:
        """Give a line as the books hold it now."""
        return self._machine.books.lines.get(line)

    async def inbox_ids(self, line: str, first: int, last: int) -> dict[int, str]:
        """Give the ids of received events by their place, from `first` to `last`."""
        rows = await self._pool.fetch(SQL["inbox_ids"], line, first, last)
        return {row["n"]: b64(row["id"]) for row in rows}

    async def subjects(self, reader: str, pseudonyms: Sequence[str]) -> dict[str, str]:
        """Give the members behind the names by which `reader` knows them."""
        known = self._subjects
        unknown = [name for name in pseudonyms if (reader, name) not in known]
        if unknown:
            rows = await self._pool.fetch(SQL["read_pseudonyms"], reader, unknown)
            if len(known) + len(rows) > SUBJECTS_KEPT:
                known.clear()
            known.update(((reader, row["pseudonym"]), b64(row["subject"])) for row in rows)
        return {name: known[reader, name] for name in pseudonyms if (reader, name) in known}

    async def compute(self, work: Callable[[], T], *, signatures: int) -> T:
        """Verify in a thread what would hold up the loop; a few cost less than the way there."""
        return work() if signatures <= SIGNATURES_HERE_MAX else await asyncio.to_thread(work)

    async def submit(self, command: Any) -> Any:
        """Hand a command to the sequencer; gives the answer after COMMIT."""
        return await self._submit(command)

    async def forked(self, peer: str, event: ChannelEvent) -> None:
        """Keep the proof that a partner signed another event for a place that is taken."""
        await self._evidence.fork(peer, event)

    async def contradicted(self, line: str, findings: Sequence[FoundVerdicts]) -> None:
        """Keep the proof that a partner has decided twice."""
        for found in findings:
            await self._evidence.verdicts(line, found.path, found.n)

    async def vouched(self, peer: str, event: ChannelEvent) -> bool:
        """Show the umbrella an event: had it followed that before the key was revoked?"""
        assert event.core.origin == peer
        reader = self._peers.reader
        if reader is None:
            return False
        shown = SignedEvent(core=b64(event.core_bytes), signature=b64(event.signature))
        return await reader.followed(shown) == event.id

    def check_later(self, line: str, events: Sequence[ChannelEvent], history: KeyHistory) -> None:
        """Check the signatures that the last one covered, in a task of its own."""
        self._tasks.create_task(
            self._check_late(line, events, history), name=f"late-check-{line[:8]}"
        )

    async def _check_late(
        self, line: str, events: Sequence[ChannelEvent], history: KeyHistory
    ) -> None:
        """Set the line aside when one of the signatures is bad."""
        loop = asyncio.get_running_loop()
        bad = await loop.run_in_executor(self._late, taking.first_bad, events, history)
        if not bad:
            return
        log.warning("late_signature_bad", line=line, n=bad)
        try:
            await self._submit(Quarantine(line, bad, "bad_signature"))
        except StorageError as error:
            log.critical("quarantine_not_written", line=line, n=bad, code=error.code)


def after_others() -> None:
    """Let this thread stand back behind what somebody waits for (Linux counts it by thread).

    A service that may not change priorities does without: nothing but time depends on it.
    """
    thread = threading.get_native_id()
    nice = os.getpriority(os.PRIO_PROCESS, thread)
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, thread, min(NICEST, nice + NICER))
