"""Cut and slow links, also one way only: payments wait, then settle; none is lost or doubled."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.federation.crash.endings import require_agreement
from tests.federation.crash.links import KINDS, LinkedPlaces
from tests.federation.crash.payments import Load
from tests.federation.crash.places import ONE, OTHER, make_places

MINUTES = float(os.environ.get("RUILBRUG_FAULT_MINUTES", "0"))
pytestmark = pytest.mark.timeout(900 + MINUTES * 150)
PAYERS = 4
TROUBLE_S = 1.0
BETWEEN_S = 0.3


async def trouble(places: LinkedPlaces, load: Load) -> Counter[str]:
    """Each kind of trouble on each side's link in turn, while members pay."""
    struck: Counter[str] = Counter()
    stop_at = time.monotonic() + MINUTES * 60
    while True:
        for kind in places.kinds:
            for group in (ONE, OTHER):
                places.strike(kind, group.key)
                await asyncio.sleep(TROUBLE_S)
                struck[kind] += places.struck()
                places.mend()
                await asyncio.sleep(BETWEEN_S)
        if time.monotonic() >= stop_at:
            break
    load.stop()
    return struck


@pytest.mark.parametrize("kind", KINDS)
async def test_trouble_on_links_loses_and_doubles_nothing(
    server_folder: Path, kind: type[LinkedPlaces]
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    places = await make_places(server_folder, kind)
    assert isinstance(places, LinkedPlaces)
    load = Load(places, random.Random(seed))
    try:
        async with asyncio.TaskGroup() as tasks:
            paid = tasks.create_task(load.run(payers=PAYERS))
            struck = tasks.create_task(trouble(places, load))
        await paid

        states = Counter(end.answer["state"] for end in load.ends)
        print(f"\nseed {seed}; {dict(struck.result())}; {dict(states)}")
        assert set(struck.result()) == set(places.kinds)
        assert states["settled"] + states["confirmed"] > 0
        await require_agreement(places, load.ends)
    finally:
        await places.close()
