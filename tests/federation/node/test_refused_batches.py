"""Refused batches of a partner: which count, by day, and what happens when there are too many."""

from __future__ import annotations

from typing import Any

import pytest

from federation.line.commands import FreezeWhoIsWrong
from federation.line.life import FAULTS_MAX
from federation.node.refused_batches import COUNTED, RefusedBatches, is_fault
from projections.lines import DAY_S
from schemas.errors import (
    Code,
    InputError,
    PeerUnavailable,
    RefusedError,
    RuilbrugError,
    StorageError,
    VerificationError,
)
from tests.federation.line.pair import NOW, Pair

WRONG = VerificationError(Code.BAD_SIGNATURE)


class Counting:
    """A partner's refused batches over the books of one side of a line."""

    def __init__(self) -> None:
        self.pair = Pair().opened()
        self.now_s = NOW
        self.submitted: list[Any] = []
        self.fails = False
        books = self.pair.b.books
        self.refused = RefusedBatches(lambda: books, self.submit, clock=lambda: self.now_s)

    async def submit(self, command: Any) -> None:
        if self.fails:
            raise StorageError(Code.DATABASE_UNAVAILABLE)
        self.submitted.append(command)
        self.pair.b.do(command)

    async def count(self, times: int, error: RuilbrugError = WRONG, peer: str = "") -> None:
        for _ in range(times):
            await self.refused.count(peer or self.pair.a.id, error)


@pytest.mark.parametrize("code", Code)
@pytest.mark.parametrize("kind", [RefusedError, PeerUnavailable, StorageError])
def test_refusals_of_rules_silence_and_own_trouble_are_no_faults(
    code: Code, kind: type[RuilbrugError]
) -> None:
    assert not is_fault(kind(code))


def test_what_cannot_be_is_a_fault_and_what_we_may_not_know_is_none() -> None:
    assert all(is_fault(VerificationError(code)) for code in COUNTED)
    assert is_fault(InputError(Code.MALFORMED, field="body", reason="x"))
    assert not is_fault(VerificationError(Code.BAD_KEY))
    assert not is_fault(VerificationError(Code.SIGNATURE_WRONG))


async def test_twenty_in_a_day_freeze_once() -> None:
    counting = Counting()

    await counting.count(FAULTS_MAX - 1)
    assert counting.submitted == []
    await counting.count(5)

    assert counting.submitted == [FreezeWhoIsWrong(counting.pair.line_id, FAULTS_MAX)]
    assert counting.pair.b.line.own_frozen


async def test_another_day_begins_anew() -> None:
    counting = Counting()
    for _ in range(3):
        await counting.count(FAULTS_MAX - 1)
        counting.now_s += DAY_S

    assert counting.submitted == []


async def test_a_stranger_counts_for_nothing_and_is_not_remembered() -> None:
    counting = Counting()

    await counting.count(FAULTS_MAX * 2, peer="stranger")
    await counting.count(FAULTS_MAX * 2, RefusedError(Code.LINE_GAP))
    await counting.count(FAULTS_MAX - 1)

    assert counting.submitted == []


async def test_a_freeze_that_could_not_be_written_is_tried_with_the_next() -> None:
    counting = Counting()
    await counting.count(FAULTS_MAX - 1)
    counting.fails = True
    with pytest.raises(StorageError):
        await counting.count(1)
    counting.fails = False

    await counting.count(1)

    assert counting.pair.b.line.own_frozen
