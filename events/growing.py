"""A Merkle tree that only grows, and the roots of the tiles that it fills on the way.

Holds a few dozen hashes however long the log is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from events.merkle import Frontier, node_hash, prefix_roots

if TYPE_CHECKING:
    from collections.abc import Sequence

TILE_WIDTH: Final = 256
TILE_PEAKS: Final = 8


class GrowingTree:
    """The frontier of a log, with `subroots` of the tiles that became full since `copy`."""

    __slots__ = ("_whole", "subroots")

    def __init__(self, whole: Frontier) -> None:
        """Take the frontier of the log."""
        self._whole = whole
        self.subroots: list[tuple[int, bytes]] = []

    @classmethod
    def from_tiles(cls, roots: Sequence[bytes], tail: Sequence[bytes]) -> GrowingTree:
        """Rebuild from the roots of all full tiles and the leaf hashes behind them."""
        tree = cls(Frontier.from_peaks(len(roots) * TILE_WIDTH, _peaks(roots)))
        for leaf in tail:
            tree.append(leaf)
        return tree

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return self._whole.size

    def root(self) -> bytes:
        """Give the RFC 6962 root of all leaves."""
        return self._whole.root()

    def peaks(self) -> list[bytes]:
        """Give the roots of the perfect subtrees, largest first."""
        return self._whole.peaks()

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash. With the last leaf of a tile its eight lowest peaks give its root."""
        whole = self._whole
        if whole.size % TILE_WIDTH == TILE_WIDTH - 1:
            root = leaf
            for peak in whole.peaks()[: -TILE_PEAKS - 1 : -1]:
                root = node_hash(peak, root)
            self.subroots.append((whole.size // TILE_WIDTH, root))
        whole.append(leaf)

    def append_tile(self, leaves: Sequence[bytes]) -> list[bytes]:
        """Add a whole tile behind whole tiles; gives the roots before each of its leaves."""
        assert len(leaves) == TILE_WIDTH
        prefixes = prefix_roots(leaves)
        self.subroots.append((self._whole.size // TILE_WIDTH, prefixes[-1]))
        return self._whole.append_perfect(prefixes)

    def copy(self) -> GrowingTree:
        """Give a tree that can grow without changing this one; its `subroots` start empty."""
        return GrowingTree(self._whole.copy())


def _peaks(roots: Sequence[bytes]) -> list[bytes]:
    """Give the roots of the perfect subtrees, largest first, over equal-sized subtree roots."""
    stack: list[tuple[int, bytes]] = []
    for root in roots:
        height, node = 0, root
        while stack and stack[-1][0] == height:
            node = node_hash(stack.pop()[1], node)
            height += 1
        stack.append((height, node))
    return [node for _, node in stack]
