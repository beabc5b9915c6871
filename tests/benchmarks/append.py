"""Local transfers through the sequencer: many callers at once, one alone, and on a long log."""

from __future__ import annotations

import statistics

from tests.benchmarks.limits import Limits
from tests.benchmarks.place import Place
from tests.benchmarks.report import Limit, Report
from tests.benchmarks.writing import Writer, writing

WARM_UP = 2_000
TRANSFERS = 20_000
LONE_TRANSFERS = 500
BURST = 2_000
PAIRS = 7


async def append(place: Place, limits: Limits, report: Report) -> None:
    """Measure `append.sequencer` and `append.lone`: signed, sealed, on disk when answered."""
    async with writing(await place.make_node()) as writer:
        await writer.open_members()
        await writer.rate(WARM_UP)
        many = await writer.rate(TRANSFERS)
        lone = await writer.rate(LONE_TRANSFERS, callers=1)
    target = ">= 6,000/s and ratio >= 0.4; aim 10,000/s"
    report.figure("append.sequencer", many, "/s", limit=limits.events, target=target)
    report.figure("append.lone", lone, "/s", limit=limits.commits)


async def growth(short: Writer, long: Writer, report: Report) -> None:
    """Measure `growth.append`: bursts on a long log beside bursts on a short one, by turns."""
    sizes = f"{long.sequencer.size:,} events beside {short.sequencer.size:,}"
    await short.rate(BURST)
    await long.rate(BURST)
    pairs = [(await short.rate(BURST), await long.rate(BURST)) for _ in range(PAIRS)]
    ratio = statistics.median(of_long / of_short for of_short, of_long in pairs)
    report.figure("growth.short", statistics.median(pair[0] for pair in pairs), "/s")
    report.figure("growth.long", statistics.median(pair[1] for pair in pairs), "/s")
    report.figure("growth.append", ratio, "ratio", limit=Limit(1.0, sizes), target=">= 0.8")
