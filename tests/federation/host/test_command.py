"""`ruilbrug host` as an operator runs it: a process, asked over its socket, ended by a signal."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import Any

from federation.node.control import call_socket
from tests.deploy.validators import DEPLOY
from tests.federation.host.conftest import House

TRIES = 600


async def ruilbrug(house: House, *words: str) -> tuple[int, str]:
    process = await begun(house, *words)
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def begun(house: House, *words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "federation.cli", "host", "--folder", str(house.folder.path), *words),
        cwd=DEPLOY.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def until_ready(house: House) -> list[dict[str, Any]]:
    for _ in range(TRIES):
        try:
            groups = (await call_socket(house.folder.socket, "status", {}))["groups"]
        except ConnectionError:
            groups = []
        if groups and all(group["state"] in {"running", "failed"} for group in groups):
            return list(groups)
        await asyncio.sleep(0.05)
    raise AssertionError("the host did not start")


async def test_a_host_runs_is_looked_at_and_ends_in_order(house: House) -> None:
    folder = await house.make("alfa")
    (house.folder.path / "beta").mkdir()
    (house.folder.path / "beta" / "node.toml").write_text("name = ")
    process = await begun(house, "run")

    groups = await until_ready(house)

    assert [(group["name"], group["state"]) for group in groups] == [
        ("alfa", "running"),
        ("beta", "failed"),
    ]
    looked, stopped = await asyncio.gather(
        ruilbrug(house, "doctor", "--json"), ruilbrug(house, "stop", "beta")
    )
    assert looked[0] == 1
    found = json.loads(looked[1])["findings"]
    checks = {(each["group"], each["finding"]["check"]) for each in found}
    assert {("host", "host"), ("alfa", "database"), ("beta", "node")} <= checks
    assert (stopped[0], "stopped  beta" in stopped[1]) == (0, True)
    assert folder.socket.exists()
    os.kill(process.pid, signal.SIGTERM)
    async with asyncio.timeout(20):
        assert await process.wait() == 0
    assert not folder.socket.exists()
    assert not house.folder.socket.exists()


async def test_the_groups_of_a_host_are_named_without_it(house: House) -> None:
    for name in ("beta", "alfa", "gamma"):
        (house.folder.path / name).mkdir()
        (house.folder.path / name / "node.toml").touch()
    (house.folder.path / "empty").mkdir()
    (house.folder.path / "host.toml").write_text('left_out = ["beta"]')

    assert await ruilbrug(house, "groups") == (0, "alfa\ngamma\n")

    (house.folder.path / "host.toml").write_text("left_out = ")
    code, said = await ruilbrug(house, "groups")
    assert (code != 0, said) == (True, "")
