"""What goes in and comes out of the API about posts of all groups, pictures, and the start."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from federation.api.member_shapes import Post
from federation.api.shapes import Given, Sent
from federation.api.thread_shapes import Thread
from federation.api.trade_shapes import Reason, Trade
from federation.members.search_shapes import Kind, Scope, Side, Sort
from schemas.bodies import MemberCode
from schemas.ids import Amount, Count, Hash, NodeId, Positive
from schemas.member_bodies import Picture, PriceKind

Words = Annotated[str, Meta(max_length=200)]
Cursor = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,1000}\Z")]
FeedPost = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,100}\Z")]


class SearchAsked(Sent, frozen=True, kw_only=True):
    """What somebody looks for in all groups; everything left out asks for nothing."""

    text: Words = ""
    side: Side = Side.BOTH
    kind: Kind = Kind.BOTH
    category: Words = ""
    """By its name, with those under it; other groups' of the same name too."""
    group: NodeId | None = None
    within_km: Annotated[int, Meta(ge=1, le=1000)] | None = None
    near: Words = ""
    """A postcode, a place, or both; empty: where the member lives."""
    scope: Scope = Scope.ALL
    sort: Sort = Sort.NEAR
    after: Cursor | None = None
    code: MemberCode | None = None
    """For whom; left out: for the member of the token."""


class UnitTold(Given, frozen=True, kw_only=True):
    """The unit of a group."""

    singular: str
    plural: str
    per_hour: Positive
    decimals: Count


class PriceTold(Given, frozen=True, kw_only=True):
    """A guide price in this group's unit, and as the other group says it."""

    kind: PriceKind
    own_minor: Count | None = None
    """What the member would give for an offer, or get for a want; not there when it is to be
    talked about, or cannot be said."""
    their_minor: Count | None = None
    their_unit: UnitTold | None = None
    """Of another group."""


class Found(Given, frozen=True, kw_only=True):
    """An offer or a want of any group, as one member sees it."""

    post: str
    group: NodeId | None = None
    """Not there for a post of this group."""
    group_name: str
    code: MemberCode | None = None
    """Whose it is, in this group."""
    pseudonym: str | None = None
    """Whose it is, in another."""
    name: str
    want: bool
    goods: bool
    category_name: str
    title: str
    text: str
    """In a list at most 300 characters of it."""
    price: PriceTold
    postcode: str
    place: str
    distance_m: Count | None = None
    placed_at_s: Count
    expires_at_s: Count
    pictures: tuple[Picture, ...]
    refusal: Reason | None = None
    """Why it could not be booked now; not there when it could."""


class FoundPosts(Given, frozen=True, kw_only=True):
    """A page of what was found, what cannot be booked now last; `next` is `after` for the next."""

    posts: tuple[Found, ...]
    total: Count
    more: bool
    """There are more than `total`."""
    next: Cursor | None = None
    forgiven: bool
    """Too little was found: words that are only like those asked for were looked for as well."""
    located: bool
    """It is known where the member is; if not, nothing was said about distance."""


class NewPost(Given, frozen=True, kw_only=True):
    """What is new near by."""

    post: str
    group: NodeId | None = None
    group_name: str
    name: str
    want: bool
    goods: bool
    title: str
    place: str
    distance_km: float | None = None
    price_kind: PriceKind
    price_minor: Count | None = None
    unit: UnitTold | None = None


class Home(Given, frozen=True, kw_only=True):
    """How a member stands, what waits for it, and what is new near by."""

    balance_minor: Amount
    trades: tuple[Trade, ...]
    """It is asked to consent."""
    threads: tuple[Thread, ...]
    """It is its turn."""
    ending: tuple[Post, ...]
    """Own posts that end within two weeks."""
    new: tuple[NewPost, ...]


class PictureTaken(Given, frozen=True, kw_only=True):
    """A picture that was taken in, for a post or a profile to name."""

    digest: Hash
    size: Positive
    width: Positive
    height: Positive


class PictureAsked(Sent, frozen=True, kw_only=True):
    """How large a picture is wanted."""

    small: bool = False
