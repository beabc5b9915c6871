"""`dev.py simulate`: one seed told step by step, or many on every core, or the wrong variants.

python3 dev.py simulate --seed N       replay, and print the steps
python3 dev.py simulate --seeds N      N fresh seeds
python3 dev.py simulate --minutes M    fresh seeds for so long
python3 dev.py simulate --variants     each wrong variant, until it is found
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
CHUNK: Final = 20
VARIANT_SEEDS: Final = 2000
MANY: Final = 3000
"""In so many seeds each way to cheat was there to find, and more is paid than there are worlds."""

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.world import Outcome


class Counted(NamedTuple):
    """What many seeds came to."""

    seeds: int
    steps: int
    settled: int
    faults: Counter[str]
    cheats: Counter[str]
    """What was to be found in worlds with an umbrella, and was: by name."""
    findings: list[Outcome]
    seconds: float


def _live(seeds: range) -> list[Outcome]:
    from tests.simulation.world import quiet, run_seed

    quiet()
    gc.disable()  # a world is full of circles, and short
    try:
        return [run_seed(seed)[0] for seed in seeds]
    finally:
        gc.collect()


def _waves(first: int, count: int | None, until: float | None) -> Iterator[list[range]]:
    """Give a few chunks for each core at a time, until there are enough or the time is over."""
    at, end = first, None if count is None else first + count
    wave = 2 * (os.cpu_count() or 1)
    while (end is None or at < end) and (until is None or time.monotonic() < until):
        stop = at + wave * CHUNK if end is None else min(at + wave * CHUNK, end)
        yield [range(a, min(a + CHUNK, stop)) for a in range(at, stop, CHUNK)]
        at = stop


def many(
    first: int, *, count: int | None = None, minutes: float | None = None, tell: bool = False
) -> Counted:
    """Live through seeds from `first` on, on every core: so many, or for so long."""
    began = time.monotonic()
    until = None if minutes is None else began + minutes * 60
    seeds = steps = settled = 0
    faults: Counter[str] = Counter()
    cheats: Counter[str] = Counter()
    findings: list[Outcome] = []
    with multiprocessing.get_context("forkserver").Pool(os.cpu_count()) as pool:
        for wave in _waves(first, count, until):
            for outcome in chain.from_iterable(pool.imap_unordered(_live, wave)):
                seeds, steps = seeds + 1, steps + outcome.steps
                settled += outcome.settled
                faults.update(outcome.faults)
                cheats.update(outcome.cheats)
                if outcome.rule:
                    findings.append(outcome)
            if tell and sys.stderr.isatty():
                print(f"\r{seeds} seeds, {steps} steps", end="", file=sys.stderr, flush=True)
    return Counted(seeds, steps, settled, faults, cheats, findings, time.monotonic() - began)


def missing(counted: Counted) -> list[str]:
    """Name what many seeds lack that they should have had: they would have proven little."""
    from tests.simulation.umbrella import TO_FIND

    lacking = [] if counted.settled > counted.seeds else ["payments"]
    if counted.seeds >= MANY:
        lacking += sorted({"no cheat", *TO_FIND} - set(counted.cheats))
    return lacking


def find_variant(name: str, first: int = 0, count: int = VARIANT_SEEDS) -> Outcome | None:
    """Give the first seed in which a wrong variant is found, and the right rules are not."""
    from tests.simulation.variants import variant
    from tests.simulation.world import quiet, run_seed

    quiet()
    for seed in range(first, first + count):
        with variant(name):
            outcome, _ = run_seed(seed)
        if outcome.rule and not run_seed(seed)[0].rule:
            return outcome
    return None


def _variants() -> int:
    from tests.simulation.variants import VARIANTS

    missed = 0
    for name in VARIANTS:
        found = find_variant(name)
        missed += found is None
        print(f"{name}: " + (f"seed {found.seed}, {found.text}" if found else "NOT FOUND"))
    return 1 if missed else 0


def _one(seed: int) -> int:
    from tests.simulation.world import run_seed

    outcome, world = run_seed(seed, tell=True)
    assert world is not None
    print("\n".join(world.trail))
    print(f"seed {seed}: {outcome.steps} steps, {outcome.rule or 'nothing found'} {outcome.text}")
    return 1 if outcome.rule else 0


def main() -> int:
    """Do what the command line asks."""
    sys.path[0] = str(ROOT)
    parser = argparse.ArgumentParser(prog="dev.py simulate")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--seed", type=int)
    what.add_argument("--seeds", type=int)
    what.add_argument("--minutes", type=float)
    what.add_argument("--variants", action="store_true")
    asked = parser.parse_args()
    if asked.variants:
        return _variants()
    if asked.seed is not None:
        return _one(asked.seed)
    first = random.SystemRandom().randrange(2**40)
    counted = many(first, count=asked.seeds, minutes=asked.minutes, tell=True)
    pace = counted.steps / counted.seconds
    print(
        f"\nfrom seed {first}: {counted.seeds} seeds in {counted.seconds:.0f} s, {counted.steps} "
        f"steps, {pace:,.0f} a second, {counted.settled} payments settled"
    )
    print(f"faults: {dict(counted.faults.most_common())}")
    print(f"cheats: {dict(sorted(counted.cheats.items()))}")
    for outcome in counted.findings[:20]:
        print(f"FOUND seed {outcome.seed}: {outcome.rule}: {outcome.text}")
    lacking = missing(counted)
    if lacking:
        print(f"these seeds prove little, they lack: {', '.join(lacking)}")
    return 1 if counted.findings or lacking else 0


if __name__ == "__main__":
    sys.exit(main())
