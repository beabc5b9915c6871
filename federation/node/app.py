"""The node's HTTP: health, the public log, what other nodes may ask (design sections 3, 4, 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from aiohttp import web

from events import log_store
from events.growing import TILE_WIDTH
from events.recovery import STORAGE_TROUBLE
from events.restore import Mode
from events.tiles import Data, TilePath, encode_entries, encode_signatures, width_at
from federation.node import witness_routes
from federation.node.checkpoints import show
from federation.node.exchange import serve
from federation.node.node_key import NODE
from federation.node.payees import tell_payee
from federation.node.received_route import received
from federation.node.recovery_routes import own_chain, own_events, sealed_bundle, seen
from federation.node.rooms import rooms
from federation.node.service import cosigned_checkpoint, now_s
from federation.peer.pace import PaceLimits
from federation.peer.rate import Allowance
from federation.peer.server import BODY, CALLER, Gate, GateLimits
from federation.peer.signatures import Signer
from federation.umbrella import routes as umbrella_routes
from schemas.encoding import encode, parse
from schemas.errors import Code, InputError, RefusedError, RuilbrugError, StorageError
from schemas.messages import About, Exchange, PayeeQuestion

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from federation.node.service import Node
    from federation.node.settings import NodeSettings

_UNSIGNED: Final = ("keys", "about", "card", "moved", "closed")
PUBLIC: Final = frozenset(f"/federation/v1/{name}" for name in _UNSIGNED)
IMMUTABLE: Final = "public, max-age=31536000, immutable"
T = TypeVar("T")
_EXCHANGE: Final = msgspec.json.Decoder(Exchange)
_PAYEE: Final = msgspec.json.Decoder(PayeeQuestion)


def make_app(node: Node) -> web.Application:
    """Make the application of a running node."""
    gate = Gate(
        Signer(node.id, node.identity.http),
        node.peers,
        base_url=node.settings.public_url,
        now=now_s,
        public=PUBLIC,
        limits=_gate_limits(node.settings),
    )
    app = web.Application(middlewares=[_plain_errors, gate.middleware(), _storage_errors])
    app[NODE] = node
    app.add_routes(
        [
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            web.get("/log/checkpoint", checkpoint),
            web.get("/log/{tile:tile/.+}", hash_tile),
            web.get("/federation/v1/about", about),
            web.get("/federation/v1/keys", keys),
            web.get("/federation/v1/seen", seen),
            web.get("/federation/v1/log/{tile:tile/.+}", bundle),
            web.get("/federation/v1/lines/{line}/own", own_events),
            web.get("/federation/v1/lines/{line}/chain", own_chain),
            web.get("/federation/v1/lines/{line}/received/{n:[0-9]{1,15}}", received),
            web.post("/federation/v1/payees", payees),
            web.post("/federation/v1/lines/{line}/events", exchange),
        ]
    )
    witness_routes.add(app)
    if node.settings.role == "umbrella":
        umbrella_routes.add(app)
    for room in rooms():
        room.routes(app)
    return app


def _gate_limits(settings: NodeSettings) -> GateLimits:
    """Give what callers may ask. A node never does TLS itself: `https` means behind a proxy."""
    said = settings.limits
    return GateLimits(
        request_bytes_max=said.request_bytes_max,
        pace=PaceLimits(
            partner=Allowance(said.partner_requests_per_s, said.partner_requests_at_once),
            stranger=Allowance(said.stranger_requests_per_s, said.stranger_requests_at_once),
            by_address=bool(said.address_header) or settings.public_url.startswith("http://"),
            address_header=said.address_header,
        ),
    )


@web.middleware
async def _plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors outside `/federation/` with a short text and a fitting status."""
    try:
        return await handler(request)
    except RuilbrugError as error:
        status = 503 if isinstance(error, StorageError) else 404
        return web.Response(status=status, text=f"{error}\n")


