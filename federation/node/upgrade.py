"""A node's database brought up to date with this program, before anything reads it.

First the migrations, then, where one of them asks so, all tables filled anew from the log. Each is
whole or not begun; after an interruption the next start goes on where the last one stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import structlog

from events.migrations import rebuild_due
from events.recovery import connect
from federation.node.database import migrate_database
from federation.node.rebuild import rebuild_tables

if TYPE_CHECKING:
    from federation.node.rebuild import Progress
    from federation.node.settings import NodeSettings

log = structlog.get_logger()


class Upgrade(NamedTuple):
    """What was done."""

    migrations: list[str]
    events: int | None
    """How many events the tables were filled anew from; None when that was not due."""


def log_progress(done: int, size: int) -> None:
    """Tell the log how far the tables are filled."""
    log.info("tables_are_filled_anew", done=done, events=size)


async def upgrade_database(settings: NodeSettings, *, told: Progress = log_progress) -> Upgrade:
    """Run the migrations that have not run, and a rebuild when one is due. Sends nothing.

    Raises:
        StorageError: `migration_changed` when a newer program has worked on the database,
            `node_runs` when a process does.

    """
    migrations = await migrate_database(settings)
    owner = await connect(settings.database_owner)
    try:
        due = await rebuild_due(owner)
    finally:
        await owner.close()
    events = None
    if due:
        events = await rebuild_tables(settings.database, settings.database_owner, told=told)
    if migrations:
        log.info("database_migrated", migrations=len(migrations), events=events)
    return Upgrade(migrations, events)
