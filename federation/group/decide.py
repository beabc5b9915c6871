"""The rules of a group's own ledger in one place: a command in, events or a refusal out.

Pure: the books and the time come in as arguments. Nothing is edited or deleted; every transfer
sums to zero; limits are checked here, by the single writer (design section 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.group import (
    board,
    categories,
    collective,
    erasing,
    limits,
    members,
    merging,
    moderation,
    posts,
    statuses,
    transfers,
)
from federation.group.board import BoardCommand
from federation.group.collective import CollectiveCommand
from federation.group.commands import (
    GROUP_SUBJECT,
    CloseLeft,
    Configure,
    ImportCategory,
    ImportPost,
    ImportTransfer,
    Note,
    OpenAccount,
    SetGroupLimits,
    SetLimits,
    SetStatus,
    Transfer,
)
from federation.group.erasing import ErasingCommand
from federation.group.member_commands import (
    CategoryCommand,
    ContentCommand,
    DescribeMember,
    HidePost,
    MemberCommand,
    PostCommand,
    TakeMemberFile,
    UnhidePost,
)
from federation.group.merging import MergeMembers
from federation.line.drafts import Draft, LocalDraft
from projections.ledger import code_key
from schemas import bodies
from schemas.bodies import AccountKind, AccountStatus
from schemas.errors import Code, Refusal
from schemas.openings import NameText

if TYPE_CHECKING:
    from collections.abc import Container, Generator

    from federation.group.commands import GroupCommand
    from projections.books import Books

OWN_ACCOUNTS: Final = (
    ("secretariaat", AccountKind.GROUP),
    ("afronding", AccountKind.ROUNDING),
    ("herwaardering", AccountKind.REVALUATION),
    ("te onderzoeken", AccountKind.SUSPENSE),
)


def decide(
    books: Books,
    command: (
        GroupCommand
        | CollectiveCommand
        | ErasingCommand
        | MemberCommand
        | TakeMemberFile
        | MergeMembers
        | PostCommand
        | ContentCommand
        | BoardCommand
    ),
    *,
    now_s: int,
    used: Container[bytes] = frozenset(),
) -> Generator[Draft, str, Any]:
    """Decide one command. Yields events, receives the id of each; returns answer or refusal.

    `used` are the keys of what was done before, those that the command names among them.
    """
    match command:
        case Transfer():
            return (yield from transfers.transfer(books, command, now_s=now_s, used=used))
        case OpenAccount() | TakeMemberFile() | MergeMembers():
            return (yield from _members_as_a_whole(books, command, now_s=now_s))
        case ImportTransfer() | ImportPost() | ImportCategory():
            return (yield from _take_over(books, command, now_s=now_s))
        case Configure():
            return (yield from configure(books, command, now_s=now_s))
        case SetLimits():
            return (yield from limits.set_limits(books, command, now_s=now_s))
        case SetGroupLimits():
            return (yield from limits.set_group_limits(books, command, now_s=now_s))
        case SetStatus():
            return (yield from statuses.change(books, command, now_s=now_s))
        case CloseLeft():
            return (yield from statuses.close_left(books, now_s=now_s))
        case Note():
            yield LocalDraft(command.body)
            return None
        case _ if isinstance(command, CollectiveCommand):
            return (yield from collective.decide(books, command, now_s=now_s))
        case _ if isinstance(command, ErasingCommand):
            return (yield from erasing.decide(books, command, now_s=now_s))
        case _ if isinstance(command, MemberCommand):
            return (yield from members.decide(books, command, now_s=now_s))
        case _ if isinstance(command, BoardCommand):
            return (yield from board.decide(books, command, now_s=now_s))
        case _:
            return (yield from _content(books, command, now_s=now_s))


def _content(
    books: Books, command: ContentCommand | PostCommand, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Decide about offers and wants, and what coordinators and editors see to among them."""
    match command:
        case HidePost():
            return (yield from moderation.hide(books, command, now_s=now_s))
        case UnhidePost():
            return (yield from moderation.unhide(books, command, now_s=now_s))
        case _ if isinstance(command, CategoryCommand):
            return (yield from categories.decide(books, command, now_s=now_s))
        case _:
            return (yield from posts.decide(books, command, now_s=now_s))


def _members_as_a_whole(
    books: Books, command: OpenAccount | TakeMemberFile | MergeMembers, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Decide what opens accounts, or makes one of two."""
    if isinstance(command, TakeMemberFile):
        return (yield from take_member_file(books, command, now_s=now_s))
    if isinstance(command, MergeMembers):
        return (yield from merging.merge(books, command, now_s=now_s))
    return (yield from open_account(books, command, now_s=now_s))


def _take_over(
    books: Books, command: ImportTransfer | ImportPost | ImportCategory, *, now_s: int
) -> Generator[Draft, str, Any]:
    """Decide what comes from a former system."""
    match command:
        case ImportTransfer():
            return (yield from transfers.import_transfer(books, command))
        case ImportPost():
            return (yield from import_post(books, command))
        case ImportCategory():
            return (yield from import_category(books, command, now_s=now_s))


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


def take_member_file(
    books: Books, command: TakeMemberFile, *, now_s: int
) -> Generator[Draft, str, int | Refusal]:
    """Change and add members as a file says, and give how many.

    Whoever was described anew since the file was looked at is not written over.
    Refusals, in this order: `forbidden`, those of `members.describe`, `members_changed`,
    `code_taken`.
    """
    refusal = members.not_coordinator(books, command.actor)
    if refusal is not None:
        return refusal
    for one in command.changed:
        refusal = members.member_refused(books, one.account) or members.changed_since(
            books, one.account, one.seen_seq
        )
        if refusal is not None:
            return refusal
    codes = [code_key(one.code) for one in command.added]
    if len(set(codes)) < len(codes) or any(code in books.ledger.codes for code in codes):
        return Refusal(Code.CODE_TAKEN, {"field": "code"})
    for one in command.changed:
        described = DescribeMember(command.key, command.actor, one.account, one.text)
        yield from members.describe(books, described, now_s=now_s)
    for new in command.added:
        opened = OpenAccount(command.key, new.code, AccountKind.MEMBER, new.subject, new.text)
        yield from open_account(books, opened, now_s=now_s)
    return len(command.changed) + len(command.added)


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
            pictures=command.pictures,
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
