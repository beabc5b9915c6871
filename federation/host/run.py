"""Running a host as a process: one port, one control socket, many groups, until a signal comes."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from aiohttp import web

from federation.host import metrics
from federation.host.front import front
from federation.host.hosted import State
from federation.host.supervisor import Supervisor
from federation.metrics.room import tell
from federation.node.control import answering
from federation.node.control_shapes import Nothing
from federation.node.run import listen, seldom_collected, until_signalled
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from federation.host.settings import HostFolder

log = structlog.get_logger()

LOOK_S = 0.05


class One(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group, by the name of its folder."""

    group: str


async def run_host(folder: HostFolder) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        InputError: `node_missing`, `malformed`, `port_unusable`.

    """
    stop = until_signalled()
    async with hosting(folder) as host:
        await _first_round(host, stop)
        with seldom_collected():
            log.info("host_ready", **_counts(host))
            await stop.wait()


@contextlib.asynccontextmanager
async def hosting(folder: HostFolder) -> AsyncIterator[Supervisor]:
    """Run a host for as long as the block takes; groups start meanwhile.

    Raises:
        InputError: as `run_host`.

    """
    async with asyncio.TaskGroup() as tasks, contextlib.AsyncExitStack() as stack:
        host = Supervisor(folder, tasks)
        settings = host.settings
        runner = web.ServerRunner(front(host.by_address), shutdown_timeout=2)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await listen(runner, settings.listen_host, settings.listen_port)
        if settings.metrics.listen_port:
            told = await tell(settings.metrics, folder.path, lambda: metrics.write(host))
            stack.push_async_callback(told.cleanup)
        await stack.enter_async_context(
            answering(folder.socket, lambda name, said: command(host, name, said))
        )
        stack.push_async_callback(host.close)
        await host.reload()
        yield host


async def command(host: Supervisor, name: str, arguments: dict[str, Any]) -> Any:
    """Run one command of the control socket.

    Raises:
        InputError: `not_found`, `malformed`, `node_missing`.

    """
    shapes: dict[str, type[msgspec.Struct]] = {"status": Nothing, "reload": Nothing}
    shape = shapes.get(name, One)
    try:
        said = msgspec.convert(arguments, shape)
    except msgspec.ValidationError as error:
        raise InputError(Code.MALFORMED, field=name, reason=str(error)) from error
    if name == "reload":
        return {"changed": await host.reload()}
    if isinstance(said, One) and name in {"start", "stop", "restart"}:
        if name != "start":
            await host.stop(said.group)
        if name != "stop":
            host.group(said.group).start()
    elif name != "status":
        raise InputError(Code.NOT_FOUND, field=name)
    return {
        "groups": [group.told() for group in host.groups.values()],
        "connections": host.connections.open,
        "connections_max": host.connections.most,
    }


async def _first_round(host: Supervisor, stop: asyncio.Event) -> None:
    """Wait until every group runs or has failed once."""
    busy = {State.WAITING, State.STARTING}
    while not stop.is_set() and any(group.state in busy for group in host.groups.values()):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_S):
                await stop.wait()


def _counts(host: Supervisor) -> dict[str, int]:
    states = [group.state for group in host.groups.values()]
    return {"groups": len(states), "running": states.count(State.RUNNING)}
