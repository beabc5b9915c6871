"""Ports for servers that tests start."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable

_CHANCE = random.SystemRandom()


def free_port(*, with_also: Iterable[int] = ()) -> int:
    """Give a port that nobody has, nor those that lie so far above it.

    It is one below those that the system gives to connections that go out: such a one may be gone
    again before the server is up.
    """
    while True:
        port = _CHANCE.randrange(10_000, 30_000)
        try:
            for needed in (port, *(port + above for above in with_also)):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", needed))
        except OSError:
            continue
        return port
