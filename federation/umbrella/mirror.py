"""The mirror: follows each group's log by its entry bundles and keeps what verifies.

Streaming, one tile at a time. Bytes, roots, signatures and key validity are checked before a row
is written (A1); what does not verify is a finding, and that log is followed no further.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from events.canonical import decode
from events.checkpoint import open_checkpoint
from events.growing import TILE_WIDTH, GrowingTree
from events.keys import read_history, still_speak
from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from events.note import NoteKey
from events.sealed_bodies import BodyRange, held_in
from events.signing import PublicKey
from events.tiles import Data, TilePath, parse_entries, parse_signatures
from federation.node.service import now_s
from federation.peer.channel import decode_line_core
from federation.umbrella.audit import Finding
from federation.umbrella.queries import SQL
from schemas import cores
from schemas.encoding import b64, parse, unb64
from schemas.errors import Code, RefusedError, RuilbrugError, VerificationError
from schemas.keys import Role, SignedKeyStatement

if TYPE_CHECKING:
    from asyncpg import Pool, Record

    from events.checkpoint import Checkpoint
    from events.keys import KeyHistory
    from events.log_store import AnyConnection
    from federation.node.peers import Peer, Peers
    from federation.node.service import Node

log = structlog.get_logger()

_OWN: Final = msgspec.json.Decoder(cores.LocalCore | cores.KeyCore)
_KIND: Final = msgspec.json.Decoder(cores.CoreKind)


def read_core(data: bytes) -> cores.AnyCore | cores.UnknownCore:
    """Decode any core of a mirrored log.

    Raises:
        VerificationError: `not_canonical`, `malformed`.

    """
    try:
        kind = parse(_KIND, data).type
    except msgspec.MsgspecError as error:
        raise VerificationError(Code.MALFORMED, field="core", reason=str(error)) from error
    if kind in ("local", "key.statement"):
        own: cores.LocalCore | cores.KeyCore = decode(data, _OWN)
        return own
    return decode_line_core(data)


class Follower:
    """Verifies one log from its first entry on; resumes from what the mirror holds."""

    def __init__(self, node: str) -> None:
        """Start with nothing."""
        self.node = node
        self.tree = GrowingTree.from_tiles([], [])
        self.statements: list[SignedKeyStatement] = []
        self.history: KeyHistory | None = None
        self.used: dict[str, int] = {}
        """The last entry under each key."""

    def resume(self, core: bytes) -> None:
        """Take in an entry that was verified before."""
        read: Any = read_core(core)
        self._learn(read)
        self.used[read.key] = read.seq
        self.tree.append(leaf_hash(core))

    def check(self, core_bytes: bytes, signature: bytes) -> cores.AnyCore | cores.UnknownCore:
        """Verify the next entry: place, root, key and signature.

        Raises:
            VerificationError: with the code of what is wrong.

        """
        core: Any = read_core(core_bytes)
        if core.origin != self.node or core.seq != self.tree.size:
            raise VerificationError(Code.MALFORMED, field="seq", reason="it has another place")
        if core.root != b64(self.tree.root()):
            raise VerificationError(Code.BAD_PROOF, reason="its root is another history")
        self._learn(core)
        key = PublicKey.parse(unb64(core.key, size=32, field="key"))
        history = self.history
        # The first entries state keys before the one that signs them: then it is held against them.
        begins = history is not None and all(held.role is not Role.LOG for held in history.keys)
        if not begins and not (history and history.speaks(Role.LOG, core.key, core.seq)):
            raise VerificationError(Code.BAD_KEY, field="key", reason="it does not speak there")
        key.require(signature, EVENT_PREFIX + core_bytes, field=f"event {core.seq}")
        self.used[core.key] = core.seq
        self.tree.append(leaf_hash(core_bytes))
        return core  # type: ignore[no-any-return]

    def _learn(self, core: Any) -> None:
        if isinstance(core, cores.KeyCore):
            self.statements.append(core.statement)
            self.history = read_history(self.statements, node=self.node)
            if not still_speak(self.history, self.used):
                raise VerificationError(Code.KEY_LATE, field="key_statement", size=core.seq)


async def pull(node: Node, peer: Peer) -> tuple[int, Finding | None]:
    """Follow one group's log up to its newest checkpoint; give how many entries came in.

    A group that does not answer is no finding: it is tried again.
    """
    follower = Follower(peer.node)
    session = node.sessions.opened(peer.node)
    taken = 0
    try:
        note = await node.client.get_unsigned(peer.url, "/log/checkpoint")
        origin = peer.url.partition("://")[2] + "/log"
        checkpoint = await _checkpoint(node, peer, note, origin)
        await _resume(node.pool, follower)
        while follower.tree.size < checkpoint.size:
            taken += await _pull_tile(node, peer, follower, checkpoint.size, session)
        _same_root(follower, checkpoint)
        with node.sessions.answering(peer.node, session):
            await node.pool.execute(
                SQL["write_mirror_state"],
                peer.node,
                checkpoint.size,
                checkpoint.root,
                note,
                now_s(),
            )
    except VerificationError as error:
        log.warning("mirror_refused", peer=peer.node, code=error.code)
        return taken, Finding(
            check="A1", node=peer.node, seq=follower.tree.size, what=f"{error.code}: {error}"
        )
    except RuilbrugError as error:
        log.warning("mirror_unavailable", peer=peer.node, code=error.code)
        return taken, None
    return taken, None


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
    return [NoteKey(origin, PublicKey.parse(unb64(held.key, size=32, field="key")))]


async def _resume(pool: Pool[Record], follower: Follower) -> None:
    after = 0
    while rows := await pool.fetch(SQL["read_mirror"], follower.node, after, 4096):
        for row in rows:
            follower.resume(row["core"])
        after += len(rows)


async def _pull_tile(node: Node, peer: Peer, follower: Follower, size: int, session: str) -> int:
    """Fetch the rest of one tile, verify it, and keep it.

    Raises:
        PeerUnavailable: it cannot be had, or the group has started anew since `session`.
        VerificationError: something in it is wrong.

    """
    start = follower.tree.size
    index = start // TILE_WIDTH
    width = min(TILE_WIDTH, size - index * TILE_WIDTH)
    prefix = "/federation/v1/log/"
    paths = [
        prefix + TilePath(data, index, width).encode() for data in (Data.ENTRIES, Data.SIGNATURES)
    ]
    bundle, packed = [await node.client.get(peer.node, peer.url, path) for path in paths]
    entries, signatures = parse_entries(bundle, width), parse_signatures(packed, width)
    sealed = await _sealed_bodies(node, peer, index, width)
    rows = []
    for at in range(start - index * TILE_WIDTH, width):
        follower.check(entries[at], signatures[at])
        rows.append((peer.node, index * TILE_WIDTH + at, entries[at], signatures[at]))
    with node.sessions.answering(peer.node, session):
        await _keep(node, BodyRange(peer.node, index * TILE_WIDTH, width), rows, sealed)
    return len(rows)


async def _keep(
    node: Node, covered: BodyRange, rows: list[tuple[str, int, bytes, bytes]], sealed: bytes | None
) -> None:
    async with node.pool.acquire() as connection, connection.transaction():
        await connection.copy_records_to_table(
            "mirror_event", records=rows, columns=("node", "seq", "core", "signature")
        )
        if sealed is not None:
            await _keep_bodies(connection, covered, sealed)


async def _sealed_bodies(node: Node, peer: Peer, index: int, width: int) -> bytes | None:
    """Fetch the bodies of a tile as they are sealed; none when the group has no recovery key."""
    path = "/federation/v1/log/" + TilePath(Data.BODIES, index, width).encode()
    try:
        return await node.client.get(peer.node, peer.url, path)
    except RefusedError as error:
        if error.code is not Code.NOT_FOUND:
            raise
        return None


async def _keep_bodies(connection: AnyConnection, covered: BodyRange, sealed: bytes) -> None:
    """Keep a bundle, and drop those of the same tile that hold nothing more than it does.

    One that holds a body which the new one lacks stays: its node may have lost it meanwhile.
    """
    held, tile = held_in(sealed, covered), covered.start // TILE_WIDTH
    for row in await connection.fetch(SQL["read_held"], covered.node, tile):
        if int.from_bytes(row["held"], "little") & ~held == 0:
            await connection.execute(SQL["drop_bodies"], covered.node, tile, row["width"])
    bits = held.to_bytes(TILE_WIDTH // 8, "little")
    await connection.execute(SQL["keep_bodies"], covered.node, tile, covered.width, bits, sealed)


def _same_root(follower: Follower, checkpoint: Checkpoint) -> None:
    if follower.tree.size != checkpoint.size or follower.tree.root() != checkpoint.root:
        raise VerificationError(Code.BAD_PROOF, reason="the checkpoint names another root")
