"""The rules of a group's own ledger in one place: a command in, events or a refusal out.

Pure: the books and the time come in as arguments. Nothing is edited or deleted; every transfer
sums to zero; limits are checked here, by the single writer (design section 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.group import board, members, posts
from federation.group.board import BoardCommand
from federation.group.commands import (
    GROUP_SUBJECT,
    Configure,
    ImportCategory,
    ImportPost,
    ImportTransfer,
    Note,
    OpenAccount,
    SetLimits,
    SetStatus,
    Transfer,
)
from federation.group.member_commands import MemberCommand, PostCommand
from federation.line.drafts import Draft, LocalDraft
from federation.line.once import booked_already
from federation.line.payer import payer_refused
from projections.ledger import code_key
from projections.room import room_to_take
from schemas import bodies
from schemas.bodies import AccountKind, AccountStatus, Posting
from schemas.errors import Code, Refusal
from schemas.ids import SAFE_INTEGER
from schemas.openings import NameText, TransferText

if TYPE_CHECKING:
    from collections.abc import Container, Generator

    from federation.group.commands import GroupCommand
    from projections.books import Books
    from projections.ledger import Account

OWN_ACCOUNTS: Final = (
    ("secretariaat", AccountKind.GROUP),
    ("afronding", AccountKind.ROUNDING),
    ("herwaardering", AccountKind.REVALUATION),
    ("te onderzoeken", AccountKind.SUSPENSE),
)


def decide(
    books: Books,
    command: GroupCommand | MemberCommand | PostCommand | BoardCommand,
    *,
    now_s: int,
    used: Container[bytes] = frozenset(),
) -> Generator[Draft, str, Any]:
    """Decide one command. Yields events, receives the id of each; returns answer or refusal.

    `used` are the keys of what was done before, those that the command names among them.
    """
    match command:
        case Transfer():
            return (yield from transfer(books, command, now_s=now_s, used=used))
        case ImportTransfer():
            return (yield from import_transfer(books, command))
        case OpenAccount():
            return (yield from open_account(books, command, now_s=now_s))
        case ImportPost():
            return (yield from import_post(books, command))
        case ImportCategory():
            return (yield from import_category(books, command, now_s=now_s))
        case Configure():
            return (yield from configure(books, command, now_s=now_s))
        case SetLimits() | SetStatus():
            return (yield from change_account(books, command, now_s=now_s))
        case Note():
            yield LocalDraft(command.body)
            return None
        case _ if isinstance(command, MemberCommand):
            return (yield from members.decide(books, command, now_s=now_s))
        case _ if isinstance(command, BoardCommand):
            return (yield from board.decide(books, command, now_s=now_s))
        case _:
            return (yield from posts.decide(books, command, now_s=now_s))


def transfer(
    books: Books, command: Transfer, *, now_s: int, used: Container[bytes] = frozenset()
) -> Generator[Draft, str, tuple[Posting, ...] | Refusal]:
    """Book a transfer inside the group; `used` as `booked_already` wants it.

    Refusals, in this order: `booked_already`, `amount_not_positive`, `amount_too_large`,
    `account_same`, `account_unknown`, `account_inactive`, `payer_limit`, `payee_limit`.
    """
    amount = command.amount_minor
    refusal = booked_already(books, command.other_ids, used) or _amount_refused(amount)
    if refusal is not None:
        return refusal
    if command.payer == command.payee:
        return Refusal(Code.ACCOUNT_SAME, {"field": "payee"})
    accounts = books.ledger.accounts
    payer, payee = accounts.get(command.payer), accounts.get(command.payee)
    refusal = payer_refused(books, payer, amount) or payee_refused(books, payee, amount)
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


def payee_refused(books: Books, account: Account | None, amount_minor: int) -> Refusal | None:
    """Refuse a payee that is unknown, inactive, or would pass its upper limit."""
    if account is None or account.kind not in (AccountKind.MEMBER, AccountKind.GROUP):
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "payee"})
    if account.status is AccountStatus.INACTIVE:
        return Refusal(Code.ACCOUNT_INACTIVE, {"field": "payee"})
    room = room_to_take(books.ledger, account)
    if room is not None and amount_minor > room:
        return Refusal(Code.PAYEE_LIMIT, {"field": "payee", "possible_minor": room})
    return None


def import_transfer(
    books: Books, command: ImportTransfer
) -> Generator[Draft, str, tuple[Posting, ...] | Refusal]:
    """Book what another system booked. Refuses what cannot be booked at all, but no limits."""
    amount = command.amount_minor
    refusal = _amount_refused(amount)
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


def open_account(
    books: Books, command: OpenAccount, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Open an account and give its number. Refuses `code_taken`."""
    if code_key(command.code) in books.ledger.codes:
        return Refusal(Code.CODE_TAKEN, {"field": "code"})
    account = books.ledger.next_account
    subject = command.subject or GROUP_SUBJECT
    yield LocalDraft(
        bodies.AccountOpened(
            v=1,
            at_s=now_s,
            account=account,
            code=command.code,
            kind=command.kind,
            status=command.status,
            subject=command.subject,
            lower_minor=command.lower_minor,
            upper_minor=command.upper_minor,
            unlimited=command.unlimited,
            source=command.source,
            since_s=command.since_s,
        ),
        ((subject, command.text),) if command.text is not None else (),
    )
    return account


