"""Notes of both sides of a line in one order, and which of them were forgotten (section 4).

A note's text lies in the peer layer. What a `line.forget` of either side names is gone on both
sides; that there was a note stays in the chain. Decides nothing about texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections import threads
from projections.threads import Place
from schemas import cores

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemas.cores import LineCore


def in_order(own: Sequence[LineCore], theirs: Sequence[LineCore]) -> list[LineCore]:
    """Put events of both chains, each in its own order, into one: what had been seen comes first.

    Where neither side had seen the other's, the clocks decide; both nodes find the same order.
    """
    return threads.in_order(own, theirs, place)


def place(core: LineCore) -> Place:
    """Say where a note stands in its chain."""
    return Place(core.origin, core.n, 0 if core.seen is None else core.seen.n, core.ts)


def forgotten(events: Iterable[LineCore]) -> frozenset[str]:
    """Give the commitments of the texts that either side asked to be forgotten."""
    return frozenset(
        commitment
        for core in events
        if isinstance(core, cores.LineForget)
        for commitment in core.forgets
    )
