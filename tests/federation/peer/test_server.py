"""The gate lets nothing to a handler that is not signed, whole, for us, and new."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from zlib import compress

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from federation.peer.nonces import NonceMemory
from federation.peer.server import BODY, CALLER, REFRESH_PAUSE_S, REFRESHED_MAX
from federation.peer.signature_base import fields_of
from federation.peer.signatures import (
    JSON,
    Asked,
    Request,
    Response,
    sign_request,
    verify_response,
)
from schemas.errors import Code, PeerUnavailable, RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from federation.peer.signatures import Signer

PATH = "/federation/v1/lines/abc/events"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as opened:
        yield opened


class Handler:
    """Remembers who called with what, and answers."""

    def __init__(self, answer: web.Response | None = None) -> None:
        self.calls: list[tuple[str, bytes]] = []
        self._answer = answer

    async def handle(self, request: web.Request) -> web.Response:
        self.calls.append((request[CALLER], request[BODY]))
        return self._answer or web.Response(body=b"{}", content_type=JSON)


def signed(world: Any, base_url: str, body: bytes = b"{}", **changed: Any) -> dict[str, str]:
    request = Request(
        method="POST", path=PATH, fields={"content-type": JSON}, body=changed.get("as_if", body)
    )
    added = sign_request(
        request,
        changed.get("signer", world.there),
        base_url=base_url,
        now_s=changed.get("now_s", world.now_s),
        nonce=world.random_bytes(16),
    )
    return {"content-type": JSON, **added}


async def answer_of(
    world: Any, session: Any, base_url: str, fields: dict[str, str], body: Any = b"{}"
) -> tuple[int, dict[str, Any]]:
    """Post and return status and content; if the answer is signed, it must verify."""
    async with session.post(base_url + PATH, headers=fields, data=body) as answer:
        content = await answer.read()
        if "signature" in answer.headers:
            verify_response(
                Response(
                    status=answer.status, fields=fields_of(answer.headers.items()), body=content
                ),
                Asked(method="POST", target_uri=base_url + PATH, signature=fields["signature"]),
                node=world.here.node,
                keys=world.directory.http_keys(world.here.node),
            )
        else:
            assert "signature" not in fields
        return answer.status, json.loads(content)


async def test_handler_gets_caller_and_content(world: Any, session: Any) -> None:
    handler = Handler()
    base_url = await world.serve({("POST", PATH): handler.handle})

    status, _ = await answer_of(world, session, base_url, signed(world, base_url))

    assert status == 200
    assert handler.calls == [(world.there.node, b"{}")]


async def test_paths_outside_are_left_alone(world: Any, session: Any) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    base_url = await world.serve({("GET", "/page"): page})

    async with session.get(f"{base_url}/page") as answer:
        assert await answer.text() == "hello"
        assert "signature" not in answer.headers


@pytest.mark.parametrize("path", [PATH, "/%66ederation/v1/lines/abc/events", "/federation/none"])
async def test_unsigned_request_is_refused(world: Any, session: Any, path: str) -> None:
    handler = Handler()
    base_url = await world.serve({("POST", PATH): handler.handle})

    async with session.post(base_url + path, data=b"{}") as answer:
        problem = await answer.json(content_type="application/problem+json")

    assert (answer.status, problem["code"]) == (401, Code.SIGNATURE_MISSING)
    assert "signature" not in answer.headers
    assert handler.calls == []


async def test_request_that_is_repeated_is_refused(world: Any, session: Any) -> None:
    handler = Handler()
    base_url = await world.serve({("POST", PATH): handler.handle})
    fields = signed(world, base_url)
    await answer_of(world, session, base_url, fields)

    status, problem = await answer_of(world, session, base_url, fields)

    assert (status, problem["code"]) == (401, Code.SIGNATURE_REPLAYED)
    assert len(handler.calls) == 1


async def test_request_after_its_time_is_refused(world: Any, session: Any) -> None:
    base_url = await world.serve({("POST", PATH): Handler().handle})
    fields = signed(world, base_url)
    world.now_s += 301

    status, problem = await answer_of(world, session, base_url, fields)

    assert (status, problem["code"]) == (401, Code.SIGNATURE_EXPIRED)


async def test_content_that_was_not_signed_is_refused(world: Any, session: Any) -> None:
    handler = Handler()
    base_url = await world.serve({("POST", PATH): handler.handle})
    fields = signed(world, base_url, as_if=b"other")

    status, problem = await answer_of(world, session, base_url, fields)

    assert (status, problem["code"]) == (401, Code.DIGEST_MISMATCH)
    assert handler.calls == []


async def test_full_memory_of_nonces_is_busy(world: Any, session: Any) -> None:
    nonces = NonceMemory(overall_max=0)
    base_url = await world.serve({("POST", PATH): Handler().handle}, nonces=nonces)

    status, problem = await answer_of(world, session, base_url, signed(world, base_url))

    assert (status, problem["code"]) == (503, Code.BUSY)


async def chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 100


@pytest.mark.parametrize("chunked", [False, True])
async def test_content_beyond_the_limit_is_not_read(
    world: Any, session: Any, chunked: bool
) -> None:
    handler = Handler()
    limits = world.limits(request_bytes_max=150)
    base_url = await world.serve({("POST", PATH): handler.handle}, limits=limits)
    body = chunks(2) if chunked else b"x" * 200

    status, problem = await answer_of(world, session, base_url, signed(world, base_url), body)

    assert (status, problem["code"]) == (413, Code.TOO_LARGE)
    assert problem["facts"]["limit"] == 150
    assert handler.calls == []


async def test_content_that_does_not_come_is_given_up(world: Any, session: Any) -> None:
    answered = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await answered.wait()

    limits = world.limits(read_timeout_s=0.05)
    base_url = await world.serve({("POST", PATH): Handler().handle}, limits=limits)

    status, problem = await answer_of(world, session, base_url, signed(world, base_url), stuck())

    answered.set()
    assert (status, problem["code"]) == (422, Code.MALFORMED)


async def test_connection_that_breaks_is_no_bug_of_ours(world: Any) -> None:
    base_url = await world.serve({("POST", PATH): Handler().handle})
    fields = signed(world, base_url) | {"Content-Length": "2"}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    host, port = base_url.removeprefix("http://").split(":")

    with capture_logs() as logs:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{head}\r\n{{".encode())
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()

    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("peer_request_refused", "info")
    ]


async def test_compressed_content_is_refused(world: Any, session: Any) -> None:
    base_url = await world.serve({("POST", PATH): Handler().handle})
    fields = signed(world, base_url) | {"content-encoding": "deflate"}

    status, problem = await answer_of(world, session, base_url, fields, compress(b"{}"))

    assert (status, problem["facts"]["field"]) == (422, "content-encoding")


async def test_strangers_content_is_not_read(world: Any, session: Any, stranger: Signer) -> None:
    answered = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await answered.wait()

    base_url = await world.serve({("POST", PATH): Handler().handle})
    fields = signed(world, base_url, signer=stranger)

    status, problem = await answer_of(world, session, base_url, fields, stuck())

    answered.set()
    assert (status, problem["code"]) == (401, Code.SIGNATURE_KEY_UNKNOWN)


async def test_unknown_key_makes_us_ask_once(
    world: Any, session: Any, stranger: Signer, directory_of: Any
) -> None:
    world.directory = directory_of(world.here, later=(stranger,))
    base_url = await world.serve({("POST", PATH): Handler().handle})

    for _ in range(2):
        fields = signed(world, base_url, signer=stranger)
        assert (await answer_of(world, session, base_url, fields))[0] == 200

    assert world.directory.refreshed == [stranger.node]


async def test_stranger_does_not_make_us_ask_again_and_again(
    world: Any, session: Any, stranger: Signer
) -> None:
    base_url = await world.serve({("POST", PATH): Handler().handle})

    for wait_s in (0, 1, REFRESH_PAUSE_S):
        world.now_s += wait_s
        fields = signed(world, base_url, signer=stranger)
        status, problem = await answer_of(world, session, base_url, fields)
        assert (status, problem["code"]) == (401, Code.SIGNATURE_KEY_UNKNOWN)

    assert world.directory.refreshed == [stranger.node] * 2


async def test_many_strangers_do_not_make_us_ask_without_end(
    world: Any, session: Any, stranger: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert REFRESHED_MAX > 0
    monkeypatch.setattr("federation.peer.server.REFRESHED_MAX", 0)
    base_url = await world.serve({("POST", PATH): Handler().handle})

    fields = signed(world, base_url, signer=stranger)
    status, _ = await answer_of(world, session, base_url, fields)

    assert status == 401
    assert world.directory.refreshed == []


@pytest.mark.parametrize("trouble", ["unreachable", "stuck"])
async def test_keys_that_cannot_be_fetched_leave_the_key_unknown(
    world: Any, session: Any, stranger: Signer, directory_of: Any, trouble: str
) -> None:
    class Failing(directory_of):  # type: ignore[misc]
        async def refresh(self, node: str) -> None:
            if trouble == "stuck":
                await asyncio.Event().wait()
            raise PeerUnavailable(Code.PEER_UNREACHABLE, reason=node)

    world.directory = Failing(world.here)
    limits = world.limits(refresh_timeout_s=0.05)
    base_url = await world.serve({("POST", PATH): Handler().handle}, limits=limits)

    fields = signed(world, base_url, signer=stranger)
    status, problem = await answer_of(world, session, base_url, fields)

    assert (status, problem["code"]) == (401, Code.SIGNATURE_KEY_UNKNOWN)


async def test_refusal_of_a_handler_is_a_signed_problem(world: Any, session: Any) -> None:
    async def refuse(_: web.Request) -> web.Response:
        raise RefusedError(Code.CONFLICT, field="path", address="a fact of this name means nothing")

    base_url = await world.serve({("POST", PATH): refuse})

    status, problem = await answer_of(world, session, base_url, signed(world, base_url))

    assert status == problem["status"] == 409
    assert problem["code"] == Code.CONFLICT
    assert "Nothing was changed" in problem["title"]


async def test_unknown_route_is_a_signed_problem(world: Any, session: Any) -> None:
    base_url = await world.serve({("GET", PATH): Handler().handle})

    status, problem = await answer_of(world, session, base_url, signed(world, base_url))

    assert (status, problem["code"]) == (404, Code.NOT_FOUND)


async def stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    return response


async def bug(_: web.Request) -> web.StreamResponse:
    raise ValueError("name and address of a member")


async def redirect(_: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/elsewhere")


async def created(_: web.Request) -> web.StreamResponse:
    return web.Response(status=201)


@pytest.mark.parametrize("handler", [bug, redirect, created])
async def test_bug_of_a_handler_is_a_problem_without_detail(
    world: Any, session: Any, handler: Any
) -> None:
    base_url = await world.serve({("POST", PATH): handler})

    with capture_logs() as logs:
        status, problem = await answer_of(world, session, base_url, signed(world, base_url))

    assert (status, problem["code"], problem["facts"]) == (500, Code.INTERNAL, {})
    assert "member" not in json.dumps([problem, logs])


async def test_log_names_the_place_and_no_content(world: Any, session: Any) -> None:
    base_url = await world.serve({("POST", PATH): bug})

    with capture_logs() as logs:
        await answer_of(world, session, base_url, signed(world, base_url))

    (line,) = logs
    assert line["event"] == "peer_request_failed"
    assert line["log_level"] == "critical"
    assert line["error"] == "ValueError"
    assert line["place"].startswith("test_server.py:")


async def test_empty_answer_is_signed(world: Any, session: Any) -> None:
    base_url = await world.serve({("POST", PATH): Handler(web.Response()).handle})
    fields = signed(world, base_url)

    async with session.post(base_url + PATH, headers=fields, data=b"{}") as answer:
        response = Response(
            status=200, fields=fields_of(answer.headers.items()), body=await answer.read()
        )

    asked = Asked(method="POST", target_uri=base_url + PATH, signature=fields["signature"])
    keys = world.directory.http_keys(world.here.node)
    verify_response(response, asked, node=world.here.node, keys=keys)


@pytest.mark.parametrize("signature", ["x" * 1025, "é"])
async def test_answer_to_a_signature_that_cannot_be_covered_is_unsigned(
    world: Any, session: Any, signature: str
) -> None:
    base_url = await world.serve({("POST", PATH): Handler().handle})

    async with session.post(base_url + PATH, headers={"signature": signature}) as answer:
        assert answer.status == 401
        assert "signature" not in answer.headers


async def test_public_route_needs_no_signature_and_tells_problems(world: Any, session: Any) -> None:
    async def keys(request: web.Request) -> web.Response:
        if request.match_info["node"] == "a":
            return web.Response(body=b"[]")
        raise RefusedError(Code.NOT_FOUND, field="node")

    route = "/federation/v1/keys/{node}"
    base_url = await world.serve({("GET", route): keys}, public=frozenset({route}))

    async with session.get(f"{base_url}/federation/v1/keys/a") as answer:
        assert await answer.read() == b"[]"
    async with session.get(f"{base_url}/federation/v1/keys/b") as answer:
        assert answer.status == 404
        assert (await answer.json(content_type=None))["code"] == Code.NOT_FOUND


async def test_address_of_the_request_line_does_not_count(world: Any) -> None:
    """A request line with a whole address in it (RFC 9112 section 3.2.2) is not for us."""
    base_url = await world.serve({("POST", PATH): Handler().handle})
    fields = signed(world, base_url) | {"Content-Length": "2", "Connection": "close"}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    host, port = base_url.removeprefix("http://").split(":")

    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"POST {base_url}{PATH} HTTP/1.1\r\nHost: x\r\n{head}\r\n{{}}".encode())
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()

    assert answer.startswith(b"HTTP/1.1 401")
    assert b"signature_malformed" in answer


async def test_content_that_claims_to_be_large_is_not_waited_for(world: Any) -> None:
    limits = world.limits(request_bytes_max=150)
    base_url = await world.serve({("POST", PATH): Handler().handle}, limits=limits)
    fields = signed(world, base_url) | {"Content-Length": "151"}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    host, port = base_url.removeprefix("http://").split(":")

    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
        status_line = await reader.readline()
        writer.close()
        await writer.wait_closed()

    assert status_line.startswith(b"HTTP/1.1 413")
