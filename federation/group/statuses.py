"""The status of an account: who joins, leaves and is gone.

Whoever leaves moves towards zero only (`projections.room`); their offers and wants end at once, and
at zero, with nothing open, the account closes by itself. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.group.members import is_last, not_coordinator
from federation.line.drafts import LocalDraft
from projections.agreeing import RequestPhase
from projections.lines import DONE
from schemas import bodies
from schemas.bodies import AccountKind, AccountStatus
from schemas.errors import Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.group.commands import SetStatus
    from federation.line.drafts import Draft
    from projections.books import Books


def change(books: Books, command: SetStatus, *, now_s: int) -> Generator[Draft, str, int | Refusal]:
    """Give an account another status; the posts of who leaves, or is gone, end with it.

    What is so already stays so, without an event. Refusals, in this order: `forbidden`,
    `account_unknown`; of closing it `account_held` while trades with other groups hold something
    of it, and `last_coordinator`.
    """
    refusal = not_coordinator(books, command.actor)
    if refusal is not None:
        return refusal
    account = books.ledger.accounts.get(command.account)
    if account is None or account.kind not in (AccountKind.MEMBER, AccountKind.GROUP):
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "account"})
    if books.members.is_erased(command.account):
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "account"})
    if account.status is command.status:
        return command.account
    held = books.ledger.held_lower.get(command.account)
    held = held or books.ledger.held_upper.get(command.account)
    if held and not command.status.books():
        return Refusal(Code.ACCOUNT_HELD, {"field": "account"})
    by_member = command.actor is not None  # whoever runs the server may end a whole group
    if by_member and not command.status.books() and is_last(books, command.account):
        return Refusal(Code.LAST_COORDINATOR, {"field": "account"})
    yield becomes(
        command.account,
        command.status,
        now_s=now_s,
        by=command.actor,
        merged_into=command.merged_into,
        given_minor=command.given_minor,
    )
    if command.status in (AccountStatus.LEAVING, AccountStatus.INACTIVE):
        yield from end_posts(books, command.account, now_s=now_s, by=command.actor)
    if command.account in who_has_left(books):
        yield becomes(command.account, AccountStatus.INACTIVE, now_s=now_s)
    return command.account


def close_left(books: Books, *, now_s: int) -> Generator[Draft, str, int]:
    """Close the accounts of those who have left; returns how many."""
    left = who_has_left(books)
    for account in left:
        yield from end_posts(books, account, now_s=now_s)
        yield becomes(account, AccountStatus.INACTIVE, now_s=now_s)
    return len(left)


def who_has_left(books: Books) -> list[int]:
    """Name the leavers whose account is at zero, and who have nothing open with anybody."""
    leaving = [
        account.account
        for account in books.ledger.accounts.values()
        if account.status is AccountStatus.LEAVING
    ]
    return [account for account in leaving if at_rest(books, account)]


def at_rest(books: Books, account: int) -> bool:
    """Tell whether an account is at zero, with nothing open with anybody."""
    return not books.ledger.balance(account) and not has_open(books, account)


def has_open(books: Books, account: int) -> bool:
    """Tell whether trades hold something of an account, or wait for somebody's answer."""
    ledger = books.ledger
    return (
        bool(ledger.held_lower.get(account) or ledger.held_upper.get(account))
        or any(
            trade.account == account and trade.phase not in DONE
            for trade in books.transfers.values()
        )
        or any(
            account in (request.payer, request.payee) and request.phase is RequestPhase.OPEN
            for request in books.agreeing.requests.values()
        )
    )


def becomes(
    account: int,
    status: AccountStatus,
    *,
    now_s: int,
    by: int | None = None,
    merged_into: int | None = None,
    given_minor: int | None = None,
) -> LocalDraft:
    """Say that an account has another status, and which one goes on for it with what was given."""
    return LocalDraft(
        bodies.AccountStatusSet(
            v=1,
            at_s=now_s,
            account=account,
            status=status,
            entered_by=by,
            merged_into=merged_into,
            given_minor=given_minor,
        )
    )


def end_posts(
    books: Books, account: int, *, now_s: int, by: int | None = None
) -> Generator[Draft, str, None]:
    """Take back every offer and want of a member that stands."""
    standing = [
        post.post
        for post in books.members.posts.values()
        if post.account == account and not post.ended
    ]
    for post in standing:
        yield LocalDraft(bodies.PostEnded(v=1, at_s=now_s, post=post, entered_by=by))
