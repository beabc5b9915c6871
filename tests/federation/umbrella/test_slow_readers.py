"""Groups that ask for much and read it a byte at a time: nobody else waits for them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

from events.growing import TILE_WIDTH
from federation.node.pools import POOL_SIZE
from federation.peer.signatures import NONCE_SIZE, Request, sign_request
from tests.federation.umbrella.conftest import Federation, report
from tests.federation.world.conftest import WAIT_S, WorldNode

HUGE = 6 * 2**20
"""More than sockets hold, so that whoever answers waits for the reader."""


@contextlib.asynccontextmanager
async def asking(group: WorldNode, umbrella: WorldNode) -> AsyncIterator[asyncio.StreamReader]:
    """Ask for the first tile of the own log in the mirror, and read its first byte only."""
    client, settings = group.node.client, umbrella.node.settings
    request = Request(method="GET", path="/federation/v1/mirror/0")
    signed = sign_request(
        request,
        client._signer,
        base_url=settings.public_url,
        now_s=client._now(),
        nonce=client._random_bytes(NONCE_SIZE),
    )
    fields = {"host": settings.public_url.partition("://")[2], **request.fields, **signed}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(narrow, ("127.0.0.1", settings.listen_port))
    reader, writer = await asyncio.open_connection(sock=narrow, limit=1)
    try:
        writer.write(f"GET {request.path} HTTP/1.1\r\n{head}\r\n".encode())
        async with asyncio.timeout(WAIT_S):
            assert await reader.readexactly(len(b"HTTP/1.1 200 OK")) == b"HTTP/1.1 200 OK"
        yield reader
    finally:
        writer.transport.abort()


async def test_who_reads_a_byte_at_a_time_holds_up_no_audit(federation: Federation) -> None:
    umbrella, a, b = federation.umbrella, federation.a, federation.b
    await federation.pay()
    await report(umbrella)
    await umbrella.node.pool.execute("DELETE FROM mirror_bodies WHERE node = $1", b.node.id)
    await umbrella.node.pool.execute(
        "INSERT INTO mirror_bodies (node, tile, width, held, sealed) VALUES ($1, 0, 1, $2, $3)",
        b.node.id,
        bytes(TILE_WIDTH // 8),
        bytes(HUGE),
    )

    async with contextlib.AsyncExitStack() as stack:
        readers = [
            await stack.enter_async_context(asking(b, umbrella)) for _ in range(POOL_SIZE + 2)
        ]
        await a.ask("member.add", code="009", name="Nieuw")
        async with asyncio.timeout(WAIT_S):
            told = await report(umbrella, full=True)
        await federation.pay(10)
        for reader in readers:
            assert len(await reader.readexactly(1)) == 1

    assert (told["findings"], told["behind"]) == ([], [])
    assert told["events"] >= a.node.sequencer.size
