"""Quiet hours: at night in the group's time zone nobody is mailed who can wait. Pure.

The night is from 21:00 to 08:00, unless somebody has chosen other hours, or none.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.mail.kinds import AT_ONCE

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from federation.mail.kinds import MailKind


class Night(NamedTuple):
    """From which whole hour to which nobody is mailed; the same hour twice: never quiet."""

    evening: int
    morning: int


NIGHT: Final = Night(21, 8)
NO_NIGHT: Final = Night(0, 0)
NIGHTS: Final = (NIGHT, Night(22, 7), Night(19, 9), NO_NIGHT)
"""What somebody may choose."""


def quiet(at_s: int, zone: ZoneInfo, night: Night = NIGHT) -> bool:
    """Tell whether a moment lies in the quiet hours, by the clock on the wall there."""
    hour = datetime.fromtimestamp(at_s, zone).hour
    if night.evening > night.morning:
        return hour >= night.evening or hour < night.morning
    return night.evening <= hour < night.morning


def may_go_at_s(
    kind: MailKind,
    at_s: int,
    zone: ZoneInfo | None,
    *,
    useful_until_s: int,
    night: Night = NIGHT,
) -> int:
    """Give the first moment, not before `at_s`, at which a mail of this kind may go.

    What would be of no use in the morning any more cannot wait for it. Without a zone there are no
    quiet hours: the demo's mailbox wakes nobody.
    """
    if zone is None or kind in AT_ONCE or not quiet(at_s, zone, night):
        return at_s
    local, morning = datetime.fromtimestamp(at_s, zone), time(night.morning)
    day = local.date() if local.time() < morning else local.date() + timedelta(days=1)
    morning_s = int(datetime.combine(day, morning, zone).timestamp())
    return morning_s if morning_s < useful_until_s else at_s


def night_of(evening: int | None, morning: int | None) -> Night:
    """Give the night that somebody has chosen; the usual one where nothing was."""
    return NIGHT if evening is None or morning is None else Night(evening, morning)
