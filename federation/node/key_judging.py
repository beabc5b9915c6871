"""Whether a partner's new key statements fit what was received from it under the keys before.

A statement that would silence a key at a place where its partner has already spoken to us comes too
late: whoever could make one could take back what it has signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from events.keys import still_speak
from federation.node.queries import SQL
from schemas.cores import UnknownCore
from schemas.keys import Role

if TYPE_CHECKING:
    from asyncpg import Pool, Record

    from events.keys import KeyHistory
    from federation.node.machine import NodeMachine
    from schemas.keys import SignedKeyStatement

_PLACE: Final = msgspec.json.Decoder(UnknownCore)


class KeyJudge:
    """Holds new key statements against the inbox."""

    def __init__(self, pool: Pool[Record], machine: NodeMachine) -> None:
        """Take the tables and the books."""
        self._pool = pool
        self._machine = machine

    async def fits(
        self, node: str, statements: tuple[SignedKeyStatement, ...], history: KeyHistory
    ) -> bool:
        """Tell whether all that was received from a node is still signed by keys that speak."""
        del statements
        return still_speak(history, await self.used(node, history))

    async def used(self, node: str, history: KeyHistory) -> dict[str, int]:
        """Give the highest index of a node's log that was received under each of its log keys."""
        books = self._machine.books
        lines = [line.line for line in books.lines.values() if line.peer == node and line.in_n]
        used: dict[str, int] = {}
        for key in {held.key for held in history.keys if held.role is Role.LOG} if lines else ():
            rows = await self._pool.fetch(SQL["last_under_key"], lines, key)
            if rows:
                used[key] = max(_PLACE.decode(row["core"]).seq for row in rows)
        return used
