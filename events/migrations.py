"""Numbered, forward-only migrations under a lock.

Files `NNNN_name.sql` run once each, in order, in one transaction with the row that records them.
A file that was changed after it ran is refused. Run by the owner of the tables; the runtime role
gets the least it needs and never UPDATE or DELETE on log tables (design section 3). There may be
two schemas: `public`, and `plain` for what is left out of backups.
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
)
"""
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
                await _apply(connection, migration, digest)
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


async def _apply(connection: AnyConnection, migration: Migration, digest: bytes) -> None:
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(
            "INSERT INTO migration (number, name, digest) VALUES ($1, $2, $3)",
            migration.number,
            migration.name,
            digest,
        )
