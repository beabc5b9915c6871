"""The demo from beginning to end, as `dev.py demo --once` runs it: every check of it holds."""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.demo.world import BEHIND, GROUPS
from tests.ended import ended
from tests.ports import free_port

STORY = Path(__file__).parents[2] / "deploy" / "demo" / "story.py"
PORTS = [at + behind for behind in (0, BEHIND) for at in range(1, len(GROUPS) + 1)]
"""Beside its first port: what groups have, and what stands before them."""
STORY_TIMEOUT_S = 480


async def test_every_check_of_the_story_holds() -> None:
    port = free_port(with_also=PORTS)
    story = await ended(
        *(sys.executable, str(STORY), "--once", "--base-port", str(port)),
        timeout_s=STORY_TIMEOUT_S,
    )
    assert story.returncode == 0, story.said[-10_000:]
    assert "CHECK FAILED" not in story.said
