"""The rules of collective bookings: one account and many, in one event.

Who gets or gives how much is planned first, so that a coordinator sees each row with what it leads
to; what is booked then is exactly what was seen, or nothing. Pure (design section 5).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.group.commands import GROUP_SUBJECT
from federation.group.members import lacks
from federation.group.rights import Right
from federation.group.transfers import amount_refused
from federation.line.drafts import LocalDraft
from projections.room import passes_soft_limit, room_to_give, room_to_take
from schemas import bodies
from schemas.bodies import AccountKind, Posting
from schemas.errors import Code, Refusal
from schemas.openings import TransferText

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from federation.line.drafts import Draft
    from projections.books import Books
    from projections.ledger import Account

SHARES_MAX: Final = 1_000

Shares = tuple[tuple[int, int], ...]
"""(account, minor units) of each of the many."""


class Beyond(StrEnum):
    """What becomes of a share that would pass a member's limit."""

    SKIP = "skip"
    LOWER = "lower"
    """As much as the limit leaves room for."""


class BookCollective(NamedTuple):
    """Book between one account and many. `key` makes it idempotent."""

    key: str
    actor: int | None
    """Who does it; nobody: whoever runs the node."""
    one: int
    gives: bool
    """The one gives to the many; else they give to the one."""
    shares: Shares
    description: str


class ReverseCollective(NamedTuple):
    """Give back what a collective booking moved, number by number, in one event."""

    key: str
    actor: int | None
    original: int
    """Its place in the log."""
    description: str = ""


CollectiveCommand = BookCollective | ReverseCollective


class Row(NamedTuple):
    """What a collective booking is to one of the many."""

    account: int
    asked_minor: int
    amount_minor: int
    """What would be booked; 0 when nothing."""
    after_minor: int
    """Its balance then."""
    refusal: Refusal | None
    """Why less is booked than was asked; nothing when it is all."""
    soft: bool
    """Whether the balance then lies beyond a soft limit."""


class Plan(NamedTuple):
    """Exactly what would be booked."""

    rows: tuple[Row, ...]
    total_minor: int
    one_after_minor: int
    refusal: Refusal | None
    """Why it cannot be booked at all."""

    @property
    def shares(self) -> Shares:
        """The rows that book something, as the command wants them."""
        return tuple((row.account, row.amount_minor) for row in self.rows if row.amount_minor)


def spread(total_minor: int, weights: Mapping[int, int]) -> Shares:
    """Spread a total by weights (>= 0) to the last unit: largest remainder, the earlier one first.

    Nobody is off from its exact part by a whole minor unit. Nothing is spread over no weight.
    """
    every = sum(weights.values())
    if not every:
        return ()
    parts = {account: divmod(total_minor * weight, every) for account, weight in weights.items()}
    over = total_minor - sum(whole for whole, _ in parts.values())
    first = sorted(parts, key=lambda account: -parts[account][1])[:over]
    more = frozenset(first)
    return tuple((account, whole + (account in more)) for account, (whole, _) in parts.items())


def plan(
    books: Books,
    *,
    one: int,
    gives: bool,
    asked: Sequence[tuple[int, int]],
    beyond: Beyond,
    now_s: int,
) -> Plan:
    """Say what a collective booking would do, row by row; hard limits bind, soft ones warn."""
    rows = tuple(
        _row(books, account, amount, gives=gives, beyond=beyond, now_s=now_s)
        for account, amount in asked
    )
    shares = tuple((row.account, row.amount_minor) for row in rows if row.amount_minor)
    total = sum(amount for _, amount in shares)
    after = books.ledger.balance(one) + (-total if gives else total)
    refusal = _refused(books, one, shares, gives=gives, now_s=now_s)
    return Plan(rows, total, after, refusal)


def _row(books: Books, number: int, asked: int, *, gives: bool, beyond: Beyond, now_s: int) -> Row:
    ledger = books.ledger
    balance = ledger.balance(number)
    amount, refusal = asked, None
    account = _bookable(books, number)
    if isinstance(account, Refusal):
        return Row(number, asked, 0, balance, account, soft=False)
    room = _room(books, account, takes=gives, now_s=now_s)
    if room is not None and asked > room:
        amount = room if beyond is Beyond.LOWER else 0
        refusal = _limit_refusal(takes=gives, room=room)
    moves = amount if gives else -amount
    soft = bool(amount) and passes_soft_limit(ledger, account, moves)
    return Row(number, asked, amount, balance + moves, refusal, soft=soft)


def decide(
    books: Books, command: CollectiveCommand, *, now_s: int
) -> Generator[Draft, str, tuple[Posting, ...] | Refusal]:
    """Decide a command about a collective booking."""
    if isinstance(command, BookCollective):
        return (yield from book(books, command, now_s=now_s))
    return (yield from reverse(books, command, now_s=now_s))


