"""Groups whose feed is nonsense, endless, huge, slow or a lie: nothing bad enters, nobody waits."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import structlog

from federation.members import feed as feed_module
from federation.members import feed_serving
from federation.members.feed_of import feed_of
from federation.node.peers import Peer
from federation.node.service import now_s
from federation.peer import feed_reading
from schemas.encoding import b32, b64
from schemas.feed import PAGE_BYTES_MAX
from tests.federation.world.conftest import World, WorldNode, eventually
from tests.federation.world.feed_posts import Posts
from tests.federation.world.test_feed import linked, read, shown
from tests.ports import free_port

EPOCH = b64(b"e" * 16)
Answer = Callable[[str], bytes]


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_serving, "REST", 0)


def entry(n: int, **fields: Any) -> dict[str, Any]:
    return {
        "entry": "post",
        "n": n,
        "offer": b64(n.to_bytes(16, "big")),
        "title": f"Post {n:03}",
        "unit": {"singular": "u", "plural": "u", "rate": {"per_hour": 20, "decimals": 0}},
        "placed_at_s": now_s() - 10,
        "expires_at_s": now_s() + 10_000,
        "poster": b64(b"p" * 32),
        **fields,
    }


def page(*entries: Any, last: int | None = None, more: bool = False, epoch: str = EPOCH) -> bytes:
    n = max((e["n"] for e in entries if isinstance(e, dict)), default=0) if last is None else last
    return json.dumps({"epoch": epoch, "entries": entries, "next": n, "more": more}).encode()


def lie(node: WorldNode, answer: Answer) -> None:
    """Let a node answer what it likes, properly signed, to whoever reads its feed."""

    async def told(caller: str, after: str, *, cards: bool = False) -> bytes:
        del caller, cards
        return answer(after)

    feed_of(node.node).server.page = told  # type: ignore[method-assign]


def number(after: str) -> int:
    return int(after.partition(".")[2] or 0)


async def test_signed_nonsense_is_counted_and_changes_nothing(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    good = page(entry(1), entry(2))
    lie(b, lambda _: good)
    assert (await read(a, b))["trouble"] == ""
    assert await shown(a, b) == ["Post 001", "Post 002"]

    for answer in (
        b"",
        b"<html>",
        b"[" * 100_000,
        b'{"epoch":"',
        page(*[entry(n) for n in range(3, 504)]),
        page(last=1),  # its cursor goes back
        page(last=2, more=True),  # it stands still
        b" " * (PAGE_BYTES_MAX + 1),
        page(entry(3, text="x" * 3_000_000)),
    ):
        lie(b, lambda _, said=answer: said)  # type: ignore[misc]
        status = await read(a, b)

        assert status["trouble"].startswith(("peer_wrong", "too_large")), answer[:80]
        assert await shown(a, b) == ["Post 001", "Post 002"]

    lie(b, lambda _: page(entry(3)))
    assert (await read(a, b))["trouble"] == ""
    assert await shown(a, b) == ["Post 001", "Post 002", "Post 003"]


async def test_of_a_page_with_bad_entries_the_others_enter_and_no_text_is_logged(
    world: World,
) -> None:
    a, b = await linked(world, "alfa", "beta")
    secret = "Jan Janssens 0470"
    lie(
        b,
        lambda _: page(
            entry(1),
            entry(2, title=f"{secret}\u202e"),
            entry(3, price={"kind": "hour", "amount_minor": 10**12}),
            entry(4, mail=f"{secret}@example.org"),
            entry(9),
            entry(5, title="uit de rij"),
            entry(10, offer=b64((9).to_bytes(16, "big")), title="Post 009 nieuw"),
            entry(11, expires_at_s=now_s() - 1),
            7,
        ),
    )

    with structlog.testing.capture_logs() as logs:
        status = await read(a, b)

    assert await shown(a, b) == ["Post 001", "Post 009 nieuw"]
    assert status["left_out"] == {"malformed": 4, "order": 1, "twice": 1}
    left_out = [line for line in logs if line["event"] == "feed_entries_left_out"]
    assert len(left_out) == 1
    assert secret not in str(logs)


async def test_a_post_that_became_bad_is_shown_no_longer(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    lie(b, lambda _: page(entry(1), entry(2)))
    await read(a, b)

    lie(b, lambda _: page(entry(3, offer=entry(1)["offer"], title="x\u0000")))
    await read(a, b)

    assert await shown(a, b) == ["Post 002"]


async def test_a_feed_that_begins_again_and_again_is_left(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    epochs = iter(range(1000))
    lie(
        b,
        lambda _: page(entry(1), more=True, epoch=b64(next(epochs).to_bytes(16, "big"))),
    )

    status = await read(a, b)

    assert status["trouble"] == "peer_wrong: its feed begins again and again"


async def test_a_feed_without_end_is_left_and_what_it_brought_stays_bounded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await linked(world, "alfa", "beta")
    monkeypatch.setattr(feed_reading, "PASS_PAGES_MAX", 5)
    lie(b, lambda after: page(entry(number(after) + 1), more=True))

    status = await read(a, b)

    assert status["trouble"] == "peer_wrong: its feed has no end"
    assert status["posts"] == 5


async def test_a_feed_that_is_too_long_is_read_no_further(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await linked(world, "alfa", "beta")
    monkeypatch.setattr(feed_module, "POSTS_MAX", 6)
    lie(
        b,
        lambda after: page(*[entry(number(after) + n) for n in range(1, 4)], more=True),
    )

    status = await read(a, b)

    assert status["trouble"] == "peer_wrong: its feed is too long"
    assert status["posts"] == 6


async def test_who_lies_about_waiting_is_only_asked_later(world: World) -> None:
    """A signed refusal may carry any facts; they are not taken for numbers of ours."""
    from schemas.errors import Code, RefusedError

    a, b = await linked(world, "alfa", "beta")

    def refuse(_: str) -> bytes:
        raise RefusedError(Code.RATE_LIMITED, wait_s="for ever")

    lie(b, refuse)
    await read(a, b)

    def refuse_more(_: str) -> bytes:
        raise RefusedError(Code.QUOTE_CHANGED, wait_s="for ever", reason="Jan Janssens")

    lie(b, refuse_more)
    status = await read(a, b)
    assert status["trouble"] == "quote_changed"


class BadSocket:
    """A server that is none: every connection gets the same treatment."""

    def __init__(self, treat: Callable[[asyncio.StreamWriter], Any]) -> None:
        self._treat = treat
        self.asked = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        port = free_port()
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.close()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        try:
            await reader.readuntil(b"\r\n\r\n")
            await self._treat(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        await writer.drain()


async def huge(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 99999999999\r\n\r\n{")
    await writer.drain()


async def dripping(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)
    del writer


async def unsigned(writer: asyncio.StreamWriter) -> None:
    body = page(entry(1))
    writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()


async def closing(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def invited(node: WorldNode, at: int, url: str) -> str:
    """Let a node know a group that lives behind a bad socket."""
    name = b32(at.to_bytes(32, "big"))
    await node.node.peers.add(Peer(name, url, f"boos {at}", "invited"))
    return name


async def test_sockets_that_misbehave_bring_nothing_and_slow_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "PAGE_TIMEOUT_S", 1.0)
    a, b = await linked(world, "alfa", "beta")
    await (await Posts.of(b)).place("1", title="Een")
    treatments = [silent, dripping, endless, huge, unsigned, closing]
    async with contextlib.AsyncExitStack() as stack:
        names = {}
        for at, treat in enumerate([*treatments, silent, silent, dripping]):
            url = await stack.enter_async_context(BadSocket(treat).open())
            names[await invited(a, at + 1, url)] = treat.__name__

        reader = feed_of(a.node).reader
        await eventually(lambda: all(reader.visits.get(name) for name in names))
        await read(a, b)

        assert await shown(a, b) == ["Een"]
        status = {row["node"]: row for row in await a.ask("feed.status")}
        trouble = {kind: status[name]["trouble"] for name, kind in names.items()}
        assert trouble == {
            "silent": "peer_unreachable",
            "dripping": "peer_unreachable",
            "endless": "too_large",
            "huge": "too_large",
            "unsigned": "signature_missing",
            "closing": "peer_unreachable",
        }
        assert all(status[name]["posts"] == 0 for name in names)
        for name in names:
            await a.node.peers.add(a.node.peers.require(name)._replace(standing="removed"))
        await eventually(lambda: not reader._running)
