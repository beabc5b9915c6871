"""Reading the feeds of other groups: a task of the running node, for `plain.post` and `plain.card`.

Each page goes in whole, in one transaction with how far the feed was read; so a process that dies
goes on where it was, and nothing is read twice or left out. One page is written at a time, and at
most `feed_turns.AT_ONCE` groups are asked at once, for a bounded time: nobody's feed slows pages
or other feeds down. What a group does wrong is counted and told by code, never by its texts.
"""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, Final, TypeVar, cast

import msgspec
import structlog

from events.recovery import STORAGE_TROUBLE
from events.restore import Mode
from federation.members import feed_cards
from federation.members.feed_pictures import sweep_pictures
from federation.members.feed_queries import FEED
from federation.members.feed_rows import columns_of
from federation.peer import feed_turns as turns
from federation.peer.feed_pages import checking
from federation.peer.feed_reading import Reading, followed
from federation.peer.feed_turns import Turn
from schemas.encoding import encode
from schemas.errors import Code, PeerUnavailable, RuilbrugError, StorageError, VerificationError
from schemas.feed import PAGE_BYTES_MAX

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from events.log_store import AnyConnection
    from federation.members.feed_choices import FeedChoices
    from federation.members.feed_rows import Spot
    from federation.node.peers import Peer
    from federation.node.service import Node
    from federation.peer.feed_pages import Checked, Cursor

One = TypeVar("One")
Other = TypeVar("Other")
log = structlog.get_logger()

PATH: Final = "/federation/v1/offers"
TICK_S: Final = 1.0
PAGE_TIMEOUT_S: Final = 20.0
VISIT_MAX_S: Final = 60.0
VISIT_PAGES_MAX: Final = 20
POSTS_MAX: Final = 20_000
"""More posts than this has no group; the rest of its feed is not read."""
CARDS_MAX: Final = 5_000
"""Nor so many members."""
FRESH_S: Final = 7 * 86_400
"""A post of a group that was not heard of for so long is shown no longer."""
TOUCH_S: Final = 6 * 3_600
"""How much older than the truth `refreshed_at_s` may say that a post is."""
SWEEP_S: Final = 600
REGISTER_S: Final = 300
TAKE_S: Final = 10.0
"""How long a connection to the database is waited for."""
OWN_TROUBLE_WAIT_S: Final = 30
WRITTEN_AT_ONCE: Final = 25
"""Rows of one statement: making it ready holds up the process for some milliseconds."""
REST: Final = 0.75
"""So many times as long as a piece took the database has for those who wait for a page."""
_LEFT_OUT: Final = msgspec.json.Decoder(dict[str, int])


