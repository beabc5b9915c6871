"""How a command reaches its node.

Over the control socket of the running process, or by starting the node inside this one for as
long as the command takes.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import click
import msgspec

from federation.node.control import call, call_running
from federation.node.service import running_node
from federation.node.settings import folder_from_environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from federation.node.settings import NodeFolder

    Ask = Callable[[str, dict[str, Any]], Awaitable[Any]]


@contextlib.asynccontextmanager
async def reach(folder: NodeFolder) -> AsyncIterator[Ask]:
    """Give a function that runs a command on the node of this folder."""
    if folder.socket.exists():
        try:
            await call_running(folder, "status", {})
        except ConnectionError:
            pass  # the process that made the socket is gone
        else:
            yield lambda name, arguments: call_running(folder, name, arguments)
            return
    async with running_node(folder) as node:
        yield lambda name, arguments: call(node, name, arguments)


def ask(name: str, /, **arguments: Any) -> Any:
    """Run one command on the node that the command line names."""

    async def once() -> Any:
        async with reach(folder()) as run:
            return await run(name, arguments)

    return asyncio.run(once())


async def followed(name: str, arguments: dict[str, Any], *, quiet: bool) -> Any:
    """Run a long command, and show how far it is meanwhile."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    async with reach(folder()) as run:
        work = asyncio.ensure_future(run(name, arguments))
        with Progress(*columns, console=Console(stderr=True), disable=quiet) as bar:
            task = bar.add_task("reading", total=None)
            while not work.done():
                await asyncio.wait([work], timeout=0.2)
                if not work.done():
                    far = await run(f"{name}.progress", {})
                    bar.update(
                        task,
                        description=far["doing"] or "reading",
                        completed=far["done"],
                        total=far["total"] or None,
                    )
        return await work


def folder() -> NodeFolder:
    """Give the folder that the command line names."""
    return folder_from_environment(click.get_current_context().find_root().obj)


def show(answer: Any, text: str, *, as_json: bool) -> None:
    """Print an answer as JSON, or as text for people."""
    click.echo(msgspec.json.encode(answer).decode() if as_json else text)
