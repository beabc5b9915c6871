"""Running a node as a process: public HTTP and control socket until a signal comes."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from typing import TYPE_CHECKING, Final

import structlog
from aiohttp import web

from federation.node.app import make_app
from federation.node.control import control_socket
from federation.node.service import running_node
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.node.settings import NodeFolder

log = structlog.get_logger()

BACKLOG: Final = 256
COLLECT_AFTER: Final = (10_000, 20, 100)
"""After how many new objects the collector looks for cycles: with Python's 700 it looks after every
few requests."""


async def run_node(folder: NodeFolder) -> None:
    """Run until SIGTERM or SIGINT; what was acknowledged is on disk in any case."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running_node(folder) as node:
        runner = web.AppRunner(make_app(node), access_log=None, shutdown_timeout=2)
        await runner.setup()
        site = web.TCPSite(
            runner, node.settings.listen_host, node.settings.listen_port, backlog=BACKLOG
        )
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            port = node.settings.listen_port
            raise InputError(Code.PORT_UNUSABLE, field="listen_port", port=port) from error
        async with control_socket(node):
            with seldom_collected():
                log.info("node_listens", port=node.settings.listen_port)
                await stop.wait()
        await runner.cleanup()


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
