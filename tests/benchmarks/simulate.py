"""Simulated steps a second, on every core, beside steps in which nothing happens."""

from __future__ import annotations

import os
import time
from typing import Final

from tests.benchmarks.report import Limit, Report
from tests.simulation.run import many
from tests.simulation.schedule import Life, Schedule

FIRST: Final = 1
SEEDS: Final = 400
WARM_UP: Final = 8
BARE_STEPS: Final = 300_000


def simulate(report: Report) -> None:
    """Measure `simulate.steps`: the same worlds each time, one in a hundred with real keys."""
    many(FIRST, count=WARM_UP)
    counted = many(FIRST, count=SEEDS)
    assert not counted.findings, counted.findings
    bare = Limit(_bare_steps() * (os.cpu_count() or 1), "steps that only wait, on every core")
    rate = counted.steps / counted.seconds
    report.figure("simulate.steps", rate, "/s", limit=bare, target=">= 20,000/s")
    report.figure("simulate.worlds", counted.seeds / counted.seconds, "/s")


def _bare_steps() -> float:
    """Give the steps a second of one core when a step does nothing but wait for the next."""
    schedule = Schedule(0)

    async def wait() -> None:
        while True:
            await schedule.pause(1)

    schedule.spawn(Life(), wait())
    start = time.perf_counter()
    for _ in range(BARE_STEPS):
        schedule.step()
    return BARE_STEPS / (time.perf_counter() - start)
