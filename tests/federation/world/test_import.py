"""An export becomes events once; secrets of the export are found nowhere afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.demo.make_export import SECRET_MARKER, ExportSize, make_export
from federation.node.verify import verify_log
from schemas.errors import InputError
from tests.federation.world.conftest import World, WorldNode
from tests.federation.world.own_statement import own_lines

SIZE = ExportSize(members=20, posts=40, transactions=300)
CHECKOUT = Path(__file__).resolve().parents[3]


async def made(world: World, path: Path) -> tuple[WorldNode, Path, Any]:
    export = path / "group-db-csv.zip"
    facts = make_export(export, seed=5, size=SIZE)
    return await world.make("alfa", 20), export, facts


async def test_import_ends_with_a_receipt_and_a_second_one_adds_nothing(
    world: World, tmp_path: Path
) -> None:
    node, export, facts = await made(world, tmp_path)

    first = await node.ask("import", file=str(export))
    size = node.node.sequencer.size
    second = await node.ask("import", file=str(export))

    assert first["written"]["transfers"] == facts.transfers
    assert first["written"]["posts"] == facts.posts
    assert first["balances_differ"] == []
    assert first["receipt"]["sum_file_minor"] == 0
    assert node.node.sequencer.size == size
    assert second["written"] | {"already": 0} == {
        "accounts": 0,
        "joined": 0,
        "categories": 0,
        "transfers": 0,
        "posts": 0,
        "pictures": 0,
        "already": 0,
        "refused": [],
    }
    accounts = await node.ask("account.list")
    assert sum(row["balance_minor"] for row in accounts) == 0
    partners = [row for row in accounts if row["kind"] == "old_partner"]
    assert len(partners) == facts.partners
    assert all(row["name"].startswith("oude rekening van groep ") for row in partners)
    assert (await verify_log(node.folder)).findings == []


async def test_dry_run_writes_nothing(world: World, tmp_path: Path) -> None:
    node, export, facts = await made(world, tmp_path)
    size = node.node.sequencer.size

    answer = await node.ask("import", file=str(export), dry_run=True)

    assert answer["receipt"]["transfers"] == facts.transfers
    assert node.node.sequencer.size == size


async def test_an_import_that_stopped_half_way_is_run_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, export, facts = await made(world, tmp_path)
    sequencer = node.node.sequencer
    submit, left = sequencer.submit, 150

    def stops(command: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise asyncio.CancelledError
        return submit(command)

    monkeypatch.setattr(sequencer, "submit", stops)
    with pytest.raises(asyncio.CancelledError):
        await node.ask("import", file=str(export))
    monkeypatch.setattr(sequencer, "submit", submit)

    answer = await node.ask("import", file=str(export))

    assert answer["written"]["already"] > 0
    assert answer["written"]["refused"] == []
    checks = {row["source_id"]: row["computed_minor"] for row in answer["receipt"]["balances"]}
    accounts = await node.ask("account.list")
    assert sorted(row["balance_minor"] for row in accounts if row["balance_minor"]) == sorted(
        minor for minor in checks.values() if minor
    )
    assert facts.transfers == answer["receipt"]["transfers"]


async def test_a_file_that_is_not_there_is_named(world: World, tmp_path: Path) -> None:
    node = await world.make("alfa", 20)

    with pytest.raises(InputError, match="there is nothing"):
        await node.ask("import", file=str(tmp_path / "none.zip"))


async def test_secrets_of_an_export_are_neither_stored_nor_logged(
    world: World, tmp_path: Path
) -> None:
    node, export, _ = await made(world, tmp_path)
    await node.stop()  # the command line starts the node itself, and logs as in production

    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "federation.cli", "--node", str(node.folder.path), "import"]
        + [str(export), "--json"],
        cwd=CHECKOUT,
        env=os.environ,
        capture_output=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["written"]["transfers"] > 0
    assert SECRET_MARKER.encode() not in done.stdout + done.stderr
    found = await tables_with(node.folder.settings().database, SECRET_MARKER)
    assert found == []
    await node.start()


async def test_names_and_texts_lie_sealed_and_are_opened_for_the_group(world: World) -> None:
    node = await world.make("alfa", 20)
    for code, name in (("001", "Merkwaardige Marieke"), ("002", "Lid")):
        await node.ask("member.add", code=code, name=name)

    await node.ask(
        "pay", payer="001", payee="002", amount_minor=3, description="Uitzonderlijke Uiensoep"
    )

    dsn = node.folder.settings().database
    assert await tables_with(dsn, "Merkwaardige") == []
    assert await tables_with(dsn, "Uitzonderlijke") == []
    members = await node.ask("member.list")
    assert [row["name"] for row in members] == ["Merkwaardige Marieke", "Lid"]
    for code in ("001", "002"):
        assert (await own_lines(node, code))[0].description == "Uitzonderlijke Uiensoep"


async def tables_with(dsn: str, text: str) -> list[str]:
    """Name the tables in which a text stands anywhere, as text or as bytes."""
    connection = await asyncpg.connect(dsn, timeout=10, command_timeout=60)
    try:
        tables = await connection.fetch(
            """SELECT table_name, format('SELECT * FROM %I', table_name) AS query
            FROM information_schema.tables WHERE table_schema = 'public'"""
        )
        assert len(tables) > 10
        found = []
        for table, query in tables:
            for row in await connection.fetch(query):
                values = [v if isinstance(v, bytes) else str(v).encode() for v in row.values()]
                if any(text.encode() in value for value in values):
                    found.append(table)
                    break
        return found
    finally:
        await connection.close()
