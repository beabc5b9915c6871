"""Keeps the groups of a host running, each by itself.

Each has a task of its own. One that fails is told, and started again after a pause that grows; the
others notice nothing. Only so many start at once. An address that another group has is refused to
whoever comes second.
"""

from __future__ import annotations

import asyncio
import contextlib
import random as chance
from typing import TYPE_CHECKING, Final

import structlog

from federation.host.addresses import address_of
from federation.host.connections import Connections
from federation.host.hosted import Hosted, State, pause_s
from federation.host.settings import shared_connections
from federation.node.intake import late_checks
from federation.node.run import serving
from federation.node.share import Share
from schemas.errors import Code, InputError, StorageError

if TYPE_CHECKING:
    from federation.host.settings import HostFolder

log = structlog.get_logger()

QUIET_WITHIN_S: Final = 2.0
STOP_WITHIN_S: Final = 20.0
MAIL_LOOKS_S: Final = 20.0


class Supervisor:
    """The groups of one host."""

    def __init__(self, folder: HostFolder, tasks: asyncio.TaskGroup) -> None:
        """Take the folder, and who owns what runs.

        Raises:
            InputError: `node_missing`, `malformed`.

        """
        self.folder, self.settings = folder, folder.settings()
        self.groups: dict[str, Hosted] = {}
        self.by_address: dict[str, Hosted] = {}
        found = folder.groups(self.settings.left_out)
        self.connections = Connections(shared_connections(self.settings, len(found)))
        self._share = Share(
            pooling=self.connections.pooling(),
            counted=bool(self.settings.metrics.listen_port),
            late=late_checks(),
            mail_looks_s=MAIL_LOOKS_S,
        )
        self._tasks = tasks
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(self.settings.starts_at_once)

    async def reload(self) -> list[str]:
        """Look into the folder: start groups that are new, end those that are gone; name both.

        Raises:
            InputError: `malformed` when connections do not suffice for the new ones.

        """
        found = self.folder.groups(self.settings.left_out)
        most = shared_connections(self.settings, len(found))
        gone, new = self.groups.keys() - found.keys(), found.keys() - self.groups.keys()
        for name in gone:
            await self.stop(name)
            self._keepers.pop(name).cancel()
            self.by_address.pop(self.groups.pop(name).address, None)
        self.connections.most = most
        for name in sorted(new):
            group = self.groups[name] = Hosted(name, found[name])
            with contextlib.suppress(InputError):  # it is told when it starts
                self._claim(group)
            self._keepers[name] = self._tasks.create_task(self._keep(group), name=f"keep-{name}")
        return sorted(gone | new)

    def group(self, name: str) -> Hosted:
        """Give a group by its name.

        Raises:
            InputError: `node_missing`.

        """
        if name not in self.groups:
            raise InputError(Code.NODE_MISSING, field=str(self.folder.path / name))
        return self.groups[name]

    async def stop(self, name: str) -> None:
        """Stop one group; returns when its database is free.

        Raises:
            InputError: `node_missing`.
            StorageError: `busy` when it does not come to an end; it is stopped later.

        """
        group = self.group(name)
        group.stop()
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                await group.at_rest.wait()
        except TimeoutError as error:
            raise StorageError(Code.BUSY) from error

    async def close(self) -> None:
        """Stop all side by side, each in order; what has not come to run is cut short."""
        running = [group for group in self.groups.values() if group.state is State.RUNNING]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_WITHIN_S), asyncio.TaskGroup() as waits:
                for group in running:
                    group.stop()
                    waits.create_task(group.at_rest.wait(), name=f"stop-{group.name}")
        for keeper in self._keepers.values():
            keeper.cancel()

    async def _keep(self, group: Hosted) -> None:
        structlog.contextvars.bind_contextvars(hosted=group.name)
        while True:
            await group.wanted.wait()
            try:
                await self._live(group)
            except Exception as error:  # noqa: BLE001 - the edge: whatever it is, others go on
                group.failed(error)
                log.error(  # noqa: TRY400 - its code and sentence say it
                    "group_failed", reason=group.reason, failures=group.failures
                )
                await self._pause(group)
            if not group.wanted.is_set():
                group.state = State.STOPPED
                group.at_rest.set()
                log.info("group_stopped")

    async def _live(self, group: Hosted) -> None:
        """Run a group until it is unwanted, or fails."""
        group.state = State.WAITING
        async with contextlib.AsyncExitStack() as stack:
            async with self._turns:
                if group.unwanted.is_set():
                    return
                group.state = State.STARTING
                self._claim(group)
                running = await stack.enter_async_context(serving(group.folder, self._share))
                stack.push_async_callback(self._leave, group)
                group.runs(running)
            log.info("group_runs", address=group.address)
            await group.unwanted.wait()

    def _claim(self, group: Hosted) -> None:
        """Let a group have the address that its settings name.

        Raises:
            InputError: `node_missing`, `malformed`, also when another group has it.

        """
        address = address_of(group.folder.settings().public_url)
        owner = self.by_address.get(address, group)
        if owner is not group:
            reason = f"{owner.name} has this address on this host"
            raise InputError(Code.MALFORMED, field="public_url", reason=reason)
        self.by_address.pop(group.address, None)
        group.address = address
        self.by_address[address] = group

    async def _leave(self, group: Hosted) -> None:
        """Let requests under way come to an end; new ones are told to come again."""
        group.serving = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(QUIET_WITHIN_S):
                await group.quiet.wait()

    async def _pause(self, group: Hosted) -> None:
        group.hurry.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s(group.failures, chance.random())):  # noqa: S311 - jitter
                await group.hurry.wait()
