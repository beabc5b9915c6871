"""What an umbrella's register answers to the groups in it: its events, keys taken in, what counts.

Every request and answer is signed. A handler makes no outgoing call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from aiohttp import web

from federation.node.node_key import NODE
from federation.peer.server import BODY, CALLER
from federation.umbrella import registering, vouching
from projections.tables_register import read_page
from schemas.encoding import encode, parse
from schemas.errors import Code, InputError
from schemas.evidence import SignedEvent
from schemas.ids import SAFE_INTEGER
from schemas.keys import SignedKeyStatement
from schemas.messages import REGISTER_CHANGES_MAX, FollowedEntry, RegisterChange, RegisterPage

if TYPE_CHECKING:
    from aiohttp.web import Application

_STATEMENTS: Final = msgspec.json.Decoder(tuple[SignedKeyStatement, ...])
_SHOWN: Final = msgspec.json.Decoder(SignedEvent)
PLACE_DIGITS_MAX: Final = 16


def add(app: Application) -> None:
    """Add the routes of the register; a node that is no umbrella has none."""
    if app[NODE].settings.role != "umbrella":
        return
    app.add_routes(
        [
            web.get("/federation/v1/register", register),
            web.post("/federation/v1/register/keys", keys),
            web.post("/federation/v1/register/followed", followed),
        ]
    )


async def register(request: web.Request) -> web.Response:
    """Give what the register says behind a place, oldest first; lines only to their two ends."""
    node, caller = request.app[NODE], request[CALLER]
    after = _place(request.query.get("after", "-1"))
    async with node.pool.acquire() as connection:
        rows = await read_page(connection, caller, after=after, limit=REGISTER_CHANGES_MAX + 1)
    page = RegisterPage(
        changes=tuple(
            RegisterChange(seq=row.seq, said=row.body) for row in rows[:REGISTER_CHANGES_MAX]
        ),
        more=len(rows) > REGISTER_CHANGES_MAX,
    )
    return web.Response(body=encode(page), content_type="application/json")


async def keys(request: web.Request) -> web.Response:
    """Take in what is new among the caller's key statements."""
    node, caller = request.app[NODE], request[CALLER]
    node.gate.require_writable()
    try:
        statements = parse(_STATEMENTS, request[BODY])
    except msgspec.MsgspecError as error:
        raise InputError(Code.MALFORMED, field="body", reason=str(error)) from error
    await registering.record_keys(node, caller, statements)
    return web.Response(body=b"{}", content_type="application/json")


async def followed(request: web.Request) -> web.Response:
    """Tell which entry of a group's log counts at the place of an event that a partner shows."""
    node, caller = request.app[NODE], request[CALLER]
    try:
        shown = parse(_SHOWN, request[BODY])
    except msgspec.MsgspecError as error:
        raise InputError(Code.MALFORMED, field="body", reason=str(error)) from error
    found = await vouching.vouch(node, caller, shown)
    return web.Response(body=encode(FollowedEntry(id=found)), content_type="application/json")


def _place(text: str) -> int:
    """Read a place in the umbrella's log; -1 is before its first entry."""
    if text == "-1":
        return -1
    if not (text.isascii() and text.isdigit() and len(text) <= PLACE_DIGITS_MAX):
        raise InputError(Code.MALFORMED, field="after", reason="it is no place in a log")
    if int(text) > SAFE_INTEGER:
        raise InputError(Code.MALFORMED, field="after", reason="it is no place in a log")
    return int(text)
