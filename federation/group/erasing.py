"""Erasing a member: asked for, thought better of, done. Pure (design section 2).

What stands in the log stays: number, code, bookings. At the end no data key opens anything of the
member, what it did for others is over, and partners are obliged to drop what it told them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.group.leavers import who_left
from federation.group.members import (
    entered_by,
    member_refused,
    not_coordinator,
    not_yours,
    subject_of,
)
from federation.group.statuses import at_rest, end_posts, has_open
from federation.line.drafts import LineDraft, LocalDraft
from schemas import bodies, cores
from schemas.bodies import AccountKind, AccountStatus, Posting
from schemas.errors import Code, Refusal
from schemas.line_cores import FORGETS_MAX
from schemas.thread_bodies import PeerMember

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from federation.line.drafts import Draft
    from projections.books import Books

COOLING_OFF_S: Final = 14 * 86_400
"""So long somebody who asked to be erased can think better of it."""


class AskErasure(NamedTuple):
    """Have a member erased when its time to think is over."""

    key: str
    actor: int | None
    account: int


class WithdrawErasure(NamedTuple):
    """Let a member stay after all."""

    key: str
    actor: int | None
    account: int


class EraseMember(NamedTuple):
    """Erase a member now. `key` names the booking by which the group takes its balance over."""

    key: str
    actor: int | None
    account: int
    forgets: tuple[tuple[str, str], ...] = ()
    """(line, commitment of a peer layer): what it told members of other groups."""
    due: bool = False
    """It asked for it, and had its time to think: nobody in particular does it."""
    left_by_s: int | None = None
    """It left by then, so long ago as the group keeps its data: nobody in particular either."""


ErasingCommand = AskErasure | WithdrawErasure | EraseMember


def decide(
    books: Books, command: ErasingCommand, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Decide a command about an erasure; gives the account, or a refusal."""
    match command:
        case AskErasure():
            return (yield from ask(books, command, now_s=now_s))
        case WithdrawErasure():
            return (yield from withdraw(books, command, now_s=now_s))
        case EraseMember():
            return (yield from erase(books, command, now_s=now_s))


def ask(books: Books, command: AskErasure, *, now_s: int) -> Generator[Draft, str, int | Refusal]:
    """Let the time to think begin.

    Refusals, in this order: `account_unknown`, `not_yours` (also for helpers), `already_so`,
    `trades_open`.
    """
    account = command.account
    refusal = member_refused(books, account) or not_yours(
        books, command.actor, account, "account", by_helper=False
    )
    if refusal is not None:
        return refusal
    if _is_asked(books, account):
        return Refusal(Code.ALREADY_SO, {"field": "account"})
    if has_open(books, account):
        return Refusal(Code.TRADES_OPEN, {"field": "account"})
    by, due_s = entered_by(command.actor, account), now_s + COOLING_OFF_S
    yield LocalDraft(
        bodies.ErasureAsked(v=1, at_s=now_s, account=account, due_s=due_s, entered_by=by)
    )
    return account


