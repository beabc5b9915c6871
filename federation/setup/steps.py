"""The steps of a set-up, each of which may be the last before the power goes; none comes twice."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tomllib
from typing import TYPE_CHECKING, Final, NamedTuple

import asyncpg
from msgspec.structs import replace

from events.recovery import STORAGE_TROUBLE
from federation.node.init import init_node
from federation.node.own_postgres import own_database, own_server
from federation.node.service import now_s, running_node
from federation.node.settings import SETTINGS_FILE, NodeLimits, NodeSettings
from federation.node.use_cases import invitation_of
from federation.setup.begun import write_begun
from federation.setup.database import make_database
from federation.setup.filling import fill
from federation.web.first_link import first_link
from schemas.errors import Code, RefusedError, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from federation.node.settings import NodeFolder
    from federation.setup.begun import Begun

FIRST_PORT: Final = 8080
PORTS: Final = 200
PROXY_HEADER: Final = "X-Forwarded-For"


class Standing(NamedTuple):
    """A group that stands, and how its first coordinator comes in."""

    invitation: str
    link: str
    """Empty when she gets a mail, or has been in."""


def set_up(folder: NodeFolder, begun: Begun) -> Standing:
    """Make database, node and first content, or what is missing of them.

    Called before any event loop runs, as `make_database` is.

    Raises:
        StorageError: `database_not_made`; what `init_node` raises.

    """
    write_begun(folder, begun)
    if not begun.database:
        owner, runtime = _new_database(folder, begun)
        begun = replace(begun, database=runtime, database_owner=owner)
        write_begun(folder, begun)
    return asyncio.run(_make(folder, begun))


def _new_database(folder: NodeFolder, begun: Begun) -> tuple[str, str]:
    """Make the database where it shall be; give owner's and runtime role's address."""
    if begun.own_postgres:
        return asyncio.run(own_database(folder, begun.short))
    return make_database(folder.path, begun.short)


@contextlib.asynccontextmanager
async def database_running(folder: NodeFolder, begun: Begun) -> AsyncIterator[None]:
    """Have the database answer in the block, where it runs only as long as it is needed."""
    if not begun.own_postgres:
        yield
        return
    async with own_server(folder):
        yield


@contextlib.contextmanager
def stopping_told() -> Iterator[None]:
    """Say of a full disk, a missing right or a database that is away that a set-up goes on later.

    Raises:
        StorageError: `setup_stopped`.

    """
    try:
        yield
    except (*STORAGE_TROUBLE, asyncpg.PostgresError) as error:
        reason = str(error) or type(error).__name__
        raise StorageError(Code.SETUP_STOPPED, reason=reason) from error


async def _make(folder: NodeFolder, begun: Begun) -> Standing:
    answers = begun.answers
    if not (folder.path / SETTINGS_FILE).exists():
        limit, settings = answers.limit_minor(), settings_of(begun)
        async with database_running(folder, begun):
            await init_node(
                folder, settings, unit=answers.unit(), lower_minor=-limit, upper_minor=limit
            )
    async with running_node(folder) as node:
        account = await fill(node, answers, coordinator=begun.coordinator, moves_in=begun.moves_in)
        link = ""
        with contextlib.suppress(RefusedError):  # she comes in by mail, or has been in
            link = await first_link(node, account, at_s=now_s())
        return Standing(invitation_of(node), link)


def settings_of(begun: Begun) -> NodeSettings:
    """Give the settings of the new node: it listens on this machine, a proxy speaks for it."""
    trial = begun.answers.url.startswith("http:")
    return NodeSettings(
        name=begun.answers.name,
        public_url=begun.answers.url,
        listen_port=begun.listen_port,
        database=begun.database,
        database_owner=begun.database_owner,
        own_postgres=begun.own_postgres,
        umbrella=begun.umbrella,
        allow_private_addresses=begun.trial,
        limits=NodeLimits(address_header="" if trial else PROXY_HEADER),
    )


def free_port(beside: Path) -> int:
    """Give the first port from 8080 on that no group in this folder has and nobody listens on.

    Raises:
        StorageError: `port_unusable` when all are taken.

    """
    taken = {_port_of(file) for file in beside.glob(f"*/{SETTINGS_FILE}")}
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        if port not in taken and _is_free(port):
            return port
    raise StorageError(Code.PORT_UNUSABLE, port=FIRST_PORT + PORTS - 1)


def _port_of(file: Path) -> int:
    with contextlib.suppress(OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return int(tomllib.loads(file.read_text("utf-8")).get("listen_port", 0))
    return 0


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
