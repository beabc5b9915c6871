"""Rules about members of a group: who may describe whom, act for whom, and has which role.

Each rule is a flat list of early returns with a distinct code, in the documented order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.group.member_commands import (
    AppointHelper,
    DescribeMember,
    DismissHelper,
    GiveRole,
    JoinPerson,
    LeavePerson,
    SetRules,
    ShareName,
    TakeRole,
)
from federation.group.rights import Right, holders
from federation.line.drafts import LocalDraft
from schemas import bodies
from schemas.bodies import AccountKind
from schemas.errors import Code, Refusal
from schemas.member_bodies import Role

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.group.member_commands import MemberCommand
    from federation.line.drafts import Draft
    from projections.books import Books

PERSONS_MAX: Final = 12
"""So many of one household sign in beside the member itself."""
HELPERS_MAX: Final = 12
PERSONS_EVER_MAX: Final = 200
"""So many of one household ever were: their numbers are not used twice."""


def decide(
    books: Books, command: MemberCommand, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Decide a command about members; gives the number of what it is about, or a refusal."""
    match command:
        case DescribeMember():
            return (yield from describe(books, command, now_s=now_s))
        case JoinPerson():
            return (yield from join(books, command, now_s=now_s))
        case LeavePerson():
            return (yield from leave(books, command, now_s=now_s))
        case AppointHelper() | DismissHelper():
            return (yield from help_out(books, command, now_s=now_s))
        case GiveRole() | TakeRole():
            return (yield from change_role(books, command, now_s=now_s))
        case ShareName():
            return (yield from share_name(books, command, now_s=now_s))
        case SetRules():
            return (yield from set_rules(books, command, now_s=now_s))