def withdraw(
    books: Books, command: WithdrawErasure, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Let a member stay. Refusals as of `ask`, without `trades_open`."""
    account = command.account
    refusal = member_refused(books, account) or not_yours(
        books, command.actor, account, "account", by_helper=False
    )
    if refusal is not None:
        return refusal
    if not _is_asked(books, account):
        return Refusal(Code.ALREADY_SO, {"field": "account"})
    by = entered_by(command.actor, account)
    yield LocalDraft(bodies.ErasureWithdrawn(v=1, at_s=now_s, account=account, entered_by=by))
    return account


def erase(
    books: Books, command: EraseMember, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Erase a member: by a coordinator at once, when it asked and thought, or left long ago.

    The accounts that became one with this go too.

    What the account stands at goes to the group's own account, or comes from it: an account of
    nobody would never come back to zero. Refusals, in this order: `forbidden`, `account_unknown`
    (also when it is erased already), `trades_open`; of who left long ago `forbidden` when that is
    not so any more, and `trades_open` also while its account is not at zero.
    """
    account = command.account
    by_clock = command.due or command.left_by_s is not None
    refusal = None if by_clock else not_coordinator(books, command.actor)
    refusal = refusal or member_refused(books, account)
    if refusal is not None:
        return refusal
    asked = books.members.erasures.get(account)
    if command.due and (asked is None or not asked.on or now_s < asked.due_s):
        return Refusal(Code.FORBIDDEN, {"field": "account"})
    if command.left_by_s is not None:
        left_s = who_left(books).get(account)
        if left_s is None or left_s > command.left_by_s:
            return Refusal(Code.FORBIDDEN, {"field": "account"})
        if not at_rest(books, account):
            return Refusal(Code.TRADES_OPEN, {"field": "account"})
    if has_open(books, account):
        return Refusal(Code.TRADES_OPEN, {"field": "account"})
    by = asked.entered_by if command.due and asked else entered_by(command.actor, account)
    yield from _settle(books, command, by, now_s=now_s)
    for one in (account, *doubles_of(books, account)):
        yield from _end(books, one, by, now_s=now_s)
    yield from _forget(books, command.forgets)
    return account


def doubles_of(books: Books, account: int) -> list[int]:
    """Name the accounts for which this one goes on, and theirs, that are not erased yet."""
    found: list[int] = []
    waiting = [account]
    while waiting:
        into = waiting.pop()
        merged = sorted(
            one.account for one in books.ledger.accounts.values() if one.merged_into == into
        )
        found += merged
        waiting += merged
    return [one for one in found if member_refused(books, one) is None]


def _end(books: Books, account: int, by: int | None, *, now_s: int) -> Generator[Draft, str, None]:
    """Close an account for good, and name the keys that open nothing any more."""
    subjects = (
        subject_of(books, account),
        *(person.subject for person in books.members.persons_of(account)),
    )
    if books.ledger.accounts[account].status is not AccountStatus.INACTIVE:
        gone = AccountStatus.INACTIVE
        yield LocalDraft(
            bodies.AccountStatusSet(v=1, at_s=now_s, account=account, status=gone, entered_by=by)
        )
    yield from end_posts(books, account, now_s=now_s, by=by)
    for body in [*ends_of(books, account, by, now_s=now_s)]:
        yield LocalDraft(body)
    yield LocalDraft(
        bodies.MemberErased(v=1, at_s=now_s, account=account, subjects=subjects, entered_by=by)
    )


def due(books: Books, *, now_s: int) -> list[int]:
    """Name the members whose time to think is over, and who have nothing open with anybody."""
    waiting = [one for one in books.members.erasures.values() if one.on and not one.done]
    return sorted(
        one.account for one in waiting if one.due_s <= now_s and not has_open(books, one.account)
    )


def _is_asked(books: Books, account: int) -> bool:
    found = books.members.erasures.get(account)
    return found is not None and found.on and not found.done


def _settle(
    books: Books, command: EraseMember, by: int | None, *, now_s: int
) -> Iterator[LocalDraft]:
    """Let the group take over what the account stands at; no limit is asked."""
    balance = books.ledger.balance(command.account)
    group = books.ledger.account_of_kind(AccountKind.GROUP)
    if not balance or group is None:
        return
    postings = (Posting(command.account, -balance), Posting(group.account, balance))
    assert sum(posting.amount_minor for posting in postings) == 0, "I1"
    yield LocalDraft(
        bodies.TransferBooked(
            v=1, at_s=now_s, key=command.key, postings=postings, entered_by=by or group.account
        )
    )


def ends_of(books: Books, account: int, by: int | None, *, now_s: int) -> Iterator[bodies.AnyBody]:
    """Say of everything that a member has or does beside trading that it is over."""
    members = books.members
    for person in members.persons_of(account):
        if person.here:
            yield bodies.PersonLeft(
                v=1, at_s=now_s, account=account, person=person.person, entered_by=by
            )
    for helps in members.helpers.values():
        if helps.on and account in (helps.account, helps.helper):
            yield bodies.HelperDismissed(
                v=1, at_s=now_s, account=helps.account, helper=helps.helper, entered_by=by
            )
    for holds in members.roles.values():
        if holds.on and holds.account == account:
            yield bodies.RoleTaken(v=1, at_s=now_s, account=account, role=holds.role, entered_by=by)
    for block in books.agreeing.blocks.values():
        if block.blocked and account in (block.account, block.other):
            peer = None
            if block.node:
                peer = PeerMember(node=block.node, pseudonym=block.pseudonym)
            yield bodies.MemberUnblocked(
                v=1, at_s=now_s, account=block.account, other=block.other or None, peer=peer
            )
    for activity in books.agreeing.activities.values():
        if activity.cancelled or activity.booked:
            continue
        if activity.account == account:
            yield bodies.ActivityCancelled(v=1, at_s=now_s, activity=activity.activity)
        elif account in activity.joined:
            yield bodies.ActivityLeft(v=1, at_s=now_s, activity=activity.activity, account=account)


def _forget(books: Books, forgets: tuple[tuple[str, str], ...]) -> Iterator[LineDraft]:
    """Oblige partners to drop what the member told theirs, as many texts an event as fit."""
    told: dict[str, list[str]] = {}
    for line, commitment in forgets:
        if line in books.lines:
            told.setdefault(line, []).append(commitment)
    for line, commitments in told.items():
        for start in range(0, len(commitments), FORGETS_MAX):
            some = tuple(commitments[start : start + FORGETS_MAX])
            yield LineDraft(line=line, core=cores.LineForget, fields={"forgets": some})
