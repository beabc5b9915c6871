"""Making a new node: keys, settings, mark, database, and the first events of its log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.keys import read_history
from events.mark import Mark, MarkFile
from events.merkle import EMPTY_ROOT
from events.recovery import connect
from events.sealed import Keyring
from events.sequencer import Sequencer
from federation.group.commands import Configure
from federation.node.database import migrate_database, start_log
from federation.node.identity import make_identity, system_random
from federation.node.key_commands import RecordKey
from federation.node.machine import NodeMachine
from federation.node.service import now_s
from projections import tables
from schemas.encoding import b64, unb64
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from federation.node.settings import NodeFolder, NodeSettings
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

    `clock` is the one that the node will go by.

    Raises:
        InputError: `conflict` when there is a node in the folder already.
        StorageError: `conflict` when the database holds a log, `database_unavailable`.

    """
    if (folder.path / "node.toml").exists() or folder.keys.exists():
        raise InputError(Code.CONFLICT, field=str(folder.path))
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.database_owner:
        await migrate_database(settings)
    identity = make_identity(folder, system_random)
    node = read_history(identity.statements).node
    await start_log(settings, node)
    connection = await connect(settings.database)
    try:
        machine = NodeMachine(
            node=node,
            books=await tables.read_books(connection),
            keyring=Keyring(identity.wrapping, max(identity.wrapping)),
        )
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
        if unit is not None:
            await sequencer.append_now(Configure(unit, lower_minor, upper_minor))
    finally:
        await connection.close()
    MarkFile(folder.mark).create(Mark(0, EMPTY_ROOT))
    folder.write_settings(settings)
    return node