def describe(
    books: Books, command: DescribeMember, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Replace what is written about a member.

    Refusals, in this order: `account_unknown`, `not_yours`, `members_changed`.
    """
    refusal = member_refused(books, command.account) or not_yours(
        books, command.actor, command.account, "account"
    )
    if refusal is None and command.seen_seq is not None:
        refusal = changed_since(books, command.account, command.seen_seq)
    if refusal is not None:
        return refusal
    yield LocalDraft(
        bodies.MemberDescribed(
            v=1,
            at_s=now_s,
            account=command.account,
            entered_by=entered_by(command.actor, command.account),
        ),
        ((subject_of(books, command.account), command.text),),
    )
    return command.account


def join(books: Books, command: JoinPerson, *, now_s: int) -> Generator[Draft, str, int | Refusal]:
    """Let somebody else of the household sign in, and give its number.

    Refusals, in this order: `account_unknown`, `account_inactive`, `not_yours`, `too_many`.
    """
    refusal = active_refused(books, command.account) or not_yours(
        books, command.actor, command.account, "account", by_helper=False
    )
    if refusal is not None:
        return refusal
    known = books.members.persons_of(command.account)
    if sum(person.here for person in known) >= PERSONS_MAX or len(known) >= PERSONS_EVER_MAX:
        return Refusal(Code.TOO_MANY, {"field": "person", "limit": PERSONS_MAX})
    person = max((person.person for person in known), default=0) + 1
    yield LocalDraft(
        bodies.PersonJoined(
            v=1,
            at_s=now_s,
            account=command.account,
            person=person,
            subject=command.subject,
            entered_by=entered_by(command.actor, command.account),
        ),
        ((command.subject, command.text),),
    )
    return person


def leave(
    books: Books, command: LeavePerson, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Let a person no longer sign in.

    Refusals, in this order: `account_unknown`, `not_yours`, `person_unknown`.
    """
    refusal = member_refused(books, command.account) or not_yours(
        books, command.actor, command.account, "account", by_helper=False
    )
    if refusal is not None:
        return refusal
    person = books.members.persons.get((command.account, command.person))
    if person is None or not person.here:
        return Refusal(Code.PERSON_UNKNOWN, {"field": "person"})
    yield LocalDraft(
        bodies.PersonLeft(
            v=1,
            at_s=now_s,
            account=command.account,
            person=command.person,
            entered_by=entered_by(command.actor, command.account),
        )
    )
    return command.person


def help_out(
    books: Books, command: AppointHelper | DismissHelper, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Let another member act for this one, or no longer. A helper may step back itself.

    Refusals, in this order: `account_unknown`, `not_yours`; of an appointment `account_inactive`,
    `helper_same`, `already_so`, `too_many`; of a dismissal `already_so`.
    """
    account, helper = command.account, command.helper
    appoints = isinstance(command, AppointHelper)
    refusal = member_refused(books, account) or member_refused(books, helper, "helper")
    if refusal is not None:
        return refusal
    if appoints or command.actor != helper:
        refusal = not_yours(books, command.actor, account, "account", by_helper=False)
        if refusal is not None:
            return refusal
    if appoints:
        refusal = active_refused(books, account) or active_refused(books, helper, "helper")
        if refusal is not None:
            return refusal
        if account == helper:
            return Refusal(Code.HELPER_SAME, {"field": "helper"})
    if books.members.helps(helper, account) is appoints:
        return Refusal(Code.ALREADY_SO, {"field": "helper"})
    if appoints:
        helpers = [h for h in books.members.helpers.values() if h.account == account and h.on]
        if len(helpers) >= HELPERS_MAX:
            return Refusal(Code.TOO_MANY, {"field": "helper", "limit": HELPERS_MAX})
    body = bodies.HelperAppointed if appoints else bodies.HelperDismissed
    yield LocalDraft(
        body(
            v=1,
            at_s=now_s,
            account=account,
            helper=helper,
            entered_by=entered_by(command.actor, account),
        )
    )
    return helper


def change_role(
    books: Books, command: GiveRole | TakeRole, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Give a member a role, or take it. For coordinators, and whoever runs the node.

    Refusals, in this order: `forbidden`, `account_unknown`, `account_inactive` (of giving),
    `already_so`, `last_coordinator` (of taking): somebody has to see to the group.
    """
    gives = isinstance(command, GiveRole)
    refusal = not_coordinator(books, command.actor) or (
        active_refused(books, command.account) if gives else member_refused(books, command.account)
    )
    if refusal is not None:
        return refusal
    if books.members.has_role(command.account, command.role) is gives:
        return Refusal(Code.ALREADY_SO, {"field": "role"})
    if not gives and command.role is Role.COORDINATOR and is_last(books, command.account):
        return Refusal(Code.LAST_COORDINATOR, {"field": "role"})
    body = bodies.RoleGiven if gives else bodies.RoleTaken
    yield LocalDraft(
        body(
            v=1,
            at_s=now_s,
            account=command.account,
            role=command.role,
            entered_by=entered_by(command.actor, command.account),
        )
    )
    return command.account


def set_rules(
    books: Books, command: SetRules, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Set how the group wants its pages. Refuses `forbidden`, `already_so`."""
    refusal = not_coordinator(books, command.actor)
    if refusal is not None:
        return refusal
    before = (books.members.members_see_balances, books.members.names_shared)
    asked = (command.members_see_balances, command.names_shared)
    see, shared = (old if new is None else new for old, new in zip(before, asked, strict=True))
    if (see, shared) == before:
        field = "members_see_balances" if command.names_shared is None else "names_shared"
        return Refusal(Code.ALREADY_SO, {"field": field})
    yield LocalDraft(
        bodies.GroupRules(
            v=1,
            at_s=now_s,
            members_see_balances=see,
            names_shared=shared,
            entered_by=command.actor,
        )
    )
    return 0


def share_name(
    books: Books, command: ShareName, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Let members of other groups find a member by name, or no longer.

    Nobody says yes for somebody else, a coordinator neither; no may be said by all who may act for
    the member, also where the group shares no names any more.

    Refusals, in this order: of a yes `account_unknown`, `account_inactive`, `not_yours`,
    `names_not_shared`; of a no `account_unknown`, `not_yours`; then `already_so`.
    """
    account = command.account
    if command.shares:
        refusal = active_refused(books, account)
        if refusal is None and command.actor != account:
            refusal = Refusal(Code.NOT_YOURS, {"field": "account"})
        if refusal is None and not books.members.names_shared:
            refusal = Refusal(Code.NAMES_NOT_SHARED, {"field": "account"})
    else:
        refusal = member_refused(books, account) or not_yours(
            books, command.actor, account, "account"
        )
    if refusal is None and books.members.shares_name(account) is command.shares:
        refusal = Refusal(Code.ALREADY_SO, {"field": "account"})
    if refusal is not None:
        return refusal
    yield LocalDraft(
        bodies.NameShared(
            v=1,
            at_s=now_s,
            account=account,
            shares=command.shares,
            entered_by=entered_by(command.actor, account),
        )
    )
    return account


# what several rules ask


def member_refused(books: Books, account: int, field: str = "account") -> Refusal | None:
    """Refuse an account that is not one of a member, or whose member was erased."""
    found = books.ledger.accounts.get(account)
    if found is None or found.kind is not AccountKind.MEMBER or found.subject is None:
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": field})
    if books.members.is_erased(account):
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": field})
    return None


def active_refused(books: Books, account: int, field: str = "account") -> Refusal | None:
    """Refuse an account that is not one of a member, or is inactive."""
    refusal = member_refused(books, account, field)
    if refusal is None and not books.ledger.accounts[account].status.books():
        return Refusal(Code.ACCOUNT_INACTIVE, {"field": field})
    return refusal


def has_right(books: Books, actor: int | None, right: Right) -> bool:
    """Tell whether an active member has a right by one of its roles; whoever runs the node has."""
    if actor is None:
        return True
    if active_refused(books, actor) is not None:
        return False
    return any(books.members.has_role(actor, role) for role in holders(right))


def lacks(books: Books, actor: int | None, right: Right) -> Refusal | None:
    """Refuse whoever has not this right."""
    if has_right(books, actor, right):
        return None
    return Refusal(Code.FORBIDDEN, {"field": "account"})


def is_coordinator(books: Books, actor: int | None) -> bool:
    """Tell whether this is an active coordinator, or whoever runs the node."""
    return has_right(books, actor, Right.LEAD)


def is_last(books: Books, account: int) -> bool:
    """Tell whether nobody else is an active coordinator beside this one, who is."""
    held = books.members.roles.values()
    active = {one.account for one in held if one.on and is_coordinator(books, one.account)}
    return active == {account}


def not_coordinator(books: Books, actor: int | None) -> Refusal | None:
    """Refuse whoever is no coordinator."""
    return lacks(books, actor, Right.LEAD)


def not_yours(
    books: Books, actor: int | None, account: int, field: str, *, by_helper: bool = True
) -> Refusal | None:
    """Refuse who may not act for this member: neither itself, nor a helper, nor a coordinator."""
    if is_coordinator(books, actor):
        return None
    assert actor is not None  # whoever runs the node counts as a coordinator
    own = actor == account or (by_helper and books.members.helps(actor, account))
    if not own or active_refused(books, actor) is not None:
        return Refusal(Code.NOT_YOURS, {"field": field})
    return None


def entered_by(actor: int | None, account: int) -> int | None:
    """Give who stands beside the member on record."""
    return None if actor == account else actor


def described_seq(books: Books, account: int) -> int:
    """Give the place in the log of what is written about a member."""
    return books.members.described.get(account) or books.ledger.accounts[account].opened_seq


def changed_since(books: Books, account: int, seen_seq: int) -> Refusal | None:
    """Refuse to write over what was written about a member after it was looked at."""
    if described_seq(books, account) == seen_seq:
        return None
    return Refusal(Code.MEMBERS_CHANGED, {"field": "account"})


def subject_of(books: Books, account: int) -> str:
    """Give whose data key seals the texts of a member."""
    subject = books.ledger.accounts[account].subject
    assert subject is not None  # a member has one
    return subject
