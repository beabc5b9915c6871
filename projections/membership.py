"""Who is who in a group, what it offers and tells, as a fold of the own log: numbers, no texts.

Persons of a household, helpers, roles, who is away, the group's rules, categories, of each post
whose it is and how long it lasts, and what stands on the group's pages. Decides nothing: what
stands in the log has been decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from projections import content
from projections.layered import Layered
from schemas import bodies
from schemas.board_bodies import BoardItem, ItemChanged, ItemKind, ItemPlaced, ItemRemoved
from schemas.member_bodies import (
    ErasureAsked,
    ErasureWithdrawn,
    GroupRules,
    HelperAppointed,
    HelperDismissed,
    MemberDescribed,
    MemberErased,
    NameShared,
    PersonJoined,
    PersonLeft,
    Post,
    PostChanged,
    PostEnded,
    PostPlaced,
    PostRenewed,
    PostsPaused,
    PostsResumed,
    Role,
    RoleGiven,
    RoleTaken,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


class Posted(NamedTuple):
    """An offer or a want; `seq` is the event that said last what it says."""

    post: int
    account: int
    want: bool
    category: int | None
    expires_at_s: int | None
    seq: int
    ended: bool = False
    hidden_seq: int | None = None
    """The event by which the group hides it, while it does."""


class Household(NamedTuple):
    """A person of a household, whether it is still `here` or not: numbers are not used twice."""

    account: int
    person: int
    subject: str
    here: bool
    seq: int


class Helps(NamedTuple):
    """The member of account `helper` may act for the one of `account`, while `on`."""

    account: int
    helper: int
    on: bool = True


class Holds(NamedTuple):
    """A member has a role, while `on`."""

    account: int
    role: Role
    on: bool = True


class Away(NamedTuple):
    """A member is away, while `on`; without `until_s` until it says otherwise."""

    account: int
    until_s: int | None
    on: bool = True


class SharesName(NamedTuple):
    """Members of other groups may find a member by name, as far as it goes, while `on`."""

    account: int
    on: bool = True


class Erasure(NamedTuple):
    """A member is to be erased at `due_s`, while `on`, or was: `done`."""

    account: int
    due_s: int
    entered_by: int | None = None
    done: bool = False
    on: bool = True


class Placed(NamedTuple):
    """A category; `seq` is the event that named it last."""

    category: int
    parent: int | None
    seq: int
    place: int = 0
    """Where it stands among the others; 0: behind those that have one, by name."""
    ended: bool = False


class OnBoard(NamedTuple):
    """News, a date or a document; `seq` is the event that said last what it says."""

    item: int
    kind: ItemKind
    starts_at_s: int
    ends_at_s: int | None
    seq: int
    removed: bool = False


class Membership:
    """All of it, in two layers (see `Layered`); changed by `STEPS` only."""

    __slots__ = (
        "away",
        "categories",
        "described",
        "erasures",
        "helpers",
        "items",
        "members_see_balances",
        "names_shared",
        "next_category",
        "next_item",
        "next_post",
        "persons",
        "posts",
        "roles",
        "sharing",
    )

    def __init__(self) -> None:
        """Start with nothing."""
        self.posts: Layered[int, Posted] = Layered()
        self.categories: Layered[int, Placed] = Layered()
        self.persons: Layered[tuple[int, int], Household] = Layered()
        self.helpers: Layered[tuple[int, int], Helps] = Layered()
        self.roles: Layered[tuple[int, Role], Holds] = Layered()
        self.away: Layered[int, Away] = Layered()
        self.sharing: Layered[int, SharesName] = Layered()
        self.erasures: Layered[int, Erasure] = Layered()
        self.described: Layered[int, int] = Layered()
        """Account -> the event that described its member last."""
        self.items: Layered[int, OnBoard] = Layered()
        self.members_see_balances = False
        self.names_shared = False
        self.next_post = 1
        self.next_category = 1
        self.next_item = 1

    def branch(self) -> Membership:
        """Give a copy whose changes can be dropped."""
        copy = Membership.__new__(Membership)
        copy.posts = self.posts.branch()
        copy.categories = self.categories.branch()
        copy.persons = self.persons.branch()
        copy.helpers = self.helpers.branch()
        copy.roles = self.roles.branch()
        copy.away = self.away.branch()
        copy.sharing = self.sharing.branch()
        copy.erasures = self.erasures.branch()
        copy.described = self.described.branch()
        copy.items = self.items.branch()
        copy.members_see_balances = self.members_see_balances
        copy.names_shared = self.names_shared
        copy.next_post = self.next_post
        copy.next_category = self.next_category
        copy.next_item = self.next_item
        return copy

    def adopt(self, branch: Membership) -> None:
        """Take over the changes of a branch that has been committed."""
        for part in (branch.posts, branch.categories, branch.persons, branch.described):
            part.merge()
        branch.items.merge()
        branch.helpers.merge(lambda helps: helps.on)
        branch.roles.merge(lambda holds: holds.on)
        branch.away.merge(lambda away: away.on)
        branch.sharing.merge(lambda shares: shares.on)
        branch.erasures.merge(lambda erasure: erasure.on)
        self.members_see_balances = branch.members_see_balances
        self.names_shared = branch.names_shared
        self.next_post = branch.next_post
        self.next_category = branch.next_category
        self.next_item = branch.next_item

    def has_role(self, account: int, role: Role) -> bool:
        """Tell whether a member has a role."""
        held = self.roles.get((account, role))
        return held is not None and held.on

    def helps(self, helper: int, account: int) -> bool:
        """Tell whether one member may act for another as its helper."""
        found = self.helpers.get((account, helper))
        return found is not None and found.on

    def shares_name(self, account: int) -> bool:
        """Tell whether a member said that members of other groups may find it by name."""
        found = self.sharing.get(account)
        return found is not None and found.on

    def is_erased(self, account: int) -> bool:
        """Tell whether a member was erased."""
        found = self.erasures.get(account)
        return found is not None and found.done

    def persons_of(self, account: int) -> list[Household]:
        """Give every person of a household beside the member itself, gone ones too, in order."""
        return sorted(person for person in self.persons.values() if person.account == account)

    def parts(self) -> Iterator[tuple[str, set[Any]]]:
        """Give all facts by name, to be compared; what is no longer so is left out."""
        yield "post", set(self.posts.values())
        yield "category", set(self.categories.values())
        yield "person", set(self.persons.values())
        yield "helper", {helps for helps in self.helpers.values() if helps.on}
        yield "member_role", {holds for holds in self.roles.values() if holds.on}
        yield "pause", {away for away in self.away.values() if away.on}
        yield "shared_name", {shares for shares in self.sharing.values() if shares.on}
        yield "erasure", {erasure for erasure in self.erasures.values() if erasure.on}
        described = {**self.described.base, **self.described.top}
        yield "member_text", set(described.items())
        yield "board_item", set(self.items.values())
        yield "group_rule", {(self.members_see_balances, self.names_shared)}


def _described(books: Membership, seq: int, body: MemberDescribed) -> None:
    books.described.put(body.account, seq)


def _joined(books: Membership, seq: int, body: PersonJoined) -> None:
    key = (body.account, body.person)
    books.persons.put(key, Household(*key, body.subject, here=True, seq=seq))


def _left(books: Membership, seq: int, body: PersonLeft) -> None:
    del seq
    key = (body.account, body.person)
    books.persons.put(key, books.persons[key]._replace(here=False))


def _appointed(books: Membership, seq: int, body: HelperAppointed) -> None:
    del seq
    books.helpers.put((body.account, body.helper), Helps(body.account, body.helper))


def _dismissed(books: Membership, seq: int, body: HelperDismissed) -> None:
    del seq
    books.helpers.put((body.account, body.helper), Helps(body.account, body.helper, on=False))


def _given(books: Membership, seq: int, body: RoleGiven) -> None:
    del seq
    books.roles.put((body.account, body.role), Holds(body.account, body.role))


def _taken(books: Membership, seq: int, body: RoleTaken) -> None:
    del seq
    books.roles.put((body.account, body.role), Holds(body.account, body.role, on=False))


def _rules(books: Membership, seq: int, body: GroupRules) -> None:
    del seq
    books.members_see_balances = body.members_see_balances
    books.names_shared = body.names_shared


def _posted(books: Membership, seq: int, body: Post | bodies.PostImported) -> None:
    books.next_post = max(books.next_post, body.post + 1)  # gaps: what a recovery could not bring
    _says(books, seq, body)


def _changed(books: Membership, seq: int, body: PostChanged) -> None:
    assert books.posts[body.post].account == body.account, "a post stays with its member"
    _says(books, seq, body)


def _says(books: Membership, seq: int, body: Post | bodies.PostImported) -> None:
    said = Posted(body.post, body.account, body.want, body.category, body.expires_at_s, seq)
    before = books.posts.get(body.post)
    if before is not None:  # what the group hides stays hidden, whatever it says now
        said = said._replace(hidden_seq=before.hidden_seq)
    books.posts.put(body.post, said)


def _renewed(books: Membership, seq: int, body: PostRenewed) -> None:
    del seq
    post = books.posts[body.post]
    books.posts.put(body.post, post._replace(expires_at_s=body.expires_at_s, ended=False))


def _ended(books: Membership, seq: int, body: PostEnded) -> None:
    del seq
    books.posts.put(body.post, books.posts[body.post]._replace(ended=True))


def _paused(books: Membership, seq: int, body: PostsPaused) -> None:
    del seq
    books.away.put(body.account, Away(body.account, body.until_s))


def _resumed(books: Membership, seq: int, body: PostsResumed) -> None:
    del seq
    books.away.put(body.account, Away(body.account, None, on=False))


def _shared(books: Membership, seq: int, body: NameShared) -> None:
    del seq
    books.sharing.put(body.account, SharesName(body.account, on=body.shares))


def _asked(books: Membership, seq: int, body: ErasureAsked) -> None:
    del seq
    books.erasures.put(body.account, Erasure(body.account, body.due_s, body.entered_by))


def _withdrawn(books: Membership, seq: int, body: ErasureWithdrawn) -> None:
    del seq
    books.erasures.put(body.account, Erasure(body.account, 0, on=False))


def _erased(books: Membership, seq: int, body: MemberErased) -> None:
    del seq
    found = Erasure(body.account, body.at_s, body.entered_by, done=True)
    books.erasures.put(body.account, found)


def _category(books: Membership, seq: int, body: bodies.CategoryPlaced) -> None:
    books.next_category = max(books.next_category, body.category + 1)
    books.categories.put(body.category, Placed(body.category, body.parent, seq))


def _told(books: Membership, seq: int, body: BoardItem) -> None:
    books.next_item = max(books.next_item, body.item + 1)  # gaps as of posts
    said = OnBoard(body.item, body.kind, body.starts_at_s, body.ends_at_s, seq)
    books.items.put(body.item, said)


def _retold(books: Membership, seq: int, body: ItemChanged) -> None:
    assert books.items[body.item].kind is body.kind, "an item stays what it is"
    _told(books, seq, body)


def _removed(books: Membership, seq: int, body: ItemRemoved) -> None:
    del seq
    books.items.put(body.item, books.items[body.item]._replace(removed=True))


STEPS: Final[dict[type, Callable[[Membership, int, Any], None]]] = {
    MemberDescribed: _described,
    PersonJoined: _joined,
    PersonLeft: _left,
    HelperAppointed: _appointed,
    HelperDismissed: _dismissed,
    RoleGiven: _given,
    RoleTaken: _taken,
    GroupRules: _rules,
    PostPlaced: _posted,
    bodies.PostImported: _posted,
    PostChanged: _changed,
    PostRenewed: _renewed,
    PostEnded: _ended,
    PostsPaused: _paused,
    PostsResumed: _resumed,
    NameShared: _shared,
    ErasureAsked: _asked,
    ErasureWithdrawn: _withdrawn,
    MemberErased: _erased,
    bodies.CategoryPlaced: _category,
    ItemPlaced: _told,
    ItemChanged: _retold,
    ItemRemoved: _removed,
    **content.STEPS,
}
"""What each body about members changes; called with the books, the event's place, and the body."""
