"""All connections of a process for questions: never more than a number, whoever asks.

A group that asks nothing holds none. When all are open, the one that has been idle longest goes,
whosesoever it is; when all are at work, who asks waits in turn, and not for ever: two that wait
for each other would be told that the database does not answer, as they would by PostgreSQL.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from federation.node.share import Pooling

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncpg import Connection, Record
    from asyncpg.pool import PoolConnectionProxy

    Bare = Connection[Record]
else:
    Bare = asyncpg.Connection  # knows of no parameters while it runs

WAIT_S: Final = 3.0
IDLE_S: Final = 60.0


class Numbered(Bare):
    """A connection that has a number in this process."""

    number: int = 0


class Connections:
    """Opens connections, and knows which are idle."""

    def __init__(self, most: int) -> None:
        """Take how many may be open at once."""
        self.most = most
        self.open = 0
        self._numbers = count(1)
        self._idle: OrderedDict[int, Numbered] = OrderedDict()
        self._waiting: deque[asyncio.Future[None]] = deque()

    def pooling(self) -> Pooling:
        """Give how the pools of a node take part."""
        hooks: dict[str, Callable[..., Any] | type] = {
            "connect": self._connect,
            "setup": self._used,
            "reset": self._rests,
            "connection_class": Numbered,
        }
        return Pooling(kept=0, idle_s=IDLE_S, hooks=hooks)

    async def _connect(self, *where: Any, **said: Any) -> Numbered:
        await self._place()
        try:
            connection: Numbered = await asyncpg.connect(*where, **said)
        except BaseException:
            self._leave()
            raise
        connection.number = next(self._numbers)
        # by its number: what a listener is given may know of no connection any more
        connection.add_termination_listener(partial(self._ended, connection.number))
        return connection

    async def _place(self) -> None:
        """Take a place, or wait for one.

        Raises:
            TooManyConnectionsError: none came free in time.

        """
        if self.open < self.most:
            self.open += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._make_room()
        try:
            async with asyncio.timeout(WAIT_S):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._leave()  # it came in the same moment
            elif turn in self._waiting:
                self._waiting.remove(turn)
            if isinstance(error, TimeoutError):
                reason = "all connections of this host are at work"
                raise asyncpg.TooManyConnectionsError(reason) from error
            raise

    def _leave(self) -> None:
        """Give a place to who has waited longest, or nobody."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.open -= 1

    def _make_room(self) -> None:
        """Close as many idle connections as somebody waits for; their places come soon."""
        for _ in range(min(len(self._waiting), len(self._idle))):
            _, connection = self._idle.popitem(last=False)
            connection.terminate()

    async def _used(self, connection: PoolConnectionProxy[Record]) -> None:
        # a proxy has what the connection behind it has, which its type does not say
        self._idle.pop(connection.number, None)  # type: ignore[attr-defined]

    async def _rests(self, connection: Numbered) -> None:
        self._idle[connection.number] = connection
        if self._waiting:  # after the pool has put it back
            asyncio.get_running_loop().call_soon(self._make_room)

    def _ended(self, number: int, _connection: object) -> None:
        self._idle.pop(number, None)
        self._leave()
