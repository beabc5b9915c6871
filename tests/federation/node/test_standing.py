"""Where a witness stands: when it is asked, and how long a failure makes us wait. Pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.node.delivery import JITTER_MAX, WAIT_MAX_S
from federation.node.standing import (
    REFRESH_S,
    WITNESSES_MAX,
    Standing,
    chosen,
    cosigned,
    due,
    postponed,
    told,
)

NOW_S = 1_700_000_000
JITTERS = st.floats(0, 1)


@pytest.mark.parametrize(
    ("standing", "newest_size", "asked"),
    [
        pytest.param(Standing(), 4, True, id="never asked"),
        pytest.param(cosigned(4, NOW_S), 4, False, id="has everything"),
        pytest.param(cosigned(4, NOW_S), 5, True, id="the log has grown"),
        pytest.param(cosigned(4, NOW_S - REFRESH_S + 1), 4, False, id="fresh enough"),
        pytest.param(cosigned(4, NOW_S - REFRESH_S), 4, True, id="old"),
        pytest.param(cosigned(4, NOW_S + 9), 4, True, id="the clock was set back"),
        pytest.param(Standing(next_attempt_at_s=NOW_S + 1), 4, False, id="waits"),
        pytest.param(Standing(next_attempt_at_s=NOW_S), 4, True, id="has waited"),
        pytest.param(Standing(next_attempt_at_s=NOW_S + 9999), 4, True, id="waits for ever"),
    ],
)
def test_a_witness_is_asked_when_it_lacks_something(
    standing: Standing, newest_size: int, *, asked: bool
) -> None:
    assert due(standing, newest_size, now_s=NOW_S) is asked


@given(st.integers(0, 60), JITTERS)
def test_a_failure_makes_us_wait_longer_but_never_for_ever(failures: int, jitter: float) -> None:
    before = Standing(size=7, failures=failures)

    after = postponed(before, "away", now_s=NOW_S, jitter=jitter)

    wait_s = after.next_attempt_at_s - NOW_S
    assert (after.size, after.failures, after.trouble) == (7, failures + 1, "away")
    assert 1 <= wait_s <= WAIT_MAX_S * JITTER_MAX
    assert not due(after, 9, now_s=NOW_S)
    assert due(after, 9, now_s=after.next_attempt_at_s)
    assert (
        postponed(after, "away", now_s=NOW_S, jitter=jitter).next_attempt_at_s
        >= after.next_attempt_at_s
    )


def test_the_first_failures_are_told_and_then_ever_fewer() -> None:
    standing, telling = Standing(), []
    for _ in range(20):
        standing = postponed(standing, "away", now_s=NOW_S, jitter=0.5)
        if standing.worth_telling:
            telling.append(standing.failures)

    assert telling == [1, 2, 4, 8, 16]


def test_a_size_that_was_told_changes_nothing_else() -> None:
    failed = postponed(Standing(size=9), "away", now_s=NOW_S, jitter=0.0)

    assert told(failed, 3) == Standing(
        size=3, failures=1, next_attempt_at_s=failed.next_attempt_at_s, trouble="away"
    )


def test_the_umbrella_comes_first_and_not_everybody_is_asked() -> None:
    many = [f"n{number:03}" for number in range(40, 0, -1)]

    assert chosen("n007", ["n002", "n007", "n001", "n002"]) == ["n007", "n001", "n002"]
    assert chosen(None, many) == sorted(many)[:WITNESSES_MAX]
    assert chosen(None, []) == []
