"""A group whose server takes its time: it has so much of an audit, and the next one goes on there.

The clock is the test's, and each tile that the group shows moves it on; the answers are real.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from events.growing import TILE_WIDTH
from federation.node.remembered import last_full_audit
from federation.umbrella import mirror
from federation.umbrella.turns import AuditTurns
from tests.federation.umbrella.conftest import Federation, report
from tests.federation.umbrella.test_flat_memory import lengthen
from tests.federation.umbrella.test_mirror import noted
from tests.federation.world.conftest import WorldNode, eventually, lines

TILES = 4
PATH = "/tile/entries/"


class Slow:
    """Groups of which each bundle of entries takes so long, by the umbrella's clock."""

    def __init__(self, umbrella: WorldNode, groups: Sequence[WorldNode], each_s: float) -> None:
        self.now_s = 1_000.0
        self.each_s = each_s
        self.asked: list[str] = []
        """The bundles that were asked for, by anybody's log, in their order."""
        self._urls = {group.node.settings.public_url for group in groups}
        self._get = umbrella.node.client.get
        umbrella.node.parts[AuditTurns] = AuditTurns(lambda: self.now_s)

    async def get(self, node: str, url: str, path: str, **options: Any) -> bytes:
        if PATH in path:
            self.asked.append(node)
            if url in self._urls:
                self.now_s += self.each_s
        return await self._get(node, url, path, **options)

    def bundles(self, group: WorldNode) -> int:
        """Count what was asked of a group since the last time."""
        count = self.asked.count(group.node.id)
        self.asked.clear()
        return count


async def long_log(
    federation: Federation, monkeypatch: pytest.MonkeyPatch, *, each_s: float, both: bool = False
) -> Slow:
    """Let beta have a log of some tiles, and be slow; `both`: and alfa too."""
    groups = [federation.a, federation.b] if both else [federation.b]
    await federation.pay()
    await eventually(lambda: lines(federation.a)[0].out_n == lines(federation.b)[0].in_n)
    for group in groups:
        await lengthen(group, (TILES - 1) * TILE_WIDTH + 9)
    slow = Slow(federation.umbrella, groups, each_s)
    monkeypatch.setattr(federation.umbrella.node.client, "get", slow.get)
    return slow


async def test_a_slow_group_has_its_time_and_the_next_audit_goes_on_from_there(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, a, b = federation.umbrella, federation.a, federation.b
    slow = await long_log(federation, monkeypatch, each_s=mirror.PULL_S / 2 + 1)
    size = b.node.sequencer.size

    told, bundles = [], []
    for _ in range(2):
        told.append(await report(umbrella))
        bundles.append(slow.bundles(b))
    during = await noted(umbrella)
    await a.ask("member.add", code="009", name="Nieuw")
    slow.each_s = 0
    last = await report(umbrella)

    assert bundles == [2, 2], "tiles in each audit, and none a second time"
    assert [one["events"] for one in told] == [
        told[0]["events"],
        told[0]["events"] + size - 2 * TILE_WIDTH,
    ]
    ((found,), *rest) = [one["findings"] for one in told]
    assert (found["what"], found["severity"]) == ("log_slow", "alarm")
    assert (found["node"], found["reason"]) == (b.node.id, f"{2 * TILE_WIDTH}/{size}")
    assert told[0]["behind"] == [b.node.id]
    assert rest == [[]], "the second one came to the end"
    assert [body["what"] for body in during] == ["log_slow"]
    assert (last["findings"], last["behind"]) == ([], [])
    assert last["events"] == a.node.sequencer.size + b.node.sequencer.size
    (shown,) = await umbrella.ask("audit.findings")
    assert shown["gone_since_s"] is not None


async def test_who_was_slow_comes_behind_all_others(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, a, b = federation.umbrella, federation.a, federation.b
    slow = await long_log(federation, monkeypatch, each_s=mirror.PULL_S + 1)
    monkeypatch.setattr("federation.umbrella.use_cases.AT_ONCE", 1)
    await report(umbrella)
    await a.ask("member.add", code="009", name="Nieuw")

    slow.asked.clear()
    await report(umbrella)

    assert slow.asked == [a.node.id, b.node.id]


async def test_however_many_are_slow_an_audit_ends_and_they_take_turns(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, a, b = federation.umbrella, federation.a, federation.b
    slow = await long_log(federation, monkeypatch, each_s=mirror.PULL_S + 1, both=True)
    monkeypatch.setattr("federation.umbrella.use_cases.AT_ONCE", 1)
    monkeypatch.setattr("federation.umbrella.use_cases.SLOW_S", 0)

    asked = []
    for _ in range(3):
        slow.asked.clear()
        told = await report(umbrella)
        asked.append(list(slow.asked))
    whats = {(found["what"], found["node"]) for found in await umbrella.ask("audit.findings")}

    first, other = asked[0]
    assert {first, other} == {a.node.id, b.node.id}
    assert asked[1:] == [[first], [other]]
    assert sorted(told["behind"]) == sorted([first, other])
    assert whats == {("log_slow", first), ("log_slow", other)}


async def test_a_full_audit_that_a_group_makes_slow_is_gone_on_with_by_the_next_ones(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, b = federation.umbrella, federation.b
    slow = await long_log(federation, monkeypatch, each_s=0)
    await report(umbrella)
    slow.each_s = mirror.PULL_S / 2 + 1
    held = "SELECT size FROM mirror_held WHERE node = $1"

    bundles, left = [], []
    slow.asked.clear()
    for full in (True, False, False):
        async with asyncio.timeout(60):
            told = await report(umbrella, full=full)
        assert told["findings"] == []
        bundles.append(slow.bundles(b))
        left.append(await umbrella.node.pool.fetchval(held, b.node.id))

    assert bundles == [2, 2, 0]
    assert left == [2 * TILE_WIDTH, None, None]
    assert last_full_audit(umbrella.folder) is not None
