"""Doing things together: who organises what and when, who comes along. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.group.commands import GROUP_SUBJECT
from federation.group.members import active_refused
from federation.line.drafts import Draft, LocalDraft
from schemas import bodies
from schemas.bodies import AccountKind
from schemas.errors import Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.group.agreeing import CancelActivity, JoinActivity, PlaceActivity
    from projections.agreeing import Activity
    from projections.books import Books

JOINED_MAX: Final = 250


def place(books: Books, command: PlaceActivity, *, now_s: int) -> Generator[Draft, str, Any]:
    """Place an activity, or change one as a whole; gives its number.

    Refusals, in this order: `account_unknown`, `account_inactive` (of who organises it, a member or
    the group account), `malformed` when it ends before it starts, `not_found`, `forbidden` for
    somebody else's.
    """
    account = books.ledger.accounts.get(command.account)
    if account is None or account.kind is not AccountKind.GROUP:
        refusal = active_refused(books, command.account, "account")
        if refusal is not None:
            return refusal
    if not 0 <= command.starts_at_s <= command.ends_at_s:
        return Refusal(Code.MALFORMED, {"field": "ends_at_s", "reason": "it ends before it starts"})
    number = books.agreeing.next_activity
    body: type[bodies.ActivityPlaced | bodies.ActivityChanged] = bodies.ActivityPlaced
    if command.activity is not None:
        before = standing(books, command.activity)
        if isinstance(before, Refusal):
            return before
        if before.account != command.account:
            return Refusal(Code.FORBIDDEN, {"field": "activity"})
        number, body = command.activity, bodies.ActivityChanged
    assert account is not None
    yield LocalDraft(
        body(
            v=1,
            at_s=now_s,
            activity=number,
            account=command.account,
            starts_at_s=command.starts_at_s,
            ends_at_s=command.ends_at_s,
            entered_by=command.entered_by,
        ),
        ((account.subject or GROUP_SUBJECT, command.text),),
    )
    return number


def standing(books: Books, activity: int) -> Activity | Refusal:
    """Give an activity that takes place; refuses `not_found`."""
    found = books.agreeing.activities.get(activity)
    if found is None or found.cancelled:
        return Refusal(Code.NOT_FOUND, {"field": "activity"})
    return found


def cancel(books: Books, command: CancelActivity, *, now_s: int) -> Generator[Draft, str, Any]:
    """Call an activity off; once more is the same.

    Refuses `not_found`, and `already_decided` when units were given for it already.
    """
    found = books.agreeing.activities.get(command.activity)
    if found is None:
        return Refusal(Code.NOT_FOUND, {"field": "activity"})
    if found.booked:
        return Refusal(Code.ALREADY_DECIDED, {"field": "activity"})
    if not found.cancelled:
        yield LocalDraft(bodies.ActivityCancelled(v=1, at_s=now_s, activity=command.activity))
    return command.activity


def join(books: Books, command: JoinActivity, *, now_s: int) -> Generator[Draft, str, Any]:
    """Come along, or not after all; once more is the same.

    Refusals, in this order: `not_found`, `account_unknown`, `account_inactive`, `too_large` when
    nobody more can.
    """
    found = standing(books, command.activity)
    if isinstance(found, Refusal):
        return found
    refusal = active_refused(books, command.account, "account")
    if refusal is not None:
        return refusal
    if (command.account in found.joined) == command.joins:
        return command.activity
    if command.joins and len(found.joined) >= JOINED_MAX:
        return Refusal(Code.TOO_LARGE, {"field": "activity", "limit": JOINED_MAX})
    body = bodies.ActivityJoined if command.joins else bodies.ActivityLeft
    yield LocalDraft(body(v=1, at_s=now_s, activity=command.activity, account=command.account))
    return command.activity


def equal_shares(total_minor: int, helpers: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Spread units over helpers as evenly as minor units can; the first get what is left over."""
    assert helpers
    each, over = divmod(total_minor, len(helpers))
    return tuple(
        (account, each + (1 if place_of < over else 0)) for place_of, account in enumerate(helpers)
    )
