"""What is looked for in all groups' posts, and what is found. Shapes only."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.amounts import Unit
from schemas.errors import Refusal
from schemas.ids import Count
from schemas.member_bodies import Picture, PriceKind


class Side(StrEnum):
    """Offers, wants, or both."""

    OFFER = "offer"
    WANT = "want"
    BOTH = "both"


class Kind(StrEnum):
    """Goods, services, or both."""

    GOODS = "goods"
    SERVICE = "service"
    BOTH = "both"


class Scope(StrEnum):
    """The own group, what is near in any group, or everything: one saved filter of the page."""

    GROUP = "group"
    NEAR = "near"
    ALL = "all"


class Sort(StrEnum):
    """Nearest first, newest first, or what fits best (a word in the title) and then nearest."""

    NEAR = "near"
    NEW = "new"
    FIT = "fit"


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody looks for; everything left out asks for nothing."""

    text: str = ""
    """Of any length; its first words count."""
    side: Side = Side.BOTH
    kind: Kind = Kind.BOTH
    category: str = ""
    """A category by its name, with those under it; other groups' of the same name too."""
    group: str = ""
    """The node id of one group."""
    within_km: Annotated[int, Meta(ge=1, le=1000)] | None = None
    near: str = ""
    """A postcode, a place, or both; empty: where the reader lives."""
    scope: Scope = Scope.ALL
    sort: Sort = Sort.NEAR
    page: str = ""
    """`Page.next` of the page before; empty: the first."""


class Cursor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Behind which row a page begins: what `Page.next` holds, opaque to everybody else."""

    order: Annotated[str, Meta(pattern="^((near|new|fit|rest)(-later)?|alike)$")]
    total: Count
    away: float = 0.0
    placed_at_s: Count = 0
    node: Annotated[str, Meta(max_length=100)] = ""
    post: Annotated[str, Meta(max_length=100)] = ""
    skip: Annotated[int, Meta(ge=0, le=1000)] = 0


class PriceShown(msgspec.Struct, frozen=True, kw_only=True):
    """A guide price in the reader's own unit, and as the other group says it."""

    kind: PriceKind
    own_minor: int | None = None
    """What the reader would give for an offer or get for a want; nothing when it is to be talked
    about, or cannot be said."""
    own_unit: Unit | None = None
    their_minor: int | None = None
    their_unit: Unit | None = None
    """Of another group; nothing for a post of the own one."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One post that was found, as one reader sees it."""

    node: str
    """The other group's node id; empty: of this group."""
    post: str
    """Its number in this group, or its name in the other's feed."""
    group_name: str
    account: int | None
    poster: str
    """The poster's pseudonym in another group."""
    poster_name: str
    want: bool
    goods: bool
    category_name: str
    title: str
    text: str
    """At most 300 characters of it."""
    price: PriceShown
    postcode: str
    place: str
    distance_m: int | None
    """Nothing when it is not known where the post or the reader is."""
    placed_at_s: int
    expires_at_s: int
    pictures: tuple[Picture, ...] = ()
    refusal: Refusal | None = None
    """Why it could not be booked now; nothing when it could."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of what was found, what cannot be booked now last."""

    hits: tuple[Hit, ...]
    total: int
    more: bool
    """There are more than `total`."""
    next: str
    """`Query.page` for the next page; empty: this is the last."""
    forgiven: bool
    """Too little was found, so words that are only like those asked for were looked for as well."""
    located: bool
    """It is known where the reader is; if not, nothing was said about distance."""
