"""Numbered, forward-only migrations under a lock.

Files `NNNN_name.sql` run once each, in order, in one transaction with the row that records them.
A file that was changed after it ran is refused. Run by the owner of the tables; the runtime role
gets the least it needs and never UPDATE or DELETE on log tables (design section 3). There may be
two schemas: `public`, and `plain` for what is left out of backups.

A file whose first line is `-- rebuild` changes tables so that only the log can fill them; until
that is done, `rebuild_due` says so, across a restart too.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from schemas.errors import Code, StorageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.resources.abc import Traversable

    from events.log_store import AnyConnection

LOCK: Final = 0x7275696C
_CREATE: Final = """
CREATE TABLE IF NOT EXISTS migration (
    number integer CONSTRAINT migration_pkey PRIMARY KEY,
    name text NOT NULL,
    digest bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE migration ADD COLUMN IF NOT EXISTS rebuild_due boolean NOT NULL DEFAULT false
"""
_REBUILD: Final = "-- rebuild\n"
_GRANT: Final = """
DO $$
DECLARE role text := current_setting('ruilbrug.runtime_role'); t record;
BEGIN
    FOR t IN SELECT nspname FROM pg_namespace WHERE nspname IN ('public', 'plain') LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', t.nspname, role);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I',
                       t.nspname, role);
        EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO %I', t.nspname, role);
    END LOOP;
    FOR t IN SELECT c.relname FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
             JOIN pg_proc p ON p.oid = g.tgfoid WHERE p.proname = 'refuse_change' LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM %I', t.relname, role);
    END LOOP;
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON migration FROM %I', role);
END $$
"""


class Migration(NamedTuple):
    """One file."""

    number: int
    name: str
    sql: str

    @property
    def rebuild(self) -> bool:
        """Whether the tables are to be filled anew from the log behind it."""
        return self.sql.startswith(_REBUILD)


def read_migrations(folder: Traversable) -> list[Migration]:
    """Read the files of a folder in order; numbers have no gaps."""
    found = sorted(
        Migration(int(file.name[:4]), file.name, file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    )
    assert [migration.number for migration in found] == list(range(1, len(found) + 1))
    return found


async def migrate(
    connection: AnyConnection, migrations: Sequence[Migration], *, runtime_role: str
) -> list[str]:
    """Bring a database up to date, and give the names of the files that ran.

    Raises:
        StorageError: `migration_changed` when a file that ran has other content now, or when the
            database is newer than this program.

    """
    done: list[str] = []
    await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
    try:
        await connection.execute(_CREATE)
        rows = await connection.fetch("SELECT number, digest FROM migration ORDER BY number")
        digests = {row["number"]: row["digest"] for row in rows}
        if len(digests) > len(migrations):
            raise StorageError(Code.MIGRATION_CHANGED, field=str(max(digests)))
        for migration in migrations:
            digest = sha256(migration.sql.encode()).digest()
            before = digests.get(migration.number)
            if before is None:
                # what has run no migration yet holds no log that tables could be filled from
                await _apply(connection, migration, digest, due=migration.rebuild and bool(rows))
                done.append(migration.name)
            elif before != digest:
                raise StorageError(Code.MIGRATION_CHANGED, field=migration.name)
        await connection.execute(
            "SELECT set_config('ruilbrug.runtime_role', $1, false)", runtime_role
        )
        await connection.execute(_GRANT)
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)
    return done


async def try_migrations(
    connection: AnyConnection, migrations: Sequence[Migration], *, runtime_role: str
) -> list[str]:
    """Run what `migrate` would, take all of it back, and give the names of the files.

    Raises:
        StorageError: as `migrate`; what the database says of a file that cannot run.

    """
    transaction = connection.transaction()
    await transaction.start()
    try:
        return await migrate(connection, migrations, runtime_role=runtime_role)
    finally:
        await transaction.rollback()


async def waiting(connection: AnyConnection, migrations: Sequence[Migration]) -> bool:
    """Tell whether a program with these files has to wait for them, or for a rebuild."""
    done = await connection.fetchval("SELECT count(*) FROM migration")
    return done < len(migrations) or await rebuild_due(connection)


async def rebuild_due(connection: AnyConnection) -> bool:
    """Tell whether the tables have to be filled anew from the log before they are read."""
    return bool(await connection.fetchval("SELECT bool_or(rebuild_due) FROM migration"))


async def rebuilt(connection: AnyConnection) -> None:
    """Note, in the transaction that filled them, that the tables are filled anew."""
    await connection.execute("UPDATE migration SET rebuild_due = false WHERE rebuild_due")


async def _apply(
    connection: AnyConnection, migration: Migration, digest: bytes, *, due: bool
) -> None:
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(
            "INSERT INTO migration (number, name, digest, rebuild_due) VALUES ($1, $2, $3, $4)",
            migration.number,
            migration.name,
            digest,
            due,
        )
