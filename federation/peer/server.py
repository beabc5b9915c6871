"""The gate before everything under `/federation/`: verify the request, sign the response.

Invariant: a handler behind the gate runs only for a request that a known node signed for this
address, with this content, once. It finds the node's id under `CALLER` and the content under
`BODY`, and answers with a complete `web.Response` of status 200, or raises. Public resources pass
unsigned both ways; they carry their own signatures.

Every refusal is a problem (RFC 9457), signed too whenever the request had a signature to bind it
to; only who asks too much is told so unsigned (429), because it must cost us less than it costs
them. A handler's bug becomes a problem without detail.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Final

import msgspec
import structlog
from aiohttp import web

from federation.peer.nonces import NonceMemory
from federation.peer.pace import Pace, PaceLimits
from federation.peer.problems import write_problem
from federation.peer.signature_base import FIELD_SIZE_MAX, fields_of
from federation.peer.signatures import (
    Asked,
    Caller,
    Request,
    Response,
    Signer,
    sign_response,
    verify_content,
    verify_head,
)
from federation.peer.urls import check_base_url
from schemas.errors import Code, InputError, RefusedError, RuilbrugError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.typedefs import Handler, Middleware

    from federation.peer.client import KeyDirectory

PREFIX: Final = "/federation/"
CALLER: Final = web.RequestKey("caller", str)
"""The id of the node that signed the request."""
BODY: Final = web.RequestKey("body", bytes)
"""The content of the request, as its digest says."""

REFRESH_PAUSE_S: Final = 30
REFRESHED_MAX: Final = 1_024

_LOG: Final = structlog.get_logger()


class GateLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one request may cost."""

    request_bytes_max: int
    pace: PaceLimits
    read_timeout_s: float = 30.0
    refresh_timeout_s: float = 10.0


