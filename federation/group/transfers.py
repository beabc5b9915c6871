"""The rules of a transfer between two accounts of the group. Pure (design section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.group.commands import GROUP_SUBJECT, ImportTransfer, Transfer
from federation.line.drafts import Draft, LocalDraft
from federation.line.once import booked_already
from federation.line.payer import payer_refused
from projections.room import room_to_take
from schemas import bodies
from schemas.bodies import AccountKind, Posting
from schemas.errors import Code, Refusal
from schemas.ids import SAFE_INTEGER
from schemas.openings import TransferText

if TYPE_CHECKING:
    from collections.abc import Container, Generator

    from projections.books import Books
    from projections.ledger import Account


def transfer(
    books: Books, command: Transfer, *, now_s: int, used: Container[bytes] = frozenset()
) -> Generator[Draft, str, tuple[Posting, ...] | Refusal]:
    """Book a transfer inside the group; `used` as `booked_already` wants it.

    Refusals, in this order: `booked_already`, `amount_not_positive`, `amount_too_large`,
    `account_same`, `account_unknown`, `account_inactive`, `payer_limit`, `payee_limit`.
    """
    amount = command.amount_minor
    refusal = booked_already(books, command.other_ids, used) or amount_refused(amount)
    if refusal is not None:
        return refusal
    if command.payer == command.payee:
        return Refusal(Code.ACCOUNT_SAME, {"field": "payee"})
    accounts = books.ledger.accounts
    payer, payee = accounts.get(command.payer), accounts.get(command.payee)
    refusal = payer_refused(books, payer, amount, now_s=now_s)
    refusal = refusal or payee_refused(books, payee, amount, now_s=now_s)
    if refusal is not None:
        return refusal
    assert payer is not None
    assert payee is not None
    postings = (Posting(command.payer, -amount), Posting(command.payee, amount))
    assert sum(posting.amount_minor for posting in postings) == 0, "I1"
    yield LocalDraft(
        bodies.TransferBooked(
            v=1,
            at_s=now_s,
            key=command.key,
            postings=postings,
            entered_by=command.entered_by,
        ),
        _texts(payer, payee, command.description),
    )
    return postings


def payee_refused(
    books: Books, account: Account | None, amount_minor: int, *, now_s: int
) -> Refusal | None:
    """Refuse a payee that is unknown, inactive, or would pass its upper limit."""
    if account is None or account.kind not in (AccountKind.MEMBER, AccountKind.GROUP):
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "payee"})
    if not account.status.books():
        return Refusal(Code.ACCOUNT_INACTIVE, {"field": "payee"})
    room = room_to_take(books.ledger, account, now_s=now_s)
    if room is not None and amount_minor > room:
        return Refusal(Code.PAYEE_LIMIT, {"field": "payee", "possible_minor": room})
    return None


def import_transfer(
    books: Books, command: ImportTransfer
) -> Generator[Draft, str, tuple[Posting, ...] | Refusal]:
    """Book what another system booked. Refuses what cannot be booked at all, but no limits."""
    amount = command.amount_minor
    refusal = amount_refused(amount)
    if refusal is not None:
        return refusal
    payer = books.ledger.accounts.get(command.payer)
    payee = books.ledger.accounts.get(command.payee)
    if payer is None or payee is None:
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "payer" if payer is None else "payee"})
    postings = (Posting(command.payer, -amount), Posting(command.payee, amount))
    text = TransferText(
        description=command.description,
        payer_real=command.payer_real,
        payee_real=command.payee_real,
    )
    subjects = _subjects(payer, payee)
    yield LocalDraft(
        bodies.TransferImported(v=1, at_s=command.at_s, source=command.source, postings=postings),
        tuple((subject, text) for subject in subjects) if command.description else (),
    )
    return postings


def amount_refused(amount: int) -> Refusal | None:
    """Refuse an amount that is nothing, or more than can be counted."""
    if amount < 1:
        return Refusal(Code.AMOUNT_NOT_POSITIVE, {"field": "amount"})
    if amount > SAFE_INTEGER:
        return Refusal(Code.AMOUNT_TOO_LARGE, {"field": "amount"})
    return None


def _subjects(payer: Account, payee: Account) -> tuple[str, ...]:
    subjects = (payer.subject or GROUP_SUBJECT, payee.subject or GROUP_SUBJECT)
    return subjects if subjects[0] != subjects[1] else subjects[:1]


def _texts(
    payer: Account, payee: Account, description: str
) -> tuple[tuple[str, TransferText], ...]:
    """Store a text that concerns two members twice, once under the key of each."""
    if not description:
        return ()
    text = TransferText(description=description)
    return tuple((subject, text) for subject in _subjects(payer, payee))
