"""Requests to other nodes: signed, bounded, and only to public addresses (design section 7).

Invariant: bytes of `get` and `post` come from the node that was asked and answer this very request.
No redirects, no cookies, no proxies from the environment, no compression; 200 is the only success.
Nothing is retried here: whoever asks knows whether and when to ask again.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, Self

import aiohttp
import msgspec
from yarl import URL

from federation.peer.addresses import AddressRefusedError, make_public_socket
from federation.peer.problems import read_problem
from federation.peer.signature_base import fields_of
from federation.peer.signatures import (
    JSON,
    NONCE_SIZE,
    Asked,
    Request,
    Response,
    Signer,
    sign_request,
    verify_response,
)
from federation.peer.urls import check_base_url, check_path
from schemas.errors import Code, PeerUnavailable, RefusedError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from aiohttp.abc import AbstractResolver

    from events.signing import PublicKey

RETRY_AFTER_MAX_S: Final = 300
"""As long as the outbox ever waits."""
_READ_SIZE: Final = 65_536
_HEADERS: Final = {"accept-encoding": "identity", "user-agent": "ruilbrug"}


class KeyDirectory(Protocol):
    """Where the HTTP keys of nodes are known."""

    def http_keys(self, node: str) -> Mapping[str, PublicKey]:
        """Give the keys that count now, each under its unpadded base64url; none if unknown."""

    async def refresh(self, node: str) -> None:
        """Fetch the node's key statements again; do nothing for a node that is not known."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one node may cost another."""

    timeout_s: float = 10.0
    connect_timeout_s: float = 5.0
    response_bytes_max: int = 16 * 2**20
    connections_max: int = 64
    connections_per_host_max: int = 8
    keepalive_s: float = 30.0
    """Shorter than a server's 75 s, so it is we who close an idle connection."""


class ClockSeen(NamedTuple):
    """How far the clock of another node was ahead of ours, and when by ours."""

    at_s: int
    ahead_s: int


