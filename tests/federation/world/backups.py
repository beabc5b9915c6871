"""Backups of a node's database, and of its whole machine, for tests of the way back."""

from __future__ import annotations

import asyncio
import shutil
from typing import Any

import asyncpg

from federation.node.postgres import PostgresServer
from tests.federation.world.accepting import accept_terms
from tests.federation.world.conftest import World, WorldNode, eventually, lines

COPY = "SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE %I', $1::text, $2::text, $3::text)"
RESTORE = """SELECT unnest(ARRAY[format('DROP DATABASE %I WITH (FORCE)', $1::text),
    format('CREATE DATABASE %I OWNER %I TEMPLATE %I', $1::text, $2::text, $3::text)])"""
FINISH = "SELECT format('DROP DATABASE %I WITH (FORCE)', $1::text)"


def database_of(node: WorldNode) -> str:
    return node.folder.settings().database.rpartition("/")[2].partition("?")[0]


class Backups:
    """Copies databases as a backup would hold them; each name once."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._made: list[str] = []

    async def _run(self, query: str, *facts: str) -> None:
        async with asyncio.timeout(120):
            connection = await asyncpg.connect(self._server.dsn())
            try:
                for row in await connection.fetch(query, *facts):
                    await connection.execute(row[0])
            finally:
                await connection.close()

    async def take(self, node: WorldNode, *, machine: bool = False) -> None:
        """Back up a node, stopping it for a moment; with `machine` its mark too."""
        await node.stop()
        name = database_of(node)
        await self._run(COPY, f"{name}_kept", f"ruilbrug_owner_{name}", name)
        self._made.append(f"{name}_kept")
        if machine:
            shutil.copyfile(node.folder.mark, node.folder.path / "mark.kept")
        await node.open()

    async def restore(self, node: WorldNode, *, machine: bool = False) -> None:
        """Put the backup in the database's place; the node is left stopped."""
        await node.stop()
        name = database_of(node)
        await self._run(RESTORE, name, f"ruilbrug_owner_{name}", f"{name}_kept")
        await self._run(
            "SELECT format('GRANT CONNECT ON DATABASE %I TO %I', $1::text, $2::text)",
            name,
            f"ruilbrug_node_{name}",
        )
        if machine:
            shutil.copyfile(node.folder.path / "mark.kept", node.folder.mark)

    async def close(self) -> None:
        for name in self._made:
            await self._run(FINISH, name)


async def groups(world: World, *, umbrella: bool) -> tuple[WorldNode, WorldNode, WorldNode | None]:
    """Two groups with a line in force and two members each, with an umbrella or without."""
    if not umbrella:
        return (*(await world.pair()), None)
    koepel = await world.make("koepel", None)
    a = await world.make("alfa", 20, umbrella=koepel.invitation)
    b = await world.make("beta", 60, umbrella=koepel.invitation)
    for node in (a, b):
        await koepel.ask("audit.admit", invitation=node.invitation)
    await a.ask("line.propose", group="beta")
    await eventually(lambda: any(x.their_proposal for x in lines(b)))
    await accept_terms(b, "alfa")
    await eventually(lambda: any(x.open() for x in lines(a)))
    for node in (a, b):
        for code in ("001", "002"):
            await node.ask("member.add", code=code, name=f"Lid {code}")
    return a, b, koepel


async def pay(node: WorldNode, amount: int = 30, *, group: str = "beta", **more: Any) -> Any:
    return await node.ask("pay", payer="001", payee="002", amount_minor=amount, group=group, **more)


async def ids(node: WorldNode) -> list[bytes]:
    """The ids of the node's log, in order."""
    rows = await node.node.pool.fetch("SELECT id FROM log_event ORDER BY seq")
    return [row["id"] for row in rows]


async def balances(node: WorldNode) -> dict[str, int]:
    rows = await node.ask("account.list")
    return {row["code"]: row["balance_minor"] for row in rows}


def recovery_key(node: WorldNode) -> str:
    return (node.folder.keys / "recovery.key").read_text("ascii").strip()
