"""Tiles, C2SP tlog-tiles: a log as resources of 256 hashes or entries that never change.

Hash tile n of level l holds 256 consecutive roots of perfect subtrees of 256**l leaves; a partial
tile, at the right edge of the tree, holds fewer. Beside the entry bundles of the specification
stands a resource of our own, `tile/signatures/N[.p/W]`: the 64-byte signatures of the same entries,
one after the other, because a signature is no part of its leaf; and `tile/bodies/N[.p/W]`, the
bodies sealed to the node's recovery key.
Pure: where tiles lie and how they are fetched is not known here. A *subroot* is the root of one
full tile of level 0 (256 leaves); subroots are the only inner hashes that a log stores.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

from events.growing import TILE_WIDTH
from events.merkle import EMPTY_ROOT, HASH_SIZE, root_of
from events.signing import SIGNATURE_SIZE
from schemas.errors import Code, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from events.merkle import Lookup

TILE_HEIGHT: Final = 8
LEVEL_MAX: Final = 63
ENTRY_SIZE_MAX: Final = 2**16 - 1
LENGTH_SIZE: Final = 2

_PATH: Final = re.compile(
    r"tile/(0|[1-9][0-9]?|entries|signatures|bodies)/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


class Data(StrEnum):
    """What a bundle holds of each entry."""

    ENTRIES = "entries"
    SIGNATURES = "signatures"
    BODIES = "bodies"
    """Sealed to the node's recovery key (`events.sealed_bodies`)."""


class TilePath(msgspec.Struct, frozen=True):
    """The name of a tile: a hash tile of some level, or a bundle; `width` 256 means full."""

    level: int | Data
    index: int
    width: int = TILE_WIDTH

    def encode(self) -> str:
        """Write the path, `tile/0/x001/x234/067.p/8` for instance."""
        thousands, last = divmod(self.index, 1000)
        groups = [f"{last:03}"]
        while thousands:
            thousands, group = divmod(thousands, 1000)
            groups.append(f"x{group:03}")
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{'/'.join(reversed(groups))}{partial}"

    @classmethod
    def parse(cls, path: str, *, field: str = "path") -> TilePath:
        """Read a path as `encode` writes it.

        Raises:
            VerificationError: `bad_tile_path`.

        """
        parts = _PATH.fullmatch(path)
        if parts is None:
            raise VerificationError(Code.BAD_TILE_PATH, field=field)
        level = int(parts[1]) if parts[1].isdecimal() else Data(parts[1])
        index = int(parts[2].replace("/", "").replace("x", ""))
        tile = cls(level, index, int(parts[3] or TILE_WIDTH))
        too_high = isinstance(level, int) and level > LEVEL_MAX
        if too_high or tile.width > TILE_WIDTH or tile.encode() != path:
            raise VerificationError(Code.BAD_TILE_PATH, field=field)
        return tile


def width_at(level: int, index: int, size: int) -> int:
    """Say how many hashes tile `index` of `level` holds in a tree of `size`; 0 means no tile."""
    hashes = size >> (TILE_HEIGHT * level)
    return max(0, min(TILE_WIDTH, hashes - index * TILE_WIDTH))


