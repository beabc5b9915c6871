"""Ports for servers that tests start."""

from __future__ import annotations

import os
import random
import socket
from collections import deque
from collections.abc import Iterable

_CHANCE = random.SystemRandom()
KEPT = 300
"""So many ports of one process stay its own; those before them belong to tests that ended."""
_HELD: deque[int] = deque()


def _hold(port: int) -> None:
    """Make a port this process's own among all that run tests on this machine.

    The name goes with the process, however it ends. A port that is bound only once a node is made,
    or again when it is restarted, is nobody's in between.
    """
    with socket.socket(socket.AF_UNIX) as name:
        name.bind(f"\0ruilbrug-test-port-{port}")
        _HELD.append(name.detach())


def _give_back(held: int) -> None:
    while len(_HELD) > held:
        os.close(_HELD.pop())


def free_port(*, with_also: Iterable[int] = ()) -> int:
    """Give a port that nobody has, nor those that lie so far above it, and keep them.

    It is one below those that the system gives to connections that go out: such a one may be gone
    again before the server is up.
    """
    while len(_HELD) > KEPT:
        os.close(_HELD.popleft())
    while True:
        port = _CHANCE.randrange(10_000, 30_000)
        before = len(_HELD)
        try:
            for needed in (port, *(port + above for above in with_also)):
                _hold(needed)
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", needed))
        except OSError:
            _give_back(before)
            continue
        return port
