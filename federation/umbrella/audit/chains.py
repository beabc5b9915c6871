"""A1, A9, A10 and A14 of one event: its place in its chain, what it has seen, and its time.

The two chains of a line are read in any order, so what a side says of a place that was not read yet
waits there. Roots, signatures and keys are checked where the bytes come in.
"""

from __future__ import annotations

from itertools import chain, takewhile
from operator import sub
from typing import TYPE_CHECKING, Final

from federation.umbrella.audit.records import LineRecord, Named, NodeRecord, Side
from schemas import cores
from schemas.findings import What, found

if TYPE_CHECKING:
    from collections.abc import Sequence

TIME_BACK_S: Final = 2 * 3600
"""Local events bear the hour in which they were written; clocks differ by minutes."""


def dated(node: NodeRecord, seq: int, ts: int, *, line: str = "") -> None:
    """A14: no event lies far before the one before it."""
    if ts < node.last_ts - TIME_BACK_S:
        node.find(found(What.TIME_BACK, node.node, line=line, seq=seq))
    node.last_ts = ts
    if ts > node.latest_ts:
        node.latest_ts, node.latest_seq = ts, seq


def dated_in_a_row(node: NodeRecord, start: int, times: Sequence[int]) -> bool:
    """A14 of events one behind the other; false, and nothing done, when they are to be looked at.

    That is when any lies far before the one before it: `dated` then says so of each.
    """
    if min(map(sub, times, chain((node.last_ts,), times)), default=0) < -TIME_BACK_S:
        return False
    node.last_ts = times[-1] if times else node.last_ts
    latest = max(times, default=0)
    if latest > node.latest_ts:
        node.latest_ts, node.latest_seq = latest, start + times.index(latest)
    return True


def placed(node: NodeRecord, side: Side, core: cores.LineCore | cores.UnknownCore) -> bool:
    """A1 and A9: numbers without gaps, each event naming the one before; false for a second."""
    if core.n <= side.n:
        # what comes late in the place that was left for it takes nobody's, and proves nothing
        what = What.NUMBER_SKIPPED if side.fills(core.n) else What.TWO_CHAINS
        node.find(found(what, side.node, line=core.line, seq=core.seq))
        return False
    if core.n != side.n + 1:
        side.skips(core.n)
        node.find(found(What.NUMBER_SKIPPED, side.node, line=core.line, seq=core.seq))
    elif (core.prev or "") != side.id:
        node.find(found(What.PREDECESSOR_OTHER, side.node, line=core.line, seq=core.seq))
    return True


def extended(
    line: LineRecord, side: Side, core: cores.LineCore | cores.UnknownCore, event_id: str
) -> None:
    """Take an event into its chain, and hold it against what the other side said of it before."""
    before = side.n
    side.n, side.id = core.n, event_id
    # by what was named, not by the numbers between: who skips may skip to the last one there is
    for n in [n for n in side.named if before < n <= core.n]:
        for named in side.named.pop(n):
            if n == core.n:
                _agrees(side, event_id, named)
    other = line.other(side.node)
    if other is None or core.n >= other.seen_n:
        side.ids[core.n] = event_id


def saw(
    node: NodeRecord,
    line: LineRecord,
    side: Side,
    core: cores.LineCore | cores.UnknownCore,
) -> None:
    """A10: what a side says it has seen stands there."""
    if core.seen is None:
        return
    n = core.seen.n
    if n < side.seen_n:
        node.find(found(What.SEEN_BACK, side.node, line=core.line, seq=core.seq))
        return
    other = line.of_other(side.node)
    if n > side.seen_n:
        # they stand in their order, and most of them are still to be named
        for old in list(takewhile(n.__gt__, other.ids)):
            del other.ids[old]
    side.seen_n = n
    named = Named(core.seen.id, core.seq, core.ts, n)
    if n > other.n:
        waiting = other.named.setdefault(n, [])
        if all(one.id != named.id for one in waiting):
            waiting.append(named)
    elif n in other.ids:
        _agrees(other, other.ids[n], named)


def _agrees(side: Side, event_id: str, named: Named) -> None:
    if named.id == event_id:
        side.agreed_n = max(side.agreed_n, named.n)
    elif side.another is None or named.seq < side.another.seq:
        side.another = named