class FeedReader:
    """Reads the feeds of all groups that are shown here, each in its turn."""

    def __init__(
        self,
        node: Node,
        choices: FeedChoices,
        *,
        clock: Callable[[], int],
        jitter: Callable[[], float],
        where: Callable[[str], Spot],
    ) -> None:
        """Take a running node; nothing is asked before `run`."""
        self._node = node
        self._choices = choices
        self._clock = clock
        self._jitter = jitter
        self._where = where
        self._turns: dict[str, Turn] = {}
        self._running: set[str] = set()
        self._soon: set[str] = set()
        self._writing = asyncio.Lock()
        self._wake = asyncio.Event()
        self._sweep_again_s = self._register_again_s = 0
        self.visits: dict[str, int] = {}
        """How many visits to each feed came to an end."""

    async def run(self) -> None:
        """Read for ever; owns the tasks of the visits."""
        async with asyncio.TaskGroup() as visits:
            while True:
                if self._node.gate.mode is not Mode.READ_ONLY:
                    self._begin_due(visits)
                try:
                    async with asyncio.timeout(TICK_S):
                        await self._wake.wait()
                except TimeoutError:
                    pass
                self._wake.clear()

    def soon(self, node: str | None = None) -> None:
        """Have a feed, or every one, read now; what may no longer be shown goes at once."""
        self._soon |= {name for name in self._choices.shown() if node in (None, name)}
        self._sweep_again_s = 0
        self._wake.set()

    def _begin_due(self, tasks: asyncio.TaskGroup) -> None:
        """Begin what is due: visits, a sweep, a look at the register."""
        shown, now_s = self._choices.shown(), self._clock()
        self._turns = {node: self._turns.get(node) or Turn(node) for node in shown}
        for node in self._soon & shown.keys() - self._running:
            self._turns[node] = msgspec.structs.replace(self._turns[node], next_s=0)
        self._soon &= self._running
        for node in turns.whose_turn(self._turns.values(), self._running, now_s=now_s):
            self._running.add(node)
            tasks.create_task(self._visit(shown[node]), name=f"feed-{node[:8]}")
        if not 0 < self._sweep_again_s - now_s <= SWEEP_S:
            self._sweep_again_s = now_s + SWEEP_S
            tasks.create_task(self._calmly(self.sweep()), name="feed-sweep")
        if not 0 < self._register_again_s - now_s <= REGISTER_S:
            self._register_again_s = now_s + REGISTER_S
            tasks.create_task(self._calmly(self._node.peers.read_register()), name="feed-register")

    async def _calmly(self, work: Coroutine[None, None, None]) -> None:
        """Do something that is done again later anyway, when the database is away."""
        try:
            await work
        except (*STORAGE_TROUBLE, StorageError) as error:
            log.warning("feed_without_database", kind=type(error).__name__)

    async def _visit(self, peer: Peer) -> None:
        """Visit one group; until all of it is noted, nobody else begins a visit to it."""
        try:
            await self._read_on(peer)
        finally:
            self._running.discard(peer.node)

    async def _read_on(self, peer: Peer) -> None:
        """Read on in one feed, and say when to come again; whatever happens, this ends here."""
        start, turn, more = perf_counter(), self._turns[peer.node], False
        error: RuilbrugError | None = None
        try:
            more = await self._read(peer)
        except (*STORAGE_TROUBLE, StorageError) as own:
            log.warning("feed_without_database", kind=type(own).__name__)
            error = PeerUnavailable(Code.RATE_LIMITED, wait_s=OWN_TROUBLE_WAIT_S)
        except RuilbrugError as refused:
            error = refused
        except Exception as bug:
            log.critical("feed_visit_failed", peer=peer.node, exc_info=bug)
            error = StorageError(Code.INTERNAL)
        if error is not None:
            await self._calmly(self._note(peer, error))
        self.visits[peer.node] = self.visits.get(peer.node, 0) + 1
        if peer.node in self._turns:
            self._turns[peer.node] = self._next(
                turn, error, took_s=perf_counter() - start, more=more
            )

    def _next(self, turn: Turn, error: RuilbrugError | None, *, took_s: float, more: bool) -> Turn:
        """Give when a group is asked next, by how the visit to it ended."""
        now_s, jitter = self._clock(), self._jitter()
        if error is None:
            return turns.read_well(turn, now_s=now_s, took_s=took_s, more=more, jitter=jitter)
        if _told_to_wait(error):
            wait_s = int(error.facts["wait_s"])
            return turns.told_to_wait(turn, wait_s, now_s=now_s, jitter=jitter)
        return turns.failed(turn, now_s=now_s, took_s=took_s, jitter=jitter)

    async def _note(self, peer: Peer, error: RuilbrugError) -> None:
        """Write down what is wrong with a feed; who lets us read no longer is shown no longer."""
        if _told_to_wait(error):
            return
        what = str(error.code)
        if isinstance(error, VerificationError) and "reason" in error.facts:
            what = f"{what}: {error.facts['reason']}"  # our own words: nobody else made it
        log.warning("feed_not_read", peer=peer.node, code=what)
        async with self._writing, self._node.pool.acquire(timeout=TAKE_S) as connection:
            if error.code is Code.FORBIDDEN:
                await self._drop(connection, peer.node)
            await connection.execute(FEED["write_trouble"], peer.node, what, self._clock())

    async def _read(self, peer: Peer) -> bool:
        """Read pages until the end, or as many as one visit takes; tells whether there are more.

        A page is fetched while the one before is being written.

        Raises:
            RuilbrugError: the group does not answer, refuses, or tells what cannot be.

        """
        generation, reading = await self._reading(peer.node)
        start, cursor = perf_counter(), reading.cursor(now_s=self._clock())
        data: bytes | None = await self._ask(peer, cursor)
        for number in range(1, VISIT_PAGES_MAX + 1):
            assert data is not None, "there is a page as long as we go on"
            page = await self._check(data, cursor)
            if page.anew and number > 1:
                raise VerificationError(Code.PEER_WRONG, reason="its feed begins again and again")
            if page.refused:
                log.warning("feed_entries_left_out", peer=peer.node, **page.refused)
            reading = followed(reading, page, now_s=self._clock())
            cursor = page.next
            in_time = number < VISIT_PAGES_MAX and perf_counter() - start < VISIT_MAX_S
            kept, data = await _both(
                self._keep(peer.node, generation, reading, page),
                self._ask(peer, cursor if page.more and in_time else None),
            )
            if not kept or not page.more:
                return False
            if not in_time:
                break
        return True

    async def _check(self, data: bytes, cursor: Cursor) -> Checked:
        """Take a page apart without holding up those who wait for pages of this node."""
        steps = checking(data, cursor, now_s=self._clock())
        while True:
            try:
                next(steps)
            except StopIteration as done:
                return cast("Checked", done.value)
            await asyncio.sleep(0)

    async def _ask(self, peer: Peer, cursor: Cursor | None) -> bytes | None:
        """Fetch the page behind a cursor; none is no page."""
        if cursor is None:
            return None
        path = f"{PATH}?cards=1" + (f"&after={cursor.query()}" if cursor.epoch else "")
        return await self._node.client.get(
            peer.node, peer.url, path, timeout_s=PAGE_TIMEOUT_S, bytes_max=PAGE_BYTES_MAX
        )

    async def _reading(self, node: str) -> tuple[str, Reading]:
        """Give which projection this is, and how far it has read a feed."""
        async with self._node.pool.acquire(timeout=TAKE_S) as connection:
            generation = await connection.fetchval(FEED["generation"]) or ""
            row = await connection.fetchrow(FEED["read_reading"], node)
        if row is None:
            return generation, Reading()
        if row["generation"] != generation:
            return generation, Reading(pass_n=row["pass_n"])
        return generation, Reading(
            epoch=row["epoch"],
            n=row["n"],
            pass_n=row["pass_n"],
            pages=row["pages"],
            began_at_s=row["began_at_s"],
            left_out=_LEFT_OUT.decode(row["left_out"]),
        )

    async def _keep(self, node: str, generation: str, reading: Reading, page: Checked) -> bool:
        """Write a page and how far it brings us; nothing when the group is shown no longer."""
        now_s = self._clock()
        async with (
            self._writing,
            self._node.pool.acquire(timeout=TAKE_S) as connection,
            connection.transaction(),
        ):
            await connection.execute(FEED["not_waiting_for_the_disk"])
            if node not in self._choices.shown():
                return False
            if (await connection.fetchval(FEED["generation"]) or "") != generation:
                raise StorageError(Code.BUSY)
            if page.gone:
                await connection.execute(FEED["drop_posts"], node, page.gone)
            for at in range(0, len(page.posts), WRITTEN_AT_ONCE):
                rows = columns_of(page.posts[at : at + WRITTEN_AT_ONCE], self._where)
                began = perf_counter()
                await connection.execute(FEED["take_posts"], node, reading.pass_n, now_s, *rows)
                await asyncio.sleep(REST * (perf_counter() - began))
            await feed_cards.keep(
                connection, node, page.cards, page.cards_gone, pass_n=reading.pass_n
            )
            posts = await connection.fetchval(FEED["count_posts"], node)
            cards = await connection.fetchval(FEED["count_cards"], node)
            if posts > POSTS_MAX or cards > CARDS_MAX:
                raise VerificationError(Code.PEER_WRONG, reason="its feed is too long")
            await connection.execute(
                FEED["write_reading"],
                node,
                generation,
                reading.epoch,
                reading.n,
                reading.pass_n,
                reading.pages,
                reading.began_at_s,
                encode(reading.left_out).decode(),
            )
            if not page.more:
                await connection.execute(FEED["drop_unseen"], node, reading.pass_n)
                await connection.execute(FEED["touch_posts"], node, now_s, now_s - TOUCH_S)
                await connection.execute(FEED["write_refreshed"], node, now_s)
        return True

    async def sweep(self) -> None:
        """Drop what is shown no longer: groups that left or were hidden, what expired, what is old.

        What a member of another group took back goes with its feed; this is for feeds that end.
        """
        now_s, shown = self._clock(), self._choices.shown()
        async with self._writing, self._node.pool.acquire(timeout=TAKE_S) as connection:
            for row in await connection.fetch(FEED["sweep_groups"]):
                if row["node"] not in shown:
                    await self._drop(connection, row["node"])
            await connection.execute(FEED["sweep_expired"], now_s)
            await connection.execute(FEED["sweep_stale"], now_s - FRESH_S)
            await sweep_pictures(connection, now_s)

    async def _drop(self, connection: AnyConnection, node: str) -> None:
        await connection.execute(FEED["drop_group"], node)
        await connection.execute(FEED["drop_reading"], node)


async def _both(one: Awaitable[One], other: Awaitable[Other]) -> tuple[One, Other]:
    """Do two things at once, each to its end; what goes wrong with the first is told first."""
    found = await asyncio.gather(one, other, return_exceptions=True)
    for answer in found:
        if isinstance(answer, BaseException):
            raise answer
    return cast("tuple[One, Other]", tuple(found))


def _told_to_wait(error: RuilbrugError) -> bool:
    """Tell whether it is we who read a number of seconds; a signed refusal may say anything."""
    return isinstance(error, PeerUnavailable) and error.code is Code.RATE_LIMITED
