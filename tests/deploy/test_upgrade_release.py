"""What the previous release left in a database is brought up to date, and gone on with."""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from click.testing import CliRunner

from events.migrations import migrate
from events.recovery import connect
from federation.cli.main import cli
from federation.node.control import call
from federation.node.database import migrate_database, node_migrations
from federation.node.service import running_node
from federation.node.settings import NodeFolder, NodeSettings
from federation.node.verify import verify_log
from tests.deploy.keep_release import DATA, FACTS

RELEASES: Final = Path(__file__).parent / "releases"
GIVEN: Final = "SELECT given_minor FROM account WHERE code = '002'"


class Left(NamedTuple):
    """A node as the previous release left it."""

    folder: NodeFolder
    facts: dict[str, Any]

    async def owner(self, query: str) -> Any:
        connection = await connect(self.folder.settings().database_owner)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    async def findings(self) -> list[Any]:
        return list((await verify_log(self.folder)).findings)

    async def balances(self) -> dict[str, int]:
        async with running_node(self.folder) as node:
            ledger = node.machine.books.ledger
            return {code: ledger.balance(ledger.codes[code]) for code in self.facts["balances"]}


@pytest.fixture(params=sorted(path.name for path in RELEASES.iterdir()))
async def left(request: pytest.FixtureRequest, tmp_path: Path, database: tuple[str, str]) -> Left:
    kept = RELEASES / request.param
    facts = json.loads((kept / FACTS).read_text())
    owner, runtime = database
    folder = NodeFolder(tmp_path / "node")
    shutil.copytree(kept, folder.path, ignore=shutil.ignore_patterns(DATA, FACTS))
    for file in (folder.path, folder.keys, *folder.keys.iterdir()):
        file.chmod(0o700 if file.is_dir() else 0o600)
    folder.write_settings(
        NodeSettings(
            name="alfa",
            public_url=facts["public_url"],
            listen_port=1,
            database=runtime,
            database_owner=owner,
            allow_private_addresses=True,
        )
    )
    asked = await connect(runtime)
    role = await asked.fetchval("SELECT current_user")
    await asked.close()
    connection = await connect(owner)
    try:
        await migrate(connection, node_migrations()[: facts["migrations"]], runtime_role=role)
        await connection.execute(gzip.decompress((kept / DATA).read_bytes()).decode())
    finally:
        await connection.close()
    return Left(folder, facts)


async def test_the_command_upgrades_and_the_books_are_those_of_the_log(left: Left) -> None:
    arguments = ["--node", str(left.folder.path), "node", "migrate"]

    tried = await asyncio.to_thread(CliRunner().invoke, cli, [*arguments, "--try"])
    done = await asyncio.to_thread(CliRunner().invoke, cli, arguments)

    missing = [file.name for file in node_migrations()[left.facts["migrations"] :]]
    assert (tried.exit_code, done.exit_code) == (0, 0), (tried.output, done.output)
    assert tried.output == f"{len(missing)} migrations can run\n"
    assert all(name in done.output for name in missing)
    assert f"{left.facts['events']} events folded" in done.output
    assert await left.owner(GIVEN) > 0
    assert not await left.findings()
    assert await left.balances() == left.facts["balances"]


async def test_an_upgrade_that_died_before_the_rebuild_goes_on_at_the_start(left: Left) -> None:
    await migrate_database(left.folder.settings())
    assert await left.findings()

    assert await left.balances() == left.facts["balances"]

    assert not await left.findings()


async def test_members_go_on_booking_after_an_upgrade(left: Left) -> None:
    async with running_node(left.folder) as node:
        before = left.facts["balances"]["003"]
        await call(node, "pay", {"payer": "001", "payee": "003", "amount_minor": 2})
        ledger = node.machine.books.ledger
        assert ledger.balance(ledger.codes["003"]) == before + 2

    assert not await left.findings()