def book(
    books: Books, command: BookCollective, *, now_s: int
) -> Generator[Draft, str, tuple[Posting, ...] | Refusal]:
    """Book it, whole or not at all.

    Refusals, in this order: `forbidden`, `text_missing`, those of the one account and its limit,
    `malformed` (nobody, too many or one twice), and of the first of the many with one:
    `account_same`, `account_unknown`, `account_inactive`, `amount_not_positive`,
    `amount_too_large`, `payee_limit` or `payer_limit`.
    """
    refusal = lacks(books, command.actor, Right.BOOK)
    if refusal is None and not command.description.strip():
        refusal = Refusal(Code.TEXT_MISSING, {"field": "description"})
    refusal = refusal or _refused(
        books, command.one, command.shares, gives=command.gives, now_s=now_s
    )
    if refusal is not None:
        return refusal
    sign = 1 if command.gives else -1
    many = tuple(Posting(account, sign * amount) for account, amount in command.shares)
    return (yield from _booked(command.key, command.one, many, command, now_s=now_s))


def reverse(
    books: Books, command: ReverseCollective, *, now_s: int
) -> Generator[Draft, str, tuple[Posting, ...] | Refusal]:
    """Give it all back in one event.

    Refusals, in this order: `forbidden`, `reversal_unknown` when it is no collective booking or
    itself gives something back, `already_reversed`, and those of booking it the other way round.
    """
    refusal = lacks(books, command.actor, Right.BOOK)
    if refusal is not None:
        return refusal
    original = books.agreeing.originals.get(command.original)
    if not isinstance(original, bodies.CollectiveBooked) or original.reverses is not None:
        return Refusal(Code.REVERSAL_UNKNOWN, {"field": "trade"})
    if command.original in books.agreeing.reversed:
        return Refusal(Code.ALREADY_REVERSED, {"field": "trade"})
    one, *others = original.postings
    gives = one.amount_minor > 0
    shares = tuple((leg.account, abs(leg.amount_minor)) for leg in others)
    refusal = _refused(books, one.account, shares, gives=gives, now_s=now_s)
    if refusal is not None:
        return refusal
    many = tuple(Posting(leg.account, -leg.amount_minor) for leg in others)
    return (yield from _booked(command.key, one.account, many, command, now_s=now_s))


def _booked(
    key: str, one: int, many: tuple[Posting, ...], command: CollectiveCommand, *, now_s: int
) -> Generator[Draft, str, tuple[Posting, ...]]:
    postings = (Posting(one, -sum(leg.amount_minor for leg in many)), *many)
    assert sum(posting.amount_minor for posting in postings) == 0, "I1"
    text = TransferText(description=command.description)
    yield LocalDraft(
        bodies.CollectiveBooked(
            v=1,
            at_s=now_s,
            key=key,
            postings=postings,
            entered_by=command.actor,
            reverses=command.original if isinstance(command, ReverseCollective) else None,
        ),
        ((GROUP_SUBJECT, text),) if command.description else (),
    )
    return postings


def _refused(books: Books, one: int, shares: Shares, *, gives: bool, now_s: int) -> Refusal | None:
    account = _bookable(books, one)
    if isinstance(account, Refusal):
        return account
    numbers = {number for number, _ in shares}
    if not 1 <= len(numbers) == len(shares) <= SHARES_MAX:
        reason = f"each member once, and at most {SHARES_MAX}"
        return Refusal(Code.MALFORMED, {"field": "shares", "reason": reason})
    if one in numbers:
        return Refusal(Code.ACCOUNT_SAME, {"field": "shares"})
    total = sum(amount for _, amount in shares)
    refusal = _amount_refused(books, one, total, takes=not gives, now_s=now_s)
    for number, amount in shares:
        refusal = refusal or _amount_refused(books, number, amount, takes=gives, now_s=now_s)
    return refusal


def _amount_refused(
    books: Books, number: int, amount: int, *, takes: bool, now_s: int
) -> Refusal | None:
    account = _bookable(books, number)
    if isinstance(account, Refusal):
        return account
    refusal = amount_refused(amount)
    if refusal is not None:
        return refusal
    room = _room(books, account, takes=takes, now_s=now_s)
    if room is not None and amount > room:
        return _limit_refusal(takes=takes, room=room)
    return None


def _bookable(books: Books, number: int) -> Account | Refusal:
    account = books.ledger.accounts.get(number)
    if account is None or account.kind not in (AccountKind.MEMBER, AccountKind.GROUP):
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "account"})
    if not account.status.books():
        return Refusal(Code.ACCOUNT_INACTIVE, {"field": "account"})
    return account


def _room(books: Books, account: Account, *, takes: bool, now_s: int) -> int | None:
    room = room_to_take if takes else room_to_give
    return room(books.ledger, account, now_s=now_s)


def _limit_refusal(*, takes: bool, room: int) -> Refusal:
    code = Code.PAYEE_LIMIT if takes else Code.PAYER_LIMIT
    return Refusal(code, {"field": "account", "possible_minor": room})
