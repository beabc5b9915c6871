"""Local entries by their bytes: the short way recognises nothing that the long way reads otherwise.

Bytes are changed at every place, and by chance; both ways then say the same, or the short way
leaves it to the long one.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.signing import PrivateKey
from federation.umbrella.following import read_core, read_verified
from federation.umbrella.local_entries import Local, LocalForm, read_local
from schemas.cores import LocalCore
from schemas.encoding import b64, encode
from schemas.errors import VerificationError
from tests.federation.umbrella.made_logs import group_id

KEY = PrivateKey(b"k" * 32).public
NODE = group_id("b")
ROOT = b64(b"r" * 32)
SEQ = 40
TIMES = (0, 7, 1_790_000_000, 10**15 - 1, 10**15, 2**53 - 1)
INSERTED = (b"0", b"1", b"A", b"B", b"-", b"=", b" ", b'"', b",", b"\\u0041", b"\n", b"\xc3\xa9")


def local(*, ts: int = 1_790_000_000, seq: int = SEQ, filled: bytes = b"c") -> bytes:
    return encode(
        LocalCore(
            v=1,
            origin=NODE,
            seq=seq,
            root=ROOT,
            key=b64(KEY.data),
            ts=ts,
            commitment=b64(filled * 32),
        )
    )


def long_way(entry: bytes) -> int | None:
    """Give the time of a local entry at its place by what its core says."""
    try:
        core: Any = read_core(entry)
    except VerificationError:
        return None
    said = (core.origin, core.seq, core.root, core.key)
    if not isinstance(core, LocalCore) or said != (NODE, SEQ, ROOT, b64(KEY.data)):
        return None
    return core.ts


def agree(entry: bytes) -> None:
    """Hold both ways against each other, for an entry alone and among others."""
    known = long_way(entry)
    form = LocalForm(KEY, origin=NODE)
    short = form.time(entry, ROOT.encode(), SEQ)
    assert short == known or (short is None and known is not None and known >= 10**15)
    said = -1 if short is None else short
    assert form.times([entry], [ROOT.encode()], SEQ) == [said]
    # neighbours, local ones and others, are read as they are beside any entry
    behind = [local(seq=SEQ + 1, ts=3_600_000_000), b"{}", local(seq=SEQ + 3)]
    many = form.times([entry, *behind], [ROOT.encode()] * 4, SEQ)
    assert many == [said, 3_600_000_000, -1, 1_790_000_000]
    try:
        core: Any = read_core(entry)
    except VerificationError:
        assert read_local(entry) is None
    else:
        read = read_verified(entry)
        assert (read.seq, read.ts) == (core.seq, core.ts)


@pytest.mark.parametrize("ts", TIMES)
def test_a_local_entry_is_recognised_with_its_time(ts: int) -> None:
    agree(local(ts=ts))

    known = ts if ts < 10**15 else None
    assert LocalForm(KEY, origin=NODE).time(local(ts=ts), ROOT.encode(), SEQ) == known
    assert long_way(local(ts=ts)) == ts


def test_an_entry_changed_at_any_place_is_read_alike_both_ways() -> None:
    entry = local()
    chance = random.Random(1)
    for at in range(len(entry) + 1):
        for inserted in INSERTED:
            agree(entry[:at] + inserted + entry[at:])
            agree(entry[:at] + inserted + entry[at + 1 :])
        agree(entry[:at] + entry[at + 1 :])
        agree(entry[:at])
        agree(entry[:at] + bytes([chance.randrange(256)]) + entry[at + 1 :])


def test_every_last_character_of_a_commitment_is_read_alike_both_ways() -> None:
    entry = local()
    at = entry.index(b'","key"') - 1
    for last in range(256):
        agree(entry[:at] + bytes([last]) + entry[at + 1 :])


@given(st.binary(max_size=400) | st.integers(0, 300).map(lambda cut: local()[cut:]))
def test_any_bytes_are_read_alike_both_ways(entry: bytes) -> None:
    agree(entry)


def test_bytes_moved_from_an_entry_to_its_neighbour_are_seen() -> None:
    form, roots = LocalForm(KEY, origin=NODE), [ROOT.encode()] * 3
    one, two, three = (local(seq=SEQ + at) for at in range(3))
    assert form.times([one, two, three], roots, SEQ) == [1_790_000_000] * 3

    for moved in range(1, len(two)):
        shifted = [one + two[:moved], two[moved:], three]
        assert form.times(shifted, roots, SEQ) == [-1, -1, 1_790_000_000]
        lines = [one + b"\n" + two[:moved], two[moved:], three]
        assert form.times(lines, roots, SEQ) == [-1, -1, 1_790_000_000]
    joined = [one + b"\n" + two, three]
    assert form.times(joined, roots[:2], SEQ) == [-1, -1]
    cut = one[:20] + b"\n" + one[21:]
    assert form.times([cut, two, three], roots, SEQ) == [-1, 1_790_000_000, 1_790_000_000]


def test_an_entry_of_another_place_root_key_or_group_is_none() -> None:
    form = LocalForm(KEY, origin=NODE)

    assert form.time(local(), ROOT.encode(), SEQ) == 1_790_000_000
    assert form.time(local(), ROOT.encode(), SEQ + 1) is None
    assert form.time(local(), b64(b"s" * 32).encode(), SEQ) is None
    assert LocalForm(KEY, origin=group_id("c")).time(local(), ROOT.encode(), SEQ) is None
    other = PrivateKey(b"l" * 32).public
    assert LocalForm(other, origin=NODE).time(local(), ROOT.encode(), SEQ) is None


def test_what_was_verified_is_read_without_decoding_it() -> None:
    assert read_local(local(ts=7)) == Local(SEQ, 7)
