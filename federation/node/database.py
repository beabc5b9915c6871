"""A node's database before the node runs: migrations, the lock of the one process, a new log."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

import asyncpg
import msgspec

from events import log_store
from events.canonical import decode
from events.keys import read_history
from events.merkle import EMPTY_ROOT
from events.migrations import Migration, migrate, read_migrations, try_migrations, waiting
from events.recovery import STORAGE_TROUBLE, closed_unless_done, connect
from federation.node.queries import SQL
from schemas.cores import KeyCore
from schemas.errors import Code, InputError, StorageError

if TYPE_CHECKING:
    from asyncpg import Connection, Record

    from events.log_store import AnyConnection
    from federation.node.settings import NodeSettings
    from schemas.keys import SignedKeyStatement

NODE_LOCK: Final = 0x7275696D
ONLY_PROCESS_WAIT_S: Final = 10
_NOT_THERE: Final = (
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)
_KEY_CORE: Final = msgspec.json.Decoder(KeyCore)


def node_migrations() -> list[Migration]:
    """Give the files that this program's tables are made by."""
    return read_migrations(files("federation.node").joinpath("migrations"))


async def migrate_database(settings: NodeSettings, *, keep: bool = True) -> list[str]:
    """Bring the tables up to date, as the role that owns them, and name the files that ran.

    Without `keep` all is tried and taken back.
    """
    runtime = await connect(settings.database)
    try:
        role = await runtime.fetchval("SELECT current_user")
    finally:
        await runtime.close()
    owner = await connect(settings.database_owner)
    run = migrate if keep else try_migrations
    try:
        return await run(owner, node_migrations(), runtime_role=role)
    finally:
        await owner.close()


async def require_migrated(connection: AnyConnection) -> None:
    """Let nobody read tables that are older than this program, or not filled anew yet.

    Raises:
        StorageError: `migration_due`.

    """
    if await waiting(connection, node_migrations()):
        raise StorageError(Code.MIGRATION_DUE)


async def reached(dsn: str) -> Connection[Record]:
    """Open a connection for a command that stands alone.

    Raises:
        StorageError: `database_unavailable`, also when there is no such database or role.

    """
    try:
        return await connect(dsn)
    except (*STORAGE_TROUBLE, *_NOT_THERE) as error:
        raise StorageError(Code.DATABASE_UNAVAILABLE) from error


async def only_process(dsn: str) -> Connection[Record]:
    """Open the sequencer's connection, which holds the lock of the one process.

    A process that was killed holds it until its backend notices; that is waited for.

    Raises:
        StorageError: `node_runs`, `database_unavailable`.

    """
    try:
        connection = await connect(dsn, look_ups=True)
    except STORAGE_TROUBLE as error:
        raise StorageError(Code.DATABASE_UNAVAILABLE) from error
    try:
        async with closed_unless_done(connection):
            await connection.execute(
                "SELECT set_config('lock_timeout', $1, false)", f"{ONLY_PROCESS_WAIT_S}s"
            )
            await connection.execute("SELECT pg_advisory_lock($1)", NODE_LOCK)
            await connection.execute("SELECT set_config('lock_timeout', '0', false)")
    except asyncpg.LockNotAvailableError as error:
        raise StorageError(Code.NODE_RUNS) from error
    except STORAGE_TROUBLE as error:
        raise StorageError(Code.DATABASE_UNAVAILABLE) from error
    return connection


async def read_statements(connection: AnyConnection) -> tuple[SignedKeyStatement, ...]:
    """Read the node's own key statements from its log.

    Raises:
        InputError: `node_missing` when no log was started in this database.

    """
    rows = await connection.fetch(SQL["read_key_cores"])
    found = tuple(decode(row["core"], _KEY_CORE).statement for row in rows)
    if not found:
        raise InputError(Code.NODE_MISSING, field="database")
    read_history(found)
    return found


async def start_log(settings: NodeSettings, origin: str) -> None:
    """Start the log of a new node in an empty database; idempotent for the same node.

    Raises:
        StorageError: `conflict` when there is the log of another node already.

    """
    connection = await connect(settings.database)
    try:
        await connection.execute(log_store.SQL["create_state"], origin, EMPTY_ROOT)
    except asyncpg.UniqueViolationError as error:
        state = await connection.fetchrow(log_store.SQL["read_state"])
        if state is None or state["origin"] != origin:
            raise StorageError(Code.CONFLICT, field="database") from error
    finally:
        await connection.close()
