"""Who asks too much is told when to come again; nobody else is held up by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from federation.peer.client import RETRY_AFTER_MAX_S
from federation.peer.pace import TOKEN_BYTES, PaceLimits, network_of
from federation.peer.rate import Allowance
from federation.peer.server import GateLimits
from federation.peer.signatures import JSON, Request, sign_request
from schemas.errors import Code, PeerUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PATH = "/federation/v1/lines/abc/events"
PUBLIC = "/federation/v1/keys"
ROOMY = Allowance(100, 1_000)


async def fine(_: web.Request) -> web.Response:
    return web.Response(body=b"{}", content_type=JSON)


async def serve(world: Any, **pace: Any) -> str:
    limits = GateLimits(
        request_bytes_max=4 * TOKEN_BYTES,
        pace=PaceLimits(**{"partner": ROOMY, "stranger": ROOMY} | pace),
    )
    routes = {("POST", PATH): fine, ("GET", PUBLIC): fine}
    base_url: str = await world.serve(routes, limits=limits, public=frozenset({PUBLIC}))
    return base_url


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as opened:
        yield opened


async def ask(session: Any, url: str, **headers: str) -> tuple[int, str]:
    async with session.get(url, headers=headers) as answer:
        return answer.status, answer.headers.get("retry-after", "")


async def test_partner_beyond_its_pace_waits_as_told(world: Any) -> None:
    base_url = await serve(world, partner=Allowance(0.5, 2))
    client = await world.client()
    for _ in range(2):
        await client.post(world.here.node, base_url, PATH, b"{}")

    with pytest.raises(PeerUnavailable) as told:
        await client.post(world.here.node, base_url, PATH, b"{}")

    assert (told.value.code, told.value.facts) == (Code.RATE_LIMITED, {"wait_s": 2})
    world.now_s += 2
    assert await client.post(world.here.node, base_url, PATH, b"{}") == b"{}"


async def test_content_counts_by_its_size_and_unknown_size_as_the_largest(
    world: Any, session: Any
) -> None:
    base_url = await serve(world, partner=Allowance(1, 5))
    client = await world.client()
    await client.post(world.here.node, base_url, PATH, b"x" * (4 * TOKEN_BYTES))

    with pytest.raises(PeerUnavailable) as told:
        await client.post(world.here.node, base_url, PATH, b"{}")

    assert told.value.facts == {"wait_s": 1}
    world.now_s += 5

    async def chunks() -> AsyncIterator[bytes]:
        yield b"{}"

    for expected in (200, 429):
        request = Request(method="POST", path=PATH, fields={"content-type": JSON}, body=b"{}")
        added = sign_request(
            request,
            world.there,
            base_url=base_url,
            now_s=world.now_s,
            nonce=world.random_bytes(16),
        )
        headers = {"content-type": JSON, **added}
        async with session.post(base_url + PATH, headers=headers, data=chunks()) as answer:
            assert answer.status == expected


async def test_stranger_is_told_before_anything_is_verified(world: Any, session: Any) -> None:
    base_url = await serve(world, stranger=Allowance(0.1, 3))

    with capture_logs() as logs:
        answers = [await ask(session, base_url + PUBLIC) for _ in range(6)]
        async with session.post(base_url + PATH, data=b"{}") as answer:
            problem = await answer.json(content_type="application/problem+json")

    assert answers == [(200, "")] * 3 + [(429, "10")] * 3
    assert (answer.status, problem["code"]) == (429, Code.RATE_LIMITED)
    assert problem["facts"] == {"wait_s": 10}
    assert [entry["event"] for entry in logs].count("peer_rate_limited") == 1


async def test_partners_do_not_spend_what_is_for_strangers(world: Any, session: Any) -> None:
    base_url = await serve(world, stranger=Allowance(0.1, 1))
    client = await world.client()

    for _ in range(20):
        await client.post(world.here.node, base_url, PATH, b"{}")

    assert await ask(session, base_url + PUBLIC) == (200, "")
    assert await ask(session, base_url + PUBLIC) == (429, "10")


async def test_callers_behind_our_proxy_are_told_apart_by_its_header(
    world: Any, session: Any
) -> None:
    base_url = await serve(world, stranger=Allowance(0.1, 1), address_header="X-Forwarded-For")
    url = base_url + PUBLIC

    one = [await ask(session, url, **{"X-Forwarded-For": "6.6.6.6, 9.9.9.9"}) for _ in range(2)]
    other = await ask(session, url, **{"X-Forwarded-For": "9.9.9.9, 8.8.8.8"})

    assert [status for status, _ in one] == [200, 429]
    assert other == (200, "")


async def test_addresses_that_tell_nothing_are_not_counted(world: Any, session: Any) -> None:
    base_url = await serve(world, stranger=Allowance(0.1, 1), by_address=False)

    answers = [await ask(session, base_url + PUBLIC) for _ in range(5)]

    assert answers == [(200, "")] * 5


@pytest.mark.parametrize(
    ("told", "wait_s"),
    [("7", 7), ("0", 1), ("", 1), ("-3", 1), ("Wed, 21 Oct 2026 07:28:00 GMT", 1), ("²", 1)]
    + [("301", RETRY_AFTER_MAX_S), ("999999999999", 1)],
)
async def test_wait_that_is_asked_for_is_read_and_bounded(
    world: Any, told: str, wait_s: int
) -> None:
    async def answer(_: Any, writer: Any) -> None:
        head = f"HTTP/1.1 429 Too Many Requests\r\nRetry-After: {told}\r\nContent-Length: 0\r\n\r\n"
        writer.write(head.encode())
        await writer.drain()

    client = await world.client()

    with pytest.raises(PeerUnavailable) as raised:
        await client.post(world.here.node, await world.serve_raw(answer), PATH, b"{}")

    assert (raised.value.code, raised.value.facts) == (Code.RATE_LIMITED, {"wait_s": wait_s})


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("fe80::1%eth0", "fe80000000000000"),
        ("unix:" + "x" * 100, "unix:" + "x" * 59),
        ("", ""),
    ],
)
def test_one_customer_counts_as_one(address: str, network: str) -> None:
    assert network_of(address) == network
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
