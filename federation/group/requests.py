"""Requests and reversals inside the group: who asks, who consents, what is given back. Pure.

A request holds nothing and books nothing. Consent is a booking that names the request, with exactly
its numbers, under the limits of that moment. A reversal mirrors a booking number by number, at most
one a booking; it needs the consent of the one who gives back: the payee of the original books it at
once, the payer asks (design section 5).

    (none) -request-> OPEN -booking-> BOOKED
                      OPEN -decline by either side, 7 days-> REFUSED, CANCELLED, EXPIRED
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.group.commands import GROUP_SUBJECT
from federation.group.partners import reason_texts
from federation.group.transfers import amount_refused, payee_refused
from federation.line.drafts import Draft, LocalDraft
from federation.line.once import booked_already
from federation.line.payer import payer_refused
from projections.agreeing import RequestPhase
from schemas import bodies
from schemas.bodies import AccountKind, Posting
from schemas.errors import Code, Refusal
from schemas.openings import TransferText
from schemas.thread_bodies import RequestEnd

if TYPE_CHECKING:
    from collections.abc import Container, Generator, Sequence

    from federation.group.agreeing import (
        AskBack,
        AskPayment,
        ConsentToAsked,
        DeclineAsked,
        ReverseBooking,
        SpreadUnits,
    )
    from projections.agreeing import Request
    from projections.books import Books
    from schemas.openings import PersonalText

REQUEST_S: Final = 7 * 24 * 3600
SHARES_MAX: Final = 250
LEGS: Final = 2
Booked = tuple[Posting, ...] | Refusal


def ask(books: Books, command: AskPayment, *, now_s: int) -> Generator[Draft, str, Any]:
    """Ask to be paid; gives the request.

    Refusals, in this order: `amount_not_positive`, `amount_too_large`, `account_same`,
    `account_unknown`, `account_inactive`, `member_blocked`, `payee_limit`. The payer's limit counts
    when it consents.
    """
    refusal = amount_refused(command.amount_minor) or _parties_refused(books, command)
    if refusal is not None:
        return refusal
    payee = books.ledger.accounts[command.payee]
    refusal = payee_refused(books, payee, command.amount_minor, now_s=now_s)
    if refusal is not None:
        return refusal
    yield _asked(books, command, command.payer, command.amount_minor, now_s=now_s)
    return books.agreeing.requests[command.key]


def ask_back(books: Books, command: AskBack, *, now_s: int) -> Generator[Draft, str, Any]:
    """Ask to have a booking given back; gives the request.

    Refusals: those of `original_of`, `forbidden` for who did not pay it, `already_reversed` when it
    is asked for already, `payee_limit`.
    """
    original = original_of(books, command.original)
    if isinstance(original, Refusal):
        return original
    payer, payee = original
    if payer.account != command.payee:
        return Refusal(Code.FORBIDDEN, {"field": "trade"})
    if payee.account in books.agreeing.partners:
        return Refusal(Code.REVERSAL_UNKNOWN, {"field": "trade"})
    if books.agreeing.reversal_asked(command.original) is not None:
        return Refusal(Code.ALREADY_REVERSED, {"field": "trade"})
    account = books.ledger.accounts.get(payer.account)
    refusal = payee_refused(books, account, payee.amount_minor, now_s=now_s)
    if refusal is not None:
        return refusal
    yield _asked(books, command, payee.account, payee.amount_minor, now_s=now_s)
    return books.agreeing.requests[command.key]


def _asked(
    books: Books, command: AskPayment | AskBack, payer: int, amount: int, *, now_s: int
) -> LocalDraft:
    return LocalDraft(
        bodies.RequestMade(
            v=1,
            at_s=now_s,
            request=command.key,
            payer=payer,
            payee=command.payee,
            amount_minor=amount,
            expires_at_s=now_s + REQUEST_S,
            reverses=getattr(command, "original", None),
            entered_by=command.entered_by,
        ),
        described(books, (payer, command.payee), command.description),
    )


def consent(
    books: Books, command: ConsentToAsked, *, now_s: int, used: Container[bytes] = frozenset()
) -> Generator[Draft, str, Booked]:
    """Book what was asked; `used` as `booked_already` wants it.

    Refusals, in this order: `not_found` (also for who was not asked), `already_decided`,
    `booked_already`, `expired`, `quote_changed`, `already_reversed`, those of a transfer.
    """
    request = books.agreeing.requests.get(command.request)
    if request is None or request.payer != command.payer or request.confirms is not None:
        return Refusal(Code.NOT_FOUND, {"field": "request"})
    if request.phase is not RequestPhase.OPEN:
        return Refusal(Code.ALREADY_DECIDED, {"field": "request"})
    refusal = booked_already(books, command.other_ids, used)
    if refusal is not None:
        return refusal
    if now_s >= request.expires_at_s:
        return Refusal(Code.EXPIRED, {"field": "request"})
    if command.expected_minor not in (None, request.amount_minor):
        facts: dict[str, int | str] = {"field": "amount", "possible_minor": request.amount_minor}
        return Refusal(Code.QUOTE_CHANGED, facts)
    if request.reverses is not None and request.reverses in books.agreeing.reversed:
        return Refusal(Code.ALREADY_REVERSED, {"field": "request"})
    shares = ((request.payee, request.amount_minor),)
    return (yield from _book(books, command, shares, now_s=now_s, request=request))


def decline(books: Books, command: DeclineAsked, *, now_s: int) -> Generator[Draft, str, Any]:
    """Refuse a request as who was asked, or take it back as who asked; once more is the same.

    Refuses `not_found` (also for somebody else), and `already_decided` when it was consented to.
    """
    request = books.agreeing.requests.get(command.request)
    if request is None or command.account not in (request.payer, request.payee):
        return Refusal(Code.NOT_FOUND, {"field": "request"})
    if request.phase is RequestPhase.BOOKED:
        return Refusal(Code.ALREADY_DECIDED, {"field": "request"})
    if request.phase is RequestPhase.OPEN:
        refused = command.account == (request.confirms or request.payer)
        end = RequestEnd.REFUSED if refused else RequestEnd.CANCELLED
        why = reason_texts(books, request, command.reason) if refused else ()
        yield _ended(request, end, why, now_s=now_s)
    return books.agreeing.requests[command.request]


def expire(books: Books, *, now_s: int) -> Generator[Draft, str, int]:
    """End the requests that nobody answered in time; returns how many."""
    due = [
        request
        for request in books.agreeing.requests.values()
        if request.phase is RequestPhase.OPEN and now_s >= request.expires_at_s
    ]
    for request in due:
        yield _ended(request, RequestEnd.EXPIRED, now_s=now_s)
    return len(due)


def _ended(
    request: Request,
    end: RequestEnd,
    texts: tuple[tuple[str, PersonalText], ...] = (),
    *,
    now_s: int,
) -> LocalDraft:
    body = bodies.RequestDeclined(v=1, at_s=now_s, request=request.request, code=end)
    return LocalDraft(body, texts)


def original_of(books: Books, seq: int) -> tuple[Posting, Posting] | Refusal:
    """Give (payer's, payee's) leg of a booking that may be reversed.

    Refusals, in this order: `reversal_unknown` when it is no booking of two legs, or itself gives
    something back; `already_reversed`.
    """
    original = books.agreeing.originals.get(seq)
    if not isinstance(original, bodies.TransferBooked) or original.reverses is not None:
        return Refusal(Code.REVERSAL_UNKNOWN, {"field": "trade"})
    legs = original.postings
    if len(legs) != LEGS:
        return Refusal(Code.REVERSAL_UNKNOWN, {"field": "trade"})
    if seq in books.agreeing.reversed:
        return Refusal(Code.ALREADY_REVERSED, {"field": "trade"})
    payer, payee = sorted(legs, key=lambda leg: leg.amount_minor)
    return payer, payee


def reverse(books: Books, command: ReverseBooking, *, now_s: int) -> Generator[Draft, str, Booked]:
    """Give back what a booking brought, number by number.

    Refusals, in this order: those of `original_of`, `forbidden` for who was not paid by it, those
    of a transfer.
    """
    original = original_of(books, command.original)
    if isinstance(original, Refusal):
        return original
    payer, payee = original
    if payee.account != command.payer:
        return Refusal(Code.FORBIDDEN, {"field": "trade"})
    asked = books.agreeing.reversal_asked(command.original)
    shares = ((payer.account, payee.amount_minor),)
    return (
        yield from _book(
            books, command, shares, now_s=now_s, request=asked, reverses=command.original
        )
    )


def spread(books: Books, command: SpreadUnits, *, now_s: int) -> Generator[Draft, str, Booked]:
    """Book that one payer gives units to everybody who helped with an activity, in one event.

    One payer, who books it and so consents; who wants to share what it costs asks the others, each
    of whom consents for itself. Limits are checked for the payer's sum and for each payee's share.

    Refusals, in this order: `not_found` (no such activity, or cancelled), `malformed` (nobody or
    too many), `not_joined`, `amount_not_positive`, `amount_too_large`, those of a transfer.
    """
    activity = books.agreeing.activities.get(command.activity)
    if activity is None or activity.cancelled:
        return Refusal(Code.NOT_FOUND, {"field": "activity"})
    helpers = [account for account, _ in command.shares]
    if not 1 <= len(set(helpers)) == len(helpers) <= SHARES_MAX:
        return Refusal(Code.MALFORMED, {"field": "shares", "reason": "each helper once"})
    if not set(helpers) <= set(activity.joined):
        return Refusal(Code.NOT_JOINED, {"field": "shares"})
    for _, amount in command.shares:
        refusal = amount_refused(amount)
        if refusal is not None:
            return refusal
    return (yield from _book(books, command, command.shares, now_s=now_s))


def _book(
    books: Books,
    command: ConsentToAsked | ReverseBooking | SpreadUnits,
    shares: Sequence[tuple[int, int]],
    *,
    now_s: int,
    request: Request | None = None,
    reverses: int | None = None,
) -> Generator[Draft, str, Booked]:
    """Book that the command's payer gives each payee its share, within everybody's limits."""
    total = sum(amount for _, amount in shares)
    accounts = books.ledger.accounts
    refusal = amount_refused(total)
    if any(payee == command.payer for payee, _ in shares):
        refusal = Refusal(Code.ACCOUNT_SAME, {"field": "payee"})
    refusal = refusal or payer_refused(books, accounts.get(command.payer), total, now_s=now_s)
    for payee, amount in shares:
        refusal = refusal or payee_refused(books, accounts.get(payee), amount, now_s=now_s)
    if refusal is not None:
        return refusal
    postings = (
        Posting(command.payer, -total),
        *(Posting(payee, amount) for payee, amount in shares),
    )
    assert sum(posting.amount_minor for posting in postings) == 0, "I1"
    parties = (command.payer, *(payee for payee, _ in shares))
    yield LocalDraft(
        bodies.TransferBooked(
            v=1,
            at_s=now_s,
            key=command.key,
            postings=postings,
            entered_by=command.entered_by,
            request=None if request is None else request.request,
            reverses=request.reverses if reverses is None and request is not None else reverses,
            activity=getattr(command, "activity", None),
        ),
        described(books, parties, getattr(command, "description", "")),
    )
    return postings


def _parties_refused(books: Books, command: AskPayment) -> Refusal | None:
    if command.payer == command.payee:
        return Refusal(Code.ACCOUNT_SAME, {"field": "payer"})
    payer = books.ledger.accounts.get(command.payer)
    payee = books.ledger.accounts.get(command.payee)
    if payer is None or payer.kind not in (AccountKind.MEMBER, AccountKind.GROUP):
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "payer"})
    if payee is None or payee.kind not in (AccountKind.MEMBER, AccountKind.GROUP):
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "payee"})
    if not payer.status.books():
        return Refusal(Code.ACCOUNT_INACTIVE, {"field": "payer"})
    if books.agreeing.blocks_member(command.payer, command.payee):
        return Refusal(Code.MEMBER_BLOCKED, {"field": "payer"})
    return None


def described(
    books: Books, parties: Sequence[int], description: str
) -> tuple[tuple[str, PersonalText], ...]:
    """Give the text of a booking or a request, once for the data key of each party."""
    if not description:
        return ()
    return for_each(books, parties, TransferText(description=description))


def for_each(
    books: Books, parties: Sequence[int], text: PersonalText
) -> tuple[tuple[str, PersonalText], ...]:
    """Have a text sealed for each party, once for each key."""
    accounts = books.ledger.accounts
    subjects = (accounts[party].subject or GROUP_SUBJECT for party in parties)
    return tuple((subject, text) for subject in dict.fromkeys(subjects))
