"""A group that put back a backup made before it was invited to a line hears of it again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from events.restore import Mode
from federation.node.delivery import ASK_AFTER_S
from federation.node.postgres import PostgresServer
from federation.node.service import now_s
from tests.federation.world.accepting import accept_terms
from tests.federation.world.backups import Backups
from tests.federation.world.conftest import World, WorldNode, eventually, lines


@pytest.fixture
async def backups(postgres_server: PostgresServer) -> AsyncIterator[Backups]:
    made = Backups(postgres_server)
    yield made
    await made.close()


async def forgotten(world: World, backups: Backups) -> tuple[WorldNode, WorldNode]:
    """Two groups; the second has forgotten what the first proposes, and lacks nothing else."""
    a, b = await world.make("alfa", 20), await world.make("beta", 60)
    await a.ask("line.invite", invitation=b.invitation)
    await b.ask("line.invite", invitation=a.invitation)
    await backups.take(b)
    await a.ask("line.propose", group="beta")
    await eventually(lambda: any(line.their_proposal for line in lines(b)))
    await backups.restore(b)
    await b.open()
    assert b.node.gate.mode is Mode.OPEN, "its own log lacks nothing"
    assert lines(b) == []
    return a, b


async def accepted(a: WorldNode, b: WorldNode) -> None:
    await eventually(lambda: any(line.their_proposal for line in lines(b)))
    await accept_terms(b, "alfa")
    await eventually(lambda: any(line.open() for line in lines(a)))


async def test_who_proposed_asks_after_it_the_next_day(world: World, backups: Backups) -> None:
    a, b = await forgotten(world, backups)

    a.node.outbox.now_s = lambda: now_s() + int(ASK_AFTER_S)
    a.node.outbox.wake(lines(a)[0].line)

    await accepted(a, b)


async def test_who_proposed_asks_after_it_when_it_starts(world: World, backups: Backups) -> None:
    a, b = await forgotten(world, backups)

    await a.stop()
    await a.open()

    await accepted(a, b)
