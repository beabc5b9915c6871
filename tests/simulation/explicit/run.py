"""Explore worlds by name, or all of them: `run.py [NAME...] [--large]`. Prints what was found."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def main() -> int:
    """Explore what the command line names."""
    sys.path[0] = str(ROOT)
    from tests.simulation.explicit.search import explore
    from tests.simulation.explicit.worlds import LARGE, SMALL, STATES_MAX

    worlds = {**SMALL, **LARGE}
    parser = argparse.ArgumentParser(prog="run.py", description="Explore every state of a line.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="; ".join(worlds))
    parser.add_argument("--large", action="store_true", help="the large ones too: minutes each")
    parsed = parser.parse_args()
    unknown = set(parsed.names) - set(worlds)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    failed = 0
    for name in parsed.names or (worlds if parsed.large else SMALL):
        began = time.monotonic()
        found = explore(worlds[name](), states_max=STATES_MAX)
        seconds = time.monotonic() - began
        print(
            f"{name}: {found.states} states, {found.transitions} transitions, {seconds:.1f} s,"
            f" {found.problem or ('nothing wrong' if found.complete else 'not all visited')}",
            flush=True,
        )
        for step in found.trace:
            print(f"  {step}")
        failed += bool(found.problem) or not found.complete
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
