"""The digest: what one reader is told of an edition, nearest first and nothing twice. Pure.

An edition has a due moment; each thing is known since the edition in which it was first there to be
told. Somebody who was told up to one edition is told in the next what is known since a later one:
so no list of what was told to whom is needed, and a change of rhythm neither repeats nor loses.
Dates are told once too, when they come within `AHEAD_S`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

from federation.members.postcodes import Spot, distance_m
from schemas.openings import BoardWords

if TYPE_CHECKING:
    from collections.abc import Iterable

DAY_S: Final = 86_400
AHEAD_S: Final = 36 * DAY_S
"""A date is told in the first edition within so long before it; months between two are shorter."""
OLD_S: Final = 31 * DAY_S
"""What was placed so long before somebody's last edition is no news, whenever it came here."""
FAR_M: Final = 25_000
"""Other groups' offers and wants from farther away are left out where both places are known."""
LEAST_M_OF_DEGREE: Final = 110_000
"""A degree of latitude is longer everywhere."""
NEWS_MAX: Final = 5
DATES_MAX: Final = 10
HERE_MAX: Final = 10
ELSEWHERE_MAX: Final = 6
"""So short that a mail fits its place even if every letter takes four bytes."""


class Rhythm(StrEnum):
    """How often somebody gets a digest."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Block(StrEnum):
    """A part of a digest that somebody may leave out, in the order in which they stand."""

    NEWS = "news"
    DATES = "dates"
    HERE = "here"
    ELSEWHERE = "elsewhere"


EVERYTHING: Final = frozenset(Block)


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """An offer or a want that members of this group may see."""

    node: str = ""
    """Empty for one of this group."""
    post: str
    account: int | None = None
    title: str
    want: bool = False
    poster: str = ""
    group: str = ""
    place: str = ""
    spot: Spot | None = None
    placed_at_s: int
    known_s: int


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """News of the group."""

    item: int
    title: str
    text: str = ""
    others: tuple[BoardWords, ...] = ()
    placed_at_s: int
    known_s: int


class Date(msgspec.Struct, frozen=True, kw_only=True):
    """A date of the group, or something that members do together."""

    path: str
    """Of its page."""
    title: str
    place: str = ""
    others: tuple[BoardWords, ...] = ()
    starts_at_s: int
    known_s: int


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """All that there is to tell at one moment."""

    due_s: int
    stories: tuple[Story, ...] = ()
    dates: tuple[Date, ...] = ()
    posts: tuple[Post, ...] = ()


class Subscriber(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads, and up to which edition it was told."""

    account: int
    last_s: int
    spot: Spot | None = None
    blocks: frozenset[Block] = EVERYTHING


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """An offer or a want with how far it is; nothing where one of the places is not known."""

    post: Post
    away_m: int | None


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """What one reader is told."""

    stories: tuple[Story, ...] = ()
    dates: tuple[Date, ...] = ()
    here: tuple[Near, ...] = ()
    elsewhere: tuple[Near, ...] = ()
    more_here: int = 0
    more_elsewhere: int = 0
    """So many more are new, which a search shows."""

    def __bool__(self) -> bool:
        """Tell whether there is anything to tell."""
        return bool(self.stories or self.dates or self.here or self.elsewhere)


def choose(edition: Edition, to: Subscriber) -> Digest:
    """Choose what a reader is told of an edition."""
    fresh = [post for post in edition.posts if _is_new(post, edition, to)]
    others = [post for post in fresh if post.account is None or post.account != to.account]
    here = _nearest((one for one in others if not one.node), to)
    within = (one for one in others if one.node and not _surely_far(one, to))
    elsewhere = [
        near for near in _nearest(within, to) if near.away_m is None or near.away_m <= FAR_M
    ]
    wanted = to.blocks
    here = here if Block.HERE in wanted else []
    elsewhere = elsewhere if Block.ELSEWHERE in wanted else []
    return Digest(
        stories=_stories(edition, to) if Block.NEWS in wanted else (),
        dates=_dates(edition, to) if Block.DATES in wanted else (),
        here=tuple(here[:HERE_MAX]),
        elsewhere=tuple(elsewhere[:ELSEWHERE_MAX]),
        more_here=max(0, len(here) - HERE_MAX),
        more_elsewhere=max(0, len(elsewhere) - ELSEWHERE_MAX),
    )


def _is_new(one: Post | Story, edition: Edition, to: Subscriber) -> bool:
    known = to.last_s < one.known_s <= edition.due_s
    return known and one.placed_at_s > to.last_s - OLD_S


def _stories(edition: Edition, to: Subscriber) -> tuple[Story, ...]:
    fresh = [story for story in edition.stories if _is_new(story, edition, to)]
    return tuple(sorted(fresh, key=lambda story: (-story.placed_at_s, story.item))[:NEWS_MAX])


def _dates(edition: Edition, to: Subscriber) -> tuple[Date, ...]:
    fresh = [
        date
        for date in edition.dates
        if _tellable(date, edition.due_s) and not _tellable(date, to.last_s)
    ]
    return tuple(sorted(fresh, key=lambda date: (date.starts_at_s, date.path))[:DATES_MAX])


def _tellable(date: Date, due_s: int) -> bool:
    """Tell whether an edition may tell of a date."""
    return date.known_s <= due_s < date.starts_at_s <= due_s + AHEAD_S


def _nearest(posts: Iterable[Post], to: Subscriber) -> list[Near]:
    """Put in order: nearest first, then the newest of those whose distance is not known."""
    found = [Near(post=post, away_m=_away_m(post, to)) for post in posts]
    return sorted(found, key=_order)


def _surely_far(post: Post, to: Subscriber) -> bool:
    """Tell by the latitude alone that a post is too far; most are, and need no distance."""
    if post.spot is None or to.spot is None:
        return False
    return abs(post.spot.latitude - to.spot.latitude) * LEAST_M_OF_DEGREE > FAR_M


def _away_m(post: Post, to: Subscriber) -> int | None:
    if post.spot is None or to.spot is None:
        return None
    return distance_m(post.spot, to.spot)


def _order(near: Near) -> tuple[bool, int, int, str, str]:
    away_m = 0 if near.away_m is None else near.away_m
    post = near.post
    return near.away_m is None, away_m, -post.placed_at_s, post.node, post.post
