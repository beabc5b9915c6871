"""Quiet hours: from 21:00 to 08:00 in the group's time zone nobody is mailed who can wait. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from federation.mail.kinds import AT_ONCE

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from federation.mail.kinds import MailKind

EVENING: Final = time(21)
MORNING: Final = time(8)


def quiet(at_s: int, zone: ZoneInfo) -> bool:
    """Tell whether a moment lies in the quiet hours, by the clock on the wall there."""
    clock = datetime.fromtimestamp(at_s, zone).time()
    return clock >= EVENING or clock < MORNING


def may_go_at_s(kind: MailKind, at_s: int, zone: ZoneInfo | None, *, useful_until_s: int) -> int:
    """Give the first moment, not before `at_s`, at which a mail of this kind may go.

    What would be of no use in the morning any more cannot wait for it. Without a zone there are no
    quiet hours: the demo's mailbox wakes nobody.
    """
    if zone is None or kind in AT_ONCE or not quiet(at_s, zone):
        return at_s
    local = datetime.fromtimestamp(at_s, zone)
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    morning_s = int(datetime.combine(day, MORNING, zone).timestamp())
    return morning_s if morning_s < useful_until_s else at_s
