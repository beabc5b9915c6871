"""`ruilbrug backup` over a running node: a file, what is in it in words, and old ones that go."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec

from federation.node.settings import WitnessSettings
from tests.federation.cli.test_commands import CHECKOUT, group, ruilbrug
from tests.federation.world.conftest import World
from tests.federation.world.sealed_backups import backed_up, opened


async def test_a_backup_is_made_beside_a_running_node(world: World) -> None:
    node = await group(world)
    folder = node.folder.path

    first = await ruilbrug(folder, "backup")
    assert first.returncode == 0, first.stderr
    (made,) = (folder / "backups").iterdir()
    assert first.stdout.startswith(f"{made}: {node.node.sequencer.size} events of alfa, ")
    assert "keys are not in it" in first.stdout
    assert opened(node.folder, made).manifest.size == node.node.sequencer.size

    second = await ruilbrug(folder, "backup", "--json")
    answer = json.loads(second.stdout)
    assert answer["events"] == node.node.sequencer.size
    assert answer["dropped"] == []


async def test_old_backups_go_and_nothing_else(world: World, tmp_path: Path) -> None:
    node = await group(world)
    kept = tmp_path / "kept"
    old = [await backed_up(node.folder, kept, 1_700_000_000 + day * 86_400) for day in range(3)]
    (kept / "letter.txt").write_text("not ours")

    relative = os.path.relpath(kept, CHECKOUT)
    done = await ruilbrug(node.folder.path, "backup", relative, "--keep", "2", "--json")

    answer = json.loads(done.stdout)
    assert answer["dropped"] == [old[0].path.name, old[1].path.name]
    assert Path(answer["file"]).is_absolute()
    assert {path.name for path in kept.iterdir()} == {
        "letter.txt",
        old[2].path.name,
        Path(answer["file"]).name,
    }


async def test_a_target_that_cannot_be_written_is_named(world: World, tmp_path: Path) -> None:
    node = await group(world)
    (tmp_path / "file").write_text("no folder")

    done = await ruilbrug(node.folder.path, "backup", str(tmp_path / "file" / "kept"))

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("backup_unwritable: ")
    assert str(tmp_path / "file") in done.stderr
    none = await ruilbrug(node.folder.path, "backup", "--keep", "0")
    assert none.returncode == 2


async def test_a_group_comes_back_from_paper_and_two_files(
    world: World, tmp_path: Path, database: tuple[str, str]
) -> None:
    """Server, folder and database are gone; the recovery key is on paper."""
    node = await group(world)
    folder, size = node.folder.path, node.node.sequencer.size
    owner, runtime = database
    keys = await ruilbrug(folder, "backup", "--keys", str(tmp_path / "keys.sealed"))
    assert keys.returncode == 0, keys.stderr
    assert "keys/log.key" in keys.stdout
    assert "keys/root.key" not in keys.stdout
    assert "recovery.key" not in keys.stdout
    made = Path(
        json.loads((await ruilbrug(folder, "backup", str(tmp_path), "--json")).stdout)["file"]
    )
    paper = tmp_path / "paper"
    paper.write_text((node.folder.keys / "recovery.key").read_text())
    await node.stop()
    folder.rename(tmp_path / "burnt")
    command = ("restore", str(made), "--key", str(paper))

    without_keys = await ruilbrug(folder, *command)
    assert without_keys.stderr.splitlines()[-1].startswith("backup_keys_missing: ")
    with_keys = (*command, "--keys", str(tmp_path / "keys.sealed"))
    addresses = ("--database", runtime, "--database-owner", owner)
    made.rename(tmp_path / "away")
    made.write_bytes((tmp_path / "away").read_bytes()[:-9])
    cut_off = await ruilbrug(folder, *with_keys, *addresses)
    assert cut_off.stderr.splitlines()[-1].startswith("backup_truncated: ")
    assert not folder.exists()
    assert not list(folder.parent.glob(".*"))
    (tmp_path / "away").rename(made)

    back = await ruilbrug(folder, *with_keys, *addresses)

    assert back.returncode == 0, back.stderr
    assert f"{size} events" in back.stdout
    assert "everything agrees" in back.stdout
    assert back.stderr.count("Verifying all of it ...") == 1
    assert "node recover" in back.stdout
    assert node.folder.settings().database == runtime
    assert not (node.folder.keys / "root.key").exists()
    assert not node.folder.mark.exists()
    again = await ruilbrug(folder, *with_keys)
    assert again.stderr.splitlines()[-1].startswith("restore_not_empty: ")
    assert "node.toml" in again.stderr
    elsewhere = await ruilbrug(folder, *command, "--database", runtime)
    assert elsewhere.returncode == 2
    status = json.loads((await ruilbrug(folder, "node", "status", "--json")).stdout)
    assert status["events"] == size
    assert status["mode"] == "releases_nothing", "nobody is there to ask, and the mark is gone"
    await node.start()


async def test_the_keys_file_stands_alone_and_overwrites_nothing(
    world: World, tmp_path: Path
) -> None:
    node = await group(world)
    (tmp_path / "there").write_text("something")

    both = await ruilbrug(node.folder.path, "backup", "--keys", str(tmp_path / "a"), "--keep", "1")
    there = await ruilbrug(node.folder.path, "backup", "--keys", str(tmp_path / "there"))

    assert both.returncode == 2
    assert there.returncode == 1
    assert (tmp_path / "there").read_text() == "something"
    assert not (tmp_path / "a").exists()


async def test_a_restore_without_the_recovery_key_says_where_it_is(
    world: World, tmp_path: Path
) -> None:
    node = await group(world)
    made = await backed_up(node.folder, tmp_path)
    (node.folder.keys / "recovery.key").unlink()
    (tmp_path / "typed").write_text("not a key\n")

    missing = await ruilbrug(node.folder.path, "restore", str(made.path))
    mistyped = await ruilbrug(
        node.folder.path, "restore", str(made.path), "--key", str(tmp_path / "typed")
    )

    assert missing.stderr.splitlines()[-1].startswith("backup_keys_missing: keys/recovery.key")
    assert mistyped.stderr.splitlines()[-1].startswith("bad_key: typed")


async def test_what_an_interrupted_restore_has_left_is_swept_away(
    world: World, tmp_path: Path, database: tuple[str, str]
) -> None:
    node = await group(world)
    made = await backed_up(node.folder, tmp_path)
    folder, paper = node.folder.path, tmp_path / "paper"
    (node.folder.keys / "recovery.key").rename(paper)
    await ruilbrug(folder, "backup", "--keys", str(tmp_path / "keys"))
    await node.stop()
    folder.rename(tmp_path / "burnt")
    left = folder.with_name(f".{folder.name}.restoring")
    left.mkdir()
    (left / "node.toml").write_text("half a file")

    back = await ruilbrug(
        folder,
        *("restore", str(made.path), "--key", str(paper), "--keys", str(tmp_path / "keys")),
        *("--database", database[1], "--database-owner", database[0]),
    )

    assert back.returncode == 0, back.stderr
    assert not left.exists()
    await node.start()


async def test_a_keys_file_that_could_not_come_back_is_never_written(
    world: World, tmp_path: Path
) -> None:
    node = await group(world)
    await node.stop()
    settings = node.folder.settings()
    (node.folder.keys / "log.key~").write_text("what an editor leaves")
    (tmp_path / "policy").write_text("elsewhere")

    fine = await ruilbrug(node.folder.path, "backup", "--keys", str(tmp_path / "one"), "--json")
    (node.folder.path / "node.toml").unlink()
    elsewhere = WitnessSettings(policy=str(tmp_path / "policy"))
    node.folder.write_settings(msgspec.structs.replace(settings, witness=elsewhere))
    refused = await ruilbrug(node.folder.path, "backup", "--keys", str(tmp_path / "two"))
    (node.folder.path / "node.toml").unlink()
    node.folder.write_settings(settings)
    await node.start()

    assert json.loads(fine.stdout)["kept"][0] == "node.toml"
    assert "keys/log.key~" not in json.loads(fine.stdout)["kept"]
    assert refused.stderr.splitlines()[-1].startswith("malformed: ")
    assert "policy" in refused.stderr
    assert not (tmp_path / "two").exists()
