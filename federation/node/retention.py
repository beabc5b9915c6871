"""For how long a group keeps who looked at whom: as its coordinators chose, else as settings say.

What is kept by law (bookings), by the keys (how long old backups can be read) or while somebody is
a member is no choice, and `/privacy` says it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.group.members import not_coordinator
from federation.node.looked import SQL
from federation.node.patience import connection_in_time
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from federation.node.service import Node

LOOKED_DAYS_MIN: Final = 30
"""Shorter, and a member who asks after a holiday finds nothing any more."""
LOOKED_DAYS_MAX: Final = 3_650
"""Longer is kept for nobody's sake (GDPR article 5.1 e)."""


async def looked_days(node: Node) -> int:
    """Give for how many days the register is kept."""
    async with connection_in_time(node.pool) as connection:
        chosen: int | None = await connection.fetchval(SQL["looked_days"])
    return node.settings.privacy.looked_days if chosen is None else chosen


async def keep_looked(node: Node, actor: int | None, days: int) -> None:
    """Keep it for so many days from now on, for coordinators; what is older goes at the next sweep.

    Raises:
        InputError: `malformed` for fewer or more days than may be.
        RefusedError: `forbidden`.

    """
    refusal = not_coordinator(node.machine.books, actor)
    if refusal is not None:
        raise RefusedError.of(refusal)
    if not LOOKED_DAYS_MIN <= days <= LOOKED_DAYS_MAX:
        raise InputError(Code.MALFORMED, field="looked_days", reason="not that many days")
    async with connection_in_time(node.pool) as connection:
        await connection.execute(SQL["write_looked_days"], days)
