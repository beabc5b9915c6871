"""The logs that this node knows: whose keys sign for them, what it holds of them, their tiles."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

from events.checkpoint import Checkpoint
from events.log_evidence import build_same_size
from events.log_store import SQL as LOG_SQL
from events.log_store import read_hash_tile
from events.note import NoteKey
from events.restore import Mode
from events.signing import PublicKey
from federation.node.hearsay import Held
from federation.node.origins import log_origin
from federation.node.witnesses import own_logs
from schemas.encoding import b64
from schemas.errors import Code, RefusedError
from schemas.keys import Role
from schemas.messages import CHECKPOINT_SIZE_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.tiles import TilePath
    from federation.node.peers import Peers
    from federation.node.service import Node

REFRESH_PAUSE_S: Final = 30.0
"""So often at most are the keys of one log fetched anew because of somebody's request."""
TILE_SIZE_MAX: Final = 256 * 32
TILE_TIMEOUT_S: Final = 5.0


class KnownLogs:
    """The logs of the peers, by origin, with their current keys."""

    def __init__(self, peers: Peers) -> None:
        """Look at the peers each time anew: they come, rotate and leave."""
        self._peers = peers
        self._refreshed: dict[str, float] = {}

    def trusted(self, origin: str) -> list[NoteKey] | None:
        """Give the keys of a log; none for an unknown one."""
        nodes = self.nodes(origin)
        if not nodes:
            return None
        histories = [self._peers.history(node) for node in nodes]
        current = [history.current(Role.LOG) for history in histories if history is not None]
        return [
            NoteKey(origin, PublicKey.of_text(held.key)) for held in current if held is not None
        ]

    def usable(self, origin: str) -> list[NoteKey] | None:
        """Give every key of a log that is not revoked; none for an unknown one."""
        nodes = self.nodes(origin)
        histories = [self._peers.history(node) for node in nodes]
        return (
            None
            if not nodes
            else [
                NoteKey(origin, key)
                for history in histories
                if history is not None
                for key in history.public_keys(Role.LOG).values()
            ]
        )

    async def tile(self, origin: str, path: TilePath) -> bytes:
        """Give a hash tile of a peer's log.

        Raises:
            RuilbrugError: nobody has it, or it cannot be had now.

        """
        peers = [peer for peer in self._peers.all() if log_origin(peer.url) == origin]
        if not peers or self._peers.client is None:
            raise RefusedError(Code.NOT_FOUND, field="log")
        return await self._peers.client.get_unsigned(
            peers[0].url,
            f"/log/{path.encode()}",
            timeout_s=TILE_TIMEOUT_S,
            bytes_max=TILE_SIZE_MAX,
        )

    async def refresh(self, origin: str) -> None:
        """Fetch the key statements behind a log anew, once in a while: it may have a new key."""
        now = monotonic()
        if now - self._refreshed.get(origin, -REFRESH_PAUSE_S) < REFRESH_PAUSE_S:
            return
        self._refreshed[origin] = now
        for node in self.nodes(origin):
            await self._peers.refresh(node)

    def nodes(self, origin: str) -> list[str]:
        """Name the peers whose log has this origin: one, but for an address that was taken over."""
        return [peer.node for peer in self._peers.all() if log_origin(peer.url) == origin]


class AllLogs:
    """The logs of peers and the own one, for what partners tell (`federation.node.hearsay`)."""

    def __init__(self, node: Node, known: KnownLogs) -> None:
        """Look at the node each time anew."""
        self._node = node
        self._known = known
        self._own = log_origin(node.settings.public_url)

    def trusted(self, origin: str) -> Sequence[NoteKey] | None:
        """Give the keys of a log, older ones too; none for an unknown one."""
        if origin == self._own:
            return [one.key for one in own_logs(self._node)]
        return self._known.usable(origin)

    async def held(self, origin: str, size: int) -> Held | None:
        """Give what this node holds to be a log: at that size when it can, or else the newest."""
        if origin != self._own:
            witness = self._node.witness
            return None if witness is None else await witness.held(origin, size)
        row = await self._node.pool.fetchrow(LOG_SQL["newest_checkpoint"])
        if row is None:
            return None
        checkpoint = Checkpoint(origin, row["size"], row["root"])
        unfinished = self._node.gate.mode is not Mode.OPEN or self._node.sequencer.size >= size
        return Held(checkpoint, row["note"], own=True, unfinished=unfinished)

    async def tile(self, origin: str, path: TilePath) -> bytes:
        """Give a hash tile of a log, as it gives it to anybody.

        Raises:
            RuilbrugError: it cannot be had.

        """
        if origin != self._own:
            return await self._known.tile(origin, path)
        async with self._node.pool.acquire() as connection:
            return await read_hash_tile(connection, path)

    async def adopt(self, told: Checkpoint, note: bytes) -> bool:
        """Take back what this node has itself cosigned and lost; True when it had."""
        witness = self._node.witness
        return witness is not None and await witness.adopt(told, note)

    async def accuse(self, checkpoint: Checkpoint, one: bytes, other: bytes) -> None:
        """Keep two checkpoints of one size as evidence against the peer who signed both.

        Nothing is kept when nobody's keys prove it: one that was revoked may have been stolen.
        """
        evidence, about = self._node.evidence, str(checkpoint.size)
        for accused in self._known.nodes(checkpoint.origin):
            statements = await evidence.statements(accused)
            file = build_same_size(accused, statements, one, other)
            if await evidence.of_log(file, accused=accused, about=about):
                return


class Telling:
    """What is told in each exchange: the own newest checkpoint, the umbrella's, and another's."""

    def __init__(self, node: Node) -> None:
        """Look at the node each time anew."""
        self._node = node
        self._turn = 0

    def checkpoints(self) -> tuple[str, ...]:
        """Give the newest checkpoints to tell; none while the node releases nothing."""
        node = self._node
        if node.gate.mode is not Mode.OPEN:
            return ()
        notes = [node.cosigning.newest_note()]
        cosigned = {} if node.witness is None else node.witness.newest_notes
        umbrella = None if node.umbrella is None else node.peers.get(node.umbrella)
        first = "" if umbrella is None else log_origin(umbrella.url)
        notes.append(cosigned.get(first, b""))
        others = [origin for origin in cosigned if origin != first]
        if others:
            self._turn = (self._turn + 1) % len(others)
            notes.append(cosigned[others[self._turn]])
        return tuple(b64(note) for note in notes if 0 < len(note) <= CHECKPOINT_SIZE_MAX)
