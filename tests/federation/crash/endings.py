"""What must hold when the faults are over: books agree, nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from federation.node.verify import verify_log
from tests.federation.crash.payments import End
from tests.federation.crash.places import ONE, OTHER, Places, other_of, until
from tests.independent import judge

SETTLE_S = 60


async def quiet(places: Places) -> None:
    """Wait until nothing is held and everything is acknowledged, on both sides."""

    async def nothing_open() -> bool:
        for node in (places.one, places.other):
            for line in await node.ask("line.list"):
                if line["held_out_units"] or line["held_in_units"] or line["unconfirmed"]:
                    return False
        return True

    await until(nothing_open, wait_s=SETTLE_S)


async def audited(places: Places) -> dict[str, Any]:
    """Give the umbrella's report once it has seen both sides of everything."""
    async with asyncio.timeout(SETTLE_S):
        while True:
            report: dict[str, Any] = (await places.umbrella.ask("audit.report"))["report"]
            if report["findings"] or all(line["matched"] for line in report["lines"]):
                return report
            await asyncio.sleep(0.2)


async def require_agreement(places: Places, ends: Iterable[End]) -> None:
    """Hold both books together, by the umbrella, by the node's own check and by the judge."""
    await quiet(places)
    found = (await audited(places))["findings"]
    assert found == [], found
    logs = {group.key: await judge.read_log(places.server.dsn(group.key)) for group in (ONE, OTHER)}
    judge.compare(logs[ONE.key], logs[OTHER.key])
    places.wire.require_one_history()
    for end in ends:
        key = end.payment.payer
        assert logs[key].committed_paths[end.payment.path] == end.settled
        assert logs[other_of(key).key].credited_paths[end.payment.path] == end.settled
    for group in (ONE, OTHER):
        result = await verify_log(places.groups[group.key].folder)
        assert result.findings == []