def tiles_of(size: int) -> Iterator[TilePath]:
    """Name all hash tiles of a tree of `size`, level by level."""
    level, hashes = 0, size
    while hashes:
        for index in range(-(-hashes // TILE_WIDTH)):
            yield TilePath(level, index, width_at(level, index, size))
        level, hashes = level + 1, hashes // TILE_WIDTH


def bundle_with(bundle: Data, seq: int, size: int) -> TilePath:
    """Name the bundle in which a log of `size` shows entry number `seq`."""
    assert 0 <= seq < size
    index = seq // TILE_WIDTH
    return TilePath(bundle, index, width_at(0, index, size))


def encode_hashes(hashes: Sequence[bytes]) -> bytes:
    """Write a hash tile."""
    return _joined(hashes, HASH_SIZE)


def parse_hashes(tile: bytes, width: int) -> list[bytes]:
    """Read a hash tile of `width`.

    Raises:
        VerificationError: `malformed`.

    """
    return _split(tile, width, HASH_SIZE)


def encode_signatures(signatures: Sequence[bytes]) -> bytes:
    """Write a bundle of signatures."""
    return _joined(signatures, SIGNATURE_SIZE)


def parse_signatures(bundle: bytes, width: int) -> list[bytes]:
    """Read a bundle of `width` signatures.

    Raises:
        VerificationError: `malformed`.

    """
    return _split(bundle, width, SIGNATURE_SIZE)


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """Write an entry bundle: before each entry its length, two bytes, big-endian."""
    assert 0 < len(entries) <= TILE_WIDTH
    assert all(len(entry) <= ENTRY_SIZE_MAX for entry in entries)
    return b"".join(len(entry).to_bytes(LENGTH_SIZE, "big") + entry for entry in entries)


def parse_entries(bundle: bytes, width: int) -> list[bytes]:
    """Read an entry bundle of `width`.

    Raises:
        VerificationError: `malformed`.

    """
    entries: list[bytes] = []
    at = 0
    while at < len(bundle) and len(entries) < width:
        start = at + LENGTH_SIZE
        at = start + int.from_bytes(bundle[at:start], "big")
        entries.append(bundle[start:at])
    if at != len(bundle) or len(entries) != width:
        raise _refused(f"it does not hold {width} whole entries")
    return entries


def subroots_under(tile: TilePath) -> range:
    """Number the subroots that span a hash tile of level 1 or higher."""
    assert isinstance(tile.level, int)
    assert tile.level >= 1
    each = _subroots_each(tile.level)
    first = tile.index * TILE_WIDTH
    return range(first * each, (first + tile.width) * each)


def hashes_over(level: int, subroots: Sequence[bytes]) -> list[bytes]:
    """Give the hashes of a tile of level 1 or higher over the subroots that span it."""
    each = _subroots_each(level)
    assert len(subroots) % each == 0
    return [root_of(subroots[at : at + each]) for at in range(0, len(subroots), each)]


def _subroots_each(level: int) -> int:
    return 1 << (TILE_HEIGHT * (level - 1))


class TileHashes:
    """A `Lookup` for proofs in the tree of `size`, over hash tiles.

    `fetch(path)` gives a tile's bytes, of exactly the width of the path. Tiles are remembered, so
    make one for each proof or few. What is fetched is as trustworthy as its source: check the
    proof against a signed root.
    """

    __slots__ = ("_fetch", "_known", "_size")

    def __init__(self, size: int, fetch: Callable[[TilePath], bytes]) -> None:
        """Serve the tree of `size`."""
        self._size = size
        self._fetch = fetch
        self._known: dict[TilePath, list[bytes]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """Give the root of perfect subtree number `index` of 2**level leaves.

        Raises:
            VerificationError: `malformed` when a tile has another width.

        """
        path = _tile_with(level, index, self._size)
        hashes = self._known.get(path)
        if hashes is None:
            hashes = self._known[path] = parse_hashes(self._fetch(path), path.width)
        height = level % TILE_HEIGHT
        first = (index << height) % TILE_WIDTH
        return root_of(hashes[first : first + (1 << height)])


def tiles_needed(size: int, prove: Callable[[Lookup], object]) -> list[TilePath]:
    """Name the tiles that a proof will ask for, so that they can be fetched before.

    `prove` makes the proof from a lookup, `partial(inclusion_proof, 3, size)` for instance; it is
    run with hashes that mean nothing.
    """
    needed: dict[TilePath, None] = {}

    def remember(level: int, index: int) -> bytes:
        needed[_tile_with(level, index, size)] = None
        return EMPTY_ROOT

    prove(remember)
    return list(needed)


def _tile_with(level: int, index: int, size: int) -> TilePath:
    """Name the tile under which a perfect subtree of the tree of `size` is found."""
    assert (index + 1) << level <= size
    tile_level, height = divmod(level, TILE_HEIGHT)
    tile_index = (index << height) // TILE_WIDTH
    return TilePath(tile_level, tile_index, width_at(tile_level, tile_index, size))


def _joined(parts: Sequence[bytes], size: int) -> bytes:
    assert 0 < len(parts) <= TILE_WIDTH
    assert all(len(part) == size for part in parts)
    return b"".join(parts)


def _split(tile: bytes, width: int, size: int) -> list[bytes]:
    if len(tile) != width * size:
        raise _refused(f"it is not {width} times {size} bytes long")
    return [tile[at : at + size] for at in range(0, len(tile), size)]


def _refused(reason: str) -> VerificationError:
    return VerificationError(Code.MALFORMED, field="tile", reason=reason)
