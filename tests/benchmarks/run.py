"""The figures, each beside a limit of the same run: `run.py [NAME...] [--json] [--events N]`.

Starts a PostgreSQL server that keeps what is committed, measures, and removes everything.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

import uvloop

ROOT = Path(__file__).resolve().parents[2]
FIGURES = (
    "append.sequencer",
    "append.lone",
    "append.http",
    "collective.300",
    "digest.300",
    "settle.direct.1",
    "settle.direct.4",
    "settle.direct.16",
    "settle.direct.64",
    "settle.direct.256",
    "settle.p99_at_100",
    "settle.rates_1_5",
    "simulate.steps",
    "search.p95",
    "search.pages",
    "search.phone",
    "home.p95",
    "statement.p95",
    "flows.page",
    "rebuild.ledger",
    "log.verify",
    "node.ready",
    "node.resident",
    "growth.append",
    "backup.1m",
    "restore.1m",
    "feed.index",
    "feed.page_p95",
    "audit.hashes",
    "audit.signatures",
    "audit.100_groups",
    "audit.keeping_up",
    "import.group",
    "host.50_groups.ready",
    "host.50_groups.resident",
)
LONG = frozenset(
    {
        "rebuild.ledger",
        "log.verify",
        "node.ready",
        "node.resident",
        "growth.append",
        "backup.1m",
        "restore.1m",
    }
)
"""Those that want the long log."""
EVENTS = 1_000_000
SHORT_EVENTS = 1_000
SHORT_LOG_OF_GROWTH = 10_000


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="run.py", description="Measure the figures.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FIGURES))
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--events", type=int, default=EVENTS, help="size of the long log")
    parsed = parser.parse_args(arguments)
    unknown = set(parsed.names) - set(FIGURES)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    if parsed.events < SHORT_EVENTS:
        parser.error(f"--events is at least {SHORT_EVENTS}")
    return parsed


async def measure(names: set[str], events: int, *, as_json: bool) -> None:
    """Measure what was named, in the order of the list."""
    from tests.benchmarks import (
        api,
        append,
        audit,
        backups,
        collective,
        digest,
        feed,
        flows,
        history,
        hosting,
        importing,
        pages,
        search,
        settle,
        simulate,
    )
    from tests.benchmarks.limits import measure as measure_limits
    from tests.benchmarks.place import open_place
    from tests.benchmarks.report import Report
    from tests.benchmarks.writing import writing

    report = Report(as_json=as_json)
    if "simulate.steps" in names:
        simulate.simulate(report)
    if names == {"simulate.steps"}:
        return
    async with open_place() as place:
        limits = await measure_limits(place, report)
        if names & {"append.sequencer", "append.lone"}:
            await append.append(place, limits, report)
        if "append.http" in names:
            await api.api(place, report)
        if collective.FIGURE in names:
            await collective.collective(place, limits, report)
        if digest.FIGURE in names:
            await digest.digest(place, limits, report)
        if names & set(settle.FIGURES):
            await settle.settle(place, limits, report, names)
        if "search.p95" in names:
            await search.measure_search(place, report)
        if names & pages.FIGURES:
            await pages.pages(place, report, names)
        if names & flows.FIGURES:
            await flows.flows(place, report)
        if names & feed.FIGURES:
            await feed.feed(place, report)
        if names & audit.FIGURES:
            await audit.audit(place, limits, report, names)
        if names & importing.FIGURES:
            await importing.importing(place, report)
        if names & hosting.FIGURES:
            await hosting.hosting(place, limits, report)
        if not names & LONG:
            return
        long = await history.filled_node(place, events, signed=bool(names & backups.FIGURES))
        if names & backups.FIGURES:
            await backups.backups(long, place, limits, report)
        if "rebuild.ledger" in names:
            await history.rebuild(long, report)
        if "log.verify" in names:
            await history.verify(long, report)
        if names & {"node.ready", "node.resident"}:
            short = await history.filled_node(place, SHORT_EVENTS)
            await history.ready(short, long, limits, report)
        if "growth.append" in names:
            short = await history.filled_node(place, min(events, SHORT_LOG_OF_GROWTH))
            async with writing(short) as one, writing(long) as other:
                await append.growth(one, other, report)


async def until_told(names: set[str], events: int, *, as_json: bool) -> None:
    """Measure, and clean up when a signal ends it before its time."""
    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),  # figures only on standard output
    )
    work = asyncio.create_task(measure(names, events, as_json=as_json), name="measure")
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
    await work


def main() -> None:
    """Measure what the command line names, or everything."""
    parsed = parse(sys.argv[1:])
    sys.path[0] = str(ROOT)
    names = set(parsed.names) or set(FIGURES)
    # as `ruilbrug node run` does: the payers' node lives in this process
    uvloop.run(until_told(names, parsed.events, as_json=parsed.json))


if __name__ == "__main__":
    main()
