"""Until when a payment to another group waits for its answer. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from federation.node.delivery import Delivery

REACHABLE_S: Final = 60
"""So long after the last contact a partner without failures counts as there."""
EXPIRY_REACHABLE_S: Final = 60
EXPIRY_HOUR: Final = 18
REQUEST_S: Final = 7 * 24 * 3600
"""So long a request waits for a consent."""


def expires_at_s(delivery: Delivery, *, zone: ZoneInfo, now_s: int) -> int:
    """Say until when a payment waits: 60 s when the partner was there, else tomorrow 18:00.

    Tomorrow and 18:00 are those of the clocks on the wall in `zone`.
    """
    if not delivery.failures and now_s - delivery.last_contact_at_s <= REACHABLE_S:
        return now_s + EXPIRY_REACHABLE_S
    tomorrow = datetime.fromtimestamp(now_s, zone).date() + timedelta(days=1)
    return int(datetime.combine(tomorrow, time(EXPIRY_HOUR), zone).timestamp())
