"""What a group makes its mirror keep for it is limited, and so is what it gets back at once."""

from __future__ import annotations

import json

from events.growing import TILE_WIDTH
from events.sealed_bodies import HELD_SIZE, KEY_SIZE, MAGIC, BodyRange
from federation.umbrella import mirror, routes
from schemas.encoding import b64
from tests.federation.umbrella.conftest import Federation, report
from tests.federation.world.conftest import WorldNode

TILE = 7


async def keep(umbrella: WorldNode, group: WorldNode, width: int, size: int = 0) -> None:
    """Keep a bundle that says it holds one body, which no other of its tile does."""
    held = (1 << (width - 1)).to_bytes(HELD_SIZE, "little")
    covered = BodyRange(group.node.id, TILE * TILE_WIDTH, width)
    async with umbrella.node.pool.acquire() as connection, connection.transaction():
        await mirror._keep_bodies(connection, covered, MAGIC + held + bytes(KEY_SIZE + size))


async def widths(umbrella: WorldNode, group: WorldNode) -> list[int]:
    rows = await umbrella.node.pool.fetch(
        "SELECT width FROM mirror_bodies WHERE node = $1 AND tile = $2 ORDER BY width",
        group.node.id,
        TILE,
    )
    return [row["width"] for row in rows]


async def test_a_group_cannot_have_any_number_of_bundles_kept(federation: Federation) -> None:
    umbrella, b = federation.umbrella, federation.b
    await report(umbrella)

    for width in range(1, 40):
        await keep(umbrella, b, width)

    assert await widths(umbrella, b) == list(range(40 - mirror.BUNDLES_MAX, 40))


async def test_bundles_are_given_back_up_to_a_size_the_fullest_first(
    federation: Federation,
) -> None:
    umbrella, b = federation.umbrella, federation.b
    await report(umbrella)
    third = routes.BODIES_SIZE_MAX // 3
    for width in (3, 5, 9):
        await keep(umbrella, b, width, third)
    await keep(umbrella, b, 11, 2 * third - 1000)
    await umbrella.node.pool.execute(
        """INSERT INTO mirror_event (node, seq, core, signature)
        SELECT node, $2, core, signature FROM mirror_event WHERE node = $1 AND seq = 0""",
        b.node.id,
        TILE * TILE_WIDTH,
    )

    answer = await b.node.client.get(
        umbrella.node.id, umbrella.node.settings.public_url, f"/federation/v1/mirror/{TILE}"
    )

    assert [bundle["width"] for bundle in json.loads(answer)["bodies"]] == [11, 9]
    await keep(umbrella, b, 13, routes.BODIES_SIZE_MAX + 1)
    alone = await b.node.client.get(
        umbrella.node.id, umbrella.node.settings.public_url, f"/federation/v1/mirror/{TILE}"
    )
    assert [bundle["width"] for bundle in json.loads(alone)["bodies"]] == [13]
    assert b64(MAGIC)[:8] in json.loads(alone)["bodies"][0]["sealed"]
