"""An umbrella with two groups that trade, over real databases and sockets."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from events.evidence import check_evidence, read_evidence
from federation.node.evidence import read_file
from schemas.encoding import encode
from tests.federation.world.conftest import World, WorldNode


class Federation(NamedTuple):
    """The umbrella, and two groups with a line in force."""

    world: World
    umbrella: WorldNode
    a: WorldNode
    b: WorldNode

    async def third(self) -> WorldNode:
        """One more group, which has a line with the second."""
        c = await self.world.make("gamma", 10, umbrella=self.umbrella.invitation)
        await self.umbrella.ask("audit.admit", invitation=c.invitation)
        await c.ask("member.add", code="001", name="Lid")
        await self.world.link(self.b, c)
        return c

    async def pay(self, amount_minor: int = 30) -> None:
        trade = await self.a.ask(
            "pay", payer="001", payee="001", amount_minor=amount_minor, group="beta"
        )
        assert trade["state"] == "settled"


@pytest.fixture
async def federation(world: World) -> Federation:
    umbrella, a, b = await world.federation()
    return Federation(world, umbrella, a, b)


async def report(umbrella: WorldNode, *, full: bool = False) -> Any:
    """Ask for an audit; one from the start checks every signature again."""
    answer = await umbrella.ask("audit.report", full=full, signatures=full)
    return json.loads(encode(answer["report"]))


async def proofs(umbrella: WorldNode) -> list[tuple[str, str]]:
    """Every proof that is kept, checked as a stranger would: kind, and who is accused."""
    found = []
    for row in await umbrella.ask("evidence.list"):
        evidence = read_evidence(await read_file(umbrella.node.pool, row["id"]))
        assert check_evidence(evidence).proven
        found.append((row["kind"], row["accused"]))
    return found
