"""Processes that start quickly: forked from a process that has imported everything.

A start of `ruilbrug` spends most of its time on imports. What is forked here is a process of its
own all the same, with its own memory, sockets and database connections, and a SIGKILL ends it like
any other; only the imports are shared.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import subprocess
import tempfile
from pathlib import Path

from tests import forked

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([forked.__name__])
COMMAND_S = 60
TEXTS = ("out", "err")


async def ruilbrug(where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder to its end."""
    return await asyncio.to_thread(_ruilbrug, where, arguments)


def _ruilbrug(where: Path, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as name:
        said = [Path(name) / text for text in TEXTS]
        process = FORKS.Process(
            target=forked.command, args=(arguments, str(where), *map(str, said)), daemon=True
        )
        process.start()
        process.join(COMMAND_S)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(list(arguments), COMMAND_S)
        code = process.exitcode
        process.close()
        out, err = (text.read_text("utf-8") for text in said)
    return subprocess.CompletedProcess(list(arguments), code, out, err)
