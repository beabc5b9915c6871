"""Metrics on an address of their own, when `[metrics]` names a port; else nothing is counted.

They are never on the public address. Beyond this machine whoever asks needs the token.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import web

from federation.metrics.facts import Facts, read_facts
from federation.metrics.meters import CONTENT_TYPE, Meters
from federation.node.node_key import NODE
from federation.node.rooms import Room
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from aiohttp.typedefs import Handler

    from federation.node.service import Node
    from federation.node.settings import MetricsSettings

PATH: Final = "/metrics"
KEPT_S: Final = 5.0
"""So long facts are told again: who asks in a loop does not keep the database busy."""
LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
TOKEN_MIN: Final = 20
_METERS: Final = web.AppKey("meters", Meters)


async def start(node: Node, tasks: asyncio.TaskGroup) -> None:
    """Count from now on, and answer on the port.

    Raises:
        InputError: `port_unusable`; `malformed` when others could ask without a token.

    """
    settings = node.settings.metrics
    if not settings.listen_port and not node.share.counted:
        return
    meters = node.parts[Meters] = Meters(process=not node.share.counted)
    node.sequencer.batch_finished = meters.finished
    told = node.parts[Told] = Told(node)
    if node.share.counted:
        return  # one address tells of all nodes of this process

    async def text() -> bytes:
        return meters.write(await told.facts())

    runner = await tell(settings, node.folder.path, text)
    tasks.create_task(_until_cancelled(runner), name="metrics")


async def tell(
    settings: MetricsSettings, folder: Path, text: Callable[[], Awaitable[bytes]]
) -> web.AppRunner:
    """Answer on the port with what `text` gives; whoever asked for it cleans the runner up.

    Raises:
        InputError: `port_unusable`; `malformed` when others could ask without a token.

    """
    token = _token(settings, folder)

    async def answer(request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "")
        if token and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return web.Response(
                status=HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"}
            )
        return web.Response(body=await text(), headers={"Content-Type": CONTENT_TYPE})

    app = web.Application()
    app.router.add_get(PATH, answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.listen_host, settings.listen_port).start()
    except OSError as error:
        await runner.cleanup()
        raise InputError(
            Code.PORT_UNUSABLE, field="metrics.listen_port", port=settings.listen_port
        ) from error
    return runner


async def _until_cancelled(runner: web.AppRunner) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


class Told:
    """The facts, read anew when the last ones are a few seconds old."""

    def __init__(self, node: Node) -> None:
        """Begin with nothing read."""
        self._node = node
        self._turn = asyncio.Lock()
        self._facts: Facts | None = None
        self._until = 0.0

    async def facts(self) -> Facts:
        """Give what is so, or was a few seconds ago."""
        async with self._turn:
            if self._facts is None or time.monotonic() >= self._until:
                self._facts = await read_facts(self._node)
                self._until = time.monotonic() + KEPT_S
            return self._facts


def _token(settings: MetricsSettings, folder: Path) -> str:
    """Give what whoever asks has to say; empty for nothing.

    Raises:
        InputError: `malformed`.

    """
    if not settings.token_file:
        if settings.listen_host not in LOOPBACK:
            reason = "beyond this machine it needs a token_file"
            raise InputError(Code.MALFORMED, field="metrics.listen_host", reason=reason)
        return ""
    try:
        token = (folder / settings.token_file).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            Code.MALFORMED, field="metrics.token_file", reason="it cannot be read"
        ) from error
    if len(token) < TOKEN_MIN:
        reason = f"a token has at least {TOKEN_MIN} characters"
        raise InputError(Code.MALFORMED, field="metrics.token_file", reason=reason)
    return token


def routes(app: web.Application) -> None:
    """Count what the node's public address answers."""
    if Meters in app[NODE].parts:
        app[_METERS] = app[NODE].parts[Meters]
        app.middlewares.insert(0, count)


@web.middleware
async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count an answer, also one that is an exception of aiohttp."""
    began = time.perf_counter()
    status = int(HTTPStatus.INTERNAL_SERVER_ERROR)
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as error:
        status = error.status
        raise
    else:
        return response
    finally:
        request.app[_METERS].request(request.path, status, time.perf_counter() - began)


ROOM: Final = Room(start=start, routes=routes)