class PeerClient:
    """Asks other nodes; an async context that owns one session and its connections."""

    def __init__(
        self,
        signer: Signer,
        directory: KeyDirectory,
        *,
        now: Callable[[], int],
        random_bytes: Callable[[int], bytes],
        allow_private_addresses: bool = False,
        limits: Limits | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        """Take what signs, what knows keys, a clock in seconds and a source of randomness."""
        self._signer = signer
        self._directory = directory
        self._now = now
        self._random_bytes = random_bytes
        self._allow_private_addresses = allow_private_addresses
        self._limits = limits or Limits()
        self._resolver = resolver
        self._opened: aiohttp.ClientSession | None = None
        self.clocks: dict[str, ClockSeen] = {}
        """What the newest answer of each node says of its clock."""

    async def __aenter__(self) -> Self:
        """Open the session; connections are made when they are needed."""
        limits = self._limits
        connector = aiohttp.TCPConnector(
            limit=limits.connections_max,
            limit_per_host=limits.connections_per_host_max,
            keepalive_timeout=limits.keepalive_s,
            resolver=self._resolver,
            socket_factory=None if self._allow_private_addresses else make_public_socket,
        )
        self._opened = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            trust_env=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_timeout_s),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the session and its connections."""
        session, self._opened = self._session(), None
        await session.close()

    async def get(
        self,
        node: str,
        base_url: str,
        path: str,
        *,
        timeout_s: float | None = None,
        bytes_max: int | None = None,
    ) -> bytes:
        """Ask a node for a resource, signed, and return the content of its signed answer.

        An answer above `bytes_max`, when that is less than what is read anyway, is `too_large`.

        Raises:
            PeerUnavailable: it does not answer in time, or not now. Ask again later; with
                `rate_limited` not before `wait_s` seconds have passed.
            RefusedError: it refuses, with one of our codes.
            VerificationError: somebody else answers, or it does so wrongly.

        """
        request = Request(method="GET", path=path)
        return await self._ask(node, base_url, request, timeout_s, bytes_max)

    async def post(
        self, node: str, base_url: str, path: str, body: bytes, *, timeout_s: float | None = None
    ) -> bytes:
        """Send JSON to a node, signed, and return the content of its signed answer.

        Raises:
            PeerUnavailable: as `get`; whether it was done is unknown.
            RefusedError: as `get`.
            VerificationError: as `get`.

        """
        fields = {"content-type": JSON}
        request = Request(method="POST", path=path, fields=fields, body=body)
        return await self._ask(node, base_url, request, timeout_s)

    async def get_unsigned(
        self,
        base_url: str,
        path: str,
        *,
        timeout_s: float | None = None,
        bytes_max: int | None = None,
    ) -> bytes:
        """Fetch a public resource that carries its own signatures (key statements, checkpoints).

        Raises:
            PeerUnavailable: as `get`.
            RefusedError: `not_found`, or what a problem tells.
            VerificationError: it answers wrongly.

        """
        request = Request(method="GET", path=path)
        response = await self._exchange(base_url, request, request.fields, timeout_s, bytes_max)
        if response.status == HTTPStatus.OK:
            return response.body
        error = read_problem(response)
        if response.status == HTTPStatus.NOT_FOUND and not isinstance(error, RefusedError):
            raise RefusedError(Code.NOT_FOUND, field=path)
        raise error

    async def post_public(
        self, base_url: str, path: str, body: bytes, *, bytes_max: int | None = None
    ) -> Response:
        """Send to a public resource and give the answer, whatever its status below 500.

        Nobody signed it: what it carries has to prove itself (cosignatures).

        Raises:
            PeerUnavailable: as `get`.
            VerificationError: it answers too much, or compressed.

        """
        request = Request(method="POST", path=path, body=body)
        return await self._exchange(base_url, request, request.fields, None, bytes_max)

    async def _ask(
        self,
        node: str,
        base_url: str,
        request: Request,
        timeout_s: float | None,
        bytes_max: int | None = None,
    ) -> bytes:
        signed = sign_request(
            request,
            self._signer,
            base_url=base_url,
            now_s=self._now(),
            nonce=self._random_bytes(NONCE_SIZE),
        )
        fields = {**request.fields, **signed}
        response = await self._exchange(base_url, request, fields, timeout_s, bytes_max)
        if response.status != HTTPStatus.OK and "signature" not in response.fields:
            # Not the node but something before it: a proxy, a maintenance page.
            raise _unavailable(f"status {response.status}, not signed")
        asked = Asked(
            method=request.method,
            target_uri=base_url + request.path,
            signature=signed["signature"],
        )
        await self._verify(node, response, asked)
        if response.status != HTTPStatus.OK:
            raise read_problem(response)
        return response.body

    async def _verify(self, node: str, response: Response, asked: Asked) -> None:
        """Verify a response; an unknown key makes us fetch the node's key statements once."""
        now_s, keys = self._now(), self._directory.http_keys(node)
        try:
            signed_s = verify_response(response, asked, node=node, keys=keys)
        except VerificationError as error:
            if error.code != Code.SIGNATURE_KEY_UNKNOWN:
                raise
        else:
            self.clocks[node] = ClockSeen(now_s, signed_s - now_s)
            return
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                await self._directory.refresh(node)
        except TimeoutError as error:
            raise _unavailable("its keys cannot be fetched in time") from error
        verify_response(response, asked, node=node, keys=self._directory.http_keys(node))

    async def _exchange(
        self,
        base_url: str,
        request: Request,
        fields: Mapping[str, str],
        timeout_s: float | None,
        bytes_max: int | None = None,
    ) -> Response:
        """Send a request as it is and read the answer, whole or not at all."""
        url = self._url(base_url, request.path)
        try:
            async with (
                asyncio.timeout(self._limits.timeout_s if timeout_s is None else timeout_s),
                self._session().request(
                    request.method,
                    url,
                    headers=fields,
                    data=request.body or None,
                    allow_redirects=False,
                    middlewares=(_once,),
                ) as answer,
            ):
                response = await self._read(answer, bytes_max)
        except TimeoutError as error:
            raise _unavailable("it takes too long") from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, AddressRefusedError):
                raise PeerUnavailable(Code.ADDRESS_REFUSED) from error
            raise _unavailable("no connection") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _unavailable(type(error).__name__) from error
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise PeerUnavailable(Code.RATE_LIMITED, wait_s=_wait_s(response.fields))
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _unavailable(f"status {response.status}")
        return response

    def _url(self, base_url: str, path: str) -> URL:
        """Check an address and give it as aiohttp wants it, not requoted."""
        check_base_url(base_url)
        if not (base_url.startswith("https://") or self._allow_private_addresses):
            raise PeerUnavailable(Code.ADDRESS_REFUSED)
        return URL(base_url + check_path(path), encoded=True)

    async def _read(self, answer: aiohttp.ClientResponse, bytes_max: int | None) -> Response:
        """Read an answer up to the limit, whatever length it claims."""
        limit = min(self._limits.response_bytes_max, bytes_max or self._limits.response_bytes_max)
        if "content-encoding" in answer.headers:
            raise VerificationError(Code.PEER_WRONG, reason="its answer is compressed")
        body = bytearray()
        if (answer.content_length or 0) > limit:
            raise VerificationError(Code.TOO_LARGE, field="answer", limit=limit)
        while chunk := await answer.content.read(_READ_SIZE):
            body += chunk
            if len(body) > limit:
                raise VerificationError(Code.TOO_LARGE, field="answer", limit=limit)
        return Response(
            status=answer.status, fields=fields_of(answer.headers.items()), body=bytes(body)
        )

    def _session(self) -> aiohttp.ClientSession:
        assert self._opened is not None, "used outside its context"
        return self._opened


async def _once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send a request once: aiohttp sends a GET again, and its nonce then counts as replayed."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise  # never sent; not tried again either
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _unavailable(type(error).__name__) from error


def _wait_s(fields: Mapping[str, str]) -> int:
    """Read after how many seconds to come again; a date or nonsense is the shortest wait.

    Nobody signed it: whoever sits between could keep us apart anyway, and the wait has an end.
    """
    told = fields.get("retry-after", "")
    fine = told.isascii() and told.isdigit() and len(told) <= len(str(RETRY_AFTER_MAX_S))
    return min(max(int(told), 1), RETRY_AFTER_MAX_S) if fine else 1


def _unavailable(reason: str) -> PeerUnavailable:
    return PeerUnavailable(Code.PEER_UNREACHABLE, reason=reason)
