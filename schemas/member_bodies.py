"""Bodies about members: who signs in and for whom, profiles, offers and wants (design section 5).

As every body: numbers and references only. What people write lies in the personal layer, sealed
under the data key of its subject. `entered_by` names the account of who did it in a member's name,
when it was not the member; none also stands for whoever runs the node.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.body_parts import Body, TextReference
from schemas.ids import Count, Hash, Positive, Salt

PICTURES_MAX = 6
SUBJECTS_MAX = 201


class Role(StrEnum):
    """What a member does for the group beside being one."""

    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    TREASURER = "treasurer"
    EDITOR = "editor"


class PriceKind(StrEnum):
    """What a guide price is for; `talk` is agreed between the two."""

    HOUR = "hour"
    PIECE = "piece"
    TALK = "talk"


class Visibility(StrEnum):
    """Who sees a post: coordinators, the group's members, those of partner groups, anybody."""

    STAFF = "staff"
    MEMBERS = "members"
    INTERLETS = "interlets"
    PUBLIC = "public"


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A guide price in minor units; none when it is to be talked about."""

    kind: PriceKind
    amount_minor: Positive | None = None


class Picture(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture by the SHA-256 of its bytes, as they are shown; they lie sealed beside the log."""

    digest: Hash
    size: Positive


class MemberDescribed(Body, frozen=True, kw_only=True, tag="member.described"):
    """A member's name, contacts and profile; replaces what was said before as a whole."""

    at_s: Count
    account: Positive
    entered_by: Positive | None = None
    texts: tuple[TextReference, ...] = ()


class PersonJoined(Body, frozen=True, kw_only=True, tag="person.joined"):
    """Somebody else of the household signs in for an account; person 0 is the member itself."""

    at_s: Count
    account: Positive
    person: Positive
    subject: Salt
    """Whose data key seals the person's own name and address."""
    entered_by: Positive | None = None
    texts: tuple[TextReference, ...] = ()


class PersonLeft(Body, frozen=True, kw_only=True, tag="person.left"):
    """A person of the household no longer signs in for an account."""

    at_s: Count
    account: Positive
    person: Positive
    entered_by: Positive | None = None


class HelperAppointed(Body, frozen=True, kw_only=True, tag="helper.appointed"):
    """Another member may act for this one; what it enters names both."""

    at_s: Count
    account: Positive
    helper: Positive
    entered_by: Positive | None = None


class HelperDismissed(Body, frozen=True, kw_only=True, tag="helper.dismissed"):
    """A helper no longer acts for a member."""

    at_s: Count
    account: Positive
    helper: Positive
    entered_by: Positive | None = None


class RoleGiven(Body, frozen=True, kw_only=True, tag="role.given"):
    """A member takes on a role for the group."""

    at_s: Count
    account: Positive
    role: Role
    entered_by: Positive | None = None


class RoleTaken(Body, frozen=True, kw_only=True, tag="role.taken"):
    """A member no longer has a role."""

    at_s: Count
    account: Positive
    role: Role
    entered_by: Positive | None = None


class GroupRules(Body, frozen=True, kw_only=True, tag="group.rules"):
    """How the group wants its pages; the newest counts."""

    at_s: Count
    members_see_balances: bool = False
    """Members see each other's balance and bookings."""
    names_shared: bool = False
    """Other groups' members find by name whoever of this group said yes to it."""
    entered_by: Positive | None = None


class NameShared(Body, frozen=True, kw_only=True, tag="member.name_shared"):
    """A member lets members of other groups find it by name, or no longer."""

    at_s: Count
    account: Positive
    shares: bool
    entered_by: Positive | None = None


class ErasureAsked(Body, frozen=True, kw_only=True, tag="member.erasure_asked"):
    """A member wants to be erased, and may think better of it until `due_s`."""

    at_s: Count
    account: Positive
    due_s: Count
    entered_by: Positive | None = None


class ErasureWithdrawn(Body, frozen=True, kw_only=True, tag="member.erasure_withdrawn"):
    """A member stays after all."""

    at_s: Count
    account: Positive
    entered_by: Positive | None = None


class MemberErased(Body, frozen=True, kw_only=True, tag="member.erased"):
    """All that was personal about a member is gone; number, code and bookings stay.

    `subjects` had the data keys: the member's own, and those of its household.
    """

    at_s: Count
    account: Positive
    subjects: Annotated[tuple[Salt, ...], Meta(min_length=1, max_length=SUBJECTS_MAX)]
    entered_by: Positive | None = None


class Post(Body, frozen=True, kw_only=True):
    """What an offer or a want says in numbers; title, text and place lie in the personal layer."""

    at_s: Count
    post: Positive
    account: Positive
    want: bool
    goods: bool = False
    """Things; otherwise a service."""
    category: Positive | None = None
    price: Price = Price(kind=PriceKind.TALK)
    visibility: Visibility = Visibility.MEMBERS
    expires_at_s: Count
    pictures: Annotated[tuple[Picture, ...], Meta(max_length=PICTURES_MAX)] = ()
    entered_by: Positive | None = None
    texts: tuple[TextReference, ...] = ()


class PostPlaced(Post, frozen=True, kw_only=True, tag="post.placed"):
    """A new offer or want."""


class PostChanged(Post, frozen=True, kw_only=True, tag="post.changed"):
    """An offer or a want says this from now on, as a whole."""


class PostImported(Body, frozen=True, kw_only=True, tag="post.imported"):
    """An offer or a want that came along; title and text lie in the personal layer."""

    at_s: Count
    post: Positive
    account: Positive
    want: bool
    source: str
    category: Positive | None = None
    expires_at_s: Count | None = None
    pictures: Annotated[tuple[Picture, ...], Meta(max_length=PICTURES_MAX)] = ()
    texts: tuple[TextReference, ...] = ()


class PostRenewed(Body, frozen=True, kw_only=True, tag="post.renewed"):
    """An offer or a want lasts longer; one that had ended is there again."""

    at_s: Count
    post: Positive
    expires_at_s: Count
    entered_by: Positive | None = None


class PostEnded(Body, frozen=True, kw_only=True, tag="post.ended"):
    """Its member takes an offer or a want back."""

    at_s: Count
    post: Positive
    entered_by: Positive | None = None


class PostsPaused(Body, frozen=True, kw_only=True, tag="posts.paused"):
    """A member is away: its posts are not shown until a time, or until it says so."""

    at_s: Count
    account: Positive
    until_s: Count | None = None
    entered_by: Positive | None = None


class PostsResumed(Body, frozen=True, kw_only=True, tag="posts.resumed"):
    """A member is back before the time."""

    at_s: Count
    account: Positive
    entered_by: Positive | None = None
