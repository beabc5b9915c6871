"""The mirror: follows each group's log by its entry bundles and keeps what verifies.

Streaming, one tile at a time, and it goes on from where it was. Bytes, roots, signatures and key
validity are checked before a row is written (A1); what does not verify is a finding, and that log
is followed no further. What cannot be laid at the group's door (no answer, an answer that somebody
between could have made) is an alarm. Nobody can hold up the others: sizes and times are limited.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog

from events.canonical import CORE_SIZE_MAX
from events.checkpoint import open_checkpoint
from events.growing import TILE_WIDTH
from events.note import NOTE_SIZE_MAX, NoteKey
from events.sealed_bodies import BodyRange, held_in
from events.signing import SIGNATURE_SIZE, PublicKey
from events.tiles import LENGTH_SIZE, Data, TilePath, parse_entries, parse_signatures
from federation.node.origins import log_origin
from federation.node.service import now_s
from federation.umbrella import caught, cosigned
from federation.umbrella.audit import LAG_S
from federation.umbrella.following import Follower, Saved
from federation.umbrella.queries import SQL
from federation.umbrella.turns import turns_of
from schemas.encoding import b64
from schemas.errors import Code, PeerUnavailable, RefusedError, RuilbrugError, VerificationError
from schemas.evidence import SignedEvent
from schemas.findings import Finding, What, found
from schemas.keys import Role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from asyncpg import Pool, Record

    from events.checkpoint import Checkpoint
    from events.log_store import AnyConnection
    from federation.node.peers import Peer, Peers
    from federation.node.service import Node
    from federation.umbrella.caught import Followed

log = structlog.get_logger()

PULL_S: Final = 120
"""So long is one log followed in an audit, whatever its server does, and a tile longer at most; the
next audit goes on from there. A day of a large group takes a second, and a million entries over a
slow line some audits, which are five minutes apart: what an audit waits for stays below that."""
ENTRIES_SIZE_MAX: Final = TILE_WIDTH * (LENGTH_SIZE + CORE_SIZE_MAX)
SIGNATURES_SIZE_MAX: Final = TILE_WIDTH * SIGNATURE_SIZE
BUNDLES_MAX: Final = 8
"""So many bundles of a tile are kept: one, and one more each time that its node lost bodies."""
_LOG: Final = "/federation/v1/log/"


class Pulled(NamedTuple):
    """How many entries came in, and what was found on the way."""

    taken: int
    finding: Finding | None
    slow: bool = False
    """Its time was used up before all was done that was asked for."""


class _Pull:
    """One group's log being followed, from where the mirror had got to."""

    def __init__(self, node: Node, peer: Peer, follower: Follower, before: Followed | None) -> None:
        self.node, self.peer, self.follower, self.before = node, peer, follower, before
        self.session = node.sessions.opened(peer.node)
        self.taken = 0
        self.at = follower.tree.size
        """The place that is looked at; the one to blame when something does not hold."""
        self.slow = False
        self._clock_s = turns_of(node).clock_s
        self._until_s = self._clock_s() + PULL_S

    async def run(self, *, again: bool) -> Finding | None:
        """Follow the log up to its newest checkpoint; `again` compares what is there already."""
        note, checkpoint = await self._newest()
        size = self.follower.tree.size
        self.at = checkpoint.size
        if await caught.checkpoint_differs(self.node, self.peer, self.before, note, checkpoint):
            raise VerificationError(Code.BAD_PROOF, reason="the checkpoint is of another history")
        if checkpoint.size < size:
            return found(What.LOG_SHORTER, self.peer.node, seq=checkpoint.size)
        if again:
            await self._compare_all(size, anew=True)
        self.at = size
        while self.follower.tree.size < checkpoint.size:
            await self._tile(checkpoint.size)
            if self._late() and self.follower.tree.size < checkpoint.size:
                far = f"{self.follower.tree.size}/{checkpoint.size}"
                return found(What.LOG_SLOW, self.peer.node, reason=far)
        if self.follower.tree.root() != checkpoint.root:
            raise VerificationError(Code.BAD_PROOF, reason="the checkpoint names another root")
        with self.node.sessions.answering(self.peer.node, self.session):
            await self.node.pool.execute(
                SQL["write_mirror_state"],
                self.peer.node,
                checkpoint.size,
                checkpoint.root,
                note,
                now_s(),
            )
        await self._keep_cosigned(checkpoint.size, note)
        if not again:
            await self._compare_all(size, anew=False)
        return None

    async def _keep_cosigned(self, size: int, note: bytes) -> None:
        """Keep the checkpoint that was the newest until now, and this one, for their witnesses."""
        before = self.before
        if before is None or before.note != note:
            notes = [(size, note)] if before is None else [(before.size, before.note), (size, note)]
            await cosigned.keep(self.node, self.peer.node, notes)

    async def _newest(self) -> tuple[bytes, Checkpoint]:
        """Fetch the newest checkpoint. It came unsigned: a bad one is nobody's for certain."""
        note = await _asked(
            self.node.client.get_unsigned(self.peer.url, "/log/checkpoint", bytes_max=NOTE_SIZE_MAX)
        )
        origin = log_origin(self.peer.url)
        try:
            return note, await _checkpoint(self.node, self.peer, note, origin)
        except VerificationError as error:
            raise _wrong(error) from error

    async def _bundle(self, data: Data, index: int, width: int, bytes_max: int | None) -> bytes:
        path = _LOG + TilePath(data, index, width).encode()
        return await _asked(
            self.node.client.get(self.peer.node, self.peer.url, path, bytes_max=bytes_max)
        )

    async def _entries(self, index: int, width: int) -> tuple[list[bytes], list[bytes]]:
        bundle = await self._bundle(Data.ENTRIES, index, width, ENTRIES_SIZE_MAX)
        packed = await self._bundle(Data.SIGNATURES, index, width, SIGNATURES_SIZE_MAX)
        return parse_entries(bundle, width), parse_signatures(packed, width)

    def _late(self) -> bool:
        """Tell whether the time of this log is used up."""
        if self._clock_s() > self._until_s:
            self.slow = True
        return self.slow

    async def _compare_all(self, size: int, *, anew: bool) -> None:
        """Hold what the mirror has against what the group shows now, as far as there is time.

        What was broken off goes on from there, in whatever audit comes next.
        """
        broken_off = await self.node.pool.fetchval(SQL["read_compared"], self.peer.node)
        if broken_off is None and not anew:
            return
        start = at = broken_off or 0
        try:
            while at < size and not (at > start and self._late()):
                await self._compare(at, min(TILE_WIDTH, size - at))
                at += TILE_WIDTH
        except PeerUnavailable:
            await self.node.pool.execute(SQL["write_compared"], self.peer.node, at)
            raise
        if at < size:
            await self.node.pool.execute(SQL["write_compared"], self.peer.node, at)
        elif broken_off is not None:
            await self.node.pool.execute(SQL["drop_compared"], self.peer.node)

    async def _compare(self, start: int, width: int) -> None:
        """Hold a tile that the mirror has against what the group shows now."""
        self.at = start
        await self._same(start, *await self._entries(start // TILE_WIDTH, width))

    async def _same(
        self, start: int, entries: Sequence[bytes], signatures: Sequence[bytes]
    ) -> None:
        at = await caught.entries_differ(self.node, self.peer, start, entries, signatures)
        if at is not None:
            self.at = at
            raise VerificationError(Code.BAD_PROOF, reason="another entry was there before")

    async def _tile(self, size: int) -> None:
        """Fetch the rest of one tile, verify it, and keep what verifies.

        Raises:
            PeerUnavailable: it cannot be had, or the group has started anew since `session`.
            VerificationError: something in it is wrong.

        """
        start = self.at = self.follower.tree.size
        index, known = divmod(start, TILE_WIDTH)
        width = min(TILE_WIDTH, size - index * TILE_WIDTH)
        entries, signatures = await self._entries(index, width)
        sealed = await self._sealed_bodies(index, width)
        await self._same(start - known, entries[:known], signatures[:known])
        self.at = start
        wrong = await asyncio.to_thread(_take, self.follower, entries[known:], signatures[known:])
        self.at = end = self.follower.tree.size
        rows = [
            (self.peer.node, start + at, entries[known + at], signatures[known + at])
            for at in range(end - start)
        ]
        with self.node.sessions.answering(self.peer.node, self.session):
            await _keep(
                self.node.pool,
                BodyRange(self.peer.node, index * TILE_WIDTH, width),
                rows,
                None if wrong else sealed,
                self.follower.saved(),
            )
        self.taken += len(rows)
        if wrong is None:
            return
        if wrong.code is Code.BAD_PROOF:
            at = end - index * TILE_WIDTH
            event = SignedEvent(core=b64(entries[at]), signature=b64(signatures[at]))
            await caught.root_differs(self.node, self.peer, self.before, event)
        raise wrong

    async def _sealed_bodies(self, index: int, width: int) -> bytes | None:
        """Fetch the bodies of a tile as they are sealed; none when there is no recovery key."""
        try:
            return await self._bundle(Data.BODIES, index, width, None)
        except RefusedError as error:
            if error.code is not Code.NOT_FOUND:
                raise
            return None


async def pull(node: Node, peer: Peer, *, again: bool = False) -> Pulled:
    """Follow one group's log up to its newest checkpoint.

    `again` also fetches what the mirror has already, and sees that it is still the same.
    """
    before = await caught.followed(node, peer)
    work = _Pull(node, peer, await resume(node.pool, peer.node), before)
    try:
        finding = await work.run(again=again)
    except VerificationError as error:
        log.warning("mirror_refused", peer=peer.node, code=error.code)
        finding = found(What.LOG_REFUSED, peer.node, seq=work.at, reason=error.code.value)
    except RuilbrugError as error:
        log.warning("mirror_unavailable", peer=peer.node, code=error.code)
        finding = _silent(work, error)
    return Pulled(work.taken, finding, work.slow)


def _silent(work: _Pull, error: RuilbrugError) -> Finding | None:
    """Tell of a group that has vanished; one that is away for a while the report only lists."""
    node, seq = work.peer.node, work.follower.tree.size
    if error.code is Code.PEER_WRONG:
        return found(What.ANSWER_WRONG, node, seq=seq, reason=str(error.facts["reason"]))
    if work.before is None or work.before.pulled_at_s >= now_s() - LAG_S:
        return None
    return found(What.NO_ANSWER, node, seq=seq, reason=error.code.value)


async def _asked(answer: Awaitable[bytes]) -> bytes:
    """Await an answer; one that cannot be believed is as good as none."""
    try:
        return await answer
    except VerificationError as error:
        raise _wrong(error) from error


def _wrong(error: VerificationError) -> PeerUnavailable:
    return PeerUnavailable(Code.PEER_WRONG, reason=error.code.value)


def _take(
    follower: Follower, entries: Sequence[bytes], signatures: Sequence[bytes]
) -> VerificationError | None:
    """Verify entries in order; the first that does not hold ends it."""
    try:
        for entry, signature in zip(entries, signatures, strict=True):
            follower.take(entry, signature)
    except VerificationError as error:
        return error
    return None


async def _checkpoint(node: Node, peer: Peer, note: bytes, origin: str) -> Checkpoint:
    """Open a group's checkpoint; under a key that is not known its key statements are fetched."""
    try:
        return open_checkpoint(note, origin=origin, trusted=_trusted(node.peers, peer, origin))
    except VerificationError:
        await node.peers.refresh(peer.node)
    return open_checkpoint(note, origin=origin, trusted=_trusted(node.peers, peer, origin))


def _trusted(peers: Peers, peer: Peer, origin: str) -> list[NoteKey]:
    history = peers.history(peer.node)
    held = None if history is None else history.current(Role.LOG)
    if held is None:
        raise VerificationError(Code.PEER_UNKNOWN, field="keys")
    return [NoteKey(origin, PublicKey.of_text(held.key))]


async def resume(pool: Pool[Record], node: str) -> Follower:
    """Go on from what was saved; what an earlier version followed is read once."""
    row = await pool.fetchrow(SQL["read_tree"], node)
    if row is not None:
        return Follower.go_on(
            node, Saved(row["size"], row["peaks"], row["statements"], row["used"])
        )
    follower = Follower(node)
    while rows := await pool.fetch(SQL["read_mirror"], node, follower.tree.size, 4096):
        for row in rows:
            follower.resume(row["core"])
    return follower


async def _keep(
    pool: Pool[Record],
    covered: BodyRange,
    rows: list[tuple[str, int, bytes, bytes]],
    sealed: bytes | None,
    saved: Saved,
) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.copy_records_to_table(
            "mirror_event", records=rows, columns=("node", "seq", "core", "signature")
        )
        await connection.execute(SQL["write_tree"], covered.node, *saved)
        if sealed is not None:
            await _keep_bodies(connection, covered, sealed)


async def _keep_bodies(connection: AnyConnection, covered: BodyRange, sealed: bytes) -> None:
    """Keep a bundle, and drop those of the same tile that hold nothing more than it does.

    One that holds a body which the new one lacks stays: its node may have lost it meanwhile. What a
    bundle says that it holds is its node's word, so the number of them is limited too.
    """
    held, tile = held_in(sealed, covered), covered.start // TILE_WIDTH
    for row in await connection.fetch(SQL["read_held"], covered.node, tile):
        if int.from_bytes(row["held"], "little") & ~held == 0:
            await connection.execute(SQL["drop_bodies"], covered.node, tile, row["width"])
    await connection.execute(SQL["drop_narrow_bodies"], covered.node, tile, BUNDLES_MAX - 1)
    bits = held.to_bytes(TILE_WIDTH // 8, "little")
    await connection.execute(SQL["keep_bodies"], covered.node, tile, covered.width, bits, sealed)
