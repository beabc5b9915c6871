"""Groups ask the umbrella for figures as they ask each other, and get what the settings say."""

from __future__ import annotations

import json

import msgspec
import pytest

from federation.node.settings import PublishingSettings
from schemas.errors import Code, RuilbrugError
from tests.federation.umbrella.made_logs import HOUR, MadeLogs, group_id
from tests.federation.web.umbrella_house import MAY_S, RATES
from tests.federation.world.conftest import World, WorldNode

A, B = map(group_id, "ab")
PATH = "/federation/v1/figures"


async def with_figures(world: World) -> WorldNode:
    umbrella = await world.make("koepel", None)
    logs = MadeLogs()
    logs.agree(A, B, RATES, at_s=MAY_S)
    for _ in range(6):
        logs.trade(A, B, HOUR, at_s=MAY_S)
    await logs.mirrored(umbrella.node, at_s=MAY_S)
    return umbrella


def publish(umbrella: WorldNode, **shown: str) -> None:
    settings = msgspec.convert(shown, PublishingSettings)
    node = umbrella.node
    node.settings = msgspec.structs.replace(node.settings, publishing=settings)


async def test_a_registered_group_gets_what_is_for_groups(world: World) -> None:
    umbrella = await with_figures(world)
    group = await world.make("alfa", 20, umbrella=umbrella.invitation)
    await umbrella.ask("audit.admit", invitation=group.invitation)
    node, url = umbrella.node.id, umbrella.node.settings.public_url

    with pytest.raises(RuilbrugError) as refused:
        await group.node.client.get(node, url, PATH)
    publish(umbrella, pairs="partners")
    found = json.loads(await group.node.client.get(node, url, PATH))

    assert refused.value.code is Code.FORBIDDEN
    (quarter,) = (one for one in found if one["name"] == "2026-Q2")
    assert quarter["cells"] == [{"payer": A, "payee": B, "trades": 6, "hours": 6, "small": 0}]
    assert quarter["hours"] == 6


async def test_a_group_that_is_known_and_not_registered_gets_none(world: World) -> None:
    umbrella = await with_figures(world)
    publish(umbrella, pairs="public")
    stranger = await world.make("beta", 60)
    await stranger.ask("line.invite", invitation=umbrella.invitation)
    await umbrella.ask("line.invite", invitation=stranger.invitation)

    with pytest.raises(RuilbrugError) as refused:
        await stranger.node.client.get(umbrella.node.id, umbrella.node.settings.public_url, PATH)

    assert refused.value.code is Code.FORBIDDEN
