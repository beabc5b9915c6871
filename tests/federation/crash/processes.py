"""Nodes as processes that start quickly: forked from a process that has imported everything.

A start of `ruilbrug node run` spends most of its time on imports. What is forked here is a process
of its own all the same, with its own memory, sockets and database connections, and a SIGKILL ends
it like any other; only the imports are shared.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from multiprocessing.process import BaseProcess

from deploy.demo.world import NodeProcess
from federation.node.settings import NodeFolder
from tests.federation.crash.node_run import run

READY_S = 30
STOP_S = 10
POLL_S = 0.005
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.federation.crash.node_run"])


class QuickNode(NodeProcess):
    """A node whose process is forked."""

    def __init__(self, folder: NodeFolder, invitation: str) -> None:
        super().__init__(folder, invitation)
        self.namespace = ""
        self._forked: BaseProcess | None = None

    @property
    def runs(self) -> bool:
        return self._forked is not None and self._forked.is_alive()

    @property
    def pid(self) -> int:
        assert self._forked is not None
        assert self._forked.pid is not None
        return self._forked.pid

    async def start(self) -> None:
        self.folder.socket.unlink(missing_ok=True)
        self._forked = _FORKS.Process(
            target=run,
            args=(str(self.folder.path), str(self.log), self.namespace),
            daemon=True,
        )
        self._forked.start()
        async with asyncio.timeout(READY_S):
            while self._forked.is_alive():
                try:
                    await self.ask("status")
                except ConnectionError:
                    await asyncio.sleep(POLL_S)
                else:
                    return
        raise RuntimeError(f"the node did not start:\n{self.log.read_text()[-2000:]}")

    async def stop(self) -> None:
        try:
            await self._end(signal.SIGTERM)
        except TimeoutError:
            await self._end(signal.SIGKILL)

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> None:
        if self._forked is None:
            return
        if self._forked.is_alive():
            assert self._forked.pid is not None
            os.kill(self._forked.pid, how)
        async with asyncio.timeout(STOP_S):
            while self._forked.is_alive():  # noqa: ASYNC110 - a process has no event to wait for
                await asyncio.sleep(POLL_S)
        self._forked.join()
        self._forked.close()
        self._forked = None
