"""English: running a group: limits, members, collective bookings."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.error_texts import Text

TEXTS: Final[dict[Code, Text]] = {
    Code.LIMITS_ORDER: Text(
        "{field}: these limits do not fit together.",
        "Lower limits are 0 or below, upper ones 0 or above; a soft limit and one for newcomers "
        "lie within the hard one.",
    ),
    Code.TRADES_OPEN: Text(
        "{field}: something of this member is still open: a request, or a trade"
        " with another group.",
        "Let it come to its end or cancel it, and ask again.",
    ),
}
