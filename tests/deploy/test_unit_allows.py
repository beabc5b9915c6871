"""A node that really runs asks nothing of the kernel that its unit would refuse it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from federation.node.control import call_running
from tests.deploy.validators import DEPLOY, judge, validator
from tests.federation.world.conftest import World

UNIT: Final = (DEPLOY / "systemd" / "ruilbrug@.service").read_text()
CALL: Final = re.compile(r"^\d+ +(?:<\.\.\. )?([a-z_0-9]+)(?:\(| resumed)", re.MULTILINE)
TRIES: Final = 600


@cache
def members(name: str) -> frozenset[str]:
    """Give the calls of a set as systemd knows it, with those of the sets in it."""
    if not name.startswith("@"):
        return frozenset({name})
    code, said = judge(validator("systemd-analyze"), "syscall-filter", "--no-pager", name)
    assert code == 0, said
    words = [line.strip() for line in said.splitlines()[1:]]
    parts = [members(word) for word in words if word and not word.startswith("#")]
    return frozenset().union(*parts)


def allowed() -> set[str]:
    """Give the calls that the unit lets through, its lines read in order."""
    found: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", UNIT, re.MULTILINE):
        named = set[str]().union(*(members(word) for word in line.removeprefix("~").split()))
        found = found - named if line.startswith("~") else found | named
    return found


@pytest.fixture
async def trace(tmp_path: Path, another_database: Callable[[], tuple[str, str]]) -> str:
    """Give what a node asked of the kernel: started, booked with, looked at, stopped."""
    file = tmp_path / "trace"
    command = [validator("strace"), "-f", "-qq", "-o", str(file), sys.executable]
    world = World(tmp_path, another_database)
    node = await world.make("alfa", 20)
    await world.add_members(node)
    await node.stop()
    process = await asyncio.create_subprocess_exec(
        *command,
        *("-m", "federation.cli", "--node", str(node.folder.path), "node", "run"),
        cwd=DEPLOY.parent,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    for _ in range(TRIES):
        assert process.returncode is None
        try:
            await call_running(node.folder, "status", {})
            break
        except ConnectionError:
            await asyncio.sleep(0.05)
    payment = {"payer": "001", "payee": "002", "amount_minor": 3}
    await call_running(node.folder, "pay", payment)
    address = node.folder.settings().public_url
    async with aiohttp.ClientSession() as session, session.get(f"{address}/login") as response:
        assert response.status == 200
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGTERM)
    assert await process.wait() == 0
    await world.close()
    return file.read_text(errors="replace")


async def test_a_node_makes_no_call_that_its_unit_refuses(trace: str) -> None:
    made = set(CALL.findall(trace))

    assert {"execve", "connect", "listen"} <= made
    assert not made - allowed()
    asked = set(re.findall(r"\bsocket\((AF_\w+)", trace))
    families = re.search(r"^RestrictAddressFamilies=(.*)$", UNIT, re.MULTILINE)
    assert families is not None
    assert asked <= set(families[1].split())
    assert "MemoryDenyWriteExecute=yes" in UNIT
    assert not re.findall(r"(?:mmap|mprotect)\(.*PROT_WRITE\|PROT_EXEC", trace)


def test_the_unit_refuses_what_only_a_ruler_of_the_machine_needs() -> None:
    assert not {"reboot", "mount", "setuid", "init_module", "ptrace", "bpf"} & allowed()
    assert {"read", "setpriority"} <= allowed()
