"""A backup is one moment of a running node, and holds neither keys nor opened names and texts."""

from __future__ import annotations

import asyncio
import resource
from pathlib import Path

import asyncpg
import pytest

from federation.members.projector import reached
from federation.node.backup import LEFT_OUT
from federation.node.postgres import PostgresServer
from federation.node.remembered import last_backup
from schemas.encoding import b64
from schemas.errors import Code, InputError, StorageError
from tests.federation.world.backups import database_of
from tests.federation.world.conftest import World, WorldNode
from tests.federation.world.sealed_backups import MADE_AT_S, backed_up, opened

NAME = "Merkwaardige Marieke"
TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)


async def group(world: World) -> WorldNode:
    node = await world.make("alfa", 20)
    await node.ask("member.add", code="001", name=NAME, lower_minor=-50)
    await node.ask("member.add", code="002", name="Lid 002")
    return node


async def test_a_backup_holds_every_table_and_says_what_it_is(world: World, tmp_path: Path) -> None:
    node = await group(world)

    made = await backed_up(node.folder, tmp_path / "kept")

    assert made.path.parent == tmp_path / "kept"
    found = opened(node.folder, made.path)
    assert found.manifest == made.manifest
    assert found.manifest.node == node.node.id
    assert found.manifest.name == "alfa"
    assert found.manifest.size == node.node.sequencer.size == found.counts["log_event"]
    assert found.manifest.root == b64(node.node.sequencer.root)
    assert found.manifest.made_at_s == MADE_AT_S
    assert found.manifest.statements == node.node.identity.statements
    assert made.bytes_count == made.path.stat().st_size
    there = {row["relname"] for row in await node.node.pool.fetch(TABLES)}
    assert set(found.counts) == there - set(LEFT_OUT)
    for table in found.manifest.tables:
        assert not (set(LEFT_OUT) & {table.name})


async def test_the_checkpoint_in_it_is_the_newest(world: World, tmp_path: Path) -> None:
    node = await group(world)
    newest = await node.node.pool.fetchval("SELECT max(size) FROM log_checkpoint")

    made = await backed_up(node.folder, tmp_path)

    note = made.manifest.checkpoint
    assert (int(note.split("\n")[1]) if note else None) == newest


async def test_names_and_keys_are_not_in_it(world: World, tmp_path: Path) -> None:
    node = await group(world)
    keys = [path.read_bytes().strip() for path in node.folder.keys.glob("*.key")]
    await reached(node.node, node.node.sequencer.size - 1)
    plain = await node.node.pool.fetchval("SELECT count(*) FROM plain.member WHERE name = $1", NAME)

    made = await backed_up(node.folder, tmp_path)

    assert plain == 1, "the name stands opened in the database"
    inside = b"".join(opened(node.folder, made.path).rows.values())
    for data in (inside, made.path.read_bytes()):
        assert NAME.encode() not in data
        assert not any(key in data for key in keys)


async def test_nothing_secret_is_needed(world: World, tmp_path: Path) -> None:
    node = await group(world)
    await node.stop()
    for path in node.folder.keys.iterdir():
        if path.name not in ("recovery.pub", "recovery.key"):
            path.rename(tmp_path / path.name)

    made = await backed_up(node.folder, tmp_path / "kept")

    assert opened(node.folder, made.path).manifest.size == made.manifest.size
    for path in tmp_path.glob("*.*"):
        path.rename(node.folder.keys / path.name)
    await node.start()


async def test_a_backup_is_of_one_moment_while_the_node_goes_on(
    world: World, tmp_path: Path
) -> None:
    node = await group(world)
    stop = asyncio.Event()

    async def pay() -> int:
        count = 0
        while not stop.is_set():
            await node.ask("pay", payer="002", payee="001", amount_minor=1)
            await node.ask("pay", payer="001", payee="002", amount_minor=1)
            count += 2
        return count

    async with asyncio.TaskGroup() as tasks:
        paying = tasks.create_task(pay())
        while node.node.sequencer.size < 40:  # noqa: ASYNC110 - a condition over another task's state
            await asyncio.sleep(0.01)
        before = node.node.sequencer.size
        made = await backed_up(node.folder, tmp_path)
        stop.set()

    found = opened(node.folder, made.path)
    assert paying.result() > 10
    assert before <= found.manifest.size < node.node.sequencer.size + 1
    assert found.counts["log_event"] == found.manifest.size
    moved = await node.node.pool.fetchval(
        "SELECT count(*) FROM posting WHERE seq < $1", found.manifest.size
    )
    assert found.counts["posting"] == moved


async def test_status_tells_of_the_last_backup(world: World, tmp_path: Path) -> None:
    node = await group(world)
    before = await node.ask("status")

    made = await backed_up(node.folder, tmp_path)

    told = (await node.ask("status"))["last_backup"]
    assert before["last_backup"] is None
    assert told["made_at_s"] == MADE_AT_S
    assert told["size"] == made.manifest.size
    assert told["bytes_count"] == made.bytes_count
    assert told["file"] == str(made.path)


async def test_a_full_disk_leaves_no_half_backup_and_the_older_one(
    world: World, tmp_path: Path
) -> None:
    node = await group(world)
    await node.stop()
    older = await backed_up(node.folder, tmp_path / "kept")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
        with pytest.raises(StorageError) as error:
            await backed_up(node.folder, tmp_path / "kept", MADE_AT_S + 60)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert error.value.code is Code.BACKUP_UNWRITABLE
    assert "Make room" in str(error.value)
    assert list((tmp_path / "kept").iterdir()) == [older.path]
    told = last_backup(node.folder)
    assert told is not None
    assert told.made_at_s == MADE_AT_S
    await node.start()


async def test_without_a_recovery_key_there_is_no_backup(world: World, tmp_path: Path) -> None:
    node = await group(world)
    (node.folder.keys / "recovery.pub").unlink()

    with pytest.raises(InputError) as error:
        await backed_up(node.folder, tmp_path / "kept")

    assert error.value.code is Code.BAD_KEY
    assert "recovery.pub" in str(error.value)
    assert not (tmp_path / "kept").exists()


async def test_a_database_that_is_away_is_said(
    world: World, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    node = await group(world)
    await node.stop()
    connection = await asyncpg.connect(postgres_server.dsn())
    name = database_of(node)
    role = f"ruilbrug_node_{name}"
    try:
        await connection.execute(f'ALTER ROLE "{role}" NOLOGIN')
        with pytest.raises(StorageError) as error:
            await backed_up(node.folder, tmp_path / "kept")
        await connection.execute(f'ALTER ROLE "{role}" LOGIN')
    finally:
        await connection.close()

    assert error.value.code is Code.DATABASE_UNAVAILABLE
    assert not (tmp_path / "kept").exists()
    await node.start()
