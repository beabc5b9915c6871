"""What is sent many times as it is: packed once, and plain to whoever takes nothing packed."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, NamedTuple

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping


class Packed(NamedTuple):
    """Content as it is sent; `packed` is empty where compression does not help."""

    content_type: str
    plain: bytes
    packed: bytes


def pack(content_type: str, plain: bytes) -> Packed:
    """Pack content as small as it gets: it is done once."""
    return Packed(content_type, plain, gzip.compress(plain, 9, mtime=0))


def give(request: web.Request, content: Packed, headers: Mapping[str, str]) -> web.Response:
    """Answer with content, packed for whoever takes that."""
    told = {**headers, "Content-Type": content.content_type, "Vary": "Accept-Encoding"}
    if content.packed and "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=content.packed, headers={**told, "Content-Encoding": "gzip"})
    return web.Response(body=content.plain, headers=told)
