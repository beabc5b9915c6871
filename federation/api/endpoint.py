"""From a request to an answer: one way for every operation of the table.

In this order: how much the address asks, the token, how much the token asks, its role, the place,
the content, the key; then the operation; then the answer. Whatever is wrong becomes a problem
(RFC 9457) with a code and a sentence in the caller's language; a bug becomes one without detail.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from hashlib import sha256
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import structlog
from aiohttp import web

from events.recovery import STORAGE_TROUBLE
from federation.api.access import ROLES
from federation.api.keys import HEADER, KeptAnswers, read_key
from federation.api.language import language_of
from federation.api.looking import look_of
from federation.api.operation import JSON, Call, KeyUse, Operation
from federation.api.reading import (
    CONTENT_MAX,
    decode_content,
    read_content,
    read_places,
    read_query,
    read_secret,
)
from federation.api.table import PLACES
from federation.members.pictures import UPLOAD_MAX
from federation.members.roles import roles_of
from federation.node import looked
from federation.node.sending import send
from federation.node.service import now_s
from federation.peer.problems import write_problem
from schemas.encoding import encode
from schemas.errors import Code, RefusedError, RuilbrugError, StorageError

if TYPE_CHECKING:
    from federation.api.tokens import Token, Tokens
    from federation.node.service import Node
    from federation.peer.pace import Pace

ANSWER_WITHIN_S: Final = 30
LOG: Final = structlog.get_logger()
_HEADERS: Final = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Shared(NamedTuple):
    """What all operations of a node share."""

    node: Node
    tokens: Tokens
    pace: Pace
    answers: KeptAnswers


class Endpoint:
    """Answers the requests of one operation."""

    def __init__(self, operation: Operation, shared: Shared) -> None:
        """Take the row of the table."""
        self._operation = operation
        self._shared = shared
        self._decoder = None
        self._query = None
        if not operation.has_content():
            self._query = operation.asked
        elif operation.takes == (JSON,):
            self._decoder = msgspec.json.Decoder(operation.asked)
        self._content_max = CONTENT_MAX if operation.takes == (JSON,) else UPLOAD_MAX
        self._headers = {**_HEADERS, "Content-Type": operation.gives}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        try:
            if self._operation.key is KeyUse.COMMAND:
                # waits for content and for the log alone, both of which are under a time limit
                # of their own; one more takes a twentieth of what a transfer takes
                answer = await self._answer(request)
            else:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    answer = await self._answer(request)
            if isinstance(answer, bytes):
                status = self._operation.status
                return web.Response(body=answer, status=status, headers=self._headers)
            return await send(request, answer, self._headers)
        except RuilbrugError as error:
            told: RuilbrugError = error
        except STORAGE_TROUBLE as error:
            LOG.warning("api_storage_trouble", kind=type(error).__name__)
            told = StorageError(Code.DATABASE_UNAVAILABLE)
        except Exception as error:  # noqa: BLE001 - the edge: a bug ends this request, no more
            told = _told_bug(error, self._operation)
        return tell(request, told, self._shared.node)

    async def _answer(self, request: web.Request) -> bytes | AsyncGenerator[bytes]:
        operation, shared = self._operation, self._shared
        network = shared.pace.enter(request)
        token = shared.tokens.find(read_secret(request))
        shared.pace.known(network, token.token, request.content_length or 0)
        self._admit(token)
        places = read_places(request, PLACES) if request.match_info else {}
        asked = read_query(request, self._query)
        if operation.has_content():
            content = await read_content(request, operation.takes, self._content_max)
            asked = content if self._decoder is None else decode_content(self._decoder, content)
        answer: bytes | AsyncGenerator[bytes]
        if operation.key is KeyUse.NONE:
            call = Call(shared.node, token, places, "")
            told = await operation.run(call, asked)
            answer = told if isinstance(told, AsyncGenerator) else _encoded(told)
        else:
            key = read_key(request.headers.get(HEADER), operation, token)
            call = Call(shared.node, token, places, key)
            answer = await self._once(call, request.path, asked)
        await looked.note(shared.node, look_of(call, operation, asked), now_s=now_s())
        return answer

    def _admit(self, token: Token) -> None:
        """Refuse a token whose account is closed or has lost its role, and what no such may do."""
        if token.account is not None:
            account = self._shared.node.machine.books.ledger.accounts.get(token.account)
            if account is None or not account.status.books():
                raise RefusedError(Code.TOKEN_INVALID, field="authorization")
            role = ROLES.get(token.role)
            if role is not None and role not in roles_of(self._shared.node, token.account):
                raise RefusedError(Code.TOKEN_INVALID, field="authorization")
        if token.role not in self._operation.roles:
            raise RefusedError(Code.FORBIDDEN, field="token")

    async def _once(self, call: Call, path: str, asked: Any) -> bytes:
        """Run an operation unless its key was answered before."""
        if self._operation.key is KeyUse.COMMAND:
            return _encoded(await self._operation.run(call, asked))
        answers = self._shared.answers
        digest = sha256(path.encode() + b"\n" + _encoded(asked)).digest()
        async with answers.turn(call.key):
            before = await answers.read(call, digest)
            if before is not None:
                return before
            body = _encoded(await self._operation.run(call, asked))
            await answers.write(call, digest, body)
            return body


def _encoded(told: Any) -> bytes:
    return told if isinstance(told, bytes) else encode(told)


def tell(request: web.Request, error: RuilbrugError, node: Node) -> web.Response:
    """Write a problem in the language of whoever asked."""
    settings = node.machine.books.ledger.settings
    language = language_of(request.headers.get("Accept-Language", ""))
    problem = write_problem(error, language, settings.unit if settings else None)
    headers = {
        **_HEADERS,
        "Content-Type": problem.fields["content-type"],
        "Content-Language": language.value,
    }
    if error.code is Code.TOKEN_INVALID:
        headers["WWW-Authenticate"] = 'Bearer realm="ruilbrug"'
    if error.code is Code.RATE_LIMITED:
        headers["Retry-After"] = str(error.facts.get("wait_s", 1))
    if error.code is Code.METHOD_NOT_ALLOWED:
        headers["Allow"] = str(error.facts["allowed"])
    return web.Response(status=problem.status, headers=headers, body=problem.body)


def _told_bug(error: Exception, operation: Operation) -> RuilbrugError:
    """Log where a bug is, and no value that may be personal."""
    place = extract_tb(error.__traceback__)[-1]
    LOG.critical(
        "api_request_failed",
        operation=operation.name,
        error=type(error).__name__,
        place=f"{place.filename.rpartition('/')[2]}:{place.lineno}",
    )
    return RuilbrugError(Code.INTERNAL)
