"""Running a node as a process: public HTTP and control socket until a signal comes."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog
from aiohttp import web

from federation.node.app import make_app
from federation.node.control import control_socket
from federation.node.service import running_node
from federation.node.share import ALONE
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from federation.node.service import Node
    from federation.node.settings import NodeFolder
    from federation.node.share import Share

log = structlog.get_logger()

BACKLOG: Final = 256
COLLECT_AFTER: Final = (10_000, 20, 100)
"""After how many new objects the collector looks for cycles: with Python's 700 it looks after every
few requests."""


class Serving(NamedTuple):
    """A node that answers whoever hands it requests; `runner` has its application."""

    node: Node
    runner: web.AppRunner


async def run_node(folder: NodeFolder) -> None:
    """Run until SIGTERM or SIGINT; what was acknowledged is on disk in any case."""
    stop = until_signalled()
    async with serving(folder) as (node, runner):
        settings = node.settings
        await listen(runner, settings.listen_host, settings.listen_port)
        with seldom_collected():
            log.info("node_listens", port=settings.listen_port)
            await stop.wait()


def until_signalled() -> asyncio.Event:
    """Give what is set when the process is asked to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


@contextlib.asynccontextmanager
async def serving(folder: NodeFolder, share: Share = ALONE) -> AsyncIterator[Serving]:
    """Run a node with its application and control socket; it listens on no port by itself.

    Raises:
        RuilbrugError: as `running_node`.

    """
    async with running_node(folder, share) as node:
        runner = web.AppRunner(make_app(node), access_log=None, shutdown_timeout=2)
        await runner.setup()
        try:
            async with control_socket(node):
                yield Serving(node, runner)
        finally:
            await runner.cleanup()


async def listen(runner: web.BaseRunner, host: str, port: int) -> None:
    """Open the port for what a runner has.

    Raises:
        InputError: `port_unusable`.

    """
    try:
        await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
    except OSError as error:
        raise InputError(Code.PORT_UNUSABLE, field="listen_port", port=port) from error


@contextlib.contextmanager
def seldom_collected() -> Iterator[None]:
    """Let the collector of cycles rest in the block: what was read at the start stays anyway.

    It looked through all the books again and again; with `Deadlines`, a quarter less a transfer.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
