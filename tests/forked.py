"""What is forked: a node, or the command `ruilbrug`; and what both need, loaded before the fork."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
from pathlib import Path

from federation.cli.main import configure_logging, main
from federation.node.rooms import rooms
from federation.node.run import run_node
from federation.node.settings import NodeFolder
from federation.web.static_files import read_static_files
from federation.words.texts import texts
from schemas.texts.words import Language

CLONE_NEWNET = 0x40000000
NAMESPACES = Path("/run/netns")


rooms()
read_static_files()
for language in Language:  # compiling the catalogues is a good part of a start
    texts(language)


def node(folder: str, log: str, namespace: str) -> None:
    """Run the node over `folder` until a signal comes; what it says goes to `log`."""
    write_to(log, 1, 2)
    if namespace:
        enter(namespace)
    configure_logging()
    asyncio.run(run_node(NodeFolder(Path(folder))))


def command(arguments: tuple[str, ...], where: str, out: str, err: str) -> None:
    """Run the command line in a folder; what it says goes to two files."""
    write_to(out, 1)
    write_to(err, 2)
    os.chdir(where)
    sys.argv = ["ruilbrug", *arguments]
    main()


def write_to(path: str, *streams: int) -> None:
    """Let what is said on these streams go to a file."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in streams:
        os.dup2(file, stream)
    os.close(file)


def enter(namespace: str) -> None:
    """Move this process into a network namespace (needs root)."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(NAMESPACES / namespace, os.O_RDONLY)
    try:
        if libc.setns(descriptor, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    finally:
        os.close(descriptor)
