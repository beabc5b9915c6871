"""The node as a witness: cosigns the checkpoints of nodes that it knows (C2SP tlog-witness).

Invariant: checking and persisting are one conditional statement, so of two requests at once one
finds what the other wrote; a cosignature leaves only after its COMMIT, and while the node releases.
Whoever asks what was seen of it is told of all that will ever be cosigned for its earlier life.
What is right is decided in `events.witness`; the logs that count are those of known peers, by the
newest of their log keys.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog

from events.checkpoint import Checkpoint
from events.cosignature import CosignatureSigner
from events.note import SignedNote
from events.witness import (
    Admitted,
    Answer,
    Cosign,
    Latest,
    accepted,
    admit,
    decide,
    parse_submission,
)
from federation.node.hearsay import Held
from federation.node.origins import witness_name
from federation.node.patience import patience
from federation.node.witness_queries import SQL
from schemas.errors import Code, StorageError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from asyncpg import Pool, Record

    from events.note import NoteKey, NoteSignature
    from events.release import ReleaseGate
    from events.witness import Submission
    from federation.node.known_logs import KnownLogs
    from federation.node.service import Node

log = structlog.get_logger()

ATTEMPTS_MAX: Final = 3
RECENT_MAX: Final = 16
"""So many checkpoints of each log are remembered, for what partners tell of it."""


class Witness:
    """Cosigns under one key, and remembers what."""

    def __init__(
        self,
        *,
        pool: Pool[Record],
        gate: ReleaseGate,
        signer: CosignatureSigner,
        trusted: Callable[[str], Sequence[NoteKey] | None],
        refresh: Callable[[str], Awaitable[None]],
        doubt: Callable[[bytes], None],
        life: Callable[[str], object],
        clock: Callable[[], int],
    ) -> None:
        """Take where state is kept, the key, who knows the keys of logs, and who looks into doubts.

        `doubt` is given each note that its log signed and that does not follow what was cosigned.
        `life` is another one for a log as soon as its node has asked what was seen of it.
        """
        self._pool = pool
        self._gate = gate
        self._signer = signer
        self._trusted = trusted
        self._refresh = refresh
        self._doubt = doubt
        self._life = life
        self._clock = clock
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._recent: dict[str, OrderedDict[int, Held]] = {}
        self.newest_notes: dict[str, bytes] = {}
        """What was cosigned since this process started, by origin."""

    async def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a request.

        Raises:
            StorageError: `releases_nothing`, `read_only`, `busy`, `database_unavailable`.

        """
        await self._gate.release(0)
        try:
            submission = parse_submission(body)
        except VerificationError as error:
            return Answer(HTTPStatus.BAD_REQUEST, f"{error.code}\n".encode())
        life = self._life(submission.origin)
        admitted = await self._admit(submission)
        if isinstance(admitted, Answer):
            return admitted
        answer = await self._cosign(submission, admitted, life)
        if answer.status is not HTTPStatus.OK:
            self._doubt(admitted.note.encode())
        return answer

    async def held(self, origin: str, size: int) -> Held | None:
        """Give what was cosigned of a log: at that size if that was lately, or else the newest."""
        lately = self._recent.get(origin, OrderedDict())
        if size in lately:
            return lately[size]
        row = await self._pool.fetchrow(SQL["read_witnessed_whole"], _digest(origin))
        if row is None:
            return None
        return Held(Checkpoint(origin, row["size"], row["root"]), row["note"])

    async def newest(self, log_digest: bytes) -> bytes | None:
        """Give the newest checkpoint that was cosigned of a log, with the cosignature.

        Raises:
            StorageError: as `add_checkpoint`.

        """
        await self._gate.release(0)
        async with patience():
            note: bytes | None = await self._pool.fetchval(SQL["read_witnessed_note"], log_digest)
        return note

    def turn(self, origin: str) -> asyncio.Lock:
        """Give what is held while a log is written, or its node told what was cosigned of it."""
        return self._turns[origin]

    async def _admit(self, submission: Submission) -> Admitted | Answer:
        """Admit what a current key of the log signed, fetching the keys anew when none did."""
        admitted = admit(submission, self._trusted(submission.origin))
        if isinstance(admitted, Answer) and admitted.status is HTTPStatus.FORBIDDEN:
            await self._refresh(submission.origin)
            admitted = admit(submission, self._trusted(submission.origin))
        return admitted

    async def _cosign(self, submission: Submission, admitted: Admitted, life: object) -> Answer:
        """Decide, sign and persist; begin again when another request was quicker.

        Raises:
            StorageError: `busy` when others always were, or its node has asked anew since.

        """
        trusted = self._trusted(submission.origin) or ()
        for _ in range(ATTEMPTS_MAX):
            async with patience():
                latest = await self._latest(submission.origin)
                outcome = decide(submission, admitted, latest, trusted)
                if isinstance(outcome, Answer):
                    return outcome
                now_s = self._clock()
                cosignature = self._signer.sign(outcome.note.text, now_s=now_s)
                async with self.turn(submission.origin):
                    if self._life(submission.origin) != life:
                        break
                    if await self._persist(submission.origin, outcome, latest, cosignature, now_s):
                        return accepted(cosignature)
        raise StorageError(Code.BUSY)

    async def _latest(self, origin: str) -> Latest | None:
        row = await newest_cosigned(self._pool, origin)
        return None if row is None else Latest(row["size"], row["root"])

    async def adopt(self, told: Checkpoint, note: bytes) -> bool:
        """Take back what this node cosigned and its database has lost; True when it had.

        Told by a partner, and proven by the own cosignature below it: a witness never goes back.
        """
        at_s = self._signer.public.cosigned_at_s(SignedNote.parse(note))
        latest = await self._latest(told.origin)
        if at_s is None or (latest is not None and told.size <= latest.size):
            return False
        new = Latest(told.size, told.root)
        if not await self._write(told.origin, new, note, at_s, latest):
            return False
        log.critical(
            "witness_went_back",
            log=told.origin,
            held=0 if latest is None else latest.size,
            cosigned=told.size,
        )
        return True

    async def _persist(
        self,
        origin: str,
        cosign: Cosign,
        latest: Latest | None,
        cosignature: NoteSignature,
        now_s: int,
    ) -> bool:
        """Write what is cosigned over the state that was decided on; False when that is gone."""
        note = SignedNote(cosign.note.text, (*cosign.note.signatures, cosignature)).encode()
        return await self._write(origin, cosign.latest, note, now_s, latest)

    async def _write(
        self, origin: str, new: Latest, note: bytes, at_s: int, latest: Latest | None
    ) -> bool:
        values, log_digest = (*new, note, at_s), _digest(origin)
        if latest is None:
            written = self._pool.fetchval(SQL["first_witnessed"], log_digest, origin, *values)
        else:
            written = self._pool.fetchval(SQL["next_witnessed"], log_digest, *values, *latest)
        if await written is None:
            return False
        lately = self._recent.setdefault(origin, OrderedDict())
        lately[new.size] = Held(Checkpoint(origin, *new), note)
        if len(lately) > RECENT_MAX:
            lately.popitem(last=False)
        self.newest_notes[origin] = note
        return True


