"""The demo's cables: what a group's address leads through, and how a connection breaks.

Bytes pass as they come. Once `break_at` was said, that event breaks every connection
before it has arrived, in either direction, and nothing passes until `mend`.
"""

from __future__ import annotations

import asyncio
import binascii
import re
from base64 import urlsafe_b64decode
from typing import Final

PIECE: Final = 65_536
KEPT_MAX: Final = 8 * 2**20
_CORE: Final = re.compile(rb'"core":"([A-Za-z0-9_-]+)"')


class Cables:
    """Ports of this machine that lead to others of it."""

    def __init__(self) -> None:
        """Start with none."""
        self.broken = asyncio.Event()
        self._wanted: tuple[bytes, ...] = ()
        self._servers: list[asyncio.Server] = []
        self._open: set[asyncio.Task[None]] = set()

    async def lay(self, port: int, target: int) -> None:
        """Lead a port to another."""

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.get_running_loop().create_task(self._join(reader, writer, target))
            self._open.add(task)
            task.add_done_callback(self._open.discard)
            task.add_done_callback(lambda _: writer.transport.abort())

        self._servers.append(await asyncio.start_server(accept, "127.0.0.1", port))

    def break_at(self, kind: str, path: str) -> None:
        """Break everything as soon as the event of this type comes along, of this trade.

        Of this one only: the umbrella reads older ones through the same cables.
        """
        self.broken.clear()
        self._wanted = (f'"type":"{kind}"'.encode(), f'"path":"{path}"'.encode())

    def mend(self) -> None:
        """Let everything pass again."""
        self._wanted = ()
        self.broken.clear()

    async def close(self) -> None:
        """Take the cables away."""
        for server in self._servers:
            server.close()
        self._cut()
        await asyncio.gather(*self._open, return_exceptions=True)
        for server in self._servers:
            await server.wait_closed()

    def _cut(self) -> None:
        for task in list(self._open):
            task.cancel()

    async def _join(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int
    ) -> None:
        far: asyncio.StreamWriter | None = None
        ways: tuple[asyncio.Task[None], ...] = ()
        try:
            if self.broken.is_set():
                return
            back, far = await asyncio.open_connection("127.0.0.1", target)
            ways = (
                asyncio.ensure_future(self._pass(reader, far)),
                asyncio.ensure_future(self._pass(back, writer)),
            )
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        except (OSError, asyncio.CancelledError):
            pass  # either end is gone, or the cable broke: both see a broken connection
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            if far is not None:
                far.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept = b""
        while piece := await reader.read(PIECE):
            if self._wanted:
                kept = (kept + piece)[-KEPT_MAX:]
                if _carries(kept, self._wanted):
                    self.broken.set()
                    self._cut()
                    return
            writer.write(piece)
            await writer.drain()


def _carries(passed: bytes, wanted: tuple[bytes, ...]) -> bool:
    """Tell whether an event of the wanted type is whole in what has come so far."""
    for core in _CORE.findall(passed):
        try:
            plain = urlsafe_b64decode(core + b"=" * (-len(core) % 4))
        except binascii.Error:
            continue  # a core in two pieces
        if all(part in plain for part in wanted):
            return True
    return False
