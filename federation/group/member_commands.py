"""What can be asked about members, their persons, helpers, roles, and their offers and wants.

`actor` is the account of who asks; none is whoever runs the node. `key` makes each idempotent.
"""

from __future__ import annotations

from typing import NamedTuple

from schemas.member_bodies import Picture, Price, PriceKind, Role, Visibility
from schemas.openings import MemberText, PersonText, PostText


class DescribeMember(NamedTuple):
    """Replace what is written about a member."""

    key: str
    actor: int | None
    account: int
    text: MemberText
    seen_seq: int | None = None
    """The place in the log of what it was made of; what is written whatever stands there has none.
    """


class ChangedMember(NamedTuple):
    """A member of a file: what is to be written about it, in place of what was seen."""

    account: int
    seen_seq: int
    """The place in the log of what stood there when it was shown."""
    text: MemberText


class NewMember(NamedTuple):
    """Somebody of a file who has no account yet; `subject` seals its texts."""

    code: str
    subject: str
    text: MemberText


class TakeMemberFile(NamedTuple):
    """Change and add members as a file says: all of it, or nothing."""

    key: str
    actor: int | None
    changed: tuple[ChangedMember, ...]
    added: tuple[NewMember, ...]


class JoinPerson(NamedTuple):
    """Let somebody else of the household sign in; `subject` seals its texts."""

    key: str
    actor: int | None
    account: int
    subject: str
    text: PersonText


class LeavePerson(NamedTuple):
    """Let a person no longer sign in."""

    key: str
    actor: int | None
    account: int
    person: int


class AppointHelper(NamedTuple):
    """Let another member act for this one."""

    key: str
    actor: int | None
    account: int
    helper: int


class DismissHelper(NamedTuple):
    """Let a helper no longer act for a member."""

    key: str
    actor: int | None
    account: int
    helper: int


class GiveRole(NamedTuple):
    """Give a member a role for the group."""

    key: str
    actor: int | None
    account: int
    role: Role


class TakeRole(NamedTuple):
    """Take a role from a member."""

    key: str
    actor: int | None
    account: int
    role: Role


class SetRules(NamedTuple):
    """Set how the group wants its pages; what is none stays as it is."""

    key: str
    actor: int | None
    members_see_balances: bool | None = None
    names_shared: bool | None = None


class ShareName(NamedTuple):
    """Let members of other groups find a member by name, or no longer."""

    key: str
    actor: int | None
    account: int
    shares: bool


class PlaceCategory(NamedTuple):
    """Make a category of posts, below another or on the upper level."""

    key: str
    actor: int | None
    name: str
    parent: int | None = None


class ChangeCategory(NamedTuple):
    """Call a category something else, or put it below another."""

    key: str
    actor: int | None
    category: int
    name: str
    parent: int | None = None


class OrderCategories(NamedTuple):
    """Let categories stand in this order; those that are not named come behind."""

    key: str
    actor: int | None
    categories: tuple[int, ...]


class EndCategory(NamedTuple):
    """End a category; what it holds goes on `into` another."""

    key: str
    actor: int | None
    category: int
    into: int | None = None


class HidePost(NamedTuple):
    """Show an offer or a want to nobody for now."""

    key: str
    actor: int | None
    post: int
    reason: str


class UnhidePost(NamedTuple):
    """Show it again."""

    key: str
    actor: int | None
    post: int


class PlacePost(NamedTuple):
    """Place an offer or a want."""

    key: str
    actor: int | None
    account: int
    want: bool
    text: PostText
    expires_at_s: int
    goods: bool = False
    category: int | None = None
    price: Price = Price(kind=PriceKind.TALK)
    visibility: Visibility = Visibility.MEMBERS
    pictures: tuple[Picture, ...] = ()


class ChangePost(NamedTuple):
    """Let an offer or a want say something else, as a whole."""

    key: str
    actor: int | None
    post: int
    want: bool
    text: PostText
    expires_at_s: int
    goods: bool = False
    category: int | None = None
    price: Price = Price(kind=PriceKind.TALK)
    visibility: Visibility = Visibility.MEMBERS
    pictures: tuple[Picture, ...] = ()


class RenewPost(NamedTuple):
    """Let an offer or a want last longer."""

    key: str
    actor: int | None
    post: int
    expires_at_s: int


class EndPost(NamedTuple):
    """Take an offer or a want back."""

    key: str
    actor: int | None
    post: int


class PausePosts(NamedTuple):
    """Do not show a member's posts until a time, or until it says otherwise."""

    key: str
    actor: int | None
    account: int
    until_s: int | None = None


class ResumePosts(NamedTuple):
    """Show a member's posts again."""

    key: str
    actor: int | None
    account: int


MemberCommand = (
    DescribeMember
    | JoinPerson
    | LeavePerson
    | AppointHelper
    | DismissHelper
    | GiveRole
    | TakeRole
    | SetRules
    | ShareName
)
PostCommand = PlacePost | ChangePost | RenewPost | EndPost | PausePosts | ResumePosts
CategoryCommand = PlaceCategory | ChangeCategory | OrderCategories | EndCategory
ContentCommand = CategoryCommand | HidePost | UnhidePost
