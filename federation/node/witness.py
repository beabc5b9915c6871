"""The node as a witness: cosigns the checkpoints of nodes that it knows (C2SP tlog-witness).

Invariant: checking and persisting are one conditional statement, so of two requests at once one
finds what the other wrote; a cosignature leaves only after its COMMIT, and while the node releases.
What is right is decided in `events.witness`; the logs that count are those of known peers, by the
newest of their log keys.
"""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING, Final

import structlog

from events.cosignature import CosignatureSigner
from events.note import NoteKey, SignedNote
from events.signing import PublicKey
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
from federation.node.origins import log_origin, witness_name
from federation.node.patience import patience
from federation.node.witness_queries import SQL
from schemas.encoding import unb64
from schemas.errors import Code, StorageError, VerificationError
from schemas.keys import Role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from asyncpg import Pool, Record

    from events.note import NoteSignature
    from events.release import ReleaseGate
    from events.witness import Submission
    from federation.node.peers import Peers
    from federation.node.service import Node

log = structlog.get_logger()

ATTEMPTS_MAX: Final = 3
REFRESH_PAUSE_S: Final = 30.0
"""So often at most are the keys of one log fetched anew because of somebody's request."""


class KnownLogs:
    """The logs of the peers, by origin, with their current keys."""

    def __init__(self, peers: Peers) -> None:
        """Look at the peers each time anew: they come, rotate and leave."""
        self._peers = peers
        self._refreshed: dict[str, float] = {}

    def trusted(self, origin: str) -> list[NoteKey] | None:
        """Give the keys of a log; none for an unknown one."""
        nodes = self._nodes(origin)
        if not nodes:
            return None
        histories = [self._peers.history(node) for node in nodes]
        current = [history.current(Role.LOG) for history in histories if history is not None]
        return [
            NoteKey(origin, PublicKey.parse(unb64(held.key, size=32, field="key")))
            for held in current
            if held is not None
        ]

    async def refresh(self, origin: str) -> None:
        """Fetch the key statements behind a log anew, once in a while: it may have a new key."""
        now = monotonic()
        if now - self._refreshed.get(origin, -REFRESH_PAUSE_S) < REFRESH_PAUSE_S:
            return
        self._refreshed[origin] = now
        for node in self._nodes(origin):
            await self._peers.refresh(node)

    def _nodes(self, origin: str) -> list[str]:
        return [peer.node for peer in self._peers.all() if log_origin(peer.url) == origin]


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
        clock: Callable[[], int],
    ) -> None:
        """Take where state is kept, the key, and who knows the keys of logs."""
        self._pool = pool
        self._gate = gate
        self._signer = signer
        self._trusted = trusted
        self._refresh = refresh
        self._clock = clock

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
        admitted = await self._admit(submission)
        answer = (
            admitted if isinstance(admitted, Answer) else await self._cosign(submission, admitted)
        )
        _tell(submission, answer)
        return answer

    async def newest(self, log_digest: bytes) -> bytes | None:
        """Give the newest checkpoint that was cosigned of a log, with the cosignature.

        Raises:
            StorageError: as `add_checkpoint`.

        """
        await self._gate.release(0)
        async with patience():
            note: bytes | None = await self._pool.fetchval(SQL["read_witnessed_note"], log_digest)
        return note

    async def _admit(self, submission: Submission) -> Admitted | Answer:
        """Admit what a current key of the log signed, fetching the keys anew when none did."""
        admitted = admit(submission, self._trusted(submission.origin))
        if isinstance(admitted, Answer) and admitted.status is HTTPStatus.FORBIDDEN:
            await self._refresh(submission.origin)
            admitted = admit(submission, self._trusted(submission.origin))
        return admitted

    async def _cosign(self, submission: Submission, admitted: Admitted) -> Answer:
        """Decide, sign and persist; begin again when another request was quicker."""
        trusted = self._trusted(submission.origin) or ()
        for _ in range(ATTEMPTS_MAX):
            async with patience():
                latest = await self._latest(submission.origin)
                outcome = decide(submission, admitted, latest, trusted)
                if isinstance(outcome, Answer):
                    return outcome
                now_s = self._clock()
                cosignature = self._signer.sign(outcome.note.text, now_s=now_s)
                if await self._persist(submission.origin, outcome, latest, cosignature, now_s):
                    return accepted(cosignature)
        raise StorageError(Code.BUSY)

    async def _latest(self, origin: str) -> Latest | None:
        row = await self._pool.fetchrow(SQL["read_witnessed"], _digest(origin))
        return None if row is None else Latest(row["size"], row["root"])

    async def _persist(
        self,
        origin: str,
        cosign: Cosign,
        latest: Latest | None,
        cosignature: NoteSignature,
        now_s: int,
    ) -> bool:
        """Write the new state over the one that was decided on; False when that is gone."""
        note = SignedNote(cosign.note.text, (*cosign.note.signatures, cosignature)).encode()
        new = (*cosign.latest, note, now_s)
        if latest is None:
            row = await self._pool.fetchval(SQL["first_witnessed"], _digest(origin), origin, *new)
        else:
            row = await self._pool.fetchval(SQL["next_witnessed"], _digest(origin), *new, *latest)
        return row is not None


def make_witness(node: Node, *, clock: Callable[[], int]) -> Witness | None:
    """Give the witness that a node is; none without the key that its statements name."""
    if node.identity.witness is None:
        log.warning("witness_key_missing", node=node.id)
        return None
    known = KnownLogs(node.peers)
    return Witness(
        pool=node.pool,
        gate=node.gate,
        signer=CosignatureSigner(witness_name(node.settings.public_url), node.identity.witness),
        trusted=known.trusted,
        refresh=known.refresh,
        clock=clock,
    )


def _digest(origin: str) -> bytes:
    return sha256(origin.encode()).digest()


def _tell(submission: Submission, answer: Answer) -> None:
    """Log a known log's refusal that may be misbehaviour; strangers' requests are not told."""
    if answer.status is HTTPStatus.UNPROCESSABLE_ENTITY:
        log.warning("checkpoint_not_cosigned", log=submission.origin, old=submission.old_size)
