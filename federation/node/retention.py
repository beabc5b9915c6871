"""For how long a group keeps what it may choose, as its coordinators said.

Who looked at whom: as chosen, else as settings say. Who has left is erased after so many days, and
never unless they chose that (the rules are `federation.group.leavers`). What is kept by law
(bookings), by the keys (how long old backups can be read) or while somebody is a member is no
choice, and `/privacy` says it.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from events.queries import load_queries
from federation.group.leavers import LEFT_DAYS_MAX, LEFT_DAYS_MIN, Leaving, Notice, who_left
from federation.group.members import not_coordinator
from federation.node.looked import SQL
from federation.node.patience import connection_in_time
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log_store import AnyConnection
    from federation.node.service import Node

LEFT_SQL: Final = load_queries(files("federation.node").joinpath("sql/left.sql"))
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
    _require_coordinator(node, actor)
    if not LOOKED_DAYS_MIN <= days <= LOOKED_DAYS_MAX:
        raise InputError(Code.MALFORMED, field="looked_days", reason="not that many days")
    async with connection_in_time(node.pool) as connection:
        await connection.execute(SQL["write_looked_days"], days)


async def left_days(node: Node) -> int | None:
    """Give after how many days who has left is erased; none for never."""
    async with connection_in_time(node.pool) as connection:
        chosen: int | None = await connection.fetchval(LEFT_SQL["left_days"])
    return chosen


async def keep_left(node: Node, actor: int | None, days: int | None) -> None:
    """Erase who has left after so many days from now on, or never, for coordinators.

    With never, what was told is forgotten in the same breath: whoever is due again is told again.

    Raises:
        InputError: `malformed` for fewer or more days than may be.
        RefusedError: `forbidden`.

    """
    _require_coordinator(node, actor)
    if days is not None and not LEFT_DAYS_MIN <= days <= LEFT_DAYS_MAX:
        raise InputError(Code.MALFORMED, field="left_days", reason="not that many days")
    async with connection_in_time(node.pool) as connection, connection.transaction():
        await connection.execute(LEFT_SQL["write_left_days"], days)
        if days is None:
            await connection.execute(LEFT_SQL["forget_all_told"])


async def leaving(node: Node) -> Leaving:
    """Give who is gone, who was told that its data will be erased, and what the group chose."""
    days = await left_days(node)
    async with connection_in_time(node.pool) as connection:
        told = [Notice(*row) for row in await connection.fetch(LEFT_SQL["left_told"])]
    return Leaving(who_left(node.machine.books), told, days)


async def note_told(connection: AnyConnection, notice: Notice) -> bool:
    """Note that somebody is told, with the mail; false when it was told of this leaving before."""
    return await connection.fetchval(LEFT_SQL["tell_left"], *notice) is not None


async def forget_told(node: Node, accounts: Sequence[int]) -> None:
    """Forget what these were told: it is not so any more."""
    async with connection_in_time(node.pool) as connection:
        await connection.execute(LEFT_SQL["forget_told"], accounts)


def _require_coordinator(node: Node, actor: int | None) -> None:
    refusal = not_coordinator(node.machine.books, actor)
    if refusal is not None:
        raise RefusedError.of(refusal)
