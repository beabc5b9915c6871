"""Tiles: their names, their contents, and the proofs that can be made of them."""

from __future__ import annotations

import json
from functools import cache, partial
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.growing import TILE_WIDTH
from events.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_at,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from events.tiles import (
    ENTRY_SIZE_MAX,
    Data,
    TileHashes,
    TilePath,
    bundle_with,
    encode_entries,
    encode_hashes,
    encode_signatures,
    hashes_over,
    parse_entries,
    parse_hashes,
    parse_signatures,
    subroots_under,
    tiles_needed,
    tiles_of,
    width_at,
)
from schemas.errors import Code, VerificationError
from tests.outcome import outcome_of

if TYPE_CHECKING:
    from pathlib import Path

LEVELS = st.integers(0, 63) | st.sampled_from(Data)
SIZE = 70_000


@cache
def levels() -> list[list[bytes]]:
    """All perfect subtrees of a tree of 70,000 leaves, by level."""
    rows = [[leaf_hash(b"%d" % number) for number in range(SIZE)]]
    while len(rows[-1]) > 1:
        row = rows[-1]
        rows.append([node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)])
    return rows


def lookup(level: int, index: int) -> bytes:
    return levels()[level][index]


def fetch(path: TilePath) -> bytes:
    """Cut a hash tile out of the tree, as a server of tiles would."""
    assert isinstance(path.level, int)
    first = path.index * TILE_WIDTH
    return encode_hashes(levels()[8 * path.level][first : first + path.width])


@given(LEVELS, st.integers(0, 10**18 - 1), st.integers(1, 256))
def test_a_path_is_read_as_it_is_written(level: int | Data, index: int, width: int) -> None:
    tile = TilePath(level, index, width)

    assert TilePath.parse(tile.encode()) == tile


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("", id="nothing"),
        pytest.param("/tile/0/000", id="a slash before"),
        pytest.param("tile/0/000\n", id="a line feed behind"),
        pytest.param("tile/00/000", id="a level with a zero before"),
        pytest.param("tile/64/000", id="level 64"),
        pytest.param("tile/-1/000", id="a level below zero"),
        pytest.param("tile/hashes/000", id="another kind"),
        pytest.param("tile/0/0", id="one digit"),
        pytest.param("tile/0/1234", id="four digits"),
        pytest.param("tile/0/x000/001", id="a group of zeros before"),
        pytest.param("tile/0/001/002", id="a group without x"),
        pytest.param("tile/0/x001", id="an x on the last group"),
        pytest.param("tile/0/" + "x001/" * 6 + "000", id="more than a log can hold"),
        pytest.param("tile/0/000.p/0", id="width 0"),
        pytest.param("tile/0/000.p/01", id="a width with a zero before"),
        pytest.param("tile/0/000.p/256", id="a full tile called partial"),
        pytest.param("tile/0/000.p/257", id="width 257"),
        pytest.param("tile/0/\u0660\u0660\u0660", id="digits of another script"),
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(VerificationError) as caught:
        TilePath.parse(path, field="url")

    assert caught.value.code is Code.BAD_TILE_PATH
    assert caught.value.facts == {"field": "url"}


@given(st.text(max_size=30) | st.text("/x0129.p", max_size=25).map("tile/1".__add__))
def test_random_text_is_read_as_it_is_written_or_refused(path: str) -> None:
    outcome = outcome_of(TilePath.parse, path)

    if isinstance(outcome, VerificationError):
        assert outcome.code is Code.BAD_TILE_PATH
    else:
        assert outcome.encode() == path


def test_the_public_paths_are_written_alike(shared_vectors: Path) -> None:
    cases = json.loads((shared_vectors / "notes" / "tile_paths.json").read_bytes())
    for level, index, width, path in cases["tile_path"]:
        tile = TilePath(level, index, width or TILE_WIDTH)

        assert tile.encode() == path
        assert TilePath.parse(path) == tile
    for seq, size, path in cases["entries_path_for_index"]:
        assert bundle_with(Data.ENTRIES, seq, size).encode() == path


def test_the_tiles_of_the_public_sizes() -> None:
    """The two examples of the specification."""
    tiles = list(tiles_of(70_000))

    assert [tile.encode() for tile in tiles_of(256)] == ["tile/0/000", "tile/1/000.p/1"]
    assert [tile.width for tile in tiles if tile.level == 0] == [256] * 273 + [112]
    assert [tile.width for tile in tiles if tile.level == 1] == [256, 17]
    assert [tile.width for tile in tiles if tile.level == 2] == [1]
    assert len(tiles) == 277


@given(st.integers(0, 300_000))
def test_the_tiles_of_a_size_hold_all_perfect_subtrees_once(size: int) -> None:
    tiles = list(tiles_of(size))

    for level in range(4):
        widths = [tile.width for tile in tiles if tile.level == level]
        assert sum(widths) == size // 256**level
        assert all(width == TILE_WIDTH for width in widths[:-1])
        assert width_at(level, len(widths), size) == 0
        assert [width_at(level, index, size) for index in range(len(widths))] == widths
    assert list(tiles_of(0)) == []


