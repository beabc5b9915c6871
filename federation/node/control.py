"""The control socket: how the command line speaks with a running node on the same machine.

A Unix socket in the node's folder, for whoever may enter that folder. JSON in, JSON out; errors
are the same problems as on the wire. Each command parses and calls one use case.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import msgspec
import structlog
from aiohttp import web

from events.recovery import STORAGE_TROUBLE
from federation.node.control_commands import COMMANDS
from federation.node.rooms import rooms
from schemas.encoding import encode
from schemas.errors import Code, InputError, RuilbrugError, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from federation.node.service import Node
    from federation.node.settings import NodeFolder

log = structlog.get_logger()

TIMEOUT_S: Final = 600
BODY_MAX: Final = 1024 * 1024


class Failure(msgspec.Struct):
    """An error on its way over the socket."""

    code: str
    facts: dict[str, int | str] = {}


async def call(node: Node, name: str, arguments: dict[str, Any]) -> Any:
    """Run one command on a node of this process.

    Raises:
        RuilbrugError: what the use case raises; `malformed` for unknown or wrong arguments.

    """
    found = (commands.get(name) for commands in (COMMANDS, *(room.commands for room in rooms())))
    command = next((command for command in found if command is not None), None)
    if command is None:
        raise InputError(Code.NOT_FOUND, field=name)
    try:
        parsed = msgspec.convert(arguments, command.arguments)
    except msgspec.ValidationError as error:
        raise InputError(Code.MALFORMED, field=name, reason=str(error)) from error
    try:
        answer = await command.run(node, parsed)
    except STORAGE_TROUBLE as error:
        raise StorageError(Code.DATABASE_UNAVAILABLE) from error
    return msgspec.json.decode(encode(answer))


@contextlib.asynccontextmanager
async def control_socket(node: Node) -> AsyncIterator[None]:
    """Answer on the control socket while the block runs."""

    async def handle(request: web.Request) -> web.Response:
        try:
            arguments = msgspec.json.decode(await request.read(), type=dict[str, Any])
            answer = await call(node, request.match_info["name"], arguments)
            return web.Response(body=encode(answer), content_type="application/json")
        except msgspec.MsgspecError:
            error: RuilbrugError = InputError(Code.MALFORMED, field="body", reason="no JSON")
        except RuilbrugError as refused:
            error = refused
        except Exception as bug:
            log.exception("command_failed", exc_info=bug)
            error = StorageError(Code.INTERNAL)
        body = encode(Failure(error.code.value, error.facts))
        return web.Response(status=422, body=body, content_type="application/json")

    app = web.Application(client_max_size=BODY_MAX)
    app.add_routes([web.post("/{name}", handle)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    with _short_path(node.folder) as path:
        node.folder.socket.unlink(missing_ok=True)
        mask = os.umask(0o077)
        try:
            await web.UnixSite(runner, path).start()
        finally:
            os.umask(mask)
    try:
        yield
    finally:
        await runner.cleanup()
        node.folder.socket.unlink(missing_ok=True)


async def call_running(folder: NodeFolder, name: str, arguments: dict[str, Any]) -> Any:
    """Run one command on the node that runs over this folder in another process.

    Raises:
        ConnectionError: none runs.
        RuilbrugError: what the use case raised there.

    """
    with _short_path(folder) as path:
        connector = aiohttp.UnixConnector(path)
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                aiohttp.ClientSession(connector=connector) as session,
                session.post(f"http://node/{name}", data=encode(arguments)) as response,
            ):
                data = await response.read()
        except aiohttp.ClientConnectorError as error:
            raise ConnectionError(str(folder.path)) from error
    if response.status != HTTPStatus.OK:
        failure = msgspec.json.decode(data, type=Failure)
        raise RuilbrugError(Code(failure.code), **failure.facts)
    return msgspec.json.decode(data)


@contextlib.contextmanager
def _short_path(folder: NodeFolder) -> Any:
    """Give the socket's path in a form that always fits into a socket address."""
    descriptor = os.open(folder.path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{folder.socket.name}"
    finally:
        os.close(descriptor)
