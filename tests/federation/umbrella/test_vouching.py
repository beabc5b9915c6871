"""What counts under a revoked key costs one tile to ask; what was dated back is told."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from events.growing import TILE_WIDTH, GrowingTree
from events.keys import read_history
from events.machine import EVENT_PREFIX
from events.merkle import EMPTY_ROOT, leaf_hash
from events.signing import PrivateKey
from federation.peer.channel import read_event
from federation.umbrella.vouching import TileRoots, dated_back, is_told
from schemas.cores import LineUnfreeze
from schemas.encoding import b64, encode
from schemas.findings import Finding, What, found
from schemas.ids import line_id
from schemas.messages import WireEvent
from tests.events.stated import StatedGroup

GROUP, PARTNER, THIRD = (StatedGroup(number) for number in (1, 2, 3))
LINE = line_id(GROUP.node, PARTNER.node, 0)
HISTORY = read_history((*GROUP.first, GROUP.recovery(1, 20), GROUP.revocation(0, 20)))
SIZE = 3 * TILE_WIDTH + 40


def judged(
    *, key: PrivateKey = GROUP.log[0], caller: str = PARTNER.node, seq: int = 7, signature: str = ""
) -> Finding | None:
    """Judge an event that a group signed, or somebody in its name."""
    core = encode(
        LineUnfreeze(
            v=1,
            origin=GROUP.node,
            seq=seq,
            root=b64(EMPTY_ROOT),
            key=b64(key.public.data),
            ts=1_700_000_000,
            line=LINE,
            n=5,
            prev=b64(EMPTY_ROOT),
            salt=b64(bytes(16)),
        )
    )
    wire = WireEvent(core=b64(core), signature=signature or b64(key.sign(EVENT_PREFIX + core)))
    return dated_back(read_event(wire, line=LINE, origin=GROUP.node), HISTORY, caller)


def test_what_a_revoked_key_signed_for_an_older_place_is_told_with_its_place() -> None:
    finding = judged()

    assert finding is not None
    assert (finding.what, finding.node, finding.line) == (What.DATED_BACK, GROUP.node, LINE)
    assert finding.seq == 7


@pytest.mark.parametrize(
    "other",
    [
        {"key": GROUP.log[1], "seq": 20},
        {"key": GROUP.log[3]},
        {"seq": 20},
        {"signature": b64(bytes(64))},
        {"caller": THIRD.node},
    ],
    ids=["a living key", "an unknown key", "behind the revocation", "unsigned", "another's line"],
)
def test_nothing_else_is_told(other: dict[str, Any]) -> None:
    assert judged(**other) is None


def test_a_line_is_told_of_once_at_a_time() -> None:
    finding = found(What.DATED_BACK, GROUP.node, line=LINE, seq=7)

    assert is_told(replace(finding, seq=8), [finding])
    assert not is_told(replace(finding, line="another"), [finding])
    assert not is_told(finding, [found(What.NEAR_LIMIT, GROUP.node, line=LINE)])


class Mirrored:
    """A followed log that counts how many entries are read of it."""

    def __init__(self) -> None:
        self.cores = [b"entry %d" % number for number in range(SIZE)]
        self.read = 0

    def root(self, size: int) -> str:
        tree = GrowingTree.from_tiles([], [])
        for core in self.cores[:size]:
            tree.append(leaf_hash(core))
        return b64(tree.root())

    async def fetch(self, _query: str, _node: str, start: int, end: int) -> list[dict[str, bytes]]:
        self.read += end - start
        return [{"core": core} for core in self.cores[start:end]]


@pytest.mark.parametrize("size", [1, TILE_WIDTH, TILE_WIDTH + 1, 2 * TILE_WIDTH, SIZE])
async def test_a_question_costs_one_tile_once_the_log_is_known(size: int) -> None:
    mirrored = Mirrored()
    roots, root = TileRoots(mirrored), mirrored.root(size)  # type: ignore[arg-type]
    assert await roots.holds(GROUP.node, 0, size, root)

    for seq in {0, size // 2, size - 1}:
        mirrored.read = 0
        assert await roots.holds(GROUP.node, seq, size, root)
        assert mirrored.read <= TILE_WIDTH
    assert not await roots.holds(GROUP.node, 0, size, mirrored.root(SIZE - 1))


async def test_an_entry_that_was_changed_since_does_not_count() -> None:
    mirrored = Mirrored()
    roots, root = TileRoots(mirrored), mirrored.root(SIZE)  # type: ignore[arg-type]
    assert await roots.holds(GROUP.node, 300, SIZE, root)

    mirrored.cores[300] = b"another"

    assert not await roots.holds(GROUP.node, 300, SIZE, root)
    assert await roots.holds(GROUP.node, 200, SIZE, root), "its tile is as it was"
