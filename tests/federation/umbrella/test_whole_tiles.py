"""Whole tiles at once: the same entries, and the same verdict at the same place, as one by one."""

from __future__ import annotations

import random
from typing import Any

import pytest
from msgspec.structs import replace

from events.growing import TILE_WIDTH
from events.merkle import leaf_hash
from federation.umbrella.audit import Audit
from federation.umbrella.audit.chains import TIME_BACK_S
from federation.umbrella.checking import Checking
from federation.umbrella.following import Follower, read_verified
from federation.umbrella.local_entries import Local
from federation.umbrella.reading import Page
from schemas.encoding import b64
from schemas.errors import VerificationError
from schemas.findings import Finding, What, found
from tests.benchmarks.mirrored import Pair

LENGTH = 4 * TILE_WIDTH + 37
BEYOND_THE_KEYS = 600


@pytest.fixture(scope="module")
def pair() -> Pair:
    made = Pair(3, signed=True)
    while made.groups[0].tree.size < LENGTH:
        made.trade()
    return made


@pytest.fixture
def rows(pair: Pair) -> list[tuple[str, int, bytes, bytes]]:
    return list(pair.groups[0].rows)


def one_by_one(node: str, entries: list[bytes]) -> tuple[list[Any], list[Finding]]:
    """Follow a log entry by entry; gives what holds, and what the first that does not is."""
    follower = Follower(node)
    events: list[Any] = []
    for seq, entry in enumerate(entries):
        try:
            core, _, leaf = follower.place(entry)
        except VerificationError as error:
            wrong = found(What.MIRROR_ALTERED, node, seq=seq, reason=error.code.value)
            return events, [wrong]
        is_local = type(core) is Local
        events.append(((core.seq, core.ts) if is_local else core, "" if is_local else b64(leaf)))
    return events, []


async def by_tiles(node: str, entries: list[bytes]) -> tuple[list[Any], list[Finding]]:
    async with Checking(signatures=False, processes=0) as checking:
        held = await checking.page(Page(node, 0, entries, ()))
    events: list[Any] = [(place, "") for place in enumerate(held.times)]
    for core, name in held.others:
        assert events[core.seq] == ((core.seq, core.ts), "")
        events[core.seq] = (core, name)
    return events, checking.findings()


async def test_a_log_is_the_same_by_tiles(rows: list[tuple[str, int, bytes, bytes]]) -> None:
    node, entries = rows[0][0], [row[2] for row in rows]
    follower = Follower(node)
    assert follower.place_tile(entries[:TILE_WIDTH]) is None, "keys are stated there"
    for entry in entries[:TILE_WIDTH]:
        follower.place(entry)
    assert follower.place_tile(entries[TILE_WIDTH : 2 * TILE_WIDTH]) is not None

    events, findings = await by_tiles(node, entries)

    assert (events, findings) == one_by_one(node, entries)
    assert findings == []
    assert len(events) == len(entries)


async def test_what_was_changed_is_found_at_its_place(
    rows: list[tuple[str, int, bytes, bytes]],
) -> None:
    node, entries = rows[0][0], [row[2] for row in rows]
    chance = random.Random(2)
    for _ in range(60):
        seq = chance.randrange(len(entries))
        entry = bytearray(entries[seq])
        entry[chance.randrange(len(entry))] ^= 1 << chance.randrange(8)
        changed = [*entries[:seq], bytes(entry), *entries[seq + 1 :]]

        told = await by_tiles(node, changed)

        assert told == one_by_one(node, changed)
        assert len(told[1]) == 1


@pytest.mark.parametrize("seq", [BEYOND_THE_KEYS, 2 * TILE_WIDTH, 3 * TILE_WIDTH - 1])
async def test_entries_left_out_doubled_or_swapped_are_found(
    rows: list[tuple[str, int, bytes, bytes]], seq: int
) -> None:
    node, entries = rows[0][0], [row[2] for row in rows]
    out = [*entries[:seq], *entries[seq + 1 :]]
    doubled = [*entries[: seq + 1], *entries[seq:]]
    swapped = [*entries[:seq], entries[seq + 1], entries[seq], *entries[seq + 2 :]]
    for changed in (out, doubled, swapped):
        told = await by_tiles(node, changed)

        assert told == one_by_one(node, changed)
        assert len(told[1]) == 1


def test_a_tile_that_is_wrong_leaves_the_follower_as_it_was(
    rows: list[tuple[str, int, bytes, bytes]],
) -> None:
    node, entries = rows[0][0], [row[2] for row in rows]
    follower = Follower(node)
    for entry in entries[:TILE_WIDTH]:
        follower.place(entry)
    saved = follower.saved()
    tile = entries[TILE_WIDTH : 2 * TILE_WIDTH]

    assert follower.place_tile([*tile[:-1], tile[-1].replace(b'"v":1', b'"v":2')]) is None
    assert follower.place_tile(tile[:-1]) is None
    assert follower.saved() == saved
    assert follower.place_tile(tile) is not None
    assert follower.tree.size == 2 * TILE_WIDTH


@pytest.mark.parametrize("processes", [0, 2])
async def test_a_signature_that_does_not_fit_is_found_at_its_place(
    rows: list[tuple[str, int, bytes, bytes]], processes: int
) -> None:
    node, entries = rows[0][0], [row[2] for row in rows]
    for wrong in ((), (BEYOND_THE_KEYS,), (3, 700), (LENGTH - 1,)):
        signatures = [bytes(64) if seq in wrong else row[3] for seq, row in enumerate(rows)]

        async with Checking(signatures=True, processes=processes) as checking:
            await checking.page(Page(node, 0, entries, signatures))

        assert checking.findings() == [
            found(What.MIRROR_ALTERED, node, seq=seq, reason="bad_signature") for seq in wrong[:1]
        ]


@pytest.mark.parametrize("back_s", [TIME_BACK_S, TIME_BACK_S + 1])
def test_events_in_a_row_are_as_one_by_one(
    rows: list[tuple[str, int, bytes, bytes]], back_s: int
) -> None:
    chance = random.Random(back_s)
    node = rows[0][0]
    for _ in range(20):
        ts, read = 1_790_000_000, []
        for _, _, entry, _ in rows[: 2 * TILE_WIDTH]:
            ts += chance.choice([-back_s, 0, 0, 0, 60, 3600]) if chance.random() < 0.1 else 0
            core = read_verified(entry)
            dated = core._replace(ts=ts) if isinstance(core, Local) else replace(core, ts=ts)
            read.append((dated, b64(leaf_hash(entry))))
        alone, in_rows = Audit(), Audit()
        for event, name in read:
            alone.read(node, event, name)
        at = 0
        while at < len(read):
            part = read[at : at + chance.randrange(2 * TILE_WIDTH)]
            others = [(event, name) for event, name in part if not isinstance(event, Local)]
            in_rows.read_in_a_row(node, at, [event.ts for event, _ in part], others)
            at += len(part)

        record = alone.state.node(node)
        assert bool(record.found) == (back_s > TIME_BACK_S)
        assert (in_rows.state.node(node), in_rows.state.lines) == (record, alone.state.lines)
        assert in_rows.state.paths == alone.state.paths
