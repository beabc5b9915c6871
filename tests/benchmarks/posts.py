"""Made-up posts of many groups, the same for the same seed: `fill_posts` writes them at once.

Other figures over posts (pages, home, feed) start from these as well.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, Final

from federation.members.postcodes import Spot, all_places
from schemas.encoding import b32
from tests.benchmarks import post_words as words

POSTS: Final = 100_000
GROUPS: Final = 200
DAY_S: Final = 86_400
NOW_S: Final = 1_800_000_000
"""The moment that the posts are made for."""
AWAY: Final = "http://127.0.0.1:1"
AROUND_DEGREES: Final = 0.07
"""A group's members live within some 8 km of its middle."""
FILL_TIMEOUT_S: Final = 900
COLUMNS: Final = (
    "node",
    "post",
    "account",
    "poster",
    "poster_name",
    "want",
    "goods",
    "category_name",
    "title",
    "text",
    "price_kind",
    "price_minor",
    "per_hour",
    "decimals",
    "unit_singular",
    "unit_plural",
    "postcode",
    "place",
    "latitude",
    "longitude",
    "visibility",
    "placed_at_s",
    "expires_at_s",
    "refreshed_at_s",
)


def make_posts(
    count: int = POSTS, groups: int = GROUPS, *, seed: int = 4, now_s: int = NOW_S
) -> Iterator[Any]:
    """Give rows in the order of `COLUMNS`; the first group is the own one (`node` empty)."""
    chance = random.Random(seed)
    middles = chance.sample([place.spot for place in all_places()], groups)
    members = [_members_around(chance, middle) for middle in middles]
    rates = [chance.choice((10, 12, 20, 30, 60)) for _ in range(groups)]
    nodes = [node_of(group) for group in range(groups)]
    for number in range(count):
        group = chance.randrange(groups)
        home = chance.choice(members[group])
        yield _post(chance, number, nodes[group], rates[group], home, now_s)


def node_of(group: int) -> str:
    """Name the node of a group; the own one has no name among the posts."""
    return "" if group == 0 else b32(group.to_bytes(32, "big"))


def _members_around(chance: random.Random, middle: Spot) -> list[tuple[str, str, Spot]]:
    """Give postcode, locality and point of the places near a group's middle."""
    return [
        (place.postcode, name, spot)
        for place in all_places()
        for name, spot in place.localities
        if abs(spot.latitude - middle.latitude) < AROUND_DEGREES
        and abs(spot.longitude - middle.longitude) < AROUND_DEGREES
    ]


def _post(
    chance: random.Random,
    number: int,
    node: str,
    rate: int,
    home: tuple[str, str, Spot],
    now_s: int,
) -> tuple[Any, ...]:
    postcode, place, spot = home
    language = chance.choices(("nl", "fr", "en"), (75, 20, 5))[0]
    category, *titles = chance.choice(words.TITLES[language])
    kind = chance.choice(("hour", "hour", "piece", "talk"))
    sentences = chance.sample(words.TEXTS[language], chance.randint(1, 3))
    other = chance.choice(words.TITLES[language])
    text = " ".join((*sentences, f"{chance.choice(other[1:])}, {place}."))
    placed_s = now_s - chance.randrange(365 * DAY_S)
    own = not node
    return (
        node,
        str(number + 1),
        number % 200 + 1 if own else None,
        "" if own else b32(number.to_bytes(16, "big")),
        chance.choice(words.NAMES),
        chance.random() < 0.3,
        chance.random() < 0.25,
        category,
        chance.choice(titles),
        text,
        kind,
        None if kind == "talk" else chance.randint(1, 3 * rate),
        None if own else rate,
        None if own else 0,
        "unit",
        "units",
        postcode,
        place,
        spot.latitude,
        spot.longitude,
        chance.choices(("interlets", "public", "members", "staff"), (60, 30, 9, 1))[0]
        if own
        else chance.choice(("interlets", "public")),
        placed_s,
        placed_s + chance.randrange(180, 900) * DAY_S,
        0 if own else now_s - chance.randrange(8 * DAY_S),
    )


async def know_groups(connection: Any, groups: int = GROUPS) -> None:
    """Let a node know the other groups, who do not answer; posts of strangers would be dropped."""
    await connection.executemany(
        "INSERT INTO peer (node, url, name, standing) VALUES ($1, $2, $3, 'registered')",
        [(node_of(group), AWAY, f"LETS {group}") for group in range(1, groups)],
    )


def as_feeds_bring(rows: Iterator[Any]) -> list[Any]:
    """Put rows in the order in which they lie after a while.

    Feeds are read one after the other, so the posts of a group lie together; a fifth was placed
    since, one here and one there.
    """
    made = list(rows)
    first = made[: len(made) * 4 // 5]
    return [*sorted(first, key=itemgetter(0)), *made[len(first) :]]


async def fill_posts(
    connection: Any, count: int = POSTS, groups: int = GROUPS, *, now_s: int = NOW_S
) -> None:
    """Write the posts and let the planner know them."""
    await connection.copy_records_to_table(
        "post",
        schema_name="plain",
        columns=COLUMNS,
        records=as_feeds_bring(make_posts(count, groups, now_s=now_s)),
        timeout=FILL_TIMEOUT_S,
    )
    await connection.execute("VACUUM ANALYZE plain.post", timeout=FILL_TIMEOUT_S)
