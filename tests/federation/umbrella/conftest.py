"""An umbrella with two groups that trade, over real databases and sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.federation.world.conftest import World, WorldNode, eventually, lines


class Federation(NamedTuple):
    """The umbrella, and two groups with a line in force."""

    umbrella: WorldNode
    a: WorldNode
    b: WorldNode

    async def pay(self, amount_minor: int = 30) -> None:
        trade = await self.a.ask(
            "pay", payer="001", payee="001", amount_minor=amount_minor, group="beta"
        )
        assert trade["state"] == "settled"


@pytest.fixture
async def federation(
    tmp_path: Path, another_database: Callable[[], tuple[str, str]]
) -> AsyncIterator[Federation]:
    world = World(tmp_path, another_database)
    umbrella = await world.make("koepel", None)
    a = await world.make("alfa", 20, umbrella=umbrella.invitation)
    b = await world.make("beta", 60, umbrella=umbrella.invitation)
    for node in (a, b):
        await umbrella.ask("audit.admit", invitation=node.invitation)
        await node.ask("member.add", code="001", name="Lid")
    await a.ask("line.propose", group="beta")
    await eventually(lambda: any(x.their_proposal for x in lines(b)))
    await b.ask("line.accept", group="alfa")
    await eventually(lambda: any(x.open() for x in lines(a)))
    yield Federation(umbrella, a, b)
    await world.close()