@web.middleware
async def _storage_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell a database that does not answer apart from a bug: the caller tries again."""
    try:
        return await handler(request)
    except STORAGE_TROUBLE as error:
        raise StorageError(Code.DATABASE_UNAVAILABLE) from error


async def healthz(request: web.Request) -> web.Response:
    """Tell that the process answers."""
    del request
    return web.Response(text="ok\n")


async def readyz(request: web.Request) -> web.Response:
    """Tell that the node takes commands, and in which mode it is."""
    node = request.app[NODE]
    mode = node.gate.mode
    status = 503 if mode is Mode.READ_ONLY else 200
    return web.json_response({"mode": mode, "size": node.sequencer.size}, status=status)


async def checkpoint(request: web.Request) -> web.Response:
    """Give the newest checkpoint as a signed note (C2SP tlog-checkpoint), with its cosignatures."""
    note = await cosigned_checkpoint(request.app[NODE])
    return web.Response(body=note, content_type="text/plain", charset="utf-8")


async def hash_tile(request: web.Request) -> web.Response:
    """Give a hash tile (C2SP tlog-tiles); entries are for those allowed to read them."""
    node, path = request.app[NODE], TilePath.parse(request.match_info["tile"])
    size = node.sequencer.size
    if isinstance(path.level, Data) or path.width > width_at(path.level, path.index, size):
        raise RefusedError(Code.NOT_FOUND, field="path")
    await show(node, size)
    async with node.pool.acquire() as connection:
        body = await log_store.read_hash_tile(connection, path)
    return web.Response(body=body, headers={"Cache-Control": IMMUTABLE})


async def bundle(request: web.Request) -> web.Response:
    """Give entries, signatures or sealed bodies to the umbrella that this group registers with."""
    node, path = request.app[NODE], TilePath.parse(request.match_info["tile"])
    if request[CALLER] != node.umbrella:
        raise RefusedError(Code.FORBIDDEN, field="caller")
    start = path.index * TILE_WIDTH
    if not isinstance(path.level, Data) or start + path.width > node.sequencer.size:
        raise RefusedError(Code.NOT_FOUND, field="path")
    await show(node, start + path.width)
    rows = await node.pool.fetch(log_store.SQL["read_cores"], start, start + path.width)
    if path.level is Data.BODIES:
        body = await sealed_bundle(node, start, path.width)
    elif path.level is Data.ENTRIES:
        body = encode_entries([row["core"] for row in rows])
    else:
        body = encode_signatures([row["signature"] for row in rows])
    return web.Response(body=body, content_type="application/octet-stream")


async def about(request: web.Request) -> web.Response:
    """Tell who this is."""
    node = request.app[NODE]
    settings = node.machine.books.ledger.settings
    return _json(
        About(
            node=node.id,
            name=node.settings.name,
            role=node.settings.role,
            unit=None if settings is None else settings.unit,
        )
    )


async def keys(request: web.Request) -> web.Response:
    """Give the node's key statements; they prove themselves."""
    return _json(request.app[NODE].identity.statements)


async def payees(request: web.Request) -> web.Response:
    """Tell a partner the pseudonym of a member code."""
    question = _body(request, _PAYEE)
    node, caller = request.app[NODE], request[CALLER]
    return _json(await tell_payee(node, caller, question.code))


async def exchange(request: web.Request) -> web.Response:
    """Take in a partner's events on a line, and answer with our own."""
    node, caller, line = request.app[NODE], request[CALLER], request.match_info["line"]
    node.gate.require_writable()
    try:
        question = _body(request, _EXCHANGE)
    except InputError as error:
        await node.intake.refused.count(caller, error)
        raise
    return _json(await serve(node.outbox, caller, line, question))


def _body(request: web.Request, decoder: msgspec.json.Decoder[T]) -> T:
    try:
        return parse(decoder, request[BODY])
    except msgspec.MsgspecError as error:
        raise InputError(Code.MALFORMED, field="body", reason=str(error)) from error


def _json(value: object) -> web.Response:
    return web.Response(body=encode(value), content_type="application/json")
