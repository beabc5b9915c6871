"""Two accounts that are one member: one goes on, the other is closed and points to it.

One event moves the balance, with both names on record; it sums to zero as any booking. What both
gave so far counts for the one that goes on; moving the balance counts for nobody. Offers and
wants are placed anew under it, household, helpers, roles, blocks and what it takes part in follow;
conversations end where they are, and everybody can still read them. Bookings of before stay where
they were booked. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from federation.group.erasing import ends_of
from federation.group.member_commands import PlacePost
from federation.group.members import (
    HELPERS_MAX,
    PERSONS_EVER_MAX,
    PERSONS_MAX,
    active_refused,
    described_seq,
    entered_by,
    member_refused,
    not_coordinator,
    subject_of,
)
from federation.group.posts import content_refused, lives, place
from federation.group.statuses import becomes, end_posts, has_open
from federation.line.drafts import LocalDraft
from projections.room import room_to_give, room_to_take
from schemas import bodies
from schemas.bodies import AccountStatus, Posting
from schemas.errors import Code, Refusal
from schemas.openings import TransferText
from schemas.thread_bodies import PeerMember

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from federation.line.drafts import Draft
    from projections.books import Books
    from schemas.openings import MemberText, PersonText


class MovedPerson(NamedTuple):
    """Somebody of the household; `subject` seals its texts from now on."""

    person: int
    subject: str
    text: PersonText


class MovedPost(NamedTuple):
    """An offer or a want, and what it is placed anew as."""

    post: int
    anew: PlacePost


class MergeMembers(NamedTuple):
    """Let one account go on for two. `key` makes it idempotent."""

    key: str
    actor: int | None
    account: int
    """The double, which is closed."""
    into: int
    seen_seqs: tuple[int, int]
    """The places in the log of what was written about the two when it was shown."""
    text: MemberText
    """About the one that goes on."""
    left: MemberText
    """About the one that is closed."""
    persons: tuple[MovedPerson, ...]
    posts: tuple[MovedPost, ...]
    description: str


def refused(
    books: Books, actor: int | None, account: int, into: int, *, now_s: int
) -> Refusal | None:
    """Say why two accounts cannot become one.

    In this order: `forbidden`, `account_same`, `forbidden` for closing one's own account so,
    `account_unknown`, `account_inactive` (of the one that goes on), `already_so` for a double that
    is closed and empty, `trades_open` (also for something that it planned to do together),
    `payer_limit`, `payee_limit`, `too_many`.
    """
    refusal = not_coordinator(books, actor)
    if refusal is None and account == into:
        refusal = Refusal(Code.ACCOUNT_SAME, {"field": "into"})
    if refusal is None and actor == account:  # its rights would end half-way
        refusal = Refusal(Code.FORBIDDEN, {"field": "account"})
    refusal = refusal or member_refused(books, account) or active_refused(books, into, "into")
    if refusal is not None:
        return refusal
    balance = books.ledger.balance(account)
    if not balance and books.ledger.accounts[account].status is AccountStatus.INACTIVE:
        return Refusal(Code.ALREADY_SO, {"field": "account"})
    if has_open(books, account) or has_open(books, into) or _plans(books, account):
        return Refusal(Code.TRADES_OPEN, {"field": "account"})
    return _limit_refused(books, balance, into, now_s=now_s) or _crowded(books, account, into)


def merge(
    books: Books, command: MergeMembers, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Let one account go on for two, and give it.

    Refusals: those of `refused`; `members_changed` when the two were described anew, or somebody
    joined or something was placed, since it was shown; those of `posts.content_refused`.
    """
    account, into = command.account, command.into
    refusal = refused(books, command.actor, account, into, now_s=now_s) or _changed(
        books, command, now_s=now_s
    )
    for moved in command.posts:
        refusal = refusal or content_refused(books, moved.anew, now_s=now_s)
    if refusal is not None:
        return refusal
    by = entered_by(command.actor, into)
    given = books.ledger.given
    given_minor = (given.get(account) or 0) + (given.get(into) or 0)
    yield from _move_balance(books, command, by, now_s=now_s)
    follows = [*_follows(books, account, into, by, now_s=now_s)]
    yield from end_posts(books, account, now_s=now_s, by=by)
    for body in [*ends_of(books, account, by, now_s=now_s)]:
        yield LocalDraft(body)
    for text, of in ((command.text, into), (command.left, account)):
        described = bodies.MemberDescribed(v=1, at_s=now_s, account=of, entered_by=by)
        yield LocalDraft(described, ((subject_of(books, of), text),))
    for person in command.persons:
        number = max((p.person for p in books.members.persons_of(into)), default=0) + 1
        joined = bodies.PersonJoined(
            v=1, at_s=now_s, account=into, person=number, subject=person.subject, entered_by=by
        )
        yield LocalDraft(joined, ((person.subject, person.text),))
    for body in follows:
        yield LocalDraft(body)
    for moved in command.posts:
        yield from place(books, moved.anew, now_s=now_s)
    gone = AccountStatus.INACTIVE
    yield becomes(
        account, gone, now_s=now_s, by=by or into, merged_into=into, given_minor=given_minor
    )
    return into


