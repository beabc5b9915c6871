"""Terms between two groups over the API: they are read before they are answered."""

from __future__ import annotations

import aiohttp

from tests.federation.api.conftest import Group
from tests.federation.world.conftest import World, eventually, lines

KEYS = ["vraag" * 5, "niets" * 5, "anders" * 4, "gelezen" * 4]


async def test_what_is_answered_are_the_terms_that_were_read(
    world: World, session: aiohttp.ClientSession
) -> None:
    a, b = await world.pair()
    here, there = Group(a, session), Group(b, session)
    ours = await here.token("coordinator", "001")
    theirs = await there.token("coordinator", "001")
    asked = await ours.post(f"/lines/{b.node.id}/terms", {"grants_units": 10_800_000}, KEYS[0])
    await eventually(lambda: lines(b)[0].their_proposal is not None)

    read = (await theirs.get(f"/lines/{a.node.id}")).json
    path = f"/lines/{a.node.id}/terms/answer"
    unread = await theirs.post(path, {"accept": True}, KEYS[1])
    other = await theirs.post(path, {"accept": True, "terms": "A" * 43}, KEYS[2])
    answer = {"accept": True, "terms": read["proposed"]["terms"]}
    accepted = await theirs.post(path, answer, KEYS[3])

    assert (read["agreed"]["we_may_owe_units"], read["proposed"]["we_may_owe_units"]) == (
        7_200_000,
        10_800_000,
    )
    assert read["proposed"]["their_rate"] == {"per_hour": 20, "decimals": 0}
    assert asked.json["own_proposal"]["they_may_owe_units"] == 10_800_000
    assert (unread.status, unread.json["code"]) == (422, "malformed")
    assert (other.status, other.json["code"]) == (404, "not_found")
    assert accepted.status == 200
    assert accepted.json["agreed"]["we_may_owe_units"] == 10_800_000
    assert accepted.json["proposed"] is None
