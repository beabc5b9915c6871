"""Logs of simulated honest nodes, with crashes, restores and wrong clocks, accuse nobody."""

from __future__ import annotations

import contextlib

import pytest

from federation.umbrella.audit import Audit
from federation.umbrella.following import read_core
from schemas.encoding import b64
from schemas.findings import Severity
from tests.federation.umbrella.history import honest
from tests.simulation.crypto import fake_signatures
from tests.simulation.tally import Finding
from tests.simulation.world import World, quiet

SEEDS = 60


@pytest.mark.parametrize("first", range(0, SEEDS, 20))
def test_simulated_honest_nodes_are_never_accused(first: int) -> None:
    quiet()
    trades = restored = 0
    for seed in range(first + 1, first + 20):
        with fake_signatures():
            world = World(seed, cheat="")  # nobody cheats with its own log
            if world.puppets:
                world.schedule.close()
                continue
            with contextlib.closing(world.schedule):
                try:
                    world.run()
                except Finding as found:
                    raise AssertionError(f"seed {seed}: {found}") from found
        audit = Audit(signed=honest)
        for host in world.hosts:
            for entry in host.disk.log:
                audit.read(host.id, read_core(entry.core), b64(entry.id))
        now_s = max(node.latest_ts for node in audit.state.nodes.values())

        wrong = [f for f in audit.findings(now_s) if f.severity is not Severity.ALARM]

        assert wrong == [], f"seed {seed}"
        trades += sum(flow.trades for report in audit.lines() for flow in report.flows)
        restored += sum(world.faults.counted[kind] for kind in world.faults.counted)
    assert trades
    assert restored
