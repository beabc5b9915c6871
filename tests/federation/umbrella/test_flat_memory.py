"""Memory stays flat: a log ten times as long, and answers without end, take no more of it.

What is measured is all that this process allocates meanwhile, the served group's side included.
"""

from __future__ import annotations

import contextlib
import gc
import tracemalloc
from collections.abc import Iterator

import msgspec
import pytest

from federation.members import projector
from federation.umbrella import reading
from tests.benchmarks.writing import writing
from tests.federation.umbrella.conftest import Federation, report
from tests.federation.umbrella.test_bad_answers import endless, huge, instead_of, nonsense, slow
from tests.federation.umbrella.test_follower import filled
from tests.federation.world.conftest import World, WorldNode

SHORT, LONG = 1_000, 11_000
"""Entries of the log at first, and with ten times as many more behind them."""
GROWTH_MAX = 3_000_000
"""Bytes by which the peak may grow: it differs by 2 MB with what happens to be under way at once,
and to hold the 10,000 entries takes 5 MB."""
ROUNDS = 5
STRANGER_MAX = 8_000_000
"""Bytes that a stranger's answers may take at their worst: key statements, two at a time."""


class Peak:
    """The most that was allocated at a time, in bytes; known when the block has ended."""

    allocated = 0


@contextlib.contextmanager
def measured() -> Iterator[Peak]:
    """Measure a block; garbage is collected soon, however much was there before."""
    peak, thresholds = Peak(), gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(200, 5, 5)
    tracemalloc.start()
    try:
        yield peak
        _, peak.allocated = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.set_threshold(*thresholds)
        gc.unfreeze()


async def lengthen(group: WorldNode, size: int) -> None:
    await group.stop()
    async with writing(group.folder) as writer:
        await writer.fill(size)
    await group.open()


async def test_a_log_ten_times_as_long_takes_no_more_memory(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in (reading, projector):
        monkeypatch.setattr(room, "PAGE", 256)  # so that the shorter log has several, too
    umbrella, group = await filled(world, SHORT)
    followed, audited = [], []

    for size in (SHORT, LONG):
        if size > SHORT:
            await lengthen(group, size)
        with measured() as going_on:
            told = await report(umbrella)
        with measured() as anew:
            again = await report(umbrella, full=True)

        assert told["events"] == again["events"] == size
        assert told["findings"] == again["findings"] == []
        followed.append(going_on.allocated)
        audited.append(anew.allocated)

    assert followed[1] - followed[0] < GROWTH_MAX, followed
    assert audited[1] - audited[0] < GROWTH_MAX, audited


async def test_a_stranger_who_never_ends_takes_no_more_memory_each_time(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, b = federation.umbrella, federation.b
    await report(umbrella)
    limits = msgspec.structs.replace(umbrella.node.client._limits, timeout_s=0.3)
    monkeypatch.setattr(umbrella.node.client, "_limits", limits)

    for answering in (endless, huge, slow, nonsense):
        async with instead_of(b, answering):
            with measured() as once:
                await report(umbrella)
            with measured() as often:
                for _ in range(ROUNDS):
                    await report(umbrella)

        assert once.allocated < STRANGER_MAX, answering.__name__
        assert often.allocated - once.allocated < GROWTH_MAX, answering.__name__