def standing_posts(books: Books, account: int, *, now_s: int) -> list[int]:
    """Name the offers and wants that would be placed anew."""
    found = books.members.posts.values()
    return sorted(p.post for p in found if p.account == account and lives(p, now_s=now_s))


def standing_persons(books: Books, account: int) -> list[int]:
    """Name the persons of a household who would follow."""
    return [person.person for person in books.members.persons_of(account) if person.here]


def _changed(books: Books, command: MergeMembers, *, now_s: int) -> Refusal | None:
    seen = tuple(described_seq(books, one) for one in (command.account, command.into))
    posts = standing_posts(books, command.account, now_s=now_s)
    persons = standing_persons(books, command.account)
    if (
        seen == command.seen_seqs
        and posts == sorted(moved.post for moved in command.posts)
        and persons == [moved.person for moved in command.persons]
        and all(moved.anew.account == command.into for moved in command.posts)
    ):
        return None
    return Refusal(Code.MEMBERS_CHANGED, {"field": "account"})


def _limit_refused(books: Books, balance: int, into: int, *, now_s: int) -> Refusal | None:
    """Refuse what would bring the one that goes on beyond its limits, or farther beyond them."""
    account = books.ledger.accounts[into]
    if balance > 0:
        room = room_to_take(books.ledger, account, now_s=now_s)
        code = Code.PAYEE_LIMIT
    else:
        room = room_to_give(books.ledger, account, now_s=now_s)
        code = Code.PAYER_LIMIT
    if room is None or abs(balance) <= room:
        return None
    return Refusal(code, {"field": "into", "possible_minor": room})


def _crowded(books: Books, account: int, into: int) -> Refusal | None:
    ever = books.members.persons_of(into)
    coming = len(standing_persons(books, account))
    here = sum(person.here for person in ever) + coming
    if here > PERSONS_MAX or len(ever) + coming > PERSONS_EVER_MAX:
        return Refusal(Code.TOO_MANY, {"field": "person", "limit": PERSONS_MAX})
    helpers = {
        one.helper
        for one in books.members.helpers.values()
        if one.on and one.account in (account, into)
    } - {account, into}
    if len(helpers) > HELPERS_MAX:
        return Refusal(Code.TOO_MANY, {"field": "helper", "limit": HELPERS_MAX})
    return None


def _plans(books: Books, account: int) -> bool:
    """Tell whether a member has something planned that others may have joined."""
    return any(
        one.account == account and not one.cancelled and not one.booked
        for one in books.agreeing.activities.values()
    )


def _move_balance(
    books: Books, command: MergeMembers, by: int | None, *, now_s: int
) -> Iterator[LocalDraft]:
    balance = books.ledger.balance(command.account)
    if not balance:
        return
    postings = (Posting(command.account, -balance), Posting(command.into, balance))
    if balance < 0:  # the payer stands first
        postings = (postings[1], postings[0])
    assert sum(posting.amount_minor for posting in postings) == 0, "I1"
    text = TransferText(description=command.description)
    subjects = (subject_of(books, command.account), subject_of(books, command.into))
    yield LocalDraft(
        bodies.TransferBooked(
            v=1, at_s=now_s, key=command.key, postings=postings, entered_by=by or command.into
        ),
        tuple((subject, text) for subject in subjects),
    )


def _follows(
    books: Books, account: int, into: int, by: int | None, *, now_s: int
) -> Iterator[bodies.AnyBody]:
    """Say again of the one that goes on what was so of the double; what is so already is not."""
    members = books.members
    seen: set[tuple[int, int]] = set()
    for helps in members.helpers.values():
        if not helps.on or account not in (helps.account, helps.helper):
            continue
        pair = tuple(into if one == account else one for one in (helps.account, helps.helper))
        helped, helper = pair
        if helped != helper and not members.helps(helper, helped) and (helped, helper) not in seen:
            seen.add((helped, helper))
            yield bodies.HelperAppointed(
                v=1, at_s=now_s, account=helped, helper=helper, entered_by=by
            )
    for holds in members.roles.values():
        if holds.on and holds.account == account and not members.has_role(into, holds.role):
            yield bodies.RoleGiven(v=1, at_s=now_s, account=into, role=holds.role, entered_by=by)
    for block in books.agreeing.blocks.values():
        if not block.blocked or account not in (block.account, block.other):
            continue
        who = into if block.account == account else block.account
        other = into if block.other == account else block.other
        if who != other:
            peer = PeerMember(node=block.node, pseudonym=block.pseudonym) if block.node else None
            yield bodies.MemberBlocked(v=1, at_s=now_s, account=who, other=other or None, peer=peer)
    for activity in books.agreeing.activities.values():
        open_still = not activity.cancelled and not activity.booked
        if (
            open_still
            and account in activity.joined
            and into
            not in (
                activity.account,
                *activity.joined,
            )
        ):
            yield bodies.ActivityJoined(v=1, at_s=now_s, activity=activity.activity, account=into)
