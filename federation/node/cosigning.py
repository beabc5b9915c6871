"""Getting the own checkpoints cosigned: pushes them to the witnesses, keeps what comes back.

Invariant: what is served below a checkpoint was verified as that witness's cosignature of it.
A push begins only with a checkpoint that is durable, and behind the release gate. One push at a
time to each witness; a failure is tried again with back-off, for ever.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog

from events.cosignature import CosignatureKey, time_of
from events.log_store import read_hash_tile
from events.merkle import consistency_proof
from events.note import SignedNote, signature_lines
from events.recovery import STORAGE_TROUBLE
from events.restore import Mode
from events.signing import PublicKey
from events.tiles import TileHashes, tiles_needed
from events.witness import ANSWER_SIZE_MAX, SIZE_TYPE, parse_size, write_submission
from federation.node.origins import WITNESS_PATH, witness_name
from federation.node.standing import Standing, chosen, cosigned, due, postponed, told
from federation.node.witness_queries import SQL
from federation.peer.signatures import WINDOW_S
from schemas.encoding import unb64
from schemas.errors import Code, PeerUnavailable, RuilbrugError, VerificationError
from schemas.keys import Role

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable

    from asyncpg import Pool, Record

    from events.release import ReleaseGate
    from federation.node.peers import Peer, Peers
    from federation.node.service import Node
    from federation.peer.client import PeerClient
    from federation.peer.signatures import Response

log = structlog.get_logger()

PUSH_PATH: Final = f"{WITNESS_PATH}/add-checkpoint"


class Cosigning:
    """The witnesses of the own log, and what each has cosigned."""

    def __init__(
        self,
        *,
        pool: Pool[Record],
        gate: ReleaseGate,
        client: PeerClient,
        peers: Peers,
        witnesses: Callable[[], Iterable[str]],
        tasks: asyncio.TaskGroup,
        clock: Callable[[], int],
        jitter: Callable[[], float],
    ) -> None:
        """Take who the witnesses are (by node id) and what a push needs."""
        self._pool = pool
        self._gate = gate
        self._client = client
        self._peers = peers
        self._witnesses = witnesses
        self._tasks = tasks
        self._clock = clock
        self._jitter = jitter
        self._pushing: set[str] = set()
        self.standings: dict[str, Standing] = {}

    async def load(self) -> None:
        """Read how far each witness has come."""
        for row in await self._pool.fetch(SQL["newest_cosignatures"]):
            self.standings[row["witness"]] = cosigned(row["size"], row["cosigned_at_s"])

    def look(self, size: int, note: bytes) -> None:
        """Push the newest checkpoint, durable and released, to each witness that is due."""
        if self._gate.mode is not Mode.OPEN:
            return
        for node in self._witnesses():
            peer = self._peers.get(node)
            standing = self.standings.get(node, Standing())
            if (
                peer is None
                or node in self._pushing
                or not due(standing, size, now_s=self._clock())
            ):
                continue
            self._pushing.add(node)
            self._tasks.create_task(self._push(peer, size, note), name=f"push-{node[:8]}")

    async def below(self, size: int) -> bytes:
        """Give the lines to serve below the own checkpoint of a size."""
        rows = await self._pool.fetch(SQL["cosignatures_of"], size)
        return b"".join(row["lines"] for row in rows)

    async def _push(self, peer: Peer, size: int, note: bytes) -> None:
        before = self.standings.get(peer.node, Standing())
        try:
            if self._peers.history(peer.node) is None:
                await self._peers.refresh(peer.node)
            await self._gate.release(size)
            await self._keep(peer, size, note, await self._ask(peer, size, note))
            if before.failures:
                log.info("witness_cosigns_again", peer=peer.node, size=size)
        except VerificationError as error:
            self._failed(peer, str(error.code))
            await self._refresh(peer)  # it may have a new key
        except RuilbrugError as error:
            self._failed(peer, str(error.code))
        except STORAGE_TROUBLE as error:
            self._failed(peer, type(error).__name__)
        finally:
            self._pushing.discard(peer.node)

    async def _refresh(self, peer: Peer) -> None:
        try:
            await self._peers.refresh(peer.node)
        except STORAGE_TROUBLE as error:
            log.warning("witness_keys_not_kept", kind=type(error).__name__)

    async def _ask(self, peer: Peer, size: int, note: bytes) -> bytes:
        """Give the answer of a witness, asked once more with the size that it says it has.

        Raises:
            PeerUnavailable: it does not answer, or refuses.
            VerificationError: it has seen more of our log than there is, or answers nonsense.

        """
        old = min(self.standings.get(peer.node, Standing()).size, size)
        answer = await self._post(peer, old, size, note)
        if answer.status == HTTPStatus.CONFLICT:
            old = _size_told(answer, old, size)
            self.standings[peer.node] = told(self.standings.get(peer.node, Standing()), old)
            answer = await self._post(peer, old, size, note)
        if answer.status != HTTPStatus.OK:
            raise PeerUnavailable(Code.PEER_UNREACHABLE, reason=f"status {answer.status}")
        return answer.body

    async def _post(self, peer: Peer, old: int, size: int, note: bytes) -> Response:
        body = write_submission(old, await self._proof(old, size), note)
        return await self._client.post_public(peer.url, PUSH_PATH, body, bytes_max=ANSWER_SIZE_MAX)

    async def _proof(self, old: int, size: int) -> list[bytes]:
        if old == 0:
            return []
        prove = partial(consistency_proof, old, size)
        async with self._pool.acquire() as connection:
            tiles = {
                path: await read_hash_tile(connection, path) for path in tiles_needed(size, prove)
            }
        return prove(TileHashes(size, tiles.__getitem__))

    async def _keep(self, peer: Peer, size: int, note: bytes, body: bytes) -> None:
        """Verify what came back, and keep it.

        Raises:
            VerificationError: it is no cosignature of this checkpoint by the witness's current key.

        """
        key = self._key(peer)
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
        await self._pool.execute(SQL["keep_cosignature"], size, peer.node, lines, at_s)
        self.standings[peer.node] = cosigned(size, now_s)

    def _key(self, peer: Peer) -> CosignatureKey:
        history = self._peers.history(peer.node)
        held = None if history is None else history.current(Role.WITNESS)
        if held is None:
            raise VerificationError(Code.BAD_KEY, field="witness", reason="it names none")
        public = PublicKey.parse(unb64(held.key, size=32, field="key"))
        return CosignatureKey(witness_name(peer.url), public)

    def _failed(self, peer: Peer, code: str) -> None:
        before = self.standings.get(peer.node, Standing())
        standing = postponed(before, now_s=self._clock(), jitter=self._jitter())
        self.standings[peer.node] = standing
        if standing.worth_telling:
            log.warning(
                "witness_has_not_cosigned", peer=peer.node, code=code, failures=standing.failures
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
        witnesses=lambda: _witnesses_of(node),
        tasks=tasks,
        clock=clock,
        jitter=jitter,
    )
    await cosigning.load()
    return cosigning


def _witnesses_of(node: Node) -> list[str]:
    """Give whom a node asks: the umbrella, and those with whom it has a line.

    The umbrella asks the groups that it has registered.
    """
    if node.settings.role == "umbrella":
        return chosen(None, (p.node for p in node.peers.all() if p.standing == "registered"))
    lines = node.machine.books.lines.values()
    return chosen(node.umbrella, (line.peer for line in lines if not line.closed()))
