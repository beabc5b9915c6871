"""Ports for servers that tests start."""

from __future__ import annotations

import random
import socket

_CHANCE = random.SystemRandom()


def free_port() -> int:
    """Give a port that nobody has, below those that the system gives to connections that go out.

    One of those may be gone again before the server is up.
    """
    while True:
        port = _CHANCE.randrange(10_000, 18_000)
        try:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return port
