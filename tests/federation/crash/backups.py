"""Backups of a node's database and of its mark, taken and put back while it is stopped."""

from __future__ import annotations

from typing import NamedTuple

import asyncpg

from tests.federation.crash.places import Places

COPY = """
SELECT format('CREATE DATABASE %I TEMPLATE %I OWNER %I', $2::text, $1::text, $3::text)
"""
DROP = "SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', $1::text)"


class Backup(NamedTuple):
    """A copy of a node's database by name, and the bytes of the mark of that moment."""

    database: str
    mark: bytes


async def take(places: Places, key: str, name: str) -> Backup:
    """Copy the database of a stopped node, and its mark."""
    database = f"{key}_{name}"
    await _run(places, (DROP, database), (COPY, key, database, f"ruilbrug_owner_{key}"))
    return Backup(database, places.groups[key].folder.mark.read_bytes())


async def restore(places: Places, key: str, backup: Backup, *, mark: bool = False) -> None:
    """Put the database of a stopped node back to a backup; the mark too when it was in it."""
    await _run(places, (DROP, key), (COPY, backup.database, key, f"ruilbrug_owner_{key}"))
    if mark:
        places.groups[key].folder.mark.write_bytes(backup.mark)


async def _run(places: Places, *queries: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(places.server.dsn(), timeout=10, command_timeout=60)
    try:
        for query, *names in queries:
            await connection.execute(await connection.fetchval(query, *names))
    finally:
        await connection.close()
