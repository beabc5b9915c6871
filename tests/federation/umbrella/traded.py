"""An umbrella and two groups, real nodes of this process, that have traded with each other."""

from __future__ import annotations

import asyncio
from typing import Any

from federation.umbrella.flow_tables import of
from tests.federation.world.conftest import WAIT_S, World, WorldNode, eventually, lines


class Federation:
    """`alfa` counts 20 an hour, `beta` 60; each has the member 001."""

    def __init__(self, umbrella: WorldNode, alfa: WorldNode, beta: WorldNode) -> None:
        self.umbrella = umbrella
        self.alfa = alfa
        self.beta = beta

    async def pay(self, payer: WorldNode, amount_minor: int) -> Any:
        """Let a member pay one of the other group; gives what came of it, settled."""
        payee = self.beta if payer is self.alfa else self.alfa
        paid = await payer.ask(
            "pay", payer="001", payee="001", amount_minor=amount_minor, group=payee.name
        )
        assert paid["state"] == "settled"
        return paid

    async def followed(self) -> Any:
        """Let the umbrella follow both logs and sum them; gives the report of its audit."""
        await eventually(lambda: lines(self.alfa)[0].out_n == lines(self.beta)[0].in_n)
        await eventually(lambda: lines(self.beta)[0].out_n == lines(self.alfa)[0].in_n)
        async with asyncio.timeout(WAIT_S):  # a node that has just started shows nothing yet
            while True:
                wanted = {one.node.id: one.node.sequencer.size for one in (self.alfa, self.beta)}
                answer = await self.umbrella.ask("audit.report")
                rows = await self.umbrella.node.pool.fetch("SELECT node, size FROM mirror_state")
                sizes = {row["node"]: row["size"] for row in rows}
                if all(sizes.get(node, 0) >= size for node, size in wanted.items()):
                    break
                await asyncio.sleep(0.05)
        await of(self.umbrella.node).catch_up()
        return answer["report"]


async def make_federation(world: World) -> Federation:
    """Make umbrella and groups, with a line in force."""
    umbrella, alfa, beta = await world.federation()
    return Federation(umbrella, alfa, beta)
