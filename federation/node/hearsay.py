"""Checkpoints that partners tell of: held against what this node has itself cosigned.

Who shows one history to us and another to somebody else is found when the two talk. Invariant: a
checkpoint counts only with its log's signature, so nobody is accused by hearsay; whatever is told,
the exchange that told it goes on. Two checkpoints of one size are proof, and kept as evidence; two
that the log's own tiles do not connect are an alarm with both notes, which an auditor looks into.
All is bounded: so many told at once, so many waiting for each log, so many alarms kept.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import structlog

from events.checkpoint import Checkpoint
from events.merkle import verify_consistency
from events.note import SignedNote
from events.recovery import STORAGE_TROUBLE
from federation.node.tile_proofs import prove_consistency
from federation.node.witness_queries import SQL
from schemas.encoding import b64, unb64
from schemas.errors import RuilbrugError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from asyncpg import Pool, Record

    from events.note import NoteKey
    from events.tiles import TilePath

log = structlog.get_logger()

TOLD_MAX: Final = 256
"""So many wait to be read; beyond that, what is told is left out: it is told again."""
KNOWN_MAX: Final = 4096
PER_PEER_MAX: Final = 16
"""So many wait of what one partner tells, the newest: who tells without end hides only what it
tells itself."""
LOOK_AGAIN_S: Final = 5.0
LONGER_WAIT_S: Final = 60
"""So long may a log take to show us what it has shown to others."""
PAUSE_S: Final = 30
ATTEMPTS_MAX: Final = 10
FORKS_PER_LOG_MAX: Final = 8
SUBMITTED: Final = ""
"""Stands for the peer where whoever submitted a checkpoint is not known."""


class Told(NamedTuple):
    """A checkpoint that its log signed, and who told of it when."""

    checkpoint: Checkpoint
    note: bytes
    peer: str
    at_s: int
    attempts: int = 0


Key = tuple[str, Checkpoint]
"""Who told of what."""


class Held(NamedTuple):
    """What this node itself holds to be the log: a checkpoint that it has cosigned, or made."""

    checkpoint: Checkpoint
    note: bytes
    own: bool = False
    unfinished: bool = False
    """Whether the own log gets there yet: it waits for what it has lost, or for its checkpoint."""


class Logs(Protocol):
    """What is known of logs, the own one included."""

    def trusted(self, origin: str) -> Sequence[NoteKey] | None:
        """Give the keys of a log; none for an unknown one."""

    async def held(self, origin: str, size: int) -> Held | None:
        """Give what this node holds to be a log: at that size when it can, or else the newest."""

    async def adopt(self, told: Checkpoint, note: bytes) -> bool:
        """Take back what this node has itself cosigned and lost; True when it had."""

    async def tile(self, origin: str, path: TilePath) -> bytes:
        """Give a hash tile of a log, as it gives it to anybody."""

    async def accuse(self, checkpoint: Checkpoint, one: bytes, other: bytes) -> None:
        """Keep two checkpoints of one size as evidence against who signed both; idempotent."""


def contradicts(one: Checkpoint, other: Checkpoint, proof: Sequence[bytes]) -> bool:
    """Tell whether two checkpoints are of two histories; the proof leads to the larger one."""
    old, new = sorted((one, other), key=lambda checkpoint: checkpoint.size)
    if old.size == new.size:
        return old.root != new.root
    if old.size == 0:
        return False
    try:
        verify_consistency(old.size, new.size, proof, old.root, new.root)
    except VerificationError:
        return True
    return False


class Hearsay:
    """Takes in what is told, and looks into it."""

    def __init__(self, *, pool: Pool[Record], logs: Logs, clock: Callable[[], int]) -> None:
        """Take the tables, what is known of logs, and the clock in seconds."""
        self._pool = pool
        self._logs = logs
        self._clock = clock
        self._queue: asyncio.Queue[tuple[str, str]] = asyncio.Queue(TOLD_MAX)
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._away: dict[str, int] = {}
        """Until when logs are left alone that could not be asked, by origin."""
        self.waiting: dict[Key, Told] = {}

    def hear(self, peer: str, notes: Iterable[str]) -> None:
        """Take note of what a partner tells (unpadded base64url); returns at once."""
        for note in notes:
            digest = sha256(f"{peer} {note}".encode()).digest()
            if digest in self._known:
                continue
            with contextlib.suppress(asyncio.QueueFull):
                self._queue.put_nowait((peer, note))
                self._known[digest] = None
                if len(self._known) > KNOWN_MAX:
                    self._known.popitem(last=False)

    def doubt(self, note: bytes) -> None:
        """Look into a checkpoint that was submitted, and that we did not cosign."""
        self.hear(SUBMITTED, [b64(note)])

    async def run(self) -> None:
        """Look into what is told, for ever."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN_S):
                    self.read(*await self._queue.get())
            while not self._queue.empty():
                self.read(*self._queue.get_nowait())
            await self.look()

    def read(self, peer: str, note: str) -> None:
        """Let one told checkpoint wait to be looked at, if its log has signed it."""
        try:
            data = unb64(note, field="checkpoint")
            signed = SignedNote.parse(data)
            trusted = self._logs.trusted(signed.text.partition(b"\n")[0].decode())
            if trusted is None:
                return
            signed.require(trusted)
            checkpoint = Checkpoint.parse(signed.text)
        except VerificationError as error:
            reason = error.facts.get("reason", "")
            log.warning("checkpoint_not_believed", peer=peer, code=error.code, reason=reason)
            return
        of_peer = [key for key in self.waiting if key[0] == peer]
        if (peer, checkpoint) in self.waiting:
            return
        if len(of_peer) >= PER_PEER_MAX:
            del self.waiting[of_peer[0]]
        self.waiting[peer, checkpoint] = Told(checkpoint, data, peer, self._clock())

    async def look(self) -> None:
        """Look at what waits; a log that cannot be asked is left alone for a while."""
        now_s = self._clock()
        self._away = {origin: at_s for origin, at_s in self._away.items() if at_s > now_s}
        for key, told in list(self.waiting.items()):
            if told.checkpoint.origin in self._away:
                continue
            try:
                done = await self._look_at(told)
            except (RuilbrugError, *STORAGE_TROUBLE) as error:
                done = self._later(key, told, type(error).__name__)
            if done:
                self.waiting.pop(key, None)

    async def _look_at(self, told: Told) -> bool:
        """Hold a checkpoint against ours; False when it is too early to tell."""
        origin, size = told.checkpoint.origin, told.checkpoint.size
        held = await self._logs.held(origin, size)
        adopted = await self._logs.adopt(told.checkpoint, told.note)
        if held is None:
            return True
        if size > held.checkpoint.size and not adopted:
            if held.unfinished:
                return False
            if held.own:  # with our signature, and longer than anything that we have signed
                await self.keep(held, told)
                return True
            if 0 <= self._clock() - told.at_s < LONGER_WAIT_S:
                return False
        proof: list[bytes] = []
        if size != held.checkpoint.size:
            old, new = sorted((size, held.checkpoint.size))
            proof = await prove_consistency(old, new, lambda path: self._logs.tile(origin, path))
        if contradicts(told.checkpoint, held.checkpoint, proof):
            await self.keep(held, told)
        return True

    def _later(self, key: Key, told: Told, kind: str) -> bool:
        """Try again in a while; True when it was tried often enough."""
        origin, attempts = told.checkpoint.origin, told.attempts + 1
        self._away[origin] = self._clock() + PAUSE_S
        if attempts >= ATTEMPTS_MAX:
            log.warning("checkpoint_not_compared", log=origin, peer=told.peer, kind=kind)
            return True
        if key in self.waiting:
            self.waiting[key] = told._replace(attempts=attempts)
        return False

    async def keep(self, held: Held, told: Told) -> None:
        """Keep two checkpoints of one log that do not fit, and raise the alarm; idempotent."""
        same_size = held.checkpoint.size == told.checkpoint.size
        await self._pool.execute(
            SQL["keep_fork"],
            sha256(held.checkpoint.origin.encode()).digest(),
            held.checkpoint.origin,
            held.note,
            told.note,
            told.peer,
            told.at_s,
            FORKS_PER_LOG_MAX,
        )
        log.critical(
            "log_shows_two_histories",
            log=held.checkpoint.origin,
            held=held.checkpoint.size,
            told=told.checkpoint.size,
            peer=told.peer,
            proof="same-size" if same_size else "its tiles do not connect them",
        )
        if same_size and not held.own:  # who may have our own key has proven nothing against us
            await self._logs.accuse(held.checkpoint, held.note, told.note)
