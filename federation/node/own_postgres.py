"""A node's own PostgreSQL server, in its folder, for whoever tries a group out.

It runs as long as the node's process, or the command that stands in for it, and listens on a socket
in the folder. Not for a group that matters: nobody backs it up or brings it to a newer version.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from federation.node.postgres import PostgresServer, create_node_database, start_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from federation.node.settings import NodeFolder

DATA: Final = "postgres"
SOCKET: Final = "postgres-socket"
PASSED_THROUGH: Final = 0o711
"""The server's user passes through the folder; what lies inside is private."""


@contextlib.asynccontextmanager
async def own_server(folder: NodeFolder) -> AsyncIterator[PostgresServer]:
    """Run the server of a folder for as long as the block takes; the first time it is made.

    Raises:
        StorageError: `postgres_missing`, `postgres_failed`.

    """
    folder.path.mkdir(mode=PASSED_THROUGH, parents=True, exist_ok=True)
    folder.path.chmod(PASSED_THROUGH)
    server = await start_server(folder.path / DATA, socket_directory=folder.path / SOCKET)
    try:
        yield server
    finally:
        await server.stop()


async def own_database(folder: NodeFolder, name: str) -> tuple[str, str]:
    """Make a database in the folder's own server; give owner's and runtime role's address.

    Raises:
        StorageError: as `own_server`.

    """
    async with own_server(folder) as server:
        return await create_node_database(server, name)
