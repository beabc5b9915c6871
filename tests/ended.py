"""A command as a process, and what it said until it ended."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple


class Ended(NamedTuple):
    """How a process ended, and what it said on both streams."""

    returncode: int | None
    said: str


async def ended(*command: str, timeout_s: float, cwd: Path | None = None) -> Ended:
    """Run a command to its end; one that takes too long, or is given up on, is killed."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(timeout_s):
            told, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ended(process.returncode, told.decode())
