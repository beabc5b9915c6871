"""Posts written straight into the table that is searched, for tests of search."""

from __future__ import annotations

import itertools
from typing import Any

from federation.members.postcodes import place_of
from federation.node.service import Node

NOW_S = 1_800_000_000
DAY_S = 86_400
THEM = "b" * 52
_numbers = itertools.count(1000)


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
