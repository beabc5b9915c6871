"""Buckets: what a caller gets in any stretch of time, who is never refused, bounded memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from federation.peer.rate import Allowance, RateMemory

PER_S = st.integers(1, 500)
BURST = st.integers(1, 100)
PAUSES = st.lists(st.integers(0, 3_000).map(lambda ms: ms / 1_000), min_size=1, max_size=60)
SLACK = 1e-3


@given(PER_S, BURST, PAUSES, st.lists(st.integers(1, 120), min_size=60, max_size=60))
def test_no_stretch_of_time_gives_more_than_the_allowance(
    per_s: int, burst: int, pauses: list[float], sizes: list[int]
) -> None:
    memory = RateMemory(Allowance(per_s, burst))
    now_s, got = 1_000.0, [(0.0, 0)]
    for pause_s, size in zip(pauses, sizes, strict=False):
        now_s += pause_s
        tokens = min(size, burst)
        if memory.take("a", now_s=now_s, tokens=size) == 0:
            got.append((now_s, tokens))

    for first in range(1, len(got)):
        taken = 0
        for at_s, tokens in got[first:]:
            taken += tokens
            assert taken <= burst + per_s * (at_s - got[first][0]) + SLACK


@given(PER_S, BURST, st.integers(1, 300))
def test_who_keeps_to_the_pace_is_never_refused(per_s: int, burst: int, asked: int) -> None:
    memory = RateMemory(Allowance(per_s, burst))

    waits = [memory.take("a", now_s=number / per_s) for number in range(asked)]

    assert set(waits) == {0.0}


@given(PER_S, BURST, PAUSES)
def test_who_waits_as_told_is_admitted(per_s: int, burst: int, pauses: list[float]) -> None:
    memory = RateMemory(Allowance(per_s, burst))
    now_s = 50.0
    for pause_s in pauses:
        now_s += pause_s / 100
        wait_s = memory.take("a", now_s=now_s, tokens=7)
        if wait_s:
            assert 0 < wait_s <= burst / per_s + SLACK
            now_s += wait_s
            assert memory.take("a", now_s=now_s, tokens=7) == 0


def test_a_whole_bucket_goes_at_once_and_no_more() -> None:
    memory = RateMemory(Allowance(2, 10))

    waits = [memory.take("a", now_s=0.0) for _ in range(11)]

    assert waits == [0.0] * 10 + [0.5]


@given(st.integers(1, 50))
def test_nobody_empties_the_bucket_of_another(strangers: int) -> None:
    memory = RateMemory(Allowance(1, 3), callers_max=8)
    for number in range(strangers):
        for _ in range(5):
            memory.take(f"stranger {number}", now_s=0.0)

    assert [memory.take("a", now_s=0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 1.0]
    assert len(memory) <= 8


def test_what_is_given_back_can_be_taken_again() -> None:
    memory = RateMemory(Allowance(1, 1))
    for _ in range(100):
        assert memory.take("a", now_s=0.0) == 0
        memory.give_back("a")
    memory.give_back("nobody")

    assert memory.take("a", now_s=0.0) == 0
    assert memory.take("a", now_s=0.0) == 1
