"""`log verify` finds every byte that was changed behind the node's back, and names its place."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import asyncpg
import pytest

from federation.group.commands import Transfer
from federation.node import verify
from federation.node.use_cases import new_key
from federation.node.verify import verify_log
from tests.federation.world.conftest import World, WorldNode, eventually, lines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Connection, Record

    from federation.node.postgres import PostgresServer

FLIP = """
CREATE FUNCTION pg_temp.flip(bytea) RETURNS bytea LANGUAGE sql
    RETURN set_byte($1, length($1) / 2, get_byte($1, length($1) / 2) # 1);
CREATE FUNCTION pg_temp.local(bytea) RETURNS boolean LANGUAGE sql
    RETURN strpos(encode($1, 'escape'), '"type":"local"') > 0;
CREATE FUNCTION pg_temp.newest() RETURNS bigint LANGUAGE sql RETURN (
    SELECT max(seq) FROM log_event WHERE body IS NOT NULL AND NOT pg_temp.local(core));
SET session_replication_role = replica
"""
CHANGES = {
    "local core": ("UPDATE log_event SET core = pg_temp.flip(core) WHERE seq = 6", "core"),
    "line core": (
        "UPDATE log_event SET core = pg_temp.flip(core) WHERE seq = pg_temp.newest()",
        "core",
    ),
    "id": ("UPDATE log_event SET id = pg_temp.flip(id) WHERE seq = 6", "core"),
    "signature of a local event": (
        "UPDATE log_event SET signature = pg_temp.flip(signature) WHERE seq = 6",
        "signature",
    ),
    "signature of a line event": (
        "UPDATE log_event SET signature = pg_temp.flip(signature) WHERE seq = pg_temp.newest()",
        "signature",
    ),
    "body": ("UPDATE log_event SET body = pg_temp.flip(body) WHERE seq = 6", "body"),
    "body of a line event": (
        "UPDATE log_event SET body = pg_temp.flip(body) WHERE seq = pg_temp.newest()",
        "body",
    ),
    "salt": ("UPDATE log_event SET body_salt = pg_temp.flip(body_salt) WHERE seq = 6", "body"),
    "blob": ("UPDATE sealed_text SET sealed = pg_temp.flip(sealed)", "blob"),
    "balance": (
        "UPDATE account SET balance_minor = balance_minor # 1 WHERE account = 5",
        "balance of account 5",
    ),
    "status": (
        "UPDATE account SET unlimited = NOT unlimited WHERE account = 5",
        "account 5",
    ),
    "hold": (
        "UPDATE account SET held_lower_minor = held_lower_minor # 1 WHERE account = 5",
        "holds of account 5",
    ),
    "unit": ("UPDATE group_setting SET per_hour = per_hour # 1", "group_setting"),
    "posting": (
        """UPDATE posting SET amount_minor = amount_minor # 1
        WHERE seq = (SELECT max(seq) FROM posting) AND ordinal = 0""",
        "posting",
    ),
    "state": ("UPDATE log_state SET root = pg_temp.flip(root)", "log_state"),
}
"""Each undoes itself when it is done twice: what to run, and what is to be named."""


@contextlib.asynccontextmanager
async def intruder(server: PostgresServer, node: WorldNode) -> AsyncIterator[Connection[Record]]:
    """Connect as somebody who owns the machine: no trigger and no grant stops it."""
    database = node.folder.settings().database.rpartition("/")[2].partition("?")[0]
    async with asyncio.timeout(60):
        connection = await asyncpg.connect(server.dsn(database))
        try:
            await connection.execute(FLIP)
            yield connection
        finally:
            await connection.close()


async def found(node: WorldNode) -> list[str]:
    return [finding.what for finding in (await verify_log(node.folder)).findings]


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


async def test_every_changed_byte_is_found_and_named(
    world: World, postgres_server: PostgresServer
) -> None:
    node = await traded(world)
    await node.stop()
    missed: dict[str, list[str]] = {}

    async with intruder(postgres_server, node) as connection:
        for name, (change, what) in CHANGES.items():
            assert not (await connection.execute(change)).endswith(" 0")
            named = await found(node)
            await connection.execute(change)
            if what not in named:
                missed[name] = named

    assert missed == {}
    assert await found(node) == []


async def test_processes_that_check_signatures_find_the_same(
    world: World, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for a long log, where they are worth their start."""
    node = await traded(world)
    await node.stop()
    monkeypatch.setattr(verify, "LONG", 0)
    monkeypatch.setattr(verify, "that_fit", lambda processes: min(processes, 2))

    assert await found(node) == []
    async with intruder(postgres_server, node) as connection:
        for name in ("signature of a local event", "signature of a line event"):
            change, what = CHANGES[name]
            await connection.execute(change)
            assert await found(node) == [what]
            await connection.execute(change)


async def test_what_is_gone_or_was_put_there_is_found(
    world: World, postgres_server: PostgresServer
) -> None:
    node = await traded(world)
    await node.stop()

    async with intruder(postgres_server, node) as connection:
        await connection.execute(
            "INSERT INTO posting SELECT account, seq, 9, 0, 0, 0 FROM posting LIMIT 1"
        )
        assert await found(node) == ["posting"]
        await connection.execute("DELETE FROM posting WHERE ordinal = 9")
        await connection.execute("UPDATE transfer SET path = 'AAAAAAAAAAAAAAAAAAAAAA'")
        assert [what[:6] for what in await found(node)] == ["trade "] * 4
        await connection.execute("DELETE FROM log_event WHERE seq = 6")
        assert {"log_event", "seq"} <= set(await found(node))


async def test_a_changed_or_lost_tile_root_is_found(
    world: World, postgres_server: PostgresServer
) -> None:
    node = await world.make("alfa", 20)
    for code in ("001", "002"):
        await node.ask("member.add", code=code, name=f"Lid {code}", lower_minor=-1000)
    payments = [node.node.do(Transfer(new_key(), 5, 6, 1)) for _ in range(260)]
    async with asyncio.timeout(60):
        await asyncio.gather(*payments)
    await node.stop()
    assert await found(node) == []

    async with intruder(postgres_server, node) as connection:
        await connection.execute("UPDATE log_subroot SET root = pg_temp.flip(root)")
        assert await found(node) == ["log_subroot"]
        await connection.execute("DELETE FROM log_subroot")
        assert await found(node) == ["log_subroot"]
