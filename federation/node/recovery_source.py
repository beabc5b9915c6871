"""Where the events of a restored node come from: its mirror at the umbrella, and its partners.

Everything is verified before it is handed on: place, running root, key and signature of each own
event; the opening of each body. A partner's own chain is in `recovery_chain`. Writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from events.commitments import require_opening
from events.growing import TILE_WIDTH
from events.log_store import SQL as LOG_SQL
from events.merkle import leaf_hash
from events.sealed_bodies import BodyRange, OpenBody, open_bodies
from schemas.encoding import parse, unb64
from schemas.errors import Code, PeerUnavailable, RefusedError, StorageError, VerificationError
from schemas.messages import MirroredTile, OwnEvents, WireEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from events.log_store import AnyConnection
    from federation.node.service import Node
    from federation.umbrella.following import Follower
    from projections.lines import Line

_TILE: Final = msgspec.json.Decoder(MirroredTile)
_ANY: Final = msgspec.json.Decoder(dict[str, Any])
_OWN: Final = msgspec.json.Decoder(OwnEvents)


class Arrived(NamedTuple):
    """One own event that came back; without a body it has none, or it is lost."""

    seq: int
    core: Any
    core_bytes: bytes
    signature: bytes
    body: OpenBody | None

    def commits_to(self) -> str | None:
        """Give the commitment of the body that belongs to it."""
        return committed_body(self.core)


def committed_body(core: Any) -> str | None:
    """Give the commitment to its body that a core carries."""
    commitments = getattr(core, "commitments", None)
    found = getattr(core, "commitment", None) if commitments is None else commitments.body
    return None if found is None else str(found)


class Mirror:
    """This node's own log as the umbrella followed it."""

    def __init__(self, node: Node, private: bytes | None) -> None:
        """Take the private half of the recovery key; without it no body comes back."""
        assert node.umbrella is not None
        self._node = node
        self._private = private
        self._peer = node.peers.require(node.umbrella)

    async def tile(self, index: int) -> MirroredTile:
        """Fetch one tile.

        Raises:
            PeerUnavailable, RefusedError, VerificationError: as `PeerClient.get`; `peer_wrong`.

        """
        path = f"/federation/v1/mirror/{index}"
        data = await self._node.client.get(self._peer.node, self._peer.url, path)
        try:
            return parse(_TILE, data)
        except msgspec.MsgspecError as error:
            raise PeerUnavailable(Code.PEER_WRONG, reason="mirrored tile") from error

    async def follow(self, follower: Follower, size: int) -> AsyncIterator[list[Arrived]]:
        """Give what follows behind `follower`, tile by tile, each event verified.

        Raises:
            VerificationError: with the code of what is wrong, naming the event or the bodies.

        """
        while follower.tree.size < size:
            index, start = divmod(follower.tree.size, TILE_WIDTH)
            tile = await self.tile(index)
            wanted = tile.entries[start : size - index * TILE_WIDTH]
            if not wanted:
                raise VerificationError(Code.MALFORMED, field=f"tile {index}", reason="it is short")
            bodies = self._bodies(index, tile)
            yield [
                check_own(follower, wire, bodies.get(start + at)) for at, wire in enumerate(wanted)
            ]

    def _bodies(self, index: int, tile: MirroredTile) -> dict[int, OpenBody]:
        """Open every bundle of a tile; a node that has lost bodies once left more than one."""
        found: dict[int, OpenBody] = {}
        for bundle in tile.bodies if self._private is not None else ():
            assert self._private is not None
            covered = BodyRange(self._node.id, index * TILE_WIDTH, bundle.width)
            opened = open_bodies(self._private, covered, unb64(bundle.sealed, field=covered.text()))
            found |= {at: body for at, body in enumerate(opened) if body is not None}
        return found

    async def common_prefix(self, connection: AnyConnection, size: int, mirrored: int) -> int:
        """Tell how many entries database and mirror have in common.

        Entry k carries the root of all before it, so equal bytes at k mean equal histories.
        """
        high = min(size, mirrored)
        while high > 0:
            index = (high - 1) // TILE_WIDTH
            tile = await self.tile(index)
            start = index * TILE_WIDTH
            rows = await connection.fetch(LOG_SQL["read_cores"], start, high)
            same = [
                row["core"] == unb64(wire.core, field="core")
                for row, wire in zip(rows, tile.entries, strict=False)
            ]
            if any(same):
                return start + len(same) - same[::-1].index(True)
            high = start
        return 0


def check_own(follower: Follower, wire: WireEvent, body: OpenBody | None) -> Arrived:
    """Verify the next event of the own log, and that its body opens the commitment.

    Raises:
        VerificationError: naming the event.

    """
    seq = follower.tree.size
    try:
        data = unb64(wire.core, field="core")
        signature = unb64(wire.signature, size=64, field="signature")
        core = follower.check(data, signature)
        expected = committed_body(core)
        if body is not None and expected is not None:
            require_opening("body", body.salt, body.body, unb64(expected))
    except VerificationError as error:
        facts = {**error.facts, "field": f"event {seq}, {error.facts.get('field', 'core')}"}
        raise VerificationError(error.code, **facts) from error
    return Arrived(seq, core, data, signature, body if expected is not None else None)


async def own_events(node: Node, line: Line, after: int) -> Sequence[WireEvent]:
    """Ask a partner for our own events on a line after a place, as it received them.

    Raises:
        PeerUnavailable: it does not answer.

    """
    peer = node.peers.require(line.peer)
    path = f"/federation/v1/lines/{line.line}/own?after={after}"
    try:
        return parse(_OWN, await node.client.get(peer.node, peer.url, path)).events
    except msgspec.MsgspecError as error:
        raise PeerUnavailable(Code.PEER_WRONG, reason="own events") from error


def place_of(wire: WireEvent) -> int:
    """Give the log index that a received own event names; it is verified when it is taken."""
    try:
        return int(parse(_ANY, unb64(wire.core, field="core"))["seq"])
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
        raise VerificationError(Code.MALFORMED, field="core", reason="it has no place") from error


def event_id(wire: WireEvent) -> bytes:
    """Give the id of a received own event."""
    return leaf_hash(unb64(wire.core, field="core"))


NOT_THERE: Final = (PeerUnavailable, RefusedError, StorageError)
"""What says that somebody cannot give now what is asked: another time, or somebody else."""