def test_signatures_lie_beside_their_entries() -> None:
    assert bundle_with(Data.SIGNATURES, 256, 300).encode() == "tile/signatures/001.p/44"


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=256))
def test_an_entry_bundle_is_read_as_it_was_written(entries: list[bytes]) -> None:
    assert parse_entries(encode_entries(entries), len(entries)) == entries


def test_the_longest_entry_fits_into_a_bundle() -> None:
    entries = [b"", b"x" * ENTRY_SIZE_MAX]

    assert encode_entries([b"ab"]) == b"\x00\x02ab"
    assert parse_entries(encode_entries(entries), 2) == entries


@pytest.mark.parametrize(
    ("bundle", "width"),
    [
        pytest.param(b"\x00\x02ab", 2, id="too few"),
        pytest.param(b"\x00\x02ab\x00\x00", 1, id="too many"),
        pytest.param(b"\x00\x02a", 1, id="cut in an entry"),
        pytest.param(b"\x00", 1, id="cut in a length"),
        pytest.param(b"\x00\x02ab\x00", 2, id="cut in the last length"),
        pytest.param(b"", 1, id="nothing"),
    ],
)
def test_broken_entry_bundles_are_refused(bundle: bytes, width: int) -> None:
    with pytest.raises(VerificationError) as caught:
        parse_entries(bundle, width)

    assert caught.value.code is Code.MALFORMED


@given(st.binary(max_size=200), st.integers(1, 6))
def test_random_bytes_are_read_as_they_are_written_or_refused(written: bytes, width: int) -> None:
    for read, write in (
        (parse_entries, encode_entries),
        (parse_hashes, encode_hashes),
        (parse_signatures, encode_signatures),
    ):
        outcome = outcome_of(read, written, width)

        if isinstance(outcome, VerificationError):
            assert outcome.code is Code.MALFORMED
        else:
            assert len(outcome) == width
            assert write(outcome) == written


def test_tiles_of_hashes_and_signatures_are_plain_sequences() -> None:
    hashes = [sha256(b"%d" % number).digest() for number in range(3)]
    signatures = [one + one for one in hashes]

    assert encode_hashes(hashes) == b"".join(hashes)
    assert parse_hashes(encode_hashes(hashes), 3) == hashes
    assert encode_signatures(signatures) == b"".join(signatures)
    assert parse_signatures(encode_signatures(signatures), 3) == signatures
    for read, tile in ((parse_hashes, b"x" * 95), (parse_signatures, b"x" * 193)):
        with pytest.raises(VerificationError):
            read(tile, 3)


def test_upper_tiles_are_computed_from_subroots() -> None:
    subroots = [root_of(levels()[0][at : at + 256]) for at in range(0, SIZE - 255, 256)]
    upper = [tile for tile in tiles_of(SIZE) if tile.level in {1, 2}]
    assert len(upper) == 3

    for tile in upper:
        assert isinstance(tile.level, int)
        spanned = subroots_under(tile)
        hashes = hashes_over(tile.level, subroots[spanned.start : spanned.stop])

        assert encode_hashes(hashes) == fetch(tile)


def test_every_perfect_subtree_is_found_in_the_tiles() -> None:
    hashes = TileHashes(SIZE, fetch)
    for level, row in enumerate(levels()):
        for index in {0, len(row) // 3, len(row) - 1}:
            assert hashes(level, index) == row[index]
    assert root_at(SIZE, hashes) == root_of(levels()[0])


@settings(max_examples=60)
@given(st.integers(1, SIZE), st.data())
def test_proofs_made_of_tiles_verify(size: int, draw: st.DataObject) -> None:
    index = draw.draw(st.integers(0, size - 1))
    root = root_at(size, lookup)
    fetched: list[TilePath] = []

    def remember(path: TilePath) -> bytes:
        fetched.append(path)
        return fetch(path)

    path = inclusion_proof(index, size, TileHashes(size, remember))
    verify_inclusion(levels()[0][index], index, size, path, root)
    assert fetched == tiles_needed(size, partial(inclusion_proof, index, size))
    assert set(fetched) <= set(tiles_of(size))

    fetched.clear()
    proof = consistency_proof(index + 1, size, TileHashes(size, remember))
    verify_consistency(index + 1, size, proof, root_at(index + 1, lookup), root)
    assert fetched == tiles_needed(size, partial(consistency_proof, index + 1, size))


def test_a_tile_of_another_width_is_refused() -> None:
    hashes = TileHashes(300, lambda path: fetch(path) + b"x" * 32)

    with pytest.raises(VerificationError) as caught:
        hashes(0, 299)

    assert caught.value.code is Code.MALFORMED
