"""An answer that is sent while it is made; one that cannot go on is cut off, not ended quietly."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog
from aiohttp import web

from events.recovery import STORAGE_TROUBLE
from schemas.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

PIECE_WITHIN_S: Final = 300
"""So long may a piece take to be made and taken in, on a slow phone too."""
log = structlog.get_logger()


class Pieces(NamedTuple):
    """What is sent while it is made, and its headers; nothing of it has left yet."""

    made: AsyncGenerator[bytes]
    headers: Mapping[str, str]


async def send(
    request: web.Request, pieces: AsyncGenerator[bytes], headers: Mapping[str, str]
) -> web.StreamResponse:
    """Send pieces as they come; what goes wrong before the first one is raised, as for any answer.

    Later the connection is cut, so that whoever receives it sees that it is not whole.
    """
    async with aclosing(pieces):
        async with asyncio.timeout(PIECE_WITHIN_S):
            piece = await anext(pieces, None)
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        whole = False
        try:
            while piece is not None:
                async with asyncio.timeout(PIECE_WITHIN_S):
                    await response.write(piece)
                    piece = await anext(pieces, None)
            await response.write_eof()
            whole = True
        except (*STORAGE_TROUBLE, StorageError) as error:
            log.warning("sending_cut_off", kind=type(error).__name__)
        finally:
            if not whole and request.transport is not None:
                request.transport.abort()
    return response
