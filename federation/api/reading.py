"""Reading a request: its token, its content and its query, each into what the table says.

Every limit is here. Nothing but the header `Authorization` says who asks: no cookie does.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import msgspec

from federation.api.operation import JSON
from schemas.encoding import parse
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from aiohttp import web

CONTENT_MAX: Final = 64 * 1024
READ_WITHIN_S: Final = 30
QUERY_MAX: Final = 2_000
NUL: Final = "\x00"
_ESCAPED_NUL: Final = b"\\u0000"
_BEARER: Final = "bearer "


def read_secret(request: web.Request) -> str:
    """Give the secret of the bearer token (RFC 6750 section 2.1).

    Raises:
        RefusedError: `token_invalid`.

    """
    header = request.headers.get("Authorization", "")
    if header[:7].lower() != _BEARER:
        raise RefusedError(Code.TOKEN_INVALID, field="authorization")
    return header[7:].strip()


async def read_content(
    request: web.Request, types: tuple[str, ...] = (JSON,), size_max: int = CONTENT_MAX
) -> bytes:
    """Read the content up to the limit, whatever length it claims.

    Raises:
        InputError: `media_type`, `too_large`.

    """
    if request.content_type not in types or "Content-Encoding" in request.headers:
        raise InputError(Code.MEDIA_TYPE, field="content-type")
    if (request.content_length or 0) > size_max:
        raise InputError(Code.TOO_LARGE, field="content", limit=size_max)
    if request.content.is_eof():  # all of it came with the head, as it nearly always does
        return _bounded(request.content.read_nowait(), size_max)
    content = bytearray()
    async with asyncio.timeout(READ_WITHIN_S):
        async for chunk in request.content.iter_any():
            if len(content) + len(chunk) > size_max:
                raise InputError(Code.TOO_LARGE, field="content", limit=size_max)
            content += chunk
    return bytes(content)


def _bounded(content: bytes, size_max: int) -> bytes:
    if len(content) > size_max:
        raise InputError(Code.TOO_LARGE, field="content", limit=size_max)
    return content


def decode_content(decoder: msgspec.json.Decoder[Any], content: bytes) -> Any:
    """Decode the content of a request.

    Raises:
        InputError: `malformed`, naming the field.

    """
    try:
        asked = parse(decoder, content)
    except msgspec.MsgspecError as error:
        raise malformed(error, "content") from error
    if _ESCAPED_NUL in content:
        refuse_nul(msgspec.to_builtins(asked), "content")
    return asked


def refuse_nul(said: Any, field: str) -> None:
    """Refuse text that nobody types and no database keeps, however deep it stands.

    Raises:
        InputError: `malformed`, naming the field.

    """
    if isinstance(said, str) and NUL in said:
        raise InputError(Code.MALFORMED, field=field, reason="Text with a NUL character")
    if isinstance(said, dict):
        for name, inner in said.items():
            refuse_nul(inner, name)
    if isinstance(said, list):
        for inner in said:
            refuse_nul(inner, field)


def read_query(request: web.Request, wanted: type[Any] | None) -> Any:
    """Read the query into a struct; without one there may be none.

    Raises:
        InputError: `malformed`, `too_large`.

    """
    if len(request.query_string) > QUERY_MAX:
        raise InputError(Code.TOO_LARGE, field="query", limit=QUERY_MAX)
    if wanted is None and not request.query_string:
        return None
    found = dict(request.query)
    if wanted is None or len(found) != len(request.query):
        raise InputError(Code.MALFORMED, field="query", reason="unknown, or given twice")
    try:
        asked = msgspec.convert(found, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise malformed(error, "query") from error
    refuse_nul(found, "query")
    return asked


def read_places(request: web.Request, places: dict[str, Any]) -> dict[str, str]:
    """Read what stands in the address.

    Raises:
        InputError: `malformed`, naming the place.

    """
    found = request.match_info
    for name, text in found.items():
        try:
            msgspec.convert(text, places[name])
        except msgspec.ValidationError as error:
            raise malformed(error, name) from error
    return dict(found)


def malformed(error: msgspec.MsgspecError, otherwise: str) -> InputError:
    """Translate what msgspec says: `Expected int, got str - at `$.amount_minor``."""
    reason, _, place = str(error).partition(" - at `$")
    field = place.strip(".`") or otherwise
    return InputError(Code.MALFORMED, field=field[:200], reason=reason[:200])
