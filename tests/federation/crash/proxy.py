"""A proxy before one node that harms what passes: cuts, delays, drips, tears, holds.

HTTP/1.1 with a content length, which is all that our nodes speak. A request is read whole before it
goes on, and so is its answer, so a fault strikes at a known place: before the node saw the request,
after it answered, or in the middle of the answer. Whoever stands in `heard` is told of every
request that the node got, and of every answer of which somebody got a byte.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

HEAD_END = b"\r\n\r\n"
HEAD_MAX = 64 * 1024
CONNECT_S = 5
UPSTREAM_S = 30


@dataclass(frozen=True)
class Weather:
    """What happens to everything that passes; exchanged while the proxy runs."""

    cut: bool = False
    """Connections are closed at once."""
    silent: bool = False
    """Requests vanish and nobody says so."""
    lose_answers: bool = False
    """One way only: the request arrives, its answer is lost."""
    tear_answers: bool = False
    """The connection breaks in the middle of each answer."""
    delay_s: float = 0.0
    """Before the request, and again before the answer."""
    drip_bytes_per_s: int = 0
    """Answers come in small pieces, this fast; 0 is as fast as it goes."""


@dataclass
class Message:
    """A request or an answer as it was on the wire."""

    head: bytes
    body: bytes

    @property
    def path(self) -> str:
        """The path of a request."""
        return self.head.split(b" ", 2)[1].decode("ascii", "replace")

    def bytes(self) -> bytes:
        return self.head + self.body


@dataclass
class Hold:
    """Keeps every message that is wanted where it is until it is let go; several proxies share it.

    A request is kept before the node sees it, an answer after the node has given it.
    """

    wanted: Callable[[Message], bool]
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def pass_by(self, message: Message) -> None:
        if not self.let_go.is_set() and self.wanted(message):
            self.reached.set()
            await self.let_go.wait()


class Proxy:
    """Listens for one node and passes on to it; one exchange at a time on each connection."""

    def __init__(self, port: int, target_port: int, *, host: str = "127.0.0.1") -> None:
        self.port = port
        self.weather = Weather()
        self.holds: list[Hold] = []
        self.heard: list[Callable[[Message, Message | None], None]] = []
        self.passed = 0
        self.struck = 0
        """How many exchanges the weather has harmed."""
        self._host = host
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, self._host, self.port)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut_now()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    def cut_now(self) -> None:
        """Break every connection that is open."""
        for task in self._open:
            task.cancel()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None or not self._server.is_serving():
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        task.add_done_callback(lambda _: writer.transport.abort())  # cut before its first step too

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream: asyncio.StreamWriter | None = None
        try:
            if self.weather.cut:
                self.struck += 1
                return
            async with asyncio.timeout(CONNECT_S):
                answers, upstream = await asyncio.open_connection(self._host, self._target_port)
            while (request := await _next_request(reader, answers)) is not None:
                if not await self._pass(request, answers, upstream, writer):
                    return
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # either side is gone, or the connection is cut: the other side sees it broken
        finally:
            if upstream is not None:
                upstream.transport.abort()

    async def _pass(
        self,
        request: Message,
        answers: asyncio.StreamReader,
        upstream: asyncio.StreamWriter,
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Pass one exchange on; tells whether the connection lives."""
        await self._held(request)
        weather = self.weather
        self.struck += weather != Weather()
        if weather.cut:
            return False
        await asyncio.sleep(weather.delay_s)
        if weather.silent:
            await asyncio.sleep(UPSTREAM_S)
            return False
        upstream.write(request.bytes())
        self._tell(request, None)
        async with asyncio.timeout(UPSTREAM_S):
            answer = await _read(answers)
        if answer is None:
            return False
        await self._held(answer)
        if weather.cut or weather.lose_answers:
            return False
        await asyncio.sleep(weather.delay_s)
        whole = answer.bytes()
        self._tell(request, answer)
        if weather.tear_answers:
            writer.write(whole[: len(answer.head) + len(answer.body) // 2])
            await writer.drain()
            return False
        await self._write(writer, whole, weather.drip_bytes_per_s)
        self.passed += 1
        return True

    def _tell(self, request: Message, answer: Message | None) -> None:
        for listener in self.heard:
            listener(request, answer)

    async def _held(self, message: Message) -> None:
        for hold in list(self.holds):
            await hold.pass_by(message)

    async def _write(self, writer: asyncio.StreamWriter, whole: bytes, rate: int) -> None:
        step = max(1, rate // 20) if rate else len(whole)
        for at in range(0, len(whole), step):
            writer.write(whole[at : at + step])
            await writer.drain()
            if rate:
                await asyncio.sleep(step / rate)


async def _next_request(
    reader: asyncio.StreamReader, answers: asyncio.StreamReader
) -> Message | None:
    """Wait for the next request; nothing when either side is done with the connection."""
    asked = asyncio.ensure_future(_read(reader))
    gone = asyncio.ensure_future(answers.read(1))  # between exchanges only an end can come
    try:
        await asyncio.wait((asked, gone), return_when=asyncio.FIRST_COMPLETED)
        return asked.result() if asked.done() else None
    finally:
        for task in (asked, gone):
            task.cancel()
        await asyncio.gather(asked, gone, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Message | None:
    """Read one message whole; nothing when the other side is done."""
    try:
        head = await reader.readuntil(HEAD_END)
    except asyncio.IncompleteReadError:
        return None
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return Message(head, await reader.readexactly(length) if length else b"")
