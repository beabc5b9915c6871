"""The one address of a host: each request goes to the group that it names, and to no other.

A connection is nobody's: a reverse proxy sends requests for many groups over one. So every request
is looked at by itself. Whoever names no group of this host learns nothing about those there are.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from aiohttp import web

from federation.host.addresses import address_asked
from federation.host.hosted import Hosted

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.http_parser import RawRequestMessage
    from aiohttp.streams import StreamReader
    from aiohttp.web_protocol import RequestHandler

AGAIN_S: Final = 10
BACK_SOON: Final = (
    "Deze groep is zo terug. Er is niets verloren.\n"
    "Ce groupe revient dans un instant. Rien n'est perdu.\n"
    "This group is back in a moment. Nothing is lost.\n"
)
NOBODY: Final = "No group has this address here.\n"
_GROUP: Final = web.RequestKey("hosted", Hosted)
_SERVER: Final = web.RequestKey("server", web.Server)


def front(by_address: Mapping[str, Hosted]) -> web.Server:
    """Give the server in front of the groups that a mapping holds at each moment."""

    def make(
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> web.BaseRequest:
        hosts = [value for name, value in message.headers.items() if name.lower() == "host"]
        asked = address_asked(hosts, message.path)
        group = None if asked is None else by_address.get(asked)
        server = None if group is None or group.serving is None else group.serving.runner.server
        if server is None:
            loop = task.get_loop()
            request = web.BaseRequest(message, payload, protocol, writer, task, loop)
        else:
            request = server.request_factory(message, payload, protocol, writer, task)
            request[_SERVER] = server
        if group is not None:
            request[_GROUP] = group
        return request

    return web.Server(_answer, request_factory=make, access_log=None)


async def _answer(request: web.BaseRequest) -> web.StreamResponse:
    group, server = request.get(_GROUP), request.get(_SERVER)
    if group is None:
        return web.Response(status=HTTPStatus.MISDIRECTED_REQUEST, text=NOBODY)
    if server is None:
        again = {"Retry-After": str(AGAIN_S)}
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text=BACK_SOON, headers=again)
    with group.answering(), structlog.contextvars.bound_contextvars(hosted=group.name):
        answer: web.StreamResponse = await server.request_handler(request)
        return answer
