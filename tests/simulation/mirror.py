"""The umbrella's mirror in a simulated world: each log followed, and held against what it was.

Follower and proofs are the product's own (`federation.umbrella.following`, `caught`); what stands
in tables there is kept in lists here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from events.checkpoint import open_checkpoint
from events.growing import TILE_WIDTH
from events.merkle import EMPTY_ROOT, leaf_hash
from federation.umbrella import caught
from federation.umbrella.caught import Followed
from federation.umbrella.following import Follower, read_verified
from federation.umbrella.queries import SQL
from schemas.encoding import b64
from schemas.errors import Code, VerificationError
from schemas.evidence import SignedEvent
from schemas.findings import Finding, What, found
from tests.simulation.showing import trusted

if TYPE_CHECKING:
    from tests.simulation.host import Host
    from tests.simulation.proofs import Proofs
    from tests.simulation.showing import Shown


class Row(NamedTuple):
    """A mirrored entry."""

    core: bytes
    signature: bytes
    read: Any
    id: str


class Known(NamedTuple):
    """A group, as the mirror asks for it."""

    node: str


class Mirror:
    """What the umbrella holds of all logs. Also the ports of `caught`: `evidence` and `pool`."""

    def __init__(self, proofs: Proofs) -> None:
        """Begin with nothing."""
        self.evidence = proofs
        self.pool = self
        self.rows: dict[str, list[Row]] = {}
        self._followers: dict[str, Follower] = {}
        self._followed: dict[str, Followed] = {}

    async def fetchrow(self, query: str, node: str) -> Followed | None:
        """Answer how far a log was followed."""
        assert query == SQL["followed"]
        return self._followed.get(node)

    async def fetch(self, query: str, node: str, start: int, end: int) -> list[dict[str, Any]]:
        """Answer which entries are mirrored in a range."""
        assert query == SQL["mirrored_range"]
        rows = self.rows.get(node, [])[start:end]
        return [
            {"seq": start + at, "core": row.core, "signature": row.signature}
            for at, row in enumerate(rows)
        ]

    def size(self, node: str) -> int:
        """Tell how much of a log is mirrored."""
        return len(self.rows.get(node, ()))

    def followed(self, node: str) -> tuple[int, bytes]:
        """Give size and root of a log, as far as a checkpoint of it was matched."""
        known = self._followed.get(node)
        return (0, EMPTY_ROOT) if known is None else (known.size, known.root)

    def used(self, node: str) -> tuple[tuple[str, int], ...]:
        """Give the last followed entry under each key of a log."""
        follower = self._followers.get(node)
        return () if follower is None else tuple(sorted(follower.used.items()))

    def forget(self, node: str) -> None:
        """Lose all of a log."""
        for kept in (self.rows, self._followers, self._followed):
            kept.pop(node, None)

    async def pull(self, host: Host, shown: Shown, now_s: int, *, again: bool) -> Finding | None:
        """Follow a log as far as it is shown; `again` compares what is there already."""
        peer, rows = Known(host.id), self.rows.setdefault(host.id, [])
        follower = self._followers.setdefault(host.id, Follower(host.id))
        size, end = len(rows), len(shown.entries)
        note = shown.note()
        checkpoint = open_checkpoint(note, origin=shown.origin, trusted=trusted(host))
        before = await caught.followed(self, peer)  # type: ignore[arg-type]
        if await caught.checkpoint_differs(self, peer, before, note, checkpoint):  # type: ignore[arg-type]
            return found(What.LOG_REFUSED, host.id, seq=end, reason=Code.BAD_PROOF.value)
        if end < size:
            return found(What.LOG_SHORTER, host.id, seq=end)
        first = 0 if again else size - size % TILE_WIDTH if end > size else size
        held = shown.entries[first:size]
        differs = await caught.entries_differ(
            self,  # type: ignore[arg-type]
            peer,  # type: ignore[arg-type]
            first,
            [entry.core for entry in held],
            [entry.signature for entry in held],
        )
        if differs is not None:
            return found(What.LOG_REFUSED, host.id, seq=differs, reason=Code.BAD_PROOF.value)
        for entry in shown.entries[size:]:
            try:
                follower.take(entry.core, entry.signature)
            except VerificationError as error:
                if error.code is Code.BAD_PROOF:
                    event = SignedEvent(core=b64(entry.core), signature=b64(entry.signature))
                    await caught.root_differs(self, peer, before, event)  # type: ignore[arg-type]
                return found(What.LOG_REFUSED, host.id, seq=len(rows), reason=error.code.value)
            identity = b64(leaf_hash(entry.core))
            rows.append(Row(entry.core, entry.signature, read_verified(entry.core), identity))
        if follower.tree.root() != checkpoint.root:
            return found(What.LOG_REFUSED, host.id, seq=end, reason=Code.BAD_PROOF.value)
        self._followed[host.id] = Followed(end, checkpoint.root, note, now_s)
        return None
