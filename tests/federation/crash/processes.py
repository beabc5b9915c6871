"""Nodes as processes that start quickly (`tests.forks`)."""

from __future__ import annotations

import asyncio
import os
import signal
from multiprocessing.process import BaseProcess

from deploy.demo.world import NodeProcess
from federation.node.settings import NodeFolder
from tests import forked
from tests.forks import FORKS

READY_S = 30
STOP_S = 10
POLL_S = 0.005


class QuickNode(NodeProcess):
    """A node whose process is forked; `target` is what runs in it."""

    target = staticmethod(forked.node)

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
        self._forked = FORKS.Process(
            target=self.target,
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
