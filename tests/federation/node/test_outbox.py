"""The worker of a line: what it asks and what it takes in, one beside the other."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from federation.line.decide import Received
from federation.node.outbox import Outbox
from federation.node.recent import RecentChain, RecentEvent
from federation.node.sessions import Sessions
from projections.layered import Layered
from projections.lines import Line
from schemas.encoding import b64, encode
from schemas.messages import Exchange, WireEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

US, THEM, LINE = "us", "them", "line"
TOLD = Exchange(after=0, events=(WireEvent(core="", signature=b64(bytes(64))),))
WAIT_S = 5
TURNS_OF_A_MARK = 10


class World:
    """A partner that tells one event, asked by a client that writes as aiohttp does."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        self.asked_again = asyncio.Event()
        self.taken = asyncio.Event()

    async def post(self, node: str, url: str, path: str, body: bytes) -> bytes:
        assert (node, url, path) == (THEM, "url", f"/federation/v1/lines/{LINE}/events")
        writing = asyncio.create_task(self._write(body), name="write")
        await writing
        if self.happened.count("question") > 1:
            self.asked_again.set()
            await asyncio.Event().wait()
        return encode(TOLD)

    async def _write(self, body: bytes) -> None:
        assert body
        self.happened.append("question")

    async def take(self, peer: str, line: str, wire: Sequence[WireEvent]) -> Received:
        assert (peer, line, len(wire)) == (THEM, LINE, 1)
        self.happened.append("take")
        self.taken.set()
        return Received(1, ())

    async def release(self, size: int = 0) -> None:
        assert size >= 0
        if "question" in self.happened:
            await self.mark()

    async def mark(self) -> None:
        """Write the mark: a thread does, and the loop goes round meanwhile."""
        for _ in range(TURNS_OF_A_MARK):
            await asyncio.sleep(0)

    async def execute(self, sql: str, *values: object) -> None:
        assert sql
        assert values[0] == LINE

    def outbox(self, tasks: asyncio.TaskGroup) -> Outbox:
        lines = Layered({LINE: Line(line=LINE, us=US, peer=THEM, counter=0, out_n=1)})
        recent, sessions = RecentChain(), Sessions(bytes)
        recent.add([RecentEvent(LINE, n=1, seq=0, core=b"{}", signature=bytes(64), peer=None)])
        sessions.hold(THEM, "session")
        parts = SimpleNamespace(
            books=SimpleNamespace(lines=lines),
            recent=recent,
            require=lambda _: SimpleNamespace(node=THEM, url="url"),
            post=self.post,
            take=self.take,
            execute=self.execute,
            release=self.release,
            release_all=self.release,
            require_writable=lambda: None,
        )
        part = cast("Any", parts)
        return Outbox(
            pool=part,
            machine=part,
            peers=part,
            client=part,
            gate=part,
            intake=part,
            sessions=sessions,
            ask_seen=part,
            checkpoints=tuple,
            told=lambda _peer, _checkpoints: None,
            tasks=tasks,
            clock=lambda: 1_000,
            jitter=lambda: 0.5,
        )


class FullDisk(World):
    """Where the mark of the second question is never written."""

    async def mark(self) -> None:
        await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def working(world: World) -> AsyncIterator[None]:
    """Let the worker of the line work; all ends with the block."""
    async with asyncio.timeout(WAIT_S), asyncio.TaskGroup() as tasks:
        world.outbox(tasks).wake(LINE)
        yield
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()


async def test_next_question_is_on_its_way_before_an_answer_is_read() -> None:
    world = World()

    async with working(world):
        await world.asked_again.wait()
        await world.taken.wait()

    assert world.happened == ["question", "question", "take"]


async def test_an_answer_does_not_wait_for_a_question_that_cannot_leave() -> None:
    world = FullDisk()

    async with working(world):
        await world.taken.wait()

    assert world.happened == ["question", "take"]


async def test_an_exchange_that_ends_while_the_node_stops_begins_nothing() -> None:
    async with asyncio.TaskGroup() as tasks:
        outbox = World().outbox(tasks)
    outbox.end()

    outbox.wake(LINE)  # a group of tasks that has ended takes none, and says so loudly
