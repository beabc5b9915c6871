"""The Merkle tree against public vectors and against a second implementation."""

from __future__ import annotations

import json
from base64 import b64decode
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    prefix_roots,
    root_at,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from schemas.errors import Code
from tests.independent import merkle as independent
from tests.outcome import outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SMALL = 40
ENTRIES = [b"entry %d" % number for number in range(SMALL)]

# RFC 6962 section 2.1.3 leaves its example without numbers; these eight leaves and roots are those
# of the reference implementation's tests.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOT_OF_EIGHT = bytes.fromhex("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")


def subtree(entries: list[bytes], level: int, index: int) -> bytes:
    """Look up a perfect subtree by hashing all of it anew."""
    part = entries[index << level : (index + 1) << level]
    assert len(part) == 1 << level
    return independent.mth(part)


def accepts(verify: Callable[..., None], *arguments: Any) -> bool:
    outcome = outcome_of(verify, *arguments)
    assert outcome is None or outcome.code is Code.BAD_PROOF
    return outcome is None


def test_the_roots_are_those_of_the_reference() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of(map(leaf_hash, LEAVES)) == ROOT_OF_EIGHT
    assert leaf_hash(b"").hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )


def test_all_hashes_of_the_public_reference_tree(shared_vectors: Path) -> None:
    reference = json.loads((shared_vectors / "merkle" / "rfc6962_reference.json").read_bytes())
    levels = [[bytes.fromhex(h) for h in row] for row in reference["node_hashes_hex_by_level"]]
    leaves = [bytes.fromhex(text) for text in reference["leaf_inputs_hex"]]
    assert leaves == LEAVES

    assert list(map(leaf_hash, leaves)) == levels[0]
    for below, above in pairwise(levels):
        pairs = zip(below[::2], below[1::2], strict=True)
        assert [node_hash(left, right) for left, right in pairs] == above
    assert root_at(8, lambda level, index: levels[level][index]) == ROOT_OF_EIGHT


def test_every_small_tree_has_the_root_of_the_second_implementation() -> None:
    frontier = Frontier()
    for size in range(SMALL + 1):
        expected = independent.mth(ENTRIES[:size])

        assert frontier.size == size
        assert frontier.root() == expected
        assert root_of(map(leaf_hash, ENTRIES[:size])) == expected
        assert root_at(size, lambda level, index: subtree(ENTRIES, level, index)) == expected

        if size < SMALL:
            frontier.append(leaf_hash(ENTRIES[size]))


def test_a_frontier_resumes_from_its_peaks() -> None:
    frontier = Frontier()
    for entry in ENTRIES:
        resumed = Frontier.from_peaks(frontier.size, frontier.peaks())
        frontier.append(leaf_hash(entry))
        resumed.append(leaf_hash(entry))

        assert resumed.root() == frontier.root()
        assert resumed.peaks() == frontier.peaks()
        assert len(frontier.peaks()) == frontier.size.bit_count()


@pytest.mark.parametrize("level", range(6))
def test_roots_of_prefixes_are_those_of_the_definition(level: int) -> None:
    entries = ENTRIES[: 1 << level]

    assert prefix_roots([leaf_hash(entry) for entry in entries]) == [
        independent.mth(entries[:size]) for size in range(1, len(entries) + 1)
    ]


@pytest.mark.parametrize("level", range(4))
def test_a_frontier_grows_by_perfect_subtrees_as_by_leaves(level: int) -> None:
    width, frontier, other = 1 << level, Frontier(), Frontier()
    for start in range(0, SMALL - SMALL % width, width):
        leaves = [leaf_hash(entry) for entry in ENTRIES[start : start + width]]
        before = []
        for leaf in leaves:
            before.append(other.root())
            other.append(leaf)

        assert frontier.append_perfect(prefix_roots(leaves)) == before
        assert (frontier.size, frontier.peaks()) == (other.size, other.peaks())


def test_a_copy_grows_without_changing_the_original() -> None:
    frontier = Frontier.from_peaks(3, [b"a" * 32, b"b" * 32])
    before = frontier.root()

    copy = frontier.copy()
    copy.append(b"c" * 32)

    assert (frontier.size, frontier.root()) == (3, before)
    assert (copy.size, copy.peaks()) == (4, [copy.root()])


def test_every_inclusion_proof_of_every_small_tree() -> None:
    for size in range(1, SMALL + 1):
        entries = ENTRIES[:size]
        root = independent.mth(entries)
        for index in range(size):
            proof = inclusion_proof(index, size, lambda level, at: subtree(ENTRIES, level, at))

            assert proof == independent.path(index, entries)
            verify_inclusion(leaf_hash(entries[index]), index, size, proof, root)


def test_every_consistency_proof_of_every_small_tree() -> None:
    for size in range(1, SMALL + 1):
        root = independent.mth(ENTRIES[:size])
        for old in range(1, size + 1):
            proof = consistency_proof(old, size, lambda level, at: subtree(ENTRIES, level, at))

            assert proof == independent.proof(old, ENTRIES[:size])
            verify_consistency(old, size, proof, independent.mth(ENTRIES[:old]), root)