def configure(
    books: Books, command: Configure, *, now_s: int
) -> Generator[Draft, str, Refusal | None]:
    """Set unit, rate and limits; the first time the node's own accounts are opened too.

    Another rate takes effect with partners when the new terms do. Refuses `unit_decimals_fixed`:
    every balance is counted in the smallest unit, which cannot become another.
    """
    settings = books.ledger.settings
    if settings is not None and settings.unit.rate.decimals != command.unit.rate.decimals:
        return Refusal(Code.UNIT_DECIMALS_FIXED, {"field": "decimals"})
    yield LocalDraft(
        bodies.GroupConfigured(
            v=1,
            at_s=now_s,
            unit=command.unit,
            lower_minor=command.lower_minor,
            upper_minor=command.upper_minor,
        )
    )
    for code, kind in OWN_ACCOUNTS:
        if books.ledger.account_of_kind(kind) is None:
            yield LocalDraft(
                bodies.AccountOpened(
                    v=1,
                    at_s=now_s,
                    account=books.ledger.next_account,
                    code=code,
                    kind=kind,
                    status=AccountStatus.ACTIVE,
                    unlimited=True,
                ),
                # sealing its name makes the group's own data key, and with it its pseudonym
                ((GROUP_SUBJECT, NameText(name=code)),) if kind is AccountKind.GROUP else (),
            )
    return None


def change_account(
    books: Books, command: SetLimits | SetStatus, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Give an account other limits or another status.

    Refuses `account_unknown`, and `account_held` when it is to be closed while trades with other
    groups hold something of it.
    """
    account = books.ledger.accounts.get(command.account)
    if account is None or account.kind not in (AccountKind.MEMBER, AccountKind.GROUP):
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "account"})
    if isinstance(command, SetStatus):
        held = books.ledger.held_lower.get(command.account)
        held = held or books.ledger.held_upper.get(command.account)
        if command.status is AccountStatus.INACTIVE and held:
            return Refusal(Code.ACCOUNT_HELD, {"field": "account"})
        yield LocalDraft(
            bodies.AccountStatusSet(v=1, at_s=now_s, account=command.account, status=command.status)
        )
    else:
        yield LocalDraft(
            bodies.AccountLimited(
                v=1,
                at_s=now_s,
                account=command.account,
                lower_minor=command.lower_minor,
                upper_minor=command.upper_minor,
                unlimited=command.unlimited,
            )
        )
    return command.account


def import_post(books: Books, command: ImportPost) -> Generator[Draft, str, int | Refusal]:
    """Take over an offer or a want. Refuses `account_unknown`."""
    account = books.ledger.accounts.get(command.account)
    if account is None or account.subject is None:
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "account"})
    post = books.members.next_post
    yield LocalDraft(
        bodies.PostImported(
            v=1,
            at_s=command.at_s,
            post=post,
            account=command.account,
            want=command.want,
            source=command.source,
            category=command.category,
            expires_at_s=command.expires_at_s,
        ),
        ((account.subject, command.text),),
    )
    return post


def import_category(
    books: Books, command: ImportCategory, *, now_s: int
) -> Generator[Draft, str, int]:
    """Take over a category."""
    category = books.members.next_category
    yield LocalDraft(
        bodies.CategoryPlaced(
            v=1,
            at_s=now_s,
            category=category,
            source=command.source,
            parent=command.parent,
        ),
        ((GROUP_SUBJECT, NameText(name=command.name)),),
    )
    return category


def _amount_refused(amount: int) -> Refusal | None:
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