class Gate:
    """Verifies requests to one node and signs its responses."""

    def __init__(
        self,
        signer: Signer,
        directory: KeyDirectory,
        *,
        base_url: str,
        now: Callable[[], int],
        public: frozenset[str] = frozenset(),
        nonces: NonceMemory | None = None,
        limits: GateLimits,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """Guard the node whose public address is `base_url`.

        `public` names the routes, as they were added to the router, that are not signed; a route
        that is not in it, or is written otherwise, is. `steady` is a clock that never goes back.
        """
        self._signer = signer
        self._directory = directory
        self._base_url = check_base_url(base_url)
        self._now = now
        self._public = public
        self._nonces = NonceMemory() if nonces is None else nonces
        self._limits = limits
        self._pace = Pace(self._limits.pace, steady=steady)
        self._refreshed: dict[str, int] = {}

    def middleware(self) -> Middleware:
        """Give the middleware for `web.Application`."""

        @web.middleware
        async def verify_and_sign(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not request.path.startswith(PREFIX):  # decoded, as the router sees it
                return await handler(request)
            resource = request.match_info.route.resource
            public = resource is not None and resource.canonical in self._public
            return await self._pass(request, handler, public=public)

        return verify_and_sign

    async def _pass(
        self, request: web.Request, handler: Handler, *, public: bool
    ) -> web.StreamResponse:
        """Verify, handle and sign; or only handle, what is public."""
        received = Request(
            method=request.method, path=request.raw_path, fields=fields_of(request.headers.items())
        )
        address = self._base_url
        try:
            network = self._pace.enter(request)
        except RefusedError as error:
            return _told_to_wait(error)
        try:
            if public:
                return await handler(request)
            caller = await self._verify_head(received)  # 1 to 5
            try:
                self._pace.known(network, caller.node, self._size_claimed(request))
            except RefusedError as error:
                return _told_to_wait(error)
            await self._verify_rest(request, received, caller)
            answer = _complete(await handler(request))
        except RuilbrugError as error:
            if error.code == Code.SIGNATURE_OTHER_ADDRESS:
                # Bound to the address that the caller used, or it could not read why not.
                address = str(error.facts["address"])
            answer = _told(error, received)
        except web.HTTPException as error:
            answer = _told(_translated(error), received)
        except Exception as error:  # noqa: BLE001 - the edge: a bug ends this request, no more
            answer = _told_bug(error, received)
        return answer if public else self._signed(answer, received, address)

    async def _verify_rest(self, request: web.Request, received: Request, caller: Caller) -> None:
        """Verify the content and remember the nonce, by the numbers of `verify_head`."""
        body = await self._read(request)
        verify_content(msgspec.structs.replace(received, body=body))  # 6
        self._nonces.admit(  # 7
            caller.node, caller.nonce, expires_s=caller.expires_s, now_s=self._now()
        )
        request[CALLER] = caller.node
        request[BODY] = body

    async def _verify_head(self, received: Request) -> Caller:
        """Verify all but the content; an unknown key makes us fetch the node's statements once."""
        try:
            return self._verify_with_known_keys(received)
        except VerificationError as error:
            node = str(error.facts.get("node", ""))
            if error.code != Code.SIGNATURE_KEY_UNKNOWN or not self._may_refresh(node):
                raise
        try:
            async with asyncio.timeout(self._limits.refresh_timeout_s):
                await self._directory.refresh(node)
        except (RuilbrugError, TimeoutError) as error:
            _LOG.warning("peer_keys_not_fetched", peer=node, error=type(error).__name__)
        return self._verify_with_known_keys(received)

    def _verify_with_known_keys(self, received: Request) -> Caller:
        return verify_head(
            received,
            base_url=self._base_url,
            keys=self._directory.http_keys,
            now_s=self._now(),
        )

    def _may_refresh(self, node: str) -> bool:
        """Say yes once in a while for each node, so that strangers do not make us ask for ever."""
        now_s = self._now()
        self._refreshed = {
            name: at_s
            for name, at_s in self._refreshed.items()
            if abs(now_s - at_s) < REFRESH_PAUSE_S
        }
        if node in self._refreshed or len(self._refreshed) >= REFRESHED_MAX:
            return False
        self._refreshed[node] = now_s
        return True

    def _size_claimed(self, request: web.Request) -> int:
        """Give how long the content will be; who does not say may send the most."""
        most = self._limits.request_bytes_max
        if request.content_length is None:
            return most if request.can_read_body else 0
        return min(request.content_length, most)

    async def _read(self, request: web.Request) -> bytes:
        """Read the content up to the limit, whatever length it claims."""
        limit = self._limits.request_bytes_max
        if "content-encoding" in request.headers:
            raise InputError(
                Code.MALFORMED, field="content-encoding", reason="the content must be as signed"
            )
        if (request.content_length or 0) > limit:
            raise InputError(Code.TOO_LARGE, field="content", limit=limit)
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.read_timeout_s):
                async for chunk in request.content.iter_any():
                    body += chunk
                    if len(body) > limit:
                        raise InputError(Code.TOO_LARGE, field="content", limit=limit)
        except TimeoutError as error:
            raise InputError(
                Code.MALFORMED, field="content", reason="it did not arrive in time"
            ) from error
        except ConnectionError as error:  # nobody reads this answer; it is no bug of ours
            raise InputError(
                Code.MALFORMED, field="content", reason="the connection broke"
            ) from error
        return bytes(body)

    def _signed(self, answer: web.Response, received: Request, address: str) -> web.Response:
        """Sign an answer; one to a request without a usable signature goes out unsigned."""
        content_type = answer.headers.setdefault("Content-Type", "application/octet-stream")
        response = Response(
            status=answer.status, fields={"content-type": content_type}, body=_bytes_of(answer)
        )
        signature = received.fields.get("signature", "")
        if 0 < len(signature) <= FIELD_SIZE_MAX:
            asked = Asked(
                method=received.method, target_uri=address + received.path, signature=signature
            )
            with suppress(VerificationError):  # not printable: nothing that could be covered
                answer.headers.update(
                    sign_response(response, asked, self._signer, now_s=self._now())
                )
        return answer


def _complete(answer: web.StreamResponse) -> web.Response:
    """Return an answer that can be signed; another is a handler's bug."""
    assert isinstance(answer, web.Response), "a signed answer is complete"
    assert answer.status == web.HTTPOk.status_code, "what is not 200 is raised"
    _bytes_of(answer)
    return answer


def _bytes_of(answer: web.Response) -> bytes:
    assert answer.body is None or isinstance(answer.body, bytes | bytearray)
    return bytes(answer.body or b"")


def _told(error: RuilbrugError, received: Request) -> web.Response:
    """Write a problem, and log it once: what does not verify as a warning, a refusal as info."""
    problem = write_problem(error)
    log = _LOG.warning if isinstance(error, VerificationError) else _LOG.info
    log("peer_request_refused", code=str(error.code), status=problem.status, path=_bare(received))
    return web.Response(status=problem.status, headers=dict(problem.fields), body=problem.body)


def _told_to_wait(error: RefusedError) -> web.Response:
    """Write the problem of one who asks too much, with when to come again (RFC 6585 section 4)."""
    problem = write_problem(error)
    headers = {**problem.fields, "Retry-After": str(error.facts["wait_s"])}
    return web.Response(status=problem.status, headers=headers, body=problem.body)


def _told_bug(error: Exception, received: Request) -> web.Response:
    """Write a problem without detail; the log gets the place, and no value that may be personal."""
    place = extract_tb(error.__traceback__)[-1]
    _LOG.critical(
        "peer_request_failed",
        error=type(error).__name__,
        place=f"{Path(place.filename).name}:{place.lineno}",
        path=_bare(received),
    )
    problem = write_problem(RuilbrugError(Code.INTERNAL))
    return web.Response(status=problem.status, headers=dict(problem.fields), body=problem.body)


def _translated(error: web.HTTPException) -> RuilbrugError:
    """Give the error for what the router raises by itself: no such route, or not this method."""
    if error.status in {web.HTTPNotFound.status_code, web.HTTPMethodNotAllowed.status_code}:
        return RefusedError(Code.NOT_FOUND, field="path")
    return RuilbrugError(Code.INTERNAL)


def _bare(received: Request) -> str:
    """Give the path without its query, short enough for a log line."""
    return received.path.partition("?")[0][:200]
