"""Audits of logs of several pages: going on and from the start, settled once or many times."""

from __future__ import annotations

import pytest

from federation.node.service import now_s
from federation.umbrella import auditing
from federation.umbrella.audit import Audit, LineReport
from federation.umbrella.reading import PAGE
from schemas.findings import Finding, What
from tests.benchmarks.mirrored import Pair, fill, store
from tests.federation.umbrella.forging import superuser
from tests.federation.world.conftest import World, WorldNode

LENGTH = 2 * PAGE + 300
PLACE = PAGE + 1000


class Mirrored:
    """An umbrella that has followed two long logs."""

    def __init__(self, umbrella: WorldNode, pair: Pair) -> None:
        self.umbrella, self.pair = umbrella, pair
        self.pool = umbrella.node.pool
        self.nodes = [group.node for group in pair.groups]


@pytest.fixture
async def mirrored(world: World) -> Mirrored:
    umbrella, pair = await world.make("koepel", None), Pair(5, signed=True)
    async with superuser(umbrella) as connection:
        await fill(connection, pair, LENGTH)
    return Mirrored(umbrella, pair)


def told(audit: Audit) -> tuple[int, list[Finding], list[LineReport]]:
    return audit.events(), audit.findings(now_s()), audit.lines()


async def test_many_pages_are_the_same_in_every_way(
    mirrored: Mirrored, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, nodes = mirrored.pool, mirrored.nodes
    kept = await auditing.go_on(pool, nodes)
    events = sum(group.tree.size for group in mirrored.pair.groups)
    (line,) = kept.lines()
    assert kept.events() == events > 4 * PAGE
    assert line.matched
    for processes in (0, 2):
        anew = await auditing.from_the_start(pool, nodes, signatures=True, processes=processes)
        assert (told(anew.audit), anew.altered) == (told(kept), [])

    monkeypatch.setattr(auditing, "PATHS_MAX", 20)

    often = await auditing.from_the_start(pool, nodes)
    assert (told(often.audit), often.altered) == (told(kept), [])
    for _ in range(5):
        mirrored.pair.trade()
    async with superuser(mirrored.umbrella) as connection:
        await store(connection, mirrored.pair)
    later = await auditing.go_on(pool, nodes)
    assert later.events() == events + 5 * 40
    assert told(later) == told((await auditing.from_the_start(pool, nodes)).audit)


@pytest.mark.parametrize("processes", [0, 2])
async def test_what_is_changed_in_a_later_page_is_found_there(
    mirrored: Mirrored, processes: int
) -> None:
    pool, nodes = mirrored.pool, mirrored.nodes
    async with superuser(mirrored.umbrella) as connection:
        changed = await connection.execute(
            "UPDATE mirror_event SET signature = overlay(signature placing '\\x00' from 9)"
            " WHERE node = $1 AND seq IN ($2, $3)",
            nodes[0],
            PLACE,
            PLACE + 900,
        )
    assert changed == "UPDATE 2"

    silent = await auditing.from_the_start(pool, nodes, processes=processes)
    (found,) = (
        await auditing.from_the_start(pool, nodes, signatures=True, processes=processes)
    ).altered

    assert silent.altered == []
    assert (found.what, found.node, found.seq) == (What.MIRROR_ALTERED, nodes[0], PLACE)
    assert found.reason == "bad_signature"
