"""The client believes only signed answers of the node it asked, and gives up in time."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from federation.peer.client import Limits
from federation.peer.server import BODY
from federation.peer.signatures import JSON, WINDOW_S
from schemas.errors import Code, PeerUnavailable, RefusedError, RuilbrugError, VerificationError

if TYPE_CHECKING:
    from federation.peer.signatures import Signer

PATH = "/federation/v1/echo"


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=request[BODY] or b"nothing", content_type=JSON)


ROUTES = {("POST", PATH): echo, ("GET", PATH): echo}


async def code_of(call: Any, kind: type[RuilbrugError]) -> Code:
    with pytest.raises(kind) as refused:
        await call
    return refused.value.code


async def test_signed_round_trip(world: Any) -> None:
    base_url = await world.serve(ROUTES)
    client = await world.client()

    for body in (b'{"a":1}', b"", b"x" * 100_000):
        assert await client.post(world.here.node, base_url, PATH, body) == (body or b"nothing")
    assert await client.get(world.here.node, base_url, f"{PATH}?after=a%2Fb&x=~") == b"nothing"


async def test_connection_is_used_again(world: Any) -> None:
    ports = set()

    async def note(request: web.Request) -> web.Response:
        assert request.transport
        ports.add(request.transport.get_extra_info("peername")[1])
        return await echo(request)

    base_url = await world.serve({("POST", PATH): note})
    client = await world.client()

    for _ in range(3):
        await client.post(world.here.node, base_url, PATH, b"{}")

    assert len(ports) == 1


async def test_answer_of_another_node_is_refused(world: Any) -> None:
    base_url = await world.serve(ROUTES)
    client = await world.client()

    call = client.get(world.there.node, base_url, PATH)

    assert await code_of(call, VerificationError) == Code.SIGNATURE_KEY_UNKNOWN


async def test_unknown_key_is_asked_for_once(
    world: Any, here: Signer, there: Signer, directory_of: Any
) -> None:
    base_url = await world.serve(ROUTES)
    world.directory = directory_of(later=(here,))
    client = await world.client()

    for _ in range(2):
        assert await client.get(here.node, base_url, PATH) == b"nothing"
    refused = client.get(there.node, base_url, PATH)

    assert await code_of(refused, VerificationError) == Code.SIGNATURE_KEY_UNKNOWN
    assert world.directory.refreshed == [here.node, there.node]


async def test_keys_that_do_not_come_are_given_up(world: Any, directory_of: Any) -> None:
    class Stuck(directory_of):  # type: ignore[misc]
        async def refresh(self, node: str) -> None:
            assert node
            await asyncio.Event().wait()

    base_url = await world.serve(ROUTES)
    world.directory = Stuck()
    client = await world.client(limits=Limits(timeout_s=0.05))

    call = client.get(world.here.node, base_url, PATH, timeout_s=5)

    assert await code_of(call, PeerUnavailable) == Code.PEER_UNREACHABLE


async def test_problem_is_raised_with_its_code_and_facts(world: Any) -> None:
    async def refuse(_: web.Request) -> web.Response:
        raise RefusedError(Code.LINE_GAP, field="n", expected=4)

    base_url = await world.serve({("POST", PATH): refuse})
    client = await world.client()

    with pytest.raises(RefusedError) as refused:
        await client.post(world.here.node, base_url, PATH, b"{}")

    assert refused.value.code == Code.LINE_GAP
    assert refused.value.facts == {"field": "n", "expected": 4}


async def test_refusal_of_our_signature_says_why(world: Any) -> None:
    base_url = await world.serve(ROUTES)
    behind = await world.client(now=lambda: world.now_s - WINDOW_S - 1)
    ahead = await world.client(now=lambda: world.now_s + WINDOW_S + 1)
    node = world.here.node

    early = await code_of(ahead.get(node, base_url, PATH), RefusedError)
    late = await code_of(behind.get(node, base_url, PATH), RefusedError)

    assert (early, late) == (Code.SIGNATURE_NOT_YET_VALID, Code.SIGNATURE_EXPIRED)


async def test_other_address_is_told_to_the_caller(world: Any) -> None:
    other = await world.serve(ROUTES, base_url="https://bridge.example")
    client = await world.client()

    with pytest.raises(RefusedError) as refused:
        await client.get(world.here.node, other, PATH)

    assert refused.value.code == Code.SIGNATURE_OTHER_ADDRESS
    assert refused.value.facts["address"] == other
    assert refused.value.facts["expected"] == "https://bridge.example"


@pytest.mark.parametrize(
    ("head", "kind", "code"),
    [
        ("200 OK", VerificationError, Code.SIGNATURE_MISSING),
        ("301 Moved\r\nLocation: /elsewhere", PeerUnavailable, Code.PEER_UNREACHABLE),
        ("403 Forbidden", PeerUnavailable, Code.PEER_UNREACHABLE),
        ("429 Too Many", PeerUnavailable, Code.RATE_LIMITED),
        ("502 Bad Gateway", PeerUnavailable, Code.PEER_UNREACHABLE),
        ("403 No\r\nSignature: s=:AA==:", VerificationError, Code.SIGNATURE_MISSING),
        ("200 OK\r\nContent-Encoding: gzip", VerificationError, Code.PEER_WRONG),
        ("no http", PeerUnavailable, Code.PEER_UNREACHABLE),
    ],
)
async def test_answer_that_is_not_of_the_node_is_not_believed(
    world: Any, head: str, kind: type[RuilbrugError], code: Code
) -> None:
    asked = []

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(head)
        writer.write(f"HTTP/1.1 {head}\r\nContent-Length: 2\r\n\r\nok".encode())
        await writer.drain()

    base_url = await world.serve_raw(answer)
    client = await world.client()

    assert await code_of(client.post(world.here.node, base_url, PATH, b"{}"), kind) == code
    assert len(asked) == 1
    assert world.directory.refreshed == []


async def test_connection_that_breaks_is_unavailable(world: Any) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok")
        await writer.drain()

    base_url = await world.serve_raw(answer)
    client = await world.client()

    call = client.get(world.here.node, base_url, PATH)

    assert await code_of(call, PeerUnavailable) == Code.PEER_UNREACHABLE


async def test_request_is_sent_once_when_a_kept_connection_breaks(world: Any) -> None:
    """A GET that aiohttp sends again has its old nonce, and is refused as a replay."""
    heads = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append("kept")
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        heads.append("broken")

    base_url = await world.serve_raw(answer)
    client = await world.client()
    assert await code_of(client.get_unsigned(base_url, PATH), RefusedError) == Code.NOT_FOUND

    call = client.get(world.here.node, base_url, PATH)

    assert await code_of(call, PeerUnavailable) == Code.PEER_UNREACHABLE
    assert heads == ["kept", "broken"]


async def test_nobody_listening_is_unavailable(world: Any) -> None:
    client = await world.client()
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{bound.getsockname()[1]}"

        call = client.get(world.here.node, base_url, PATH)

        assert await code_of(call, PeerUnavailable) == Code.PEER_UNREACHABLE


@pytest.mark.parametrize("framing", ["Content-Length: 1001000", "Transfer-Encoding: chunked", ""])
async def test_large_or_endless_answer_is_cut(world: Any, framing: str) -> None:
    sent = 0

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(f"HTTP/1.1 200 OK\r\nSignature: s=:AA==:\r\n{framing}\r\n".encode())
        writer.write(b"\r\n" if framing else b"")
        while sent < 50_000_000 and not writer.is_closing():
            writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
            sent += 1024
            await writer.drain()

    base_url = await world.serve_raw(answer)
    client = await world.client(limits=Limits(response_bytes_max=1000))

    call = client.get(world.here.node, base_url, PATH)

    assert await code_of(call, VerificationError) == Code.TOO_LARGE
    assert sent < 50_000_000


async def test_answer_that_claims_to_be_large_is_not_waited_for(world: Any) -> None:
    refused = asyncio.Event()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n")
        await writer.drain()
        await refused.wait()

    base_url = await world.serve_raw(answer)
    client = await world.client(limits=Limits(response_bytes_max=1000))

    call = client.get(world.here.node, base_url, PATH, timeout_s=2)

    assert await code_of(call, VerificationError) == Code.TOO_LARGE
    refused.set()


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\nx"])
async def test_slow_answer_is_given_up(world: Any, start: bytes) -> None:
    given_up = asyncio.Event()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await writer.drain()
        await given_up.wait()

    base_url = await world.serve_raw(answer)
    client = await world.client()

    call = client.get(world.here.node, base_url, PATH, timeout_s=0.05)

    assert await code_of(call, PeerUnavailable) == Code.PEER_UNREACHABLE
    given_up.set()


async def test_no_cookie_is_kept(world: Any) -> None:
    seen = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("cookie"))
        response = await echo(request)
        response.set_cookie("a", "b")
        return response

    # an address in numbers gets no cookies anyway, so the server goes by a name
    named = "http://bridge.example"
    port = int((await world.serve({("GET", PATH): answer}, base_url=named)).rpartition(":")[2])
    client = await world.client(resolver=FakeResolver("127.0.0.1", port=port))

    for _ in range(2):
        await client.get(world.here.node, named, PATH)

    assert seen == [None, None]


async def test_proxy_of_the_environment_is_ignored(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    base_url = await world.serve(ROUTES)
    client = await world.client()

    assert await client.get(world.here.node, base_url, PATH) == b"nothing"


async def test_public_resource_is_fetched_unsigned(world: Any) -> None:
    fields: dict[str, str] = {}

    async def keys(request: web.Request) -> web.Response:
        fields.update(request.headers)
        return web.Response(body=b"[]")

    base_url = await world.serve(
        {("GET", "/federation/v1/keys"): keys}, public=frozenset({"/federation/v1/keys"})
    )
    client = await world.client()

    assert await client.get_unsigned(base_url, "/federation/v1/keys") == b"[]"
    assert "Signature" not in fields


@pytest.mark.parametrize(
    ("head", "kind", "code"),
    [
        ("404 Not Found", RefusedError, Code.NOT_FOUND),
        ("410 Gone", VerificationError, Code.PEER_WRONG),
        ("302 Found\r\nLocation: /x", VerificationError, Code.PEER_WRONG),
        ("429 Too Many", PeerUnavailable, Code.RATE_LIMITED),
        ("503 Busy", PeerUnavailable, Code.PEER_UNREACHABLE),
    ],
)
async def test_public_resource_that_is_not_there_is_told(
    world: Any, head: str, kind: type[RuilbrugError], code: Code
) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()

    base_url = await world.serve_raw(answer)
    client = await world.client()

    assert await code_of(client.get_unsigned(base_url, "/log/checkpoint"), kind) == code


async def test_problem_of_a_public_resource_is_kept(world: Any) -> None:
    async def refuse(_: web.Request) -> web.Response:
        raise RefusedError(Code.NOT_FOUND, field="node")

    base_url = await world.serve({("GET", PATH): refuse}, public=frozenset({PATH}))
    client = await world.client()

    with pytest.raises(RefusedError) as refused:
        await client.get_unsigned(base_url, PATH)

    assert refused.value.facts == {"field": "node"}


@pytest.mark.parametrize("path", ["/a?", "/a#b", "/a b", "a", "/é"])
async def test_path_that_cannot_be_sent_as_it_is_is_refused(world: Any, path: str) -> None:
    client = await world.client()

    for call in (
        client.get(world.here.node, "http://127.0.0.1:9", path),
        client.get_unsigned("http://127.0.0.1:9", path),
    ):
        assert await code_of(call, VerificationError) == Code.SIGNATURE_MALFORMED


class FakeResolver(AbstractResolver):
    """Says what a test wants of every name."""

    def __init__(self, *hosts: str, port: int | None = None) -> None:
        self._hosts = hosts
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=at, port=self._port or port, family=family, proto=0, flags=0
            )
            for at in self._hosts
        ]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    "base_url",
    [
        "https://127.0.0.1",
        "https://10.0.0.1",
        "https://169.254.169.254",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://localhost",
        "http://bridge.example",  # not encrypted
    ],
)
async def test_private_address_is_never_connected_to(world: Any, base_url: str) -> None:
    client = await world.client(allow_private_addresses=False)

    call = client.get(world.here.node, base_url, PATH)

    assert await code_of(call, PeerUnavailable) == Code.ADDRESS_REFUSED


@pytest.mark.parametrize(
    "hosts", [("127.0.0.1",), ("::1",), ("127.0.0.1", "::1", "10.1.2.3"), ("::ffff:127.0.0.1",)]
)
async def test_name_that_resolves_inwards_is_refused(world: Any, hosts: tuple[str, ...]) -> None:
    reached = []

    async def answer(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        reached.append(1)

    port = (await world.serve_raw(answer)).rpartition(":")[2]
    client = await world.client(allow_private_addresses=False, resolver=FakeResolver(*hosts))

    call = client.get(world.here.node, f"https://bridge.example:{port}", PATH)

    assert await code_of(call, PeerUnavailable) == Code.ADDRESS_REFUSED
    assert reached == []


async def test_numbers_that_are_no_canonical_address_are_refused(world: Any) -> None:
    client = await world.client(allow_private_addresses=False)

    for host in ("2130706433", "127.1", "0177.0.0.1"):
        with pytest.raises(PeerUnavailable):
            await client.get(world.here.node, f"https://{host}", PATH)


async def test_what_a_public_resource_answers_is_given_whatever_its_status(world: Any) -> None:
    async def conflict(request: web.Request) -> web.Response:
        return web.Response(status=409, body=await request.read(), content_type="text/x.tlog.size")

    async def away(_: web.Request) -> web.Response:
        return web.Response(status=503)

    base_url = await world.serve({("POST", "/409"): conflict, ("POST", "/503"): away})
    client = await world.client()

    answer = await client.post_public(base_url, "/409", b"5\n")

    assert (answer.status, answer.body) == (409, b"5\n")
    assert answer.fields["content-type"] == "text/x.tlog.size"
    call = client.post_public(base_url, "/503", b"")
    assert await code_of(call, PeerUnavailable) == Code.PEER_UNREACHABLE
    call = client.post_public(base_url, "/409", b"x" * 100, bytes_max=99)
    assert await code_of(call, VerificationError) == Code.TOO_LARGE
