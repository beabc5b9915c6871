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
    TakeRole,
)
from federation.line.drafts import LocalDraft
from schemas import bodies
from schemas.bodies import AccountKind, AccountStatus
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
        case SetRules():
            return (yield from set_rules(books, command, now_s=now_s))


def describe(
    books: Books, command: DescribeMember, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Replace what is written about a member.

    Refusals, in this order: `account_unknown`, `not_yours`.
    """
    refusal = member_refused(books, command.account) or not_yours(
        books, command.actor, command.account, "account"
    )
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
    `already_so`.
    """
    gives = isinstance(command, GiveRole)
    refusal = not_coordinator(books, command.actor) or (
        active_refused(books, command.account) if gives else member_refused(books, command.account)
    )
    if refusal is not None:
        return refusal
    if books.members.has_role(command.account, command.role) is gives:
        return Refusal(Code.ALREADY_SO, {"field": "role"})
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
    if books.members.members_see_balances is command.members_see_balances:
        return Refusal(Code.ALREADY_SO, {"field": "members_see_balances"})
    yield LocalDraft(
        bodies.GroupRules(
            v=1,
            at_s=now_s,
            members_see_balances=command.members_see_balances,
            entered_by=command.actor,
        )
    )
    return 0


# what several rules ask


def member_refused(books: Books, account: int, field: str = "account") -> Refusal | None:
    """Refuse an account that is not one of a member."""
    found = books.ledger.accounts.get(account)
    if found is None or found.kind is not AccountKind.MEMBER or found.subject is None:
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": field})
    return None


def active_refused(books: Books, account: int, field: str = "account") -> Refusal | None:
    """Refuse an account that is not one of a member, or is inactive."""
    refusal = member_refused(books, account, field)
    if refusal is None and books.ledger.accounts[account].status is AccountStatus.INACTIVE:
        return Refusal(Code.ACCOUNT_INACTIVE, {"field": field})
    return refusal


def is_coordinator(books: Books, actor: int | None) -> bool:
    """Tell whether this is an active coordinator, or whoever runs the node."""
    if actor is None:
        return True
    return active_refused(books, actor) is None and books.members.has_role(actor, Role.COORDINATOR)


def not_coordinator(books: Books, actor: int | None) -> Refusal | None:
    """Refuse whoever is no coordinator."""
    return None if is_coordinator(books, actor) else Refusal(Code.FORBIDDEN, {"field": "account"})


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


def subject_of(books: Books, account: int) -> str:
    """Give whose data key seals the texts of a member."""
    subject = books.ledger.accounts[account].subject
    assert subject is not None  # a member has one
    return subject
