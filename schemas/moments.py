"""Moments as events bear them: seconds of UTC, of which a calendar can tell only some.

Whoever signs an event may write any number. What lies behind the last year is told as its end.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import tzinfo

YEARS: Final = range(1970, 9000)
"""The years that are told, in any time zone."""
LAST_S: Final = int(datetime(YEARS.stop, 1, 1, tzinfo=UTC).timestamp()) - 1


def told_s(at_s: int) -> int:
    """Give a moment as a calendar can tell it."""
    return min(at_s, LAST_S)


def moment_in(zone: tzinfo, at_s: int) -> datetime:
    """Give what a clock and a calendar show at a moment."""
    return datetime.fromtimestamp(told_s(at_s), zone)
