"""What goes in and comes out of the API about members, their household, offers and wants."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from federation.api.shapes import PAGE, Given, Limit, Name, Number, Sent
from schemas.bodies import AccountStatus, MemberCode
from schemas.ids import Count
from schemas.member_bodies import PICTURES_MAX, Picture, Price, PriceKind, Role, Visibility

Short = Annotated[str, Meta(max_length=40)]
Words = Annotated[str, Meta(max_length=100)]
Text = Annotated[str, Meta(max_length=4_000)]
Language = Annotated[str, Meta(pattern=r"\A(nl|fr|en)?\Z")]
CONTACTS_MAX = 12


class MembersAsked(Sent, frozen=True, kw_only=True):
    """Which members: all, or those whose name or code has these words."""

    said: Words = ""
    after: Number = "0"
    limit: Limit = PAGE


class Contact(Given, frozen=True, kw_only=True):
    """One way to reach a member."""

    kind: str
    value: str
    visibility: Visibility
    comment: str


class Person(Given, frozen=True, kw_only=True):
    """Somebody who signs in for an account; 0 is the member itself."""

    person: Number
    name: str
    address: str
    """Only for the member itself and coordinators."""
    language: str


class Member(Given, frozen=True, kw_only=True):
    """A member as whoever asks may see it."""

    code: MemberCode
    name: str
    status: AccountStatus
    postcode: str
    place: str
    about: str
    skills: str
    since_s: Count
    paused_until_s: Count
    """0: not away; 2^53 - 1: until told otherwise."""
    contacts: tuple[Contact, ...]
    persons: tuple[Person, ...]
    helpers: tuple[MemberCode, ...]
    """Members who may act for this one."""
    roles: tuple[Role, ...]
    picture: Picture | None = None
    """None when its profile shows none."""
    balance_minor: int | None = None
    """Not there when it is not for whoever asks."""


class Members(Given, frozen=True, kw_only=True):
    """A page of members by code; `next` is `after` for the page that follows, if there is one."""

    members: tuple[Member, ...]
    next: Number | None = None


class ContactSaid(Sent, frozen=True, kw_only=True):
    """One way to reach a member, and who sees it."""

    kind: Short
    value: Annotated[str, Meta(max_length=254)]
    visibility: Visibility = Visibility.MEMBERS
    comment: Words = ""


class Described(Sent, frozen=True, kw_only=True):
    """All that is written about a member; replaces what was written before as a whole."""

    name: Name
    full_name: Words = ""
    postcode: Short = ""
    place: Words = ""
    birthdate: Short = ""
    about: Text = ""
    skills: Text = ""
    hobbies: Text = ""
    admin_comment: Text = ""
    """For coordinators, and changed by them only."""
    language: Language = ""
    contacts: Annotated[tuple[ContactSaid, ...], Meta(max_length=CONTACTS_MAX)] = ()


class PersonJoins(Sent, frozen=True, kw_only=True):
    """Somebody else of the household, who signs in by a mail address."""

    name: Name
    address: Annotated[str, Meta(min_length=3, max_length=254)]
    language: Language = ""


class HelperSet(Sent, frozen=True, kw_only=True):
    """Whether another member may act for this one."""

    helper: MemberCode
    helps: bool


class RoleSet(Sent, frozen=True, kw_only=True):
    """Whether a member has a role for the group."""

    role: Role
    has: bool


class AwaySet(Sent, frozen=True, kw_only=True):
    """Whether a member is away, so that its posts are not shown; `until_s` left out: for now."""

    away: bool
    until_s: Count | None = None


class PictureShown(Sent, frozen=True, kw_only=True):
    """Which picture a member's profile shows: one that was taken in before, or none."""

    picture: Picture | None = None


class NameSharedSet(Sent, frozen=True, kw_only=True):
    """Whether members of other groups may find a member by name: name, place and group."""

    shares: bool


class NameShared(Given, frozen=True, kw_only=True):
    """Whether members of other groups find a member by name, and who said what about it."""

    group_shares: bool
    """The group lets it."""
    shares: bool
    """The member said yes; it counts while the group lets it too."""
    found: bool
    """Both, and the member is not away, leaving or gone."""


class RulesSet(Sent, frozen=True, kw_only=True):
    """How the group wants it: whether members see each other's balance.

    And whether members of other groups find by name who said yes to it; left out: as it is.
    """

    members_see_balances: bool
    names_shared: bool | None = None


class Rules(Given, frozen=True, kw_only=True):
    """How the group wants it."""

    members_see_balances: bool
    names_shared: bool


class Category(Given, frozen=True, kw_only=True):
    """A category of offers and wants; none above it: it is of the upper level."""

    category: Number
    parent: Number | None
    name: str


class Categories(Given, frozen=True, kw_only=True):
    """Every category, each before those below it."""

    categories: tuple[Category, ...]


class CategoryAsked(Sent, frozen=True, kw_only=True):
    """A new category, below another one or not."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    parent: Number | None = None


class PostSaid(Sent, frozen=True, kw_only=True):
    """All that an offer or a want says."""

    want: bool
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    text: Text = ""
    goods: bool = False
    category: Number | None = None
    price: Price = Price(kind=PriceKind.TALK)
    postcode: Short = ""
    place: Words = ""
    visibility: Visibility = Visibility.MEMBERS
    expires_at_s: Count
    pictures: Annotated[tuple[Picture, ...], Meta(max_length=PICTURES_MAX)] = ()
    """Pictures that were taken in before."""


class PostAsked(PostSaid, frozen=True, kw_only=True):
    """A new offer or want of a member."""

    code: MemberCode


class PostRenewed(Sent, frozen=True, kw_only=True):
    """Until when an offer or a want lasts."""

    expires_at_s: Count


class Post(Given, frozen=True, kw_only=True):
    """An offer or a want as whoever asks sees it."""

    post: Number
    code: MemberCode
    name: str
    want: bool
    goods: bool
    category: Number | None
    category_name: str
    title: str
    text: str
    price: Price
    postcode: str
    place: str
    visibility: Visibility
    placed_at_s: Count
    expires_at_s: Count
    ended: bool
    shown: bool
    """False when it has ended, its member is away or inactive, or the group hides it."""
    hidden: bool
    pictures: tuple[Picture, ...]


class Posts(Given, frozen=True, kw_only=True):
    """Offers and wants, newest first."""

    posts: tuple[Post, ...]


class PostsAsked(Sent, frozen=True, kw_only=True):
    """Which posts of a member: with `ended`, for itself, also those that ended or expired."""

    ended: bool = False
