"""The witness over HTTP, C2SP tlog-witness: open to everybody, answers only about known logs."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import web

from events.witness import SUBMISSION_SIZE_MAX, TEXT_TYPE, Answer
from federation.node.node_key import NODE
from federation.node.origins import WITNESS_PATH
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from aiohttp.web import Application

    from federation.node.witness import Witness

READ_TIMEOUT_S: Final = 30.0


def add(app: Application) -> None:
    """Add the witness's routes."""
    app.add_routes(
        [
            web.post(f"{WITNESS_PATH}/add-checkpoint", add_checkpoint),
            web.get(f"{WITNESS_PATH}/{{log:[0-9a-f]{{64}}}}/checkpoint", newest_checkpoint),
        ]
    )


async def add_checkpoint(request: web.Request) -> web.Response:
    """Cosign a checkpoint, or say why not."""
    witness = _witness(request)
    body = await _read(request)
    if body is None:
        return _written(Answer(HTTPStatus.BAD_REQUEST, b"the request is too large or too slow\n"))
    return _written(await witness.add_checkpoint(body))


async def newest_checkpoint(request: web.Request) -> web.Response:
    """Give the newest checkpoint that was cosigned of a log, by the SHA-256 of its origin."""
    note = await _witness(request).newest(bytes.fromhex(request.match_info["log"]))
    if note is None:
        raise RefusedError(Code.NOT_FOUND, field="log")
    return _written(Answer(HTTPStatus.OK, note))


def _witness(request: web.Request) -> Witness:
    witness = request.app[NODE].witness
    if witness is None:
        raise RefusedError(Code.NOT_FOUND, field="witness")
    return witness


def _written(answer: Answer) -> web.Response:
    return web.Response(
        status=answer.status,
        body=answer.body,
        content_type=answer.content_type,
        charset="utf-8" if answer.content_type == TEXT_TYPE else None,
    )


async def _read(request: web.Request) -> bytes | None:
    """Read the content up to the limit, whatever length it claims, in bounded time."""
    if (request.content_length or 0) > SUBMISSION_SIZE_MAX:
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(READ_TIMEOUT_S):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > SUBMISSION_SIZE_MAX:
                    return None
    except (TimeoutError, ConnectionError):
        return None
    return bytes(body)
