"""Getting the own checkpoints cosigned: pushes them to the witnesses, keeps what comes back.

Invariant: what is served below a checkpoint was verified as that witness's cosignature of it.
A push begins only with a checkpoint that is durable, and behind the release gate. One push at a
time to each witness; a failure is tried again with back-off, for ever.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog

from events.cosignature import time_of
from events.log_store import read_hash_tile
from events.note import SignedNote, signature_lines
from events.recovery import STORAGE_TROUBLE
from events.restore import Mode
from events.witness import ANSWER_SIZE_MAX, SIZE_TYPE, parse_size, write_submission
from federation.node.standing import WITNESSES_MAX, Standing, cosigned, due, postponed, told
from federation.node.tile_proofs import prove_consistency
from federation.node.witness_queries import SQL
from federation.node.witnesses import asked_of, witness_key
from federation.peer.signatures import WINDOW_S
from schemas.errors import (
    Code,
    PeerUnavailable,
    RuilbrugError,
    StorageError,
    VerificationError,
)

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable

    from asyncpg import Pool, Record

    from events.release import ReleaseGate
    from federation.node.peers import Peers
    from federation.node.service import Node
    from federation.node.witnesses import Asked
    from federation.peer.client import PeerClient
    from federation.peer.signatures import Response

log = structlog.get_logger()

PUSH_PATH: Final = "/add-checkpoint"


class Cosigning:
    """The witnesses of the own log, and what each has cosigned."""

    def __init__(
        self,
        *,
        pool: Pool[Record],
        gate: ReleaseGate,
        client: PeerClient,
        peers: Peers,
        witnesses: Callable[[], Iterable[Asked]],
        tasks: asyncio.TaskGroup,
        clock: Callable[[], int],
        jitter: Callable[[], float],
    ) -> None:
        """Take who the witnesses are and what a push needs."""
        self._pool = pool
        self._gate = gate
        self._client = client
        self._peers = peers
        self._witnesses = witnesses
        self._tasks = tasks
        self._clock = clock
        self._jitter = jitter
        self._pushing: set[str] = set()
        self._newest = (0, b"")
        self._lines: dict[str, bytes] = {}
        self.standings: dict[str, Standing] = {}

    async def load(self) -> None:
        """Read how far each witness has come."""
        for row in await self._pool.fetch(SQL["newest_cosignatures"]):
            self.standings[row["witness"]] = cosigned(row["size"], row["cosigned_at_s"])

    def look(self, size: int, note: bytes) -> None:
        """Push the newest checkpoint, durable and released, to each witness that is due."""
        if self._gate.mode is not Mode.OPEN:
            return
        if size != self._newest[0]:
            self._newest, self._lines = (size, note), {}
        for witness in self._witnesses():
            if witness.id in self._pushing:
                continue
            if due(self._standing(witness), size, now_s=self._clock()):
                self._pushing.add(witness.id)
                push = self._push(witness, size, note)
                self._tasks.create_task(push, name=f"push-{witness.id[:8]}")

    def newest_note(self) -> bytes:
        """Give the newest checkpoint with what was cosigned of it since; empty before the first."""
        return self._newest[1] + b"".join(list(self._lines.values())[:WITNESSES_MAX])

    async def below(self, size: int) -> bytes:
        """Give the lines to serve below the own checkpoint of a size."""
        rows = await self._pool.fetch(SQL["cosignatures_of"], size)
        return b"".join(row["lines"] for row in rows)

    def _standing(self, witness: Asked) -> Standing:
        return self.standings.get(witness.id, Standing())

    async def _push(self, witness: Asked, size: int, note: bytes) -> None:
        before = self._standing(witness)
        try:
            if witness.key is None and self._peers.history(witness.id) is None:
                await self._peers.refresh(witness.id)
            await self._gate.release(size)
            await self._keep(witness, size, note, await self._ask(witness, size, note))
            if before.failures:
                log.info("witness_cosigns_again", peer=witness.id, size=size)
        except VerificationError as error:
            self._failed(witness, error)
            if witness.key is None:
                await self._refresh(witness)  # it may have a new key
        except RuilbrugError as error:
            self._failed(witness, error)
        except STORAGE_TROUBLE:
            self._failed(witness, StorageError(Code.DATABASE_UNAVAILABLE))
        finally:
            self._pushing.discard(witness.id)

    async def _refresh(self, witness: Asked) -> None:
        try:
            await self._peers.refresh(witness.id)
        except STORAGE_TROUBLE as error:
            log.warning("witness_keys_not_kept", kind=type(error).__name__)

    async def _ask(self, witness: Asked, size: int, note: bytes) -> bytes:
        """Give the answer of a witness, asked once more with the size that it says it has.

        Raises:
            PeerUnavailable: it does not answer, or refuses.
            VerificationError: it has seen more of our log than there is, or answers nonsense.

        """
        old = min(self._standing(witness).size, size)
        answer = await self._post(witness, old, size, note)
        if answer.status == HTTPStatus.CONFLICT:
            old = _size_told(answer, old, size)
            self.standings[witness.id] = told(self._standing(witness), old)
            answer = await self._post(witness, old, size, note)
        if answer.status != HTTPStatus.OK:
            raise PeerUnavailable(Code.PEER_UNREACHABLE, reason=f"it refuses: {answer.status}")
        return answer.body

    async def _post(self, witness: Asked, old: int, size: int, note: bytes) -> Response:
        body = write_submission(old, await self._proof(old, size), note)
        return await self._client.post_public(
            witness.url, PUSH_PATH, body, bytes_max=ANSWER_SIZE_MAX
        )

    async def _proof(self, old: int, size: int) -> list[bytes]:
        async with self._pool.acquire() as connection:
            return await prove_consistency(old, size, lambda path: read_hash_tile(connection, path))

    async def _keep(self, witness: Asked, size: int, note: bytes, body: bytes) -> None:
        """Verify what came back, and keep it.

        Raises:
            VerificationError: it is no cosignature of this checkpoint by the witness's current key.

        """
        key = witness.key or witness_key(self._peers, witness.id)
        if key is None:
            raise VerificationError(Code.BAD_KEY, field="witness", reason="it names none")
        text = SignedNote.parse(note).text
        answered = SignedNote.parse(text + b"\n" + body)
        if answered.text != text:
            raise VerificationError(Code.BAD_NOTE, reason="it answers with more than signatures")
        answered.require([key])
        own = [s for s in answered.signatures if (s.name, s.key_id) == (key.name, key.key_id)]
        newest = max(own, key=lambda one: time_of(one.signature) or 0)
        at_s, now_s = time_of(newest.signature), self._clock()
        if at_s is None or at_s > now_s + WINDOW_S:
            raise VerificationError(Code.BAD_NOTE, reason="its time has not come yet")
        lines = signature_lines([newest])
        await self._pool.execute(SQL["keep_cosignature"], size, witness.id, lines, at_s)
        self.standings[witness.id] = cosigned(size, now_s)
        if size == self._newest[0]:
            self._lines[witness.id] = lines

    def _failed(self, witness: Asked, error: RuilbrugError) -> None:
        trouble = str(error.facts.get("reason", error.code))
        standing = postponed(
            self._standing(witness), trouble, now_s=self._clock(), jitter=self._jitter()
        )
        self.standings[witness.id] = standing
        if standing.worth_telling:
            log.warning(
                "witness_has_not_cosigned",
                peer=witness.id,
                code=error.code,
                reason=trouble,
                failures=standing.failures,
            )


def _size_told(answer: Response, asked: int, size: int) -> int:
    """Read from a 409 what the witness has; asking the same again would help nobody.

    Raises:
        VerificationError: `peer_wrong`.

    """
    fine = answer.fields.get("content-type", "") == SIZE_TYPE
    has = parse_size(answer.body) if fine else None
    if has is None or has == asked:
        raise VerificationError(Code.PEER_WRONG, reason="its 409 tells no other size")
    if has > size:
        raise VerificationError(Code.PEER_WRONG, reason="it has seen more of our log than we hold")
    return has


async def start_cosigning(
    node: Node, tasks: asyncio.TaskGroup, *, clock: Callable[[], int], jitter: Callable[[], float]
) -> Cosigning:
    """Give what has a node's checkpoints cosigned, once a first one is shown to it."""
    cosigning = Cosigning(
        pool=node.pool,
        gate=node.gate,
        client=node.client,
        peers=node.peers,
        witnesses=lambda: asked_of(node),
        tasks=tasks,
        clock=clock,
        jitter=jitter,
    )
    await cosigning.load()
    return cosigning
