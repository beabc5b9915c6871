"""`log verify` finds every byte that was changed behind the node's back, and names its place."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import pytest

from federation.node.verify import verify_log
from tests.federation.world.conftest import World, WorldNode, eventually, lines

if TYPE_CHECKING:
    from federation.node.postgres import PostgresServer
    from federation.node.verify import Finding

FLIP = "set_byte({0}, length({0}) / 2, get_byte({0}, length({0}) / 2) # 1)"
LOCAL = "strpos(encode(core, 'escape'), '\"type\":\"local\"') > 0"
CHANGES = {
    "local core": (
        f"UPDATE log_event SET core = {FLIP.format('core')} WHERE seq = 4 AND {LOCAL}",
        "core",
    ),
    "line core": (
        f"UPDATE log_event SET core = {FLIP.format('core')} WHERE seq ="
        f" (SELECT max(seq) FROM log_event WHERE NOT {LOCAL})",
        "core",
    ),
    "id": (f"UPDATE log_event SET id = {FLIP.format('id')} WHERE seq = 4", "core"),
    "signature of a local event": (
        f"UPDATE log_event SET signature = {FLIP.format('signature')} WHERE seq = 5",
        "signature",
    ),
    "signature of a line event": (
        f"UPDATE log_event SET signature = {FLIP.format('signature')} WHERE seq ="
        f" (SELECT max(seq) FROM log_event WHERE NOT {LOCAL})",
        "signature",
    ),
    "body": (f"UPDATE log_event SET body = {FLIP.format('body')} WHERE seq = 5", "body"),
    "body of a line event": (
        f"UPDATE log_event SET body = {FLIP.format('body')} WHERE seq ="
        f" (SELECT max(seq) FROM log_event WHERE body IS NOT NULL AND NOT {LOCAL})",
        "body",
    ),
    "salt": (
        f"UPDATE log_event SET body_salt = {FLIP.format('body_salt')} WHERE seq = 5",
        "body",
    ),
    "body that is gone": ("UPDATE log_event SET body = NULL WHERE seq = 5", "body"),
    "event that is gone": ("DELETE FROM log_event WHERE seq = 5", "log_event"),
    "blob": (f"UPDATE sealed_text SET sealed = {FLIP.format('sealed')}", "blob"),
    "balance": (
        "UPDATE account SET balance_minor = balance_minor + 1 WHERE account = 5",
        "balance of account 5",
    ),
    "limit": ("UPDATE account SET lower_minor = -1 WHERE account = 5", "account 5"),
    "posting": (
        "UPDATE posting SET amount_minor = amount_minor + 1"
        " WHERE seq = (SELECT max(seq) FROM posting) AND ordinal = 0",
        "posting",
    ),
    "posting that is gone": (
        "DELETE FROM posting WHERE seq = (SELECT max(seq) FROM posting)",
        "posting",
    ),
    "root": (f"UPDATE log_state SET root = {FLIP.format('root')}", "log_state"),
}


async def tamper(server: PostgresServer, node: WorldNode, statement: str) -> None:
    """Change a database as somebody can who owns the machine: no trigger, no grant stops it."""
    database = node.folder.settings().database.rpartition("/")[2].partition("?")[0]
    async with asyncio.timeout(20):
        connection = await asyncpg.connect(server.dsn(database))
        try:
            await connection.execute("SET session_replication_role = replica")
            done = await connection.execute(statement)
        finally:
            await connection.close()
    assert not done.endswith(" 0"), "the test changes something"


async def findings(node: WorldNode) -> list[Finding]:
    return (await verify_log(node.folder)).findings


async def traded(world: World) -> WorldNode:
    """Give a node with payments inside, and across in both directions."""
    a, b = await world.pair()
    await a.ask("pay", payer="001", payee="002", amount_minor=4, description="appels")
    trade = await a.ask(
        "pay", payer="001", payee="002", amount_minor=30, group="beta", description="taart"
    )
    back = await b.ask("pay", payer="001", payee="001", amount_minor=7, group="alfa")
    assert trade["state"] == back["state"] == "settled"
    await eventually(lambda: lines(a)[0].credited_units == lines(b)[0].paid_units)
    return a


async def test_nothing_is_found_in_a_log_that_nobody_touched(world: World) -> None:
    node = await traded(world)

    result = await verify_log(node.folder)

    assert result.findings == []
    assert result.found == result.erased == 0
    assert result.events == node.node.sequencer.size


@pytest.fixture(scope="module")
def found_by_change() -> dict[str, list[Finding]]:
    return {}


async def test_every_change_is_found_and_named(
    world: World, postgres_server: PostgresServer
) -> None:
    node = await traded(world)
    await node.stop()
    missed: dict[str, list[str]] = {}

    for name, (statement, what) in CHANGES.items():
        await tamper(postgres_server, node, f"CREATE TABLE before AS TABLE {table_of(statement)}")
        await tamper(postgres_server, node, statement)
        named = [finding.what for finding in await findings(node)]
        await restore(postgres_server, node, table_of(statement))
        if what not in named:
            missed[name] = named

    assert missed == {}
    assert await findings(node) == []
