"""Signatures that are checked beside the reader: each wrong one is named, whoever checks."""

from __future__ import annotations

import pytest

from events.machine import EVENT_PREFIX
from events.signature_batches import Batch
from events.signing import PrivateKey
from federation.node.signature_checks import BATCH_SIZE, SignatureChecks
from federation.umbrella.verifiers import Verifiers

ONE, OTHER = PrivateKey(bytes([1]) * 32), PrivateKey(bytes([2]) * 32)


async def wrong_of(verifiers: Verifiers, count: int, wrong: set[int]) -> list[int]:
    """Sign so many entries, by two keys in turn of ten; those of `wrong` by the other one."""
    found: list[int] = []
    async with verifiers, SignatureChecks(verifiers, found.append) as checks:
        for seq in range(count):
            key, other = (ONE, OTHER) if seq // 10 % 2 else (OTHER, ONE)
            entry = b"%d" % seq
            signed = (other if seq in wrong else key).sign(EVENT_PREFIX + entry)
            checks.add(seq, key.public, entry, signed)
            await checks.hand_on(least=64)
        await checks.finish()
    return sorted(found)


@pytest.mark.parametrize("processes", [0, 2])
async def test_every_wrong_signature_is_named_and_no_other(processes: int) -> None:
    assert await wrong_of(Verifiers(processes), 500, set()) == []
    assert await wrong_of(Verifiers(processes), 500, {0, 9, 10, 63, 64, 499}) == [
        *(0, 9, 10, 63, 64, 499)
    ]


async def test_a_process_that_has_ended_hides_nothing() -> None:
    class Ended(Verifiers):
        async def first_wrong(self, batch: Batch) -> int | None:
            raise EOFError(len(batch.entries))

    assert await wrong_of(Ended(2), 200, {7}) == [7]


async def test_only_so_much_is_under_way() -> None:
    at_once = 0

    class Counting(Verifiers):
        async def first_wrong(self, batch: Batch) -> int | None:
            nonlocal at_once
            at_once += 1
            assert at_once <= self.at_once
            found = await super().first_wrong(batch)
            at_once -= 1
            return found

    assert BATCH_SIZE > 64
    assert await wrong_of(Counting(0), 1_000, {999}) == [999]
