"""Where a witness stands with our checkpoints: how far it has come, and when to ask again. Pure.

Whatever it says, the witness itself tells the size that it has (409), so a loss costs a question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from federation.node.delivery import FIRST_WAIT_S, JITTER_MAX, WAIT_MAX_S

if TYPE_CHECKING:
    from collections.abc import Iterable

REFRESH_S: Final = 3600
"""So old may the newest cosignature become while the log does not grow: its time says how fresh
a checkpoint is (design section 3)."""
WITNESSES_MAX: Final = 16
"""As many as are asked; a note holds at most a hundred signatures."""
_DOUBLINGS_MAX: Final = 20


class Standing(msgspec.Struct, frozen=True):
    """What is known of one witness."""

    size: int = 0
    """The size that it has cosigned last, as far as we know."""
    cosigned_at_s: int = 0
    failures: int = 0
    next_attempt_at_s: int = 0
    trouble: str = ""
    """What went wrong last, in some words; empty after a cosignature."""

    @property
    def worth_telling(self) -> bool:
        """Tell whether this failure is to be logged: the first, the second, the fourth ..."""
        return self.failures & (self.failures - 1) == 0


def due(standing: Standing, newest_size: int, *, now_s: int) -> bool:
    """Tell whether to ask now: the log has grown, or the last cosignature is getting old.

    A clock that was set back makes nobody wait longer than the longest wait.
    """
    if 0 < standing.next_attempt_at_s - now_s <= WAIT_MAX_S * JITTER_MAX + 1:
        return False
    age_s = now_s - standing.cosigned_at_s
    return standing.size != newest_size or not 0 <= age_s < REFRESH_S


def cosigned(size: int, at_s: int) -> Standing:
    """Take note of a cosignature."""
    return Standing(size=size, cosigned_at_s=at_s)


def told(standing: Standing, size: int) -> Standing:
    """Take note of the size that the witness says it has."""
    return replace(standing, size=size)


def postponed(standing: Standing, trouble: str, *, now_s: int, jitter: float) -> Standing:
    """Wait after a failure, twice as long each time; `jitter` lies in 0 to 1."""
    failures = standing.failures + 1
    wait_s = min(WAIT_MAX_S, FIRST_WAIT_S * 2 ** min(failures, _DOUBLINGS_MAX)) * (0.5 + jitter)
    next_attempt_at_s = now_s + max(1, round(wait_s))
    return replace(
        standing, failures=failures, next_attempt_at_s=next_attempt_at_s, trouble=trouble
    )


def chosen(umbrella: str | None, partners: Iterable[str]) -> list[str]:
    """Give whom to ask: the umbrella first, then partners in the order of their ids."""
    first = [] if umbrella is None else [umbrella]
    return [*first, *sorted(set(partners) - set(first))][:WITNESSES_MAX]
