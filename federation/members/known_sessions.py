"""Sessions in use, as the tables held them a moment ago: every page asks who is signed in.

What a session says comes from its row and from the names of its person. Rows are written by this
process alone, and every deed that writes one forgets all that is known; names change when the
tables go on, and what was read before does not count after. Who may do what is not known here:
that is asked of the books each time.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from federation.members import projector
from federation.node.patience import connection_in_time

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Record
    from asyncpg.pool import PoolConnectionProxy

    from federation.node.service import Node

KEPT_MAX: Final = 2_000
KEPT_S: Final = 60
"""A deed that was given up on may still reach the tables: so long it may go unseen."""


class _Known(NamedTuple):
    row: Record
    read_at_s: int


class KnownSessions:
    """The sessions of one node that were read lately, by the hash of their token."""

    def __init__(self, node: Node) -> None:
        """Know none yet."""
        self._tables = projector.of(node)
        self._position = self._tables.position
        self._known: dict[bytes, _Known] = {}
        self._version = 0

    @property
    def version(self) -> int:
        """Number what may be kept: what was read under an older one may have changed since."""
        self._follow()
        return self._version

    def row(self, token: bytes, *, now_s: int) -> Record | None:
        """Give what the tables say of a session; nothing when they have to be asked."""
        self._follow()
        known = self._known.get(token)
        if known is None or not 0 <= now_s - known.read_at_s < KEPT_S:
            return None
        return known.row

    def keep(self, token: bytes, row: Record, version: int, *, now_s: int) -> None:
        """Remember what was read since there was this version."""
        if version != self.version:
            return
        self._known.pop(token, None)
        if len(self._known) >= KEPT_MAX:
            del self._known[next(iter(self._known))]
        self._known[token] = _Known(row, now_s)

    def forget(self) -> None:
        """Forget all, and do not keep what is being read just now."""
        self._version += 1
        self._known.clear()

    def _follow(self) -> None:
        """Forget all when the tables have gone on."""
        if self._position != self._tables.position:
            self._position = self._tables.position
            self.forget()


def known_sessions(node: Node) -> KnownSessions:
    """Give the known sessions of a running node."""
    known = node.parts.get(KnownSessions)
    if known is None:
        known = node.parts[KnownSessions] = KnownSessions(node)
    return cast("KnownSessions", known)


@contextlib.asynccontextmanager
async def changing_sessions(node: Node) -> AsyncIterator[PoolConnectionProxy[Record]]:
    """Give a connection for a deed that writes sessions; whatever comes of it, all is read anew.

    Raises:
        StorageError: `database_unavailable`.

    """
    try:
        async with connection_in_time(node.pool) as connection:
            yield connection
    finally:
        known_sessions(node).forget()
