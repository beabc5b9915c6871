"""Whose feed is read when: nobody before its time, and nobody waits for those who are slow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from federation.peer.feed_turns import (
    AGAIN_S,
    AT_ONCE,
    DOUBTFUL_AT_ONCE,
    SLOW_S,
    WAIT_MAX_S,
    Turn,
    failed,
    left_s,
    read_well,
    told_to_wait,
    whose_turn,
)

NOW_S = 1_800_000_000


def due(*numbers: int, next_s: int = 0, failures: int = 0) -> list[Turn]:
    return [Turn(f"node{number}", next_s, failures) for number in numbers]


def test_as_many_are_asked_at_once_as_there_are_places() -> None:
    turns = due(*range(20))

    chosen = whose_turn(turns, [], now_s=NOW_S)
    later = whose_turn(turns, chosen[:2], now_s=NOW_S)

    assert len(chosen) == AT_ONCE
    assert len(later) == AT_ONCE - 2
    assert not set(later) & set(chosen[:2])


def test_the_doubtful_leave_places_to_the_others() -> None:
    bad = due(*range(20), failures=1)
    good = due(*range(20, 22), next_s=NOW_S)

    chosen = whose_turn([*bad, *good], [], now_s=NOW_S)

    assert len(chosen) == DOUBTFUL_AT_ONCE + 2
    assert {"node20", "node21"} <= set(chosen)
    running = [turn.node for turn in bad[:DOUBTFUL_AT_ONCE]]
    assert whose_turn([*bad, *good], running, now_s=NOW_S) == ["node20", "node21"]


def test_who_is_due_longest_comes_first() -> None:
    turns = [Turn("late", NOW_S - 1), Turn("later", NOW_S - 2), Turn("not yet", NOW_S + 1)]

    assert whose_turn(turns, [], now_s=NOW_S) == ["later", "late"]


def test_a_slow_visit_makes_doubtful_and_a_quick_one_ends_it() -> None:
    slow = read_well(Turn("a"), now_s=NOW_S, took_s=SLOW_S + 1, more=False, jitter=0.5)

    assert slow.doubtful()
    assert not read_well(slow, now_s=NOW_S, took_s=1, more=False, jitter=0.5).doubtful()


def test_more_to_read_is_read_on_at_once_but_forgives_nothing() -> None:
    turn = read_well(Turn("a", failures=3), now_s=NOW_S, took_s=1, more=True, jitter=0.5)

    assert turn.next_s == NOW_S
    assert turn.failures == 3


@given(st.floats(0, 1), st.integers(0, 100))
def test_waits_grow_and_have_an_end(jitter: float, failures: int) -> None:
    turn = Turn("a", failures=failures)

    waits = []
    for _ in range(3):
        turn = failed(turn, now_s=NOW_S, took_s=1, jitter=jitter)
        waits.append(turn.next_s - NOW_S)

    assert waits == sorted(waits)
    assert 1 <= waits[0] <= waits[-1] <= WAIT_MAX_S * 1.5
    again = read_well(turn, now_s=NOW_S, took_s=1, more=False, jitter=jitter)
    assert again.failures == 0
    assert AGAIN_S * 0.75 <= again.next_s - NOW_S <= AGAIN_S * 1.25


def test_who_is_told_to_wait_waits_so_long() -> None:
    turn = told_to_wait(Turn("a"), 60, now_s=NOW_S, jitter=0.0)

    assert turn.next_s > NOW_S + 60
    assert not turn.doubtful()
    assert whose_turn([turn], [], now_s=NOW_S + 60) == []


def test_a_clock_that_was_set_back_keeps_nobody_waiting() -> None:
    turn = failed(Turn("a"), now_s=NOW_S + 10 * WAIT_MAX_S, took_s=1, jitter=0.5)

    assert left_s(turn, now_s=NOW_S) == 0
    assert whose_turn([turn], [], now_s=NOW_S) == ["a"]
