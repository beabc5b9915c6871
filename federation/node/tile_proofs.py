"""Proofs out of hash tiles, wherever these are fetched from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from events.merkle import consistency_proof
from events.tiles import TileHashes, tiles_needed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from events.tiles import TilePath


async def prove_consistency(
    old: int, size: int, fetch: Callable[[TilePath], Awaitable[bytes]]
) -> list[bytes]:
    """Give the proof that the tree of `size` extends that of `old`; none is needed from 0.

    Raises:
        VerificationError: a tile has another width.

    """
    if old == 0:
        return []
    prove = partial(consistency_proof, old, size)
    tiles = {path: await fetch(path) for path in tiles_needed(size, prove)}
    return prove(TileHashes(size, tiles.__getitem__))
