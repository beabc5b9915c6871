"""Which group's feed is read when: turns, back-off and jitter. Pure.

Invariant: no group is asked again before its time, and groups that were slow or wrong never use
more than `DOUBTFUL_AT_ONCE` of the places, so they cannot keep the others waiting. Memory is one
small value for each group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

AT_ONCE: Final = 6
DOUBTFUL_AT_ONCE: Final = 2
AGAIN_S: Final = 900
"""A feed that is well is read about every quarter of an hour."""
FIRST_WAIT_S: Final = 30
WAIT_MAX_S: Final = 6 * 3_600
SLOW_S: Final = 10
"""A visit that took longer makes the next ones doubtful, however it ended."""
_DOUBLINGS_MAX: Final = 20


class Turn(msgspec.Struct, frozen=True):
    """When one group is asked next, and how it went until now."""

    node: str
    next_s: int = 0
    failures: int = 0
    slow: bool = False

    def doubtful(self) -> bool:
        """Tell whether the last visit failed or took long."""
        return self.slow or self.failures > 0


def read_well(turn: Turn, *, now_s: int, took_s: float, more: bool, jitter: float) -> Turn:
    """Come again in a while; at once when there is more than one visit takes."""
    if more:
        return replace(turn, next_s=now_s, slow=took_s > SLOW_S)
    next_s = now_s + round(AGAIN_S * (0.75 + jitter / 2))
    return replace(turn, next_s=next_s, failures=0, slow=took_s > SLOW_S)


def failed(turn: Turn, *, now_s: int, took_s: float, jitter: float) -> Turn:
    """Wait after a failure, twice as long each time; `jitter` lies in 0 to 1."""
    wait_s = min(WAIT_MAX_S, FIRST_WAIT_S * 2 ** min(turn.failures, _DOUBLINGS_MAX))
    return replace(
        turn,
        next_s=now_s + max(1, round(wait_s * (0.5 + jitter))),
        failures=turn.failures + 1,
        slow=took_s > SLOW_S,
    )


def told_to_wait(turn: Turn, wait_s: int, *, now_s: int, jitter: float) -> Turn:
    """Wait as long as the group says, and a little more; it is no failure."""
    return replace(turn, next_s=now_s + round(min(WAIT_MAX_S, wait_s) * (1 + jitter / 4)) + 1)


def whose_turn(turns: Iterable[Turn], running: Collection[str], *, now_s: int) -> list[str]:
    """Name the groups to ask now, beside those that are being asked: longest due first."""
    known = list(turns)
    free = AT_ONCE - len(running)
    doubtful_free = DOUBTFUL_AT_ONCE - sum(
        turn.doubtful() for turn in known if turn.node in running
    )
    chosen: list[str] = []
    for turn in sorted(known, key=lambda turn: turn.next_s):
        if turn.node in running or left_s(turn, now_s=now_s) or len(chosen) >= free:
            continue
        if turn.doubtful():
            if doubtful_free <= 0:
                continue
            doubtful_free -= 1
        chosen.append(turn.node)
    return chosen


def left_s(turn: Turn, *, now_s: int) -> int:
    """Tell how long until a group's turn; none at all when the clock has been set back since."""
    left = turn.next_s - now_s
    return 0 if left > WAIT_MAX_S * 2 else max(0, left)
