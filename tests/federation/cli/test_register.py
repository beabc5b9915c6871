"""`ruilbrug group` and `ruilbrug key`: text, JSON, and refusals by their code."""

from __future__ import annotations

import json

from tests.federation.cli.test_commands import ruilbrug
from tests.federation.world.conftest import World


async def test_the_umbrella_admits_lists_and_lets_leave(world: World) -> None:
    umbrella = await world.make("koepel", None)
    a = await world.make("alfa", 20, umbrella=umbrella.invitation)
    await umbrella.stop()
    folder = umbrella.folder.path

    said = [
        await ruilbrug(folder, "group", *arguments)
        for arguments in (
            ("list",),
            ("admit", a.invitation, "--name", "LETS Alfa"),
            ("keys", "LETS Alfa"),
            ("leave", "LETS Alfa", "--yes"),
            ("list",),
            ("keys", "LETS Alfa"),
        )
    ]

    texts = [answer.stdout for answer in said[:5]]
    assert texts[:2] == ["no groups yet\n", "LETS Alfa is registered.\n"]
    assert "  log      " in texts[2]
    assert ", left 20" not in texts[2]
    assert ", left 20" in texts[3]
    assert texts[4] == texts[3]
    assert said[5].returncode == 1
    assert said[5].stderr.rpartition("}\n")[2].startswith("peer_unknown: ")
    await umbrella.start()


async def test_a_stopped_node_changes_its_keys(world: World) -> None:
    node = await world.make("alfa", 20)
    folder, root = node.folder.path, str(node.folder.keys / "root.key")
    running = await ruilbrug(folder, "key", "rotate", "log")
    await node.stop()

    rotated = await ruilbrug(folder, "key", "rotate", "http", "--json")
    recovered = await ruilbrug(folder, "key", "recover", "witness", "--root", root)
    revoked = await ruilbrug(folder, "key", "revoke", "log", "--root", root, "--json")
    early = await ruilbrug(
        folder, "key", "revoke", "log", "--root", root,
        "--key", json.loads(revoked.stdout)["revoked"], "--from", "3",
    )  # fmt: skip
    other = str(node.folder.keys / "log.key")
    stranger = await ruilbrug(folder, "key", "recover", "log", "--root", other)
    listed = await ruilbrug(folder, "key", "list")

    assert "node_runs: " in running.stderr
    assert json.loads(rotated.stdout)["role"] == "http"
    assert "speaks from entry" in recovered.stdout
    assert "Start the node again" in recovered.stdout
    assert early.stderr.startswith("key_late: ")
    assert stranger.stderr.startswith("bad_key: ")
    assert listed.stdout.count("revoked from entry") == 1
    assert len(listed.stdout.splitlines()) == 4 + 3
    await node.start()
    verified = await node.ask("status")
    assert verified["node"] == node.node.id
