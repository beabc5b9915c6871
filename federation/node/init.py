"""Making a new node: keys, settings, mark, database, and the first events of its log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events import log_store
from events.mark import Mark, MarkFile
from events.merkle import EMPTY_ROOT
from events.recovery import connect
from events.sealed import Keyring, WrappedKey
from events.sequencer import Sequencer
from federation.group.commands import Configure
from federation.node.database import migrate_database, start_log
from federation.node.identity import (
    FIRST_STATEMENTS,
    begun_identity,
    make_identity,
    system_random,
)
from federation.node.key_commands import RecordKey
from federation.node.machine import NodeMachine
from federation.node.service import now_s
from federation.node.settings import SETTINGS_FILE
from projections import tables
from schemas.encoding import b64, unb64
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from federation.node.identity import Identity
    from federation.node.settings import NodeFolder, NodeSettings
    from projections.books import Books
    from schemas.amounts import Unit


async def init_node(
    folder: NodeFolder,
    settings: NodeSettings,
    *,
    unit: Unit | None,
    lower_minor: int | None = None,
    upper_minor: int | None = None,
    clock: Callable[[], int] = now_s,
) -> str:
    """Make a node in an empty folder and an empty database, and give its id.

    What was interrupted goes on when it is called again with the same folder and database:
    `node.toml` is written last. `clock` is the one that the node will go by.

    Raises:
        InputError: `conflict` when there is a node in the folder already.
        StorageError: `conflict` when the database holds another log, `database_unavailable`.

    """
    if (folder.path / SETTINGS_FILE).exists():
        raise InputError(Code.CONFLICT, field=str(folder.path))
    identity = begun_identity(folder)
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.database_owner:
        await migrate_database(settings)
    if identity is None:
        identity = make_identity(folder, system_random)
    node = identity.node()
    await start_log(settings, node)
    wanted = None if unit is None else Configure(unit, lower_minor, upper_minor)
    await _write_first_events(settings, identity, wanted, clock)
    mark = MarkFile(folder.mark)
    if mark.read() is None:  # nothing can have been released yet
        mark.create_anew(Mark(0, EMPTY_ROOT))
    folder.write_settings(settings)
    (folder.keys / FIRST_STATEMENTS).unlink()
    return node


async def _write_first_events(
    settings: NodeSettings,
    identity: Identity,
    wanted: Configure | None,
    clock: Callable[[], int],
) -> None:
    """Write key statements and settings of the group; what stands in the log is not repeated."""
    node = identity.node()
    connection = await connect(settings.database)
    try:
        books = await tables.read_books(connection)
        keyring = Keyring(identity.wrapping, max(identity.wrapping))
        for row in await connection.fetch(log_store.SQL["read_data_keys"]):
            keyring.learn(WrappedKey(*row))
        machine = NodeMachine(node=node, books=books, keyring=keyring)
        sequencer: Sequencer[Any, Any, Any] = Sequencer(
            dsn=settings.database,
            machine=machine,
            key=identity.log,
            clock=clock,
            random=system_random,
        )
        await sequencer.open(connection)
        for statement in identity.statements:
            key = b64(unb64(statement.signatures[0].signature)[:16])
            await sequencer.append_now(RecordKey(key, statement))
        if wanted is not None and not _stands(books, wanted):
            await sequencer.append_now(wanted)
    finally:
        await connection.close()


def _stands(books: Books, wanted: Configure) -> bool:
    settings = books.ledger.settings
    if settings is None:
        return False
    limits = settings.limits
    return (settings.unit, limits.lower_minor, limits.upper_minor) == wanted
