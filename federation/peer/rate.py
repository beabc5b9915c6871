"""How much one caller may ask: a bucket of tokens for each, that fills up with time. Pure.

Invariant: in any stretch of `t` seconds a caller that is remembered gets at most
`burst + per_s * t` tokens, and one that asks no faster than `per_s` is never refused. A refusal
costs nothing and says when to come again. Memory is bounded: who has not asked for longest is
forgotten first, and then begins with a full bucket, so nobody's bucket is emptied by another.

A bucket is one number, the moment at which it is full again (generic cell rate algorithm, ITU-T
I.371); times are seconds of a clock that never goes back.
"""

from __future__ import annotations

from typing import Final

import msgspec

CALLERS_MAX: Final = 4_096


class Allowance(msgspec.Struct, frozen=True):
    """So many tokens at once, and so many a second in the long run."""

    per_s: float
    burst: int


class RateMemory:
    """The bucket of each caller that is not full."""

    def __init__(self, allowance: Allowance, *, callers_max: int = CALLERS_MAX) -> None:
        """Start with every bucket full."""
        assert allowance.per_s > 0
        assert allowance.burst >= 1
        assert callers_max >= 1
        self._allowance = allowance
        self._callers_max = callers_max
        self._full_at_s: dict[str, float] = {}

    def __len__(self) -> int:
        """Count the callers that are remembered."""
        return len(self._full_at_s)

    def take(self, caller: str, *, now_s: float, tokens: int = 1) -> float:
        """Take tokens: 0 when they were there, else the seconds until they will be.

        More than a whole bucket is taken for a whole one, or it would never come.
        """
        tokens = min(tokens, self._allowance.burst)
        cost_s = tokens / self._allowance.per_s
        full_at_s = max(self._full_at_s.get(caller, now_s), now_s) + cost_s
        wait_s = full_at_s - now_s - self._allowance.burst / self._allowance.per_s
        if wait_s > _ROUNDING_S:
            return wait_s
        self._remember(caller, full_at_s)
        return 0.0

    def give_back(self, caller: str, *, tokens: int = 1) -> None:
        """Undo a `take`: it was not one of those who are counted."""
        if caller in self._full_at_s:
            self._full_at_s[caller] -= tokens / self._allowance.per_s

    def _remember(self, caller: str, full_at_s: float) -> None:
        """Keep the caller as the newest; the oldest gives way."""
        self._full_at_s.pop(caller, None)
        if len(self._full_at_s) >= self._callers_max:
            del self._full_at_s[next(iter(self._full_at_s))]
        self._full_at_s[caller] = full_at_s


_ROUNDING_S: Final = 1e-6
"""What sums of fractions may be off, over the life of a process."""
