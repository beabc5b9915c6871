"""Notes of both sides of a line in one order, and which of them were forgotten (section 4).

A note's text lies in the peer layer. What a `line.forget` of either side names is gone on both
sides; that there was a note stays in the chain. Decides nothing about texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas import cores

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemas.cores import LineCore


def in_order(own: Sequence[LineCore], theirs: Sequence[LineCore]) -> list[LineCore]:
    """Put events of both chains, each in its own order, into one: what had been seen comes first.

    Where neither side had seen the other's, the clocks decide.
    """
    merged: list[LineCore] = []
    at_own = at_theirs = 0
    while at_own < len(own) and at_theirs < len(theirs):
        mine, other = own[at_own], theirs[at_theirs]
        if _saw(mine, other) or (not _saw(other, mine) and other.ts < mine.ts):
            merged.append(other)
            at_theirs += 1
        else:
            merged.append(mine)
            at_own += 1
    return [*merged, *own[at_own:], *theirs[at_theirs:]]


def _saw(later: LineCore, earlier: LineCore) -> bool:
    return later.seen is not None and later.seen.n >= earlier.n


def forgotten(events: Iterable[LineCore]) -> frozenset[str]:
    """Give the commitments of the texts that either side asked to be forgotten."""
    return frozenset(
        commitment
        for core in events
        if isinstance(core, cores.LineForget)
        for commitment in core.forgets
    )