async def newest_cosigned(pool: Pool[Record], origin: str) -> Record | None:
    """Give size and root of the newest checkpoint that this node has cosigned of a log."""
    return await pool.fetchrow(SQL["read_witnessed"], _digest(origin))


async def signed_and_cosigned(pool: Pool[Record], origin: str) -> bytes | None:
    """Give the newest checkpoint that this node has cosigned of a log, as that log signed it.

    Without the cosignature, so in every mode: that leaves only while the node releases.
    """
    row = await pool.fetchrow(SQL["read_witnessed_whole"], _digest(origin))
    if row is None:
        return None
    note = SignedNote.parse(row["note"])
    own = tuple(one for one in note.signatures if one.name == origin)
    return SignedNote(note.text, own).encode()


def make_witness(
    node: Node, known: KnownLogs, *, doubt: Callable[[bytes], None], clock: Callable[[], int]
) -> Witness | None:
    """Give the witness that a node is; none without the key that its statements name."""
    if node.identity.witness is None:
        log.warning("witness_key_missing", node=node.id)
        return None
    return Witness(
        pool=node.pool,
        gate=node.gate,
        signer=CosignatureSigner(witness_name(node.settings.public_url), node.identity.witness),
        trusted=known.trusted,
        refresh=known.refresh,
        doubt=doubt,
        life=lambda origin: [node.sessions.opened(peer) for peer in known.nodes(origin)],
        clock=clock,
    )


def _digest(origin: str) -> bytes:
    return sha256(origin.encode()).digest()
