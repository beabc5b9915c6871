"""A port that one process was given is given to no other, also before anybody listens there."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

from tests import ports


class Narrow(random.Random):
    """Chance that leaves few ports to choose from."""

    def randrange(self, start: int, *_: int) -> int:  # type: ignore[override]
        return start + int(self.random() * 400)


ELSEWHERE = """
import sys
from tests import ports, test_ports
ports._CHANCE = test_ports.Narrow(1)
print(*sorted(ports.free_port() for _ in range(int(sys.argv[1]))))
"""


def given_elsewhere(count: int) -> set[int]:
    told = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(count)], capture_output=True, text=True, check=True
    )
    return {int(port) for port in told.stdout.split()}


def test_another_process_gets_other_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_CHANCE", Narrow(1))
    here = {ports.free_port() for _ in range(100)}
    elsewhere = given_elsewhere(100)
    assert len(here) == len(elsewhere) == 100
    assert not here & elsewhere


def test_old_ports_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "KEPT", 3)
    for _ in range(9):
        ports.free_port()
    assert len(ports._HELD) == 4
