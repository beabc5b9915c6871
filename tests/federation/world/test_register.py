"""What a node knows of the register: strangers wait for it, its own coordinator never does."""

from __future__ import annotations

from tests.federation.world.conftest import World, eventually, lines


async def test_a_coordinator_finds_a_new_group_right_after_a_stranger_was_looked_up_in_vain(
    world: World,
) -> None:
    koepel = await world.make("koepel", None)
    a = await world.make("alfa", 20, umbrella=koepel.invitation)
    b = await world.make("beta", 60, umbrella=koepel.invitation)
    await a.node.peers.refresh("a" * 52)
    for node in (a, b):
        await koepel.ask("audit.admit", invitation=node.invitation)

    await a.ask("line.propose", group="beta")

    await eventually(lambda: any(line.their_proposal for line in lines(b)))
