"""Posts written straight into the table that is searched, for tests of search."""

from __future__ import annotations

import itertools
from typing import Any

from events.recovery import connect
from federation.members.postcodes import place_of
from federation.node.service import Node
from tests.federation.world.conftest import WorldNode

NOW_S = 1_800_000_000
DAY_S = 86_400
THEM = "b" * 52
SPREAD = ("9000", "9050", "9940", "3000", "8000", "1050", "4000", "3500", "6700")
"""Postcodes all over the country, some of them near the first."""
_numbers = itertools.count(1000)
_MANY = """
INSERT INTO plain.post (node, post, title, placed_at_s, latitude, longitude, want, visibility,
                        expires_at_s, refreshed_at_s)
SELECT CASE WHEN n % 500 = 0 THEN 'open' ELSE 'shut' || n % 90 END, n::text, 'Fiets',
       $1::bigint - n, 50.2 + n % 97 / 100.0, 3.1 + n % 89 / 100.0, false, 'interlets',
       9000000000, 9000000000
FROM generate_series(1, 20000) AS n
"""


async def put(node: Node, title: str, /, **said: Any) -> str:
    """Write one post and give its name; another group's when `node_id` says so."""
    node_id = said.pop("node_id", "")
    name = said.pop("post", str(next(_numbers)))
    place = place_of(said.get("postcode", "")) if said.get("postcode") else None
    row: dict[str, Any] = {
        "node": node_id,
        "post": name,
        "title": title,
        "want": False,
        "visibility": "interlets",
        "placed_at_s": NOW_S - DAY_S,
        "expires_at_s": NOW_S + DAY_S,
        "refreshed_at_s": NOW_S,
        "latitude": None if place is None else place.spot.latitude,
        "longitude": None if place is None else place.spot.longitude,
        "place": "" if place is None else place.name(),
        **said,
    }
    async with node.pool.acquire() as connection:
        await connection.copy_records_to_table(
            "post", schema_name="plain", records=[tuple(row.values())], columns=[*row]
        )
    return str(name)


async def put_many(world: WorldNode) -> None:
    """Write 20,000 posts of other groups, and let the database know what it holds."""
    await world.node.pool.execute(_MANY, NOW_S)
    owner = await connect(world.folder.settings().database_owner)
    try:
        await owner.execute("VACUUM ANALYZE plain.post")
    finally:
        await owner.close()


def read_rows(plan: dict[str, Any]) -> int:
    """Count the rows that were read from tables, those too that were not wanted."""
    own = 0
    if "Relation Name" in plan:
        removed = sum(plan.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
        own = plan["Actual Rows"] + removed
    return int(own) + sum(read_rows(below) for below in plan.get("Plans", ()))
