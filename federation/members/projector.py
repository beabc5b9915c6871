"""Follows the log in order and fills the schema `plain` with names and texts, opened.

Invariant: the tables are what the log says up to `plain.progress.seq`, written in one transaction
with it. An error stops the projector with its place in the log; it never skips an event. The
tables can be lost: without a progress row it starts from the first event again. It sends nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
import structlog

from events.recovery import STORAGE_TROUBLE
from events.unbroken import to_its_end
from federation.members.opened import Scene, statements
from federation.members.postcodes import place_for_tables
from federation.members.queries import PLAIN, SQL
from federation.node.identity import system_random
from federation.node.service import now_s
from schemas import bodies
from schemas.encoding import b64
from schemas.errors import Code, StorageError
from schemas.openings import PersonalText

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.log_store import AnyConnection
    from federation.members.opened import Place, Statement
    from federation.node.service import Node

log = structlog.get_logger()

PAGE: Final = 2048
PACE_S: Final = 0.2
"""So long it lets events gather while nobody waits: a query for each booking would cost more."""
TICK_S: Final = 1.0
PAUSES_EVERY_S: Final = 60
PICTURES_EVERY_S: Final = 86_400
PICTURES_UNUSED_FOR_S: Final = 60 * 86_400
"""A picture that nothing shows is dropped after so long: a draft may still want it before."""
REACHED_TIMEOUT_S: Final = 20
NOTE_PROGRESS_AFTER: Final = 10_000
"""So many events without a word about members may have to be looked through again at a start."""
_BODY: Final = msgspec.json.Decoder(bodies.AnyBody)
_TEXT: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(PersonalText)


class Projector:
    """Fills the tables of one node; `run` is its task."""

    def __init__(
        self,
        node: Node,
        *,
        clock: Callable[[], int] = now_s,
        random: Callable[[int], bytes] = system_random,
        locate: Callable[[str], Place | None] = lambda _postcode: None,
    ) -> None:
        """Take the node, clock and chance, and who knows where a postcode is."""
        self._node = node
        self._clock = clock
        self._random = random
        self._locate = locate
        self._generation = ""
        self._next = 0
        self._noted = 0
        self._looked_at_s = 0
        self._swept_at_s = 0
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self.stopped = False

    @property
    def position(self) -> tuple[str, int]:
        """How far the tables have come at least, and which making of them this is."""
        return self._generation, self._next

    def wake(self) -> None:
        """Tell that the log has grown."""
        self._wake.set()

    def look_again(self) -> None:
        """Tell that the log may be another one: a recovery has changed it."""
        self._generation = ""
        self._wake.set()

    async def reached(self, seq: int) -> None:
        """Wait until the event `seq` can be read from the tables."""
        if self.stopped:
            raise StorageError(Code.INTERNAL)
        if self._generation and seq < self._next:
            return
        waits: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((seq, waits))
        self._wake.set()
        self._hurry.set()
        try:
            async with asyncio.timeout(REACHED_TIMEOUT_S):
                await waits
        except TimeoutError as error:
            raise StorageError(Code.BUSY) from error

    async def run(self) -> None:
        """Follow the log until cancelled, or until an event cannot be taken in."""
        while not self.stopped:
            try:
                await self.catch_up()
            except STORAGE_TROUBLE as error:
                log.warning("projector_waits", kind=type(error).__name__)
                await asyncio.sleep(TICK_S)
            except Exception as error:  # noqa: BLE001 - whatever it is, nothing may be skipped
                self._stop(error)
            else:
                await self._rest()

    async def catch_up(self) -> None:
        """Take in what the log holds by now; then do what comes with time.

        Posts return whose member is back, and pictures and files go that nothing shows: every post
        and every item is known at this place and at no other.
        """
        if not self._generation:
            await self._begin()
        while self._generation and self._next < self._node.sequencer.size:
            await self._page(self._next, min(self._next + PAGE, self._node.sequencer.size))
        if not self._generation:
            return  # the tables were emptied meanwhile
        at_s = self._clock()
        if at_s >= self._looked_at_s + PAUSES_EVERY_S:
            self._looked_at_s = at_s
            await self._node.pool.execute(PLAIN["show_returned"], at_s)
        if at_s >= self._swept_at_s + PICTURES_EVERY_S:
            self._swept_at_s = at_s
            await self._node.pool.execute(SQL["drop_pictures"], at_s - PICTURES_UNUSED_FOR_S)
            await self._node.pool.execute(SQL["drop_files"], at_s - PICTURES_UNUSED_FOR_S)

    async def _rest(self) -> None:
        """Wait until there is something to do, and gather a little when nobody is in a hurry."""
        if self._next >= self._node.sequencer.size:
            await _wait(self._wake, TICK_S)
        if not self._waiting:
            await _wait(self._hurry, PACE_S)

    async def _begin(self) -> None:
        """Find out where the tables are, or start them anew."""
        async with self._node.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(PLAIN["read_progress"])
            if row is None or row["seq"] > self._node.sequencer.size:
                generation = b64(self._random(16))
                await connection.execute(PLAIN["forget_all"])
                await connection.execute(PLAIN["start_progress"], generation)
                self._generation, self._next = generation, 0
            else:
                self._generation, self._next = row["generation"], row["seq"]
        self._noted = self._next
        log.info("projector_begins", seq=self._next)
        self._answer()

    async def _page(self, start: int, end: int) -> None:
        rows = await self._node.pool.fetch(PLAIN["read_bodies"], start, end)
        found = [(row["seq"], _BODY.decode(row["body"])) for row in rows]
        texts = await self._texts([seq for seq, _ in found])
        changes: list[Statement] = []
        settings = self._node.machine.books.ledger.settings
        for seq, body in found:
            scene = Scene(texts.get(seq, []), self._clock(), self._locate, settings)
            changes.extend(statements(body, scene))
        if changes or end - self._noted >= NOTE_PROGRESS_AFTER:
            if not await self._write(changes, start, end):
                return
            self._noted = end
        self._next = end
        self._answer()

    async def _texts(self, seqs: list[int]) -> dict[int, list[Any]]:
        """Open the texts of some events; what was erased is left out."""
        found: dict[int, list[Any]] = {}
        if not seqs:
            return found
        for row in await self._node.pool.fetch(PLAIN["read_personal"], seqs):
            plain = self._node.machine.keyring.open(
                row["subject"], row["commitment"], row["sealed"]
            )
            if plain is not None:
                found.setdefault(row["seq"], []).append(_TEXT.decode(plain[1]))
        return found

    async def _write(self, changes: list[Statement], start: int, end: int) -> bool:
        """Write what a page says; false when the tables were emptied meanwhile."""
        async with self._node.pool.acquire() as connection, connection.transaction():
            # what is lost by a crash is written again: the progress is lost with it
            await connection.execute("SET LOCAL synchronous_commit = off")
            row = await connection.fetchrow(PLAIN["read_progress"])
            if row is None or row["generation"] != self._generation:
                self._generation = ""
                return False
            assert row["seq"] <= start, "somebody else writes these tables"
            await _execute(connection, changes)
            await connection.execute(PLAIN["advance"], end)
        return True

    def _answer(self) -> None:
        for seq, waits in self._waiting:
            if seq < self._next and not waits.done():
                waits.set_result(None)
        self._waiting = [(seq, waits) for seq, waits in self._waiting if not waits.done()]

    def _stop(self, error: Exception) -> None:
        self.stopped = True
        log.critical("projector_stopped", seq=self._next, kind=type(error).__name__, exc_info=error)
        for _, waits in self._waiting:
            if not waits.done():
                waits.set_exception(StorageError(Code.INTERNAL))
        self._waiting.clear()


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    event.clear()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()


async def _execute(connection: AnyConnection, changes: list[Statement]) -> None:
    """Write in order; what is of one kind goes together."""
    for name, alike in groupby(changes, key=itemgetter(0)):
        rows = [row for _, row in alike]
        # cancelled while it sends, asyncpg waits for an answer that cannot come: no node would stop
        await to_its_end(connection.executemany(PLAIN[name], rows))


def of(node: Node) -> Projector:
    """Give the projector of a running node."""
    return cast("Projector", node.parts[Projector])


async def reached(node: Node, seq: int) -> None:
    """Wait until the event `seq` is in the tables of `plain`: what was written can be read.

    Raises:
        StorageError: `busy` when it takes too long, `internal` when the projector has stopped.

    """
    await of(node).reached(seq)


async def start(node: Node, tasks: asyncio.TaskGroup) -> None:
    """Start the projector of a node."""
    projector = Projector(node, locate=place_for_tables)
    node.parts[Projector] = projector
    node.sequencer.size_changed = lambda _size: projector.wake()
    tasks.create_task(projector.run(), name="projector")
