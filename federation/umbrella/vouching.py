"""Which entry of a group's log counts under a key that was revoked, and what was dated back.

Whoever holds a stolen key can sign an event and have it claim a place before the revocation. A
partner that gets one shows it to the umbrella, which vouches for it if it had seen the log up to
there before it was known that the key is revoked. One for which it cannot, and which does not stand
in the log that the group shows, is a finding: an alarm, for the group need not have signed it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

import structlog

from events.growing import TILE_WIDTH
from events.merkle import leaf_hash, root_of
from federation.peer.channel import decode_line_core, read_event, require_signature
from federation.umbrella import noting
from federation.umbrella.following import read_core
from federation.umbrella.queries import SQL
from schemas.encoding import b64, unb64
from schemas.errors import Code, RefusedError, VerificationError
from schemas.findings import Finding, What, found
from schemas.ids import line_counter
from schemas.messages import WireEvent

if TYPE_CHECKING:
    from collections.abc import Collection

    from asyncpg import Pool, Record

    from events.keys import KeyHistory
    from federation.node.service import Node
    from federation.peer.channel import ChannelEvent
    from schemas.evidence import SignedEvent

log = structlog.get_logger()

LOGS_KEPT: Final = 64
"""Of so many logs the roots of all tiles are kept: 125 kB for one of a million entries."""


class TileRoots:
    """The roots of the tiles of followed logs, up to a size at which the whole had a known root.

    Invariant: the roots that are kept make up that root. So what stands in one tile is proven by
    that tile alone: a question costs 256 hashes, and only the first one about a log all of it.
    """

    def __init__(self, pool: Pool[Record]) -> None:
        """Take the tables of the mirror."""
        self._pool = pool
        self._kept: OrderedDict[tuple[str, int, str], list[bytes]] = OrderedDict()

    async def holds(self, node: str, seq: int, size: int, root: str) -> bool:
        """Tell whether the log had `root` at `size`, with the entry that it has now at `seq`."""
        assert seq < size
        about = node, size, root
        roots = self._kept.get(about)
        if roots is None:
            roots = [await self._root(node, at, size) for at in range(-(-size // TILE_WIDTH))]
            if b64(root_of(roots)) != root:
                return False
            self._kept[about] = roots
            if len(self._kept) > LOGS_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(about)
        tile = seq // TILE_WIDTH
        return await self._root(node, tile, size) == roots[tile]

    async def _root(self, node: str, tile: int, size: int) -> bytes:
        """Hash a tile as it is held now; of a log of `size`."""
        start = tile * TILE_WIDTH
        end = min(start + TILE_WIDTH, size)
        rows = await self._pool.fetch(SQL["mirrored_range"], node, start, end)
        return root_of([leaf_hash(row["core"]) for row in rows])


def roots_of(umbrella: Node) -> TileRoots:
    """Give what this node keeps."""
    if TileRoots not in umbrella.parts:
        umbrella.parts[TileRoots] = TileRoots(umbrella.pool)
    roots: TileRoots = umbrella.parts[TileRoots]
    return roots


async def followed_entry(umbrella: Node, node: str, seq: int) -> str | None:
    """Give the id of a followed entry, unless its key was revoked before it was seen.

    Under a revoked key it counts if it stands below what was seen before that was known, and the
    log that was followed had that root there: whoever stole the key may serve another one.
    """
    row = await umbrella.pool.fetchrow(SQL["mirror_entry"], node, seq)
    group = umbrella.machine.books.register.groups.get(node)
    if row is None or group is None or group.history is None or seq >= row["size"]:
        return None
    core: Any = read_core(row["core"])
    if group.history.revoked(core.key):
        size, root = group.followed_before_revocation(core.key)
        if seq >= size or row["size"] < size:
            return None
        if not await roots_of(umbrella).holds(node, seq, size, root):
            return None
    return b64(leaf_hash(row["core"]))


async def vouch(umbrella: Node, caller: str, shown: SignedEvent) -> str | None:
    """Tell a partner which entry counts at the place of an event; note one that was dated back.

    Raises:
        VerificationError: what is shown is no event of a line.
        RefusedError: `group_unknown`.

    """
    event = _read(shown)
    core = event.core
    group = umbrella.machine.books.register.groups.get(core.origin)
    if group is None:
        raise RefusedError(Code.GROUP_UNKNOWN, field="group")
    counts = await followed_entry(umbrella, core.origin, core.seq)
    if counts != event.id and group.history is not None:
        finding = dated_back(event, group.history, caller)
        if finding is not None and not await _stands(umbrella, finding):
            log.warning("event_back_dated", line=core.line, n=core.n, seq=core.seq, told_by=caller)
            if not is_told(finding, await still_dated_back(umbrella)):
                await noting.write(umbrella, [finding])
    return counts


def dated_back(event: ChannelEvent, history: KeyHistory, caller: str) -> Finding | None:
    """Judge an event that does not count: nothing, unless a revoked key signed it for this line.

    The caller is the other end of the line, so no third group can spread what it picked up.
    """
    core = event.core
    if not history.revoked(core.key) or line_counter(core.line, core.origin, caller) is None:
        return None
    try:
        require_signature(event, history)
    except VerificationError:
        return None
    return found(What.DATED_BACK, core.origin, line=core.line, seq=core.seq, reason=event.id)


def is_told(finding: Finding, known: Collection[Finding]) -> bool:
    """Tell whether the same is open about that line already: who has a stolen key may sign much."""
    return any((one.what, one.line) == (finding.what, finding.line) for one in known)


async def still_dated_back(umbrella: Node) -> list[Finding]:
    """Give what partners have shown, until it is solved or stands in the group's log after all."""
    known = await noting.open_findings(umbrella)
    told = [finding for finding in known if finding.what is What.DATED_BACK]
    return [finding for finding in told if not await _stands(umbrella, finding)]


async def _stands(umbrella: Node, finding: Finding) -> bool:
    """Tell whether an event stands in the log of its group: then it was late, and true."""
    row = await umbrella.pool.fetchrow(SQL["mirror_entry"], finding.node, finding.seq)
    return row is not None and b64(leaf_hash(row["core"])) == finding.reason


def _read(shown: SignedEvent) -> ChannelEvent:
    core = decode_line_core(unb64(shown.core, field="core"))
    wire = WireEvent(core=shown.core, signature=shown.signature)
    return read_event(wire, line=core.line, origin=core.origin)
