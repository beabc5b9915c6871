"""A node whose program became newer: migrations, tables filled anew, and nobody before."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import msgspec
import pytest
from click.testing import CliRunner, Result

from events.migrations import Migration, migrate, rebuild_due, try_migrations
from events.recovery import connect
from federation.cli.main import cli
from federation.node.database import node_migrations
from federation.node.settings import SETTINGS_FILE, NodeFolder, NodeSettings
from federation.node.upgrade import upgrade_database
from federation.node.verify import verify_log
from schemas.errors import Code, StorageError
from tests.federation.world.conftest import World, WorldNode

BROKEN = "SELECT 1 / (SELECT count(*) - count(*) FROM account)"


def newer(sql: str) -> list[Migration]:
    """Give the files of a program that is one migration further."""
    files = node_migrations()
    return [*files, Migration(len(files) + 1, "9999_newer.sql", sql)]


async def owner_does(node: WorldNode, *statements: str) -> None:
    connection = await connect(node.folder.settings().database_owner)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def traded(world: World) -> WorldNode:
    """Give a stopped node with a trade, and counts as an older program had left them."""
    node = await world.make("alfa", 20)
    await world.add_members(node)
    await node.ask("pay", payer="001", payee="002", amount_minor=5)
    await node.stop()
    await owner_does(
        node,
        "UPDATE account SET given_minor = 0",
        "UPDATE migration SET rebuild_due = (number = 23)",
    )
    return node


async def differences(node: WorldNode) -> list[Any]:
    return list((await verify_log(node.folder)).findings)


async def test_a_start_fills_the_tables_that_a_migration_left_to_the_log(world: World) -> None:
    node = await traded(world)
    assert await differences(node)

    await node.start()

    assert not await differences(node)
    connection = await connect(node.folder.settings().database_owner)
    try:
        assert not await rebuild_due(connection)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "older",
    [
        "UPDATE migration SET rebuild_due = (number = 23)",
        "DELETE FROM migration WHERE number = (SELECT max(number) FROM migration)",
    ],
)
async def test_a_node_without_the_owner_s_address_reads_no_old_tables(
    world: World, older: str
) -> None:
    node = await world.make("alfa", 20)
    await node.stop()
    await owner_does(node, older)
    settings = msgspec.structs.replace(node.folder.settings(), database_owner="")
    (node.folder.path / SETTINGS_FILE).unlink()
    NodeFolder(node.folder.path).write_settings(settings)

    with pytest.raises(StorageError) as refused:
        await node.start()

    assert refused.value.code is Code.MIGRATION_DUE


async def command(node: WorldNode, *arguments: str) -> Result:
    said = ["--node", str(node.folder.path), "node", "migrate", *arguments]
    return await asyncio.to_thread(CliRunner().invoke, cli, said)


async def test_the_command_tries_does_and_tells_how_far_it_is(world: World) -> None:
    node = await traded(world)

    tried = await command(node, "--try")
    assert (tried.exit_code, tried.output) == (0, "0 migrations can run\n")
    assert await differences(node)
    done = await command(node)

    assert done.exit_code == 0
    size = done.output.splitlines()[0]
    total = size.split()[-2]
    assert size == f"{total} of {total} events"
    assert f"{total} events folded, every table filled anew" in done.output
    assert not await differences(node)
    assert (await command(node)).output == "0 migrations ran\n"
    await node.start()


async def test_what_is_tried_is_taken_back_whether_it_can_run_or_not(
    database: tuple[str, str],
) -> None:
    owner = await connect(database[0])
    runtime = await connect(database[1])
    role = await runtime.fetchval("SELECT current_user")
    await runtime.close()
    await migrate(owner, node_migrations(), runtime_role=role)

    asked = newer("-- rebuild\nCREATE TABLE newer (it int)")
    assert await try_migrations(owner, asked, runtime_role=role) == ["9999_newer.sql"]
    with pytest.raises(asyncpg.DivisionByZeroError):
        await try_migrations(owner, newer(BROKEN), runtime_role=role)

    assert not await rebuild_due(owner)
    assert await migrate(owner, asked, runtime_role=role) == ["9999_newer.sql"]
    assert await rebuild_due(owner)
    with pytest.raises(StorageError) as older:
        await try_migrations(owner, node_migrations(), runtime_role=role)
    assert older.value.code is Code.MIGRATION_CHANGED
    await owner.close()


async def test_a_new_database_has_nothing_to_fill_anew(database: tuple[str, str]) -> None:
    """Files of old ask for a rebuild, and there is no log yet."""
    owner, runtime = database
    settings = NodeSettings(
        name="nieuw",
        public_url="http://localhost",
        listen_port=1,
        database=runtime,
        database_owner=owner,
    )

    made = await upgrade_database(settings)

    assert len(made.migrations) == len(node_migrations())
    assert made.events is None