def spoiled(proof: list[bytes]) -> list[list[bytes]]:
    """All proofs with one step changed, cut, left out, doubled, or put before or behind."""
    step = b"\x07" * 32
    made = [[step, *proof], [*proof, step]]
    for at, value in enumerate(proof):
        changed = bytes((value[0] ^ 1,)) + value[1:]
        made.extend(
            [*proof[:at], *others, *proof[at + 1 :]]
            for others in ([changed], [value[:-1]], [value + b"\x00"], [], [value, value])
        )
    return made


def test_no_spoiled_inclusion_proof_of_a_small_tree_is_accepted() -> None:
    for size in range(1, 18):
        entries = ENTRIES[:size]
        root = independent.mth(entries)
        for index in range(size):
            leaf, proof = leaf_hash(entries[index]), independent.path(index, entries)
            for wrong in spoiled(proof):
                assert not accepts(verify_inclusion, leaf, index, size, wrong, root)
            for other in range(-1, size + 2):
                accepted = accepts(verify_inclusion, leaf, other, size, proof, root)
                assert accepted == (other == index)
            assert not accepts(verify_inclusion, root, index, size, proof, leaf) or size == 1


def test_no_spoiled_consistency_proof_of_a_small_tree_is_accepted() -> None:
    for size in range(1, 18):
        root = independent.mth(ENTRIES[:size])
        for old in range(1, size + 1):
            old_root = independent.mth(ENTRIES[:old])
            proof = independent.proof(old, ENTRIES[:size])
            for wrong in spoiled(proof):
                assert not accepts(verify_consistency, old, size, wrong, old_root, root)
            for other in range(-1, size + 2):
                accepted = accepts(verify_consistency, other, size, proof, old_root, root)
                assert accepted == (other == old)
            other_root = independent.mth(ENTRIES[1 : old + 1])
            assert not accepts(verify_consistency, old, size, proof, other_root, root)


def test_a_step_of_another_size_cannot_shift_the_border() -> None:
    """SHA-256(0x01 || left || right) does not tell where left ends."""
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    root = node_hash(left, right)
    assert node_hash(left[:20], left[20:] + right) == root

    assert accepts(verify_inclusion, right, 1, 2, [left], root)
    assert not accepts(verify_inclusion, left[20:] + right, 1, 2, [left[:20]], root)
    assert not accepts(verify_consistency, 1, 2, [left[20:] + right], left[:20], root)


def test_nothing_is_proved_about_the_empty_tree() -> None:
    """The caller knows that every tree extends the empty one; there is nothing to verify."""
    assert not accepts(verify_consistency, 0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    assert not accepts(verify_consistency, 0, 1, [], EMPTY_ROOT, leaf_hash(b""))
    assert not accepts(verify_inclusion, leaf_hash(b""), 0, 0, [], EMPTY_ROOT)


@given(st.lists(st.binary(max_size=6), min_size=1, max_size=300), st.data())
def test_random_trees_agree_with_the_second_implementation(
    entries: list[bytes], draw: st.DataObject
) -> None:
    size = len(entries)
    index = draw.draw(st.integers(0, size - 1))
    root = independent.mth(entries)

    assert root_of(map(leaf_hash, entries)) == root
    path = inclusion_proof(index, size, lambda level, at: subtree(entries, level, at))
    assert path == independent.path(index, entries)
    verify_inclusion(leaf_hash(entries[index]), index, size, path, root)
    proof = consistency_proof(index + 1, size, lambda level, at: subtree(entries, level, at))
    assert proof == independent.proof(index + 1, entries)
    verify_consistency(index + 1, size, proof, independent.mth(entries[: index + 1]), root)


HASHES = st.binary(min_size=32, max_size=32)
SIZES = st.integers(-2, 2**64)


@given(st.binary(max_size=33), SIZES, SIZES, st.lists(HASHES, max_size=70), HASHES)
def test_random_proofs_are_refused(
    leaf: bytes, one: int, other: int, proof: list[bytes], root: bytes
) -> None:
    if not (leaf == root and not proof):
        assert not accepts(verify_inclusion, leaf, one, other, proof, root)
        assert not accepts(verify_consistency, one, other, proof, leaf, root)


def decoded(values: list[str] | None) -> list[bytes]:
    return [b64decode(value) for value in values or []]


def test_the_public_inclusion_vectors_give_their_answers(shared_vectors: Path) -> None:
    cases = json.loads((shared_vectors / "merkle" / "inclusion.json").read_bytes())
    for case in cases:
        leaf, root = (b64decode(case[key] or "") for key in ("leafHash", "root"))
        proof = decoded(case["proof"])

        accepted = accepts(verify_inclusion, leaf, case["leafIdx"], case["treeSize"], proof, root)

        assert accepted is not case["wantErr"], case["file"]
    assert len(cases) == 98


def test_the_public_consistency_vectors_give_their_answers(shared_vectors: Path) -> None:
    """All of them, size 0 included: what RFC 9162 says of it is decided by the caller."""
    cases = json.loads((shared_vectors / "merkle" / "consistency.json").read_bytes())
    for case in cases:
        roots = [b64decode(case[key] or "") for key in ("root1", "root2")]
        proof = decoded(case["proof"])

        accepted = accepts(verify_consistency, case["size1"], case["size2"], proof, *roots)

        assert accepted is not case["wantErr"], case["file"]
    assert len(cases) == 98
