"""Words of a peer that prove themselves come unsigned: reading them, within a size and a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from federation.node.peers import STATEMENTS_SIZE_MAX
from schemas.encoding import parse
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from aiohttp import web

READ_TIMEOUT_S: Final = 30
T = TypeVar("T")


async def read_told(request: web.Request, decoder: msgspec.json.Decoder[T]) -> T:
    """Read what a peer tells.

    Raises:
        InputError: `too_large`; `malformed`, also when it does not arrive.

    """
    try:
        return parse(decoder, await _content(request))
    except msgspec.MsgspecError as error:
        raise InputError(Code.MALFORMED, field="body", reason=str(error)) from error


async def _content(request: web.Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(READ_TIMEOUT_S):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > STATEMENTS_SIZE_MAX:
                    raise InputError(Code.TOO_LARGE, field="content", limit=STATEMENTS_SIZE_MAX)
    except (TimeoutError, ConnectionError) as error:
        raise InputError(Code.MALFORMED, field="content", reason="it did not arrive") from error
    return bytes(body)
