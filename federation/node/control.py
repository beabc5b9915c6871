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
from federation.node import looked
from federation.node.control_commands import COMMANDS
from federation.node.looking import looks_of_command
from federation.node.rooms import rooms
from federation.node.service import now_s
from schemas.encoding import encode
from schemas.errors import Code, InputError, RuilbrugError, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

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
        for look in await looks_of_command(node, name, parsed):
            await looked.note(node, look, now_s=now_s())
        answer = await command.run(node, parsed)
    except STORAGE_TROUBLE as error:
        raise StorageError(Code.DATABASE_UNAVAILABLE) from error
    return msgspec.json.decode(encode(answer))


@contextlib.asynccontextmanager
async def control_socket(node: Node) -> AsyncIterator[None]:
    """Answer on the control socket while the block runs."""
    async with answering(node.folder.socket, lambda name, said: call(node, name, said)):
        yield


@contextlib.asynccontextmanager
async def answering(
    socket: Path, run: Callable[[str, dict[str, Any]], Awaitable[Any]]
) -> AsyncIterator[None]:
    """Answer on a socket with what `run` gives for a name and arguments, while the block runs."""

    async def handle(request: web.Request) -> web.Response:
        try:
            arguments = msgspec.json.decode(await request.read(), type=dict[str, Any])
            answer = await run(request.match_info["name"], arguments)
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
    with _short_path(socket) as path:
        _remove(socket)
        mask = os.umask(0o077)
        try:
            await web.UnixSite(runner, path).start()
        finally:
            os.umask(mask)
    try:
        yield
    finally:
        await runner.cleanup()
        _remove(socket)


async def call_running(folder: NodeFolder, name: str, arguments: dict[str, Any]) -> Any:
    """Run one command on the node that runs over this folder in another process.

    Raises:
        ConnectionError, RuilbrugError: as `call_socket`.

    """
    return await call_socket(folder.socket, name, arguments)


async def call_socket(socket: Path, name: str, arguments: dict[str, Any]) -> Any:
    """Run one command on the process that answers on a socket.

    Raises:
        ConnectionError: none does.
        RuilbrugError: what the use case raised there.

    """
    with _short_path(socket) as path:
        connector = aiohttp.UnixConnector(path)
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                aiohttp.ClientSession(connector=connector) as session,
                session.post(f"http://node/{name}", data=encode(arguments)) as response,
            ):
                data = await response.read()
        except aiohttp.ClientConnectorError as error:
            raise ConnectionError(str(socket.parent)) from error
    if response.status != HTTPStatus.OK:
        failure = msgspec.json.decode(data, type=Failure)
        raise RuilbrugError(Code(failure.code), **failure.facts)
    return msgspec.json.decode(data)


def _remove(socket: Path) -> None:
    socket.unlink(missing_ok=True)


@contextlib.contextmanager
def _short_path(socket: Path) -> Any:
    """Give the socket's path in a form that always fits into a socket address."""
    descriptor = os.open(socket.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{socket.name}"
    finally:
        os.close(descriptor)
