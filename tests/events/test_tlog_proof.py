"""Proofs as files: the one text of a proof, and what none of ours is."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.checkpoint import Checkpoint
from events.merkle import inclusion_proof, leaf_hash, root_of
from events.tlog_proof import EXTRA_SIZE_MAX, PATH_LENGTH_MAX, PROOF_SIZE_MAX, TlogProof
from schemas.errors import Code, VerificationError

NOTE = b"log.example/log\n1\nroot\n\n\xe2\x80\x94 log.example/log AAAA\n"
STEP = b64encode(sha256(b"step").digest())
FILE = (
    b"c2sp.org/tlog-proof@v1\nextra aGVsbG8=\nindex 73894\n" + STEP + b"\n" + STEP + b"\n\n" + NOTE
)


def refused(file: bytes) -> str:
    """Give the reason for which a file is no proof."""
    with pytest.raises(VerificationError) as caught:
        TlogProof.parse(file)
    assert caught.value.code in (Code.PROOF_UNREADABLE, Code.TOO_LARGE)
    return str(caught.value.facts.get("reason", "too large"))


def test_a_proof_in_the_shape_of_the_specification_is_read_and_written_back() -> None:
    proof = TlogProof.parse(FILE)

    assert (proof.index, proof.extra, proof.checkpoint) == (73894, b"hello", NOTE)
    assert proof.path == (sha256(b"step").digest(),) * 2
    assert proof.encode() == FILE


def test_extra_data_and_path_may_both_be_absent() -> None:
    file = b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + NOTE

    proof = TlogProof.parse(file)

    assert proof == TlogProof(0, (), NOTE)
    assert proof.encode() == file


def test_empty_extra_data_is_not_the_same_as_none() -> None:
    file = b"c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n" + NOTE

    assert TlogProof.parse(file).extra == b""
    assert TlogProof.parse(file).encode() == file


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"", "no checkpoint"),
        (FILE.replace(b"\n\n", b"\n", 1).replace(b"\n\n", b"\n"), "no checkpoint"),
        (FILE.partition(b"\n\n")[0] + b"\n\n", "no checkpoint"),
        (FILE.replace(b"@v1", b"@v2", 1), "first line"),
        (b"\n" + FILE, "first line"),
        (FILE.replace(b"\n", b"\r\n"), "no checkpoint"),
        (FILE.replace(b"aGVsbG8=", b"aGVsbG8"), "extra data is not base64"),
        (FILE.replace(b"aGVsbG8=", b"aGVsbG9="), "extra data is not canonical"),
        (FILE.replace(b"aGVsbG8=", b"aGVs bG8="), "extra data is not base64"),
        (FILE.replace(b"index 73894", b"index 073894"), "which entry"),
        (FILE.replace(b"index 73894", b"index -1"), "which entry"),
        (FILE.replace(b"index 73894", b"index  73894"), "which entry"),
        (FILE.replace(b"index 73894", b"index 9007199254740992"), "which entry"),
        (FILE.replace(b"index 73894\n", b""), "which entry"),
        (FILE.replace(b"extra aGVsbG8=\nindex 73894", b"index 73894\nextra aGVsbG8="), "a step"),
        (FILE.replace(STEP, STEP[:-4], 1), "a step"),
        (FILE.replace(STEP, b64encode(bytes(31)), 1), "32 bytes"),
        (FILE.replace(STEP, STEP + b" ", 1), "not base64"),
        (FILE.replace(STEP, b"\n".join([STEP] * PATH_LENGTH_MAX), 1), "more than 63"),
        (FILE.replace(b"aGVsbG8=", b64encode(bytes(EXTRA_SIZE_MAX + 1))), "larger than"),
        (FILE + b"x" * PROOF_SIZE_MAX, "too large"),
    ],
)
def test_what_is_no_proof_is_refused_with_its_reason(file: bytes, reason: str) -> None:
    assert reason in refused(file)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_a_proof_or_refused(tail: bytes, framed: bool) -> None:
    file = b"c2sp.org/tlog-proof@v1\n" + tail if framed else tail
    try:
        read = TlogProof.parse(file)
    except VerificationError as error:
        assert error.code is Code.PROOF_UNREADABLE
    else:
        assert read.encode() == file


@given(st.data())
def test_whatever_is_written_is_read_back(data: st.DataObject) -> None:
    hashes = st.binary(min_size=32, max_size=32)
    proof = TlogProof(
        data.draw(st.integers(0, 2**53 - 1)),
        tuple(data.draw(st.lists(hashes, max_size=PATH_LENGTH_MAX))),
        data.draw(st.binary(max_size=50)) + b"\n",
        data.draw(st.none() | st.binary(max_size=300)),
    )

    assert TlogProof.parse(proof.encode()) == proof


def test_every_entry_of_every_small_tree_is_included_and_no_other() -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(9)]
    for size in range(1, 10):
        checkpoint = Checkpoint("log.example/log", size, root_of(leaves[:size]))
        for index in range(size):
            path = inclusion_proof(
                index, size, lambda level, at: root_of(leaves[at << level : (at + 1) << level])
            )
            proof = TlogProof(index, tuple(path), b"\n")
            proof.require_included(leaves[index], checkpoint)
            for other in range(10):
                wrong = TlogProof(other, tuple(path), b"\n")
                leaf = leaves[min(other, 8)]
                if other == index:
                    leaf = leaf_hash(b"another")
                with pytest.raises(VerificationError) as caught:
                    wrong.require_included(leaf, checkpoint)
                assert caught.value.code is Code.BAD_PROOF
