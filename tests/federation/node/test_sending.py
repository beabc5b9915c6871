"""An answer that is sent piece by piece: whole, or seen not to be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from federation.node import sending
from schemas.errors import Code, StorageError


class Slip(Exception):
    pass


class Sender:
    """Serves pieces, and sees what `send` raised and whether they were closed."""

    def __init__(self) -> None:
        self.raised: list[str] = []
        self.closed = False

    async def get(self, made: Callable[[], AsyncGenerator[bytes]]) -> bytes:
        async def watched() -> AsyncGenerator[bytes]:
            try:
                async for piece in made():
                    yield piece
            finally:
                self.closed = True

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await sending.send(request, watched(), {"Content-Type": "application/zip"})
            except (StorageError, Slip) as error:
                self.raised.append(type(error).__name__)
                return web.Response(status=503)

        app = web.Application()
        app.router.add_get("/", handle)
        async with (
            TestServer(app) as server,
            aiohttp.ClientSession() as session,
            session.get(server.make_url("/")) as response,
        ):
            body = await response.read()
            if response.status != web.HTTPOk.status_code:
                return b"refused"
            assert response.headers["Content-Type"] == "application/zip"
            return body


@pytest.fixture
def sender() -> Sender:
    return Sender()


async def test_all_pieces_come_in_order(sender: Sender) -> None:
    async def made() -> AsyncGenerator[bytes]:
        for piece in (b"een ", b"", b"twee ", b"drie"):
            yield piece

    assert await sender.get(made) == b"een twee drie"
    assert sender.closed


async def test_trouble_before_the_first_piece_is_told_as_ever(sender: Sender) -> None:
    async def made() -> AsyncGenerator[bytes]:
        raise StorageError(Code.BUSY)
        yield b""

    assert await sender.get(made) == b"refused"
    assert sender.raised == ["StorageError"]


@pytest.mark.parametrize(("trouble", "raised"), [(StorageError(Code.BUSY), []), (Slip(), ["Slip"])])
async def test_trouble_later_cuts_the_sending_off(
    sender: Sender, trouble: Exception, raised: list[str]
) -> None:
    async def made() -> AsyncGenerator[bytes]:
        yield b"een "
        raise trouble

    with pytest.raises(aiohttp.ClientPayloadError):
        await sender.get(made)

    assert sender.raised == raised
    assert sender.closed


async def test_a_piece_that_never_comes_cuts_the_sending_off(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PIECE_WITHIN_S", 0.05)

    async def made() -> AsyncGenerator[bytes]:
        yield b"een "
        await asyncio.Event().wait()

    with pytest.raises(aiohttp.ClientPayloadError):
        await sender.get(made)

    assert sender.closed
