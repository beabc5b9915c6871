"""What somebody typed on a page and could not send, kept for the next visit (`plain.draft`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from federation.node.patience import connection_in_time
from federation.web.queries import SQL

if TYPE_CHECKING:
    from federation.node.service import Node
    from federation.web.sessions import Ended, Person

KEPT_MAX: Final = 20
"""So many pages of one person; the oldest gives way."""
KEPT_S: Final = 30 * 86_400
BYTES_MAX: Final = 65_536
NEVER_KEPT: Final = "password"
"""A field whose name begins so is never kept."""
_FIELDS: Final = msgspec.json.Decoder(dict[str, str])


class Owner(NamedTuple):
    """Who typed it, and in whose name when that is somebody else's: it comes back only in that."""

    account: int
    person: int
    name: str = ""

    def place(self, path: str) -> str:
        """Give under what a page's draft is kept."""
        return f"{self.name}{path}"


def owner_of(who: Person | Ended, acting_for: int | None) -> Owner:
    """Give whose drafts these are."""
    other = acting_for not in (None, who.account)
    return Owner(who.account, who.person, f"{acting_for}:" if other else "")


async def keep_draft(
    node: Node, owner: Owner, path: str, fields: dict[str, str], *, now_s: int
) -> bool:
    """Keep what was typed on a page, in place of what was kept of it before.

    Gives false, and keeps nothing, when it is empty or too much.
    """
    worth = {
        name: text for name, text in fields.items() if text and not name.startswith(NEVER_KEPT)
    }
    typed = msgspec.json.encode(worth)
    if typed == b"{}" or len(typed) > BYTES_MAX:
        return False
    async with connection_in_time(node.pool) as connection, connection.transaction():
        await connection.execute(
            SQL["keep_draft"], *owner[:2], owner.place(path), typed.decode(), now_s
        )
        await connection.execute(SQL["crowded_drafts"], *owner[:2], KEPT_MAX)
    return True


async def read_draft(node: Node, owner: Owner, path: str) -> dict[str, str]:
    """Give what was typed on a page; empty when there is nothing."""
    async with connection_in_time(node.pool) as connection:
        found = await connection.fetchval(SQL["read_draft"], *owner[:2], owner.place(path))
    return {} if found is None else _FIELDS.decode(found)


async def drop_draft(node: Node, owner: Owner, path: str) -> None:
    """Forget it: it has been sent, or thrown away."""
    async with connection_in_time(node.pool) as connection:
        await connection.execute(SQL["drop_draft"], *owner[:2], owner.place(path))
