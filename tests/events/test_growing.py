"""A tree that grows gives the roots of the tiles that it fills, and resumes from them."""

from __future__ import annotations

from hashlib import sha256

import pytest

from events.growing import TILE_WIDTH, GrowingTree
from events.merkle import root_of

LEAVES = [sha256(number.to_bytes(4, "big")).digest() for number in range(3 * TILE_WIDTH + 5)]


def grown(leaves: list[bytes]) -> GrowingTree:
    tree = GrowingTree.from_tiles([], [])
    for leaf in leaves:
        tree.append(leaf)
    return tree


def test_each_full_tile_has_the_root_of_its_leaves() -> None:
    tree = grown(LEAVES)

    assert tree.subroots == [
        (tile, root_of(LEAVES[tile * TILE_WIDTH : (tile + 1) * TILE_WIDTH])) for tile in range(3)
    ]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 700, len(LEAVES)])
def test_a_tree_resumed_from_its_tiles_goes_on_as_if_it_had_never_stopped(size: int) -> None:
    before = grown(LEAVES[:size])
    full = size // TILE_WIDTH
    resumed = GrowingTree.from_tiles(
        [root for _, root in before.subroots], LEAVES[full * TILE_WIDTH : size]
    )

    for leaf in LEAVES[size:]:
        resumed.append(leaf)

    assert resumed.size == len(LEAVES)
    assert resumed.root() == root_of(LEAVES)
    assert [*before.subroots, *resumed.subroots] == grown(LEAVES).subroots


def test_a_tile_at_once_is_as_its_leaves_one_by_one() -> None:
    tree, other = grown([]), grown([])
    for start in range(0, 3 * TILE_WIDTH, TILE_WIDTH):
        before = []
        for leaf in LEAVES[start : start + TILE_WIDTH]:
            before.append(other.root())
            other.append(leaf)

        assert tree.append_tile(LEAVES[start : start + TILE_WIDTH]) == before
        assert (tree.size, tree.peaks(), tree.subroots) == (
            other.size,
            other.peaks(),
            other.subroots,
        )


def test_a_copy_grows_by_itself() -> None:
    tree = grown(LEAVES[:300])

    copy = tree.copy()
    copy.append(LEAVES[300])

    assert (tree.size, copy.size) == (300, 301)
    assert copy.subroots == []
    assert tree.root() == root_of(LEAVES[:300])
