"""The demo's people: settled once, trades in every state, and books that agree."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from deploy.demo import cast, posts
from deploy.demo.cable import Cables
from deploy.demo.deeds import BACK_S, BRAM, HILDE, MARLEEN, STATES, Deeds
from deploy.demo.hands import Setting
from deploy.demo.people import People
from deploy.demo.talks import TALKS, Talks
from deploy.demo.world import GROUPS
from federation.node import service
from federation.node.verify import verify_log
from tests.federation.world.conftest import World, WorldNode

SEED: Final = 7


class Clock:
    """The one clock of all nodes of this process."""

    def __init__(self) -> None:
        self.back_s = BACK_S

    def time(self) -> float:
        return time.time() - self.back_s


class Turned:
    """A node of this process as the demo sees it."""

    def __init__(self, node: WorldNode, clock: Clock) -> None:
        self.node = node
        self._clock = clock
        self._back_s = BACK_S
        self.runs = True

    @property
    def back_s(self) -> int:
        return self._back_s

    @back_s.setter
    def back_s(self, back_s: int) -> None:
        self._back_s = self._clock.back_s = back_s

    async def ask(self, command: str, /, **arguments: Any) -> Any:
        return await self.node.ask(command, **arguments)

    async def start(self) -> None:
        await self.node.start()
        self.runs = True

    async def stop(self) -> None:
        await self.node.stop()
        self.runs = False


class Demo(NamedTuple):
    """Everything of one demo."""

    setting: Setting
    nodes: dict[str, Turned]

    @property
    def deeds(self) -> Deeds:
        return Deeds(self.setting)

    @property
    def talks(self) -> Talks:
        return Talks(self.setting)

    async def past_and_present(self) -> None:
        await People(self.setting).settle()
        deeds = self.deeds
        await deeds.before()
        await deeds.turn_clocks()
        await deeds.today()
        await self.talks.talk()

    def sizes(self) -> dict[str, int]:
        return {key: one.node.node.sequencer.size for key, one in self.nodes.items()}


@pytest.fixture
async def demo(
    tmp_path: Path,
    another_database: Callable[[], tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Demo]:
    """Three groups with lines in force, nobody in them, and clocks that stand days back."""
    clock, cables, world = Clock(), Cables(), World(tmp_path, another_database)
    monkeypatch.setattr(service, "time", clock)
    nodes: dict[str, Turned] = {}
    try:
        for group in GROUPS:
            node = await world.make(group.name, group.per_hour, behind_proxy=True)
            assert node.proxy is not None
            port, target = node.proxy.port, node.node.settings.listen_port
            await node.proxy.close()
            node.proxy = None
            await cables.lay(port, target)
            nodes[group.key] = Turned(node, clock)
        made = world.nodes
        for at, one in enumerate(made):
            for other in made[at + 1 :]:
                await world.link(one, other)
        groups = {group.key: group for group in GROUPS}
        at_s = int(time.time())
        yield Demo(Setting(groups, nodes, cables, tmp_path / "drawn", at_s, SEED), nodes)
    finally:
        for turned in nodes.values():
            if not turned.runs:
                world.nodes.remove(turned.node)
        await world.close()
        await cables.close()


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110 - a condition over other tasks' state
            await asyncio.sleep(0.02)


async def test_every_state_stands_and_a_second_time_changes_nothing(demo: Demo) -> None:
    await demo.past_and_present()
    await demo.deeds.standing()

    assert await demo.deeds.states() == STATES
    assert Counter(STATES.values()).keys() == {
        *("requested", "held", "committed", "settled", "refused"),
        *("cancelled", "expired", "reversed"),
    }
    assert await demo.talks.states() == {talk.name: talk.state for talk in TALKS}
    home = demo.nodes[MARLEEN.group]
    thanks = await home.ask("thanks.list", by=MARLEEN.code, code=BRAM.code)
    assert [said["text"] for said in thanks] == ["Mijn fiets rijdt weer als nieuw. Dank je, Bram!"]
    coming = await home.ask("activity.list", by=MARLEEN.code)
    assert [len(one["joined"]) for one in coming] == [4]

    await demo.nodes[HILDE.group].start()
    for name in ("ladder", "bread"):

        async def settled(name: str = name) -> bool:
            return await demo.deeds.stands(name) == "settled"

        await eventually(settled)
    sizes = demo.sizes()
    await demo.past_and_present()
    await demo.deeds.standing()

    assert demo.sizes() == sizes
    for one in demo.nodes.values():
        rows = await one.ask("account.list")
        assert sum(row["balance_minor"] for row in rows) == 0
        assert (await verify_log(one.node.folder, signatures=False)).found == 0


async def test_the_members_are_as_they_were_described(demo: Demo) -> None:
    await People(demo.setting).settle()

    for group, people in cast.PEOPLE.items():
        for one in people:
            shown = await demo.nodes[group].ask("member.show", code=one.code)
            assert (shown["name"], shown["place"]) == (one.name, one.place)
            found = await demo.nodes[group].ask("member.by_address", address=one.address)
            assert len(found) == 1
        for said in posts.POSTS[group]:
            placed = await demo.nodes[group].ask("post.list", code=said.code, all_of_them=True)
            post = next(post for post in placed if post["title"] == said.title)
            assert len(post["pictures"]) == len(said.drawings) > 0
    home = demo.nodes[MARLEEN.group]
    second = await home.ask("member.by_address", address=cast.SECOND[1])
    assert [person["name"] for person in second] == [cast.SECOND[0]]
