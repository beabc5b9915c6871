"""What a forked node does: go into its network, then run as `ruilbrug` does."""

from __future__ import annotations

import asyncio
import ctypes
import os
from pathlib import Path

from federation.cli.main import configure_logging
from federation.node.run import run_node
from federation.node.settings import NodeFolder

CLONE_NEWNET = 0x40000000
NAMESPACES = Path("/run/netns")


def run(folder: str, log: str, namespace: str) -> None:
    """Run the node over `folder` until a signal comes; what it says goes to `log`."""
    said = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (1, 2):
        os.dup2(said, stream)
    os.close(said)
    if namespace:
        enter(namespace)
    configure_logging()
    asyncio.run(run_node(NodeFolder(Path(folder))))


def enter(namespace: str) -> None:
    """Move this process into a network namespace (needs root)."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(NAMESPACES / namespace, os.O_RDONLY)
    try:
        if libc.setns(descriptor, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    finally:
        os.close(descriptor)
