"""The demo from beginning to end, as `dev.py demo --once` runs it: every check of it holds."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from deploy.demo.world import BEHIND, GROUPS
from tests.ports import free_port

STORY = Path(__file__).parents[2] / "deploy" / "demo" / "story.py"
PORTS = [at + behind for behind in (0, BEHIND) for at in range(1, len(GROUPS) + 1)]
"""Beside its first port: what groups have, and what stands before them."""
STORY_TIMEOUT_S = 300


async def test_every_check_of_the_story_holds() -> None:
    port = free_port(with_also=PORTS)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(str(STORY), "--once", "--base-port", str(port)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(STORY_TIMEOUT_S):
            told, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    said = told.decode()
    assert process.returncode == 0, said[-10_000:]
    assert "CHECK FAILED" not in said
