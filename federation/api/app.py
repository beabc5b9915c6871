"""The API's routes, made from the table and added to the node's application."""

from __future__ import annotations

import time
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from aiohttp import web

from federation.api import tokens
from federation.api.endpoint import Endpoint, Shared, tell
from federation.api.keys import KeptAnswers
from federation.api.openapi import document
from federation.api.operation import PREFIX
from federation.api.page import PAGE_HEADERS, page
from federation.api.table import OPERATIONS
from federation.node.node_key import NODE
from federation.node.packed import Packed, give, pack
from federation.node.service import now_s
from federation.node.stylesheet import STYLESHEET
from federation.peer.pace import Pace, PaceLimits
from federation.peer.rate import Allowance
from schemas.encoding import encode
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from federation.node.settings import NodeSettings


def add(app: web.Application) -> None:
    """Add every operation, the documents, and an answer for whatever else is asked below."""
    node = app[NODE]
    pace = Pace(_limits(node.settings), steady=time.monotonic)
    shared = Shared(node, tokens.of(node), pace, KeptAnswers(node, now=now_s))
    for operation in OPERATIONS:
        endpoint = Endpoint(operation, shared)
        app.router.add_route(operation.method, PREFIX + operation.path, endpoint.handle)
    _add_documents(app, node.settings.name)
    app.router.add_route("*", PREFIX + "{rest:.*}", _unknown)


def _add_documents(app: web.Application, name: str) -> None:
    """Add what is made when it is asked for first: a node that starts has better things to do."""

    @cache
    def told() -> Packed:
        return pack("application/json", encode(document(name)))

    @lru_cache(maxsize=1)  # the address of the stylesheet changes with the group's colour
    def shown(stylesheet: str) -> Packed:
        return pack("text/html; charset=utf-8", page(document(name), stylesheet).encode())

    async def give_page(request: web.Request) -> web.Response:
        return give(request, shown(request.app[STYLESHEET]()), PAGE_HEADERS)

    async def give_document(request: web.Request) -> web.Response:
        return give(request, told(), PAGE_HEADERS)

    app.router.add_get(PREFIX + "/", give_page)
    app.router.add_get(PREFIX + "/openapi.json", give_document)

    async def with_slash(_request: web.Request) -> web.Response:
        return web.Response(status=308, headers={"Location": PREFIX + "/"})

    app.router.add_get(PREFIX, with_slash)


async def _unknown(request: web.Request) -> web.Response:
    """Tell that there is nothing here, or in which way it is asked."""
    node = request.app[NODE]
    allowed = set()
    for resource in request.app.router.resources():
        if resource.canonical.startswith(PREFIX) and "{rest" not in resource.canonical:
            for route in resource:
                match, _ = await resource.resolve(request.clone(method=route.method))
                allowed |= {route.method} if match is not None else set()
    if allowed:
        told = ", ".join(sorted(allowed))
        return tell(
            request, RefusedError(Code.METHOD_NOT_ALLOWED, field="method", allowed=told), node
        )
    return tell(request, RefusedError(Code.NOT_FOUND, field="address"), node)


def _limits(settings: NodeSettings) -> PaceLimits:
    """Give what tokens may ask, and strangers by their address."""
    said = settings.limits
    return PaceLimits(
        partner=Allowance(said.token_requests_per_s, said.token_requests_at_once),
        stranger=Allowance(said.stranger_requests_per_s, said.stranger_requests_at_once),
        by_address=bool(said.address_header) or settings.public_url.startswith("http://"),
        address_header=said.address_header,
    )
