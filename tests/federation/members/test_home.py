"""What is new near by: the newest of others, of which those that are far off are left out."""

from __future__ import annotations

import json

import pytest

from federation.members import home, profiles
from federation.members.projector import reached
from federation.members.reader import OPERATOR
from federation.node.use_cases import new_key
from schemas.openings import MemberText
from tests.federation.members.conftest import Group
from tests.federation.members.post_rows import DAY_S, NOW_S, THEM, put, put_many, read_rows

GHENT, LEDEBERG, LEUVEN = "9000", "9050", "3000"
THEIRS = {"node_id": THEM, "poster": "p", "poster_name": "Marc"}


@pytest.fixture
async def living(group: Group) -> Group:
    """Anna (001) lives in Ghent; nobody knows where Bert (002) does."""
    text = MemberText(name="Anna", postcode=GHENT)
    await profiles.describe(group.node, OPERATOR, group.account("001"), text, key=new_key())
    await reached(group.node, group.node.sequencer.size - 1)
    return group


async def new(group: Group, code: str = "001") -> list[str]:
    found = await home.new_near(group.node, group.reader(code), now_s=NOW_S)
    return [post.title for post in found]


async def test_what_is_far_off_is_no_news(living: Group) -> None:
    await put(living.node, "Near", postcode=LEDEBERG, placed_at_s=NOW_S - 2, **THEIRS)
    await put(living.node, "Far", postcode=LEUVEN, placed_at_s=NOW_S - 1, **THEIRS)
    await put(living.node, "Anywhere", placed_at_s=NOW_S - 3, **THEIRS)

    assert await new(living) == ["Near", "Anywhere"]
    assert await new(living, "002") == ["Far", "Near", "Anywhere"]


async def test_what_is_near_shows_however_much_is_newer_elsewhere(living: Group) -> None:
    await put(living.node, "Near", postcode=LEDEBERG, placed_at_s=NOW_S - DAY_S, **THEIRS)
    for n in range(450):
        await put(living.node, f"Far {n}", postcode=LEUVEN, placed_at_s=NOW_S - n, **THEIRS)

    assert await new(living) == ["Near"]


@pytest.mark.parametrize(("here", "most"), [((50.6, 3.5), 300), ((49.0, 6.5), home.LOOKED_AT_MAX)])
async def test_the_newest_are_read_only_until_enough_are_near(
    group: Group, here: tuple[float, float], most: int
) -> None:
    """Where there is much near by few posts are read, and where nothing is not all of them."""
    await put_many(group.world)
    asked = (NOW_S, ["interlets"], 1, *here, home.NEAR_KM, home.NEW_MAX, home.LOOKED_AT_MAX)

    told = await group.node.pool.fetchval(
        "EXPLAIN (ANALYZE, FORMAT JSON) " + home.SQL["newest_posts"], *asked
    )

    (plan,) = json.loads(told)
    assert 0 < read_rows(plan["Plan"]) <= most, told
