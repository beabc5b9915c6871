"""A contribution of 300 members on a running node: looked at row by row, booked as one event."""

from __future__ import annotations

import time
from typing import Final

from tests.benchmarks.limits import Limits
from tests.benchmarks.place import Place, node_process
from tests.benchmarks.report import Limit, Report
from tests.benchmarks.writing import MEMBERS, writing

FIGURE: Final = "collective.300"
TIMES: Final = 7
BOOKINGS: Final = 10_000


async def collective(place: Place, limits: Limits, report: Report) -> None:
    """Measure from the question to the answer that it is booked; the slowest of some counts."""
    folder = await place.make_node()
    async with writing(folder) as writer:
        await writer.open_members()
        await writer.fill(writer.sequencer.size + BOOKINGS)
    taken: list[float] = []
    async with node_process(folder) as (node, _):
        await node.ask("member.role", code="000", role="coordinator")
        asked = {"by": "000", "amount_minor": 2}
        before = (await node.ask("status"))["events"]
        for _ in range(TIMES):
            start = time.perf_counter()
            plan = await node.ask("collective.plan", **asked)
            assert len(plan["shares"]) == MEMBERS
            made = await node.ask("collective.book", description="Bijdrage", **asked)
            taken.append(time.perf_counter() - start)
            assert made["members"] == MEMBERS
        assert (await node.ask("status"))["events"] == before + TIMES
    bare = Limit(1 / limits.commits.value, limits.commits.of)
    report.figure(FIGURE, max(taken), "s", limit=bare, target="<= 1 s")
