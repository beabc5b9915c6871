"""`ruilbrug token`: made and shown once, listed without its secret, revoked."""

from __future__ import annotations

import json

from tests.federation.cli.test_commands import group, ruilbrug
from tests.federation.world.conftest import World


async def test_a_token_is_made_listed_and_revoked(world: World) -> None:
    node = await group(world)
    await node.stop()
    folder = node.folder.path

    made = await ruilbrug(folder, "token", "new", "boekhouding", "--account", "001", "--json")
    shown = await ruilbrug(folder, "token", "new", "nazicht", "--role", "auditor", "--days", "3")
    token, secret = (json.loads(made.stdout)[name] for name in ("token", "secret"))
    listed = await ruilbrug(folder, "token", "list")
    revoked = await ruilbrug(folder, "token", "revoke", token)
    after = await ruilbrug(folder, "token", "list")
    refused = await ruilbrug(folder, "token", "new", "x", "--role", "coordinator")

    assert shown.stdout.startswith("ruilbrug_")
    assert "It is shown this once" in shown.stdout
    assert "boekhouding" in listed.stdout
    assert secret not in listed.stdout + after.stdout
    assert "revoked" not in listed.stdout
    assert revoked.stdout == f"Token {token} is revoked.\n"
    assert "revoked" in after.stdout
    assert refused.returncode == 1
    assert "malformed: " in refused.stderr
