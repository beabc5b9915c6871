"""Posts of a feed as rows of `plain.post`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from federation.members.postcodes import place_of
from schemas.encoding import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schemas.feed import FeedPost


class Spot(NamedTuple):
    """Where a postcode lies, and what is there; a place that is not known has no coordinates."""

    name: str = ""
    latitude: float | None = None
    longitude: float | None = None


def spot_of(postcode: str) -> Spot:
    """Find the place of a postcode."""
    place = place_of(postcode)
    return Spot() if place is None else Spot(place.name(), *place.spot)


def columns_of(posts: Sequence[FeedPost], where: Callable[[str], Spot]) -> list[list[object]]:
    """Give the arrays that the statement `take_posts` unnests, in its order."""
    spots = [where(post.postcode) for post in posts]
    return [
        [post.offer for post in posts],
        [post.poster for post in posts],
        [post.poster_name for post in posts],
        [post.want for post in posts],
        [post.goods for post in posts],
        [post.category for post in posts],
        [post.title for post in posts],
        [post.text for post in posts],
        [post.price.kind.value for post in posts],
        [post.price.amount_minor for post in posts],
        [post.unit.rate.per_hour for post in posts],
        [post.unit.rate.decimals for post in posts],
        [post.unit.singular for post in posts],
        [post.unit.plural for post in posts],
        [post.postcode for post in posts],
        [spot.name for spot in spots],
        [spot.latitude for spot in spots],
        [spot.longitude for spot in spots],
        [post.placed_at_s for post in posts],
        [post.expires_at_s for post in posts],
        [encode(post.pictures).decode() for post in posts],
    ]
