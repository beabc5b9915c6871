"""The API's routes, made from the table and added to the node's application."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from aiohttp import web

from federation.api import tokens
from federation.api.endpoint import Endpoint, Shared, tell
from federation.api.keys import KeptAnswers
from federation.api.openapi import document
from federation.api.operation import PREFIX
from federation.api.page import PAGE_HEADERS, STYLE, page
from federation.api.table import OPERATIONS
from federation.node.node_key import NODE
from federation.node.service import now_s
from federation.peer.pace import Pace, PaceLimits
from federation.peer.rate import Allowance
from schemas.encoding import encode
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from federation.node.settings import NodeSettings

DOCUMENTS: Final = ("", "/", "/openapi.json", "/style.css")


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
    made = document(name)
    files = {
        "/": (page(made).encode(), "text/html; charset=utf-8"),
        "/openapi.json": (encode(made), "application/json"),
        "/style.css": (STYLE.encode(), "text/css; charset=utf-8"),
    }

    def show(body: bytes, content_type: str) -> web.Response:
        return web.Response(body=body, headers={**PAGE_HEADERS, "Content-Type": content_type})

    for path, (body, content_type) in files.items():

        async def handle(
            _request: web.Request, body: bytes = body, content_type: str = content_type
        ) -> web.Response:
            return show(body, content_type)

        app.router.add_get(PREFIX + path, handle)

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
