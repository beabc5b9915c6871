"""What stands for a body that did not come back after a restore (design section 3, Restore rule).

Both chains still say what was agreed: the prepare has p, X and q. Where the member is not known
the booking goes against `suspense`, for the coordinator to resolve. Pure; called with the books
as they stood right before the event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.line import booking
from projections.lines import Phase
from schemas import bodies, cores
from schemas.amounts import to_minor
from schemas.board_bodies import ItemChanged, ItemRemoved
from schemas.bodies import AccountKind, AccountStatus, Posting
from schemas.content_bodies import (
    CategoriesOrdered,
    CategoryChanged,
    CategoryEnded,
    PostHidden,
    PostUnhidden,
)
from schemas.openings import LINE_THREAD

if TYPE_CHECKING:
    from projections.books import Books

NOBODY: Final = "A" * 43
"""Stands for a pseudonym that is lost."""
_ABOUT_POSTS: Final = (
    bodies.PostChanged,
    bodies.PostRenewed,
    bodies.PostEnded,
    PostHidden,
    PostUnhidden,
)


def stand_in(
    books: Books, core: cores.AnyCore, prepare: cores.PayPrepare | None
) -> bodies.AnyBody | None:
    """Give the body that books a line event whose own body is lost.

    `prepare` is the partner's prepare that a `pay.accept` answers.
    """
    suspense = _own_account(books, AccountKind.SUSPENSE)
    match core:
        case cores.PayPrepare():
            return bodies.PrepareBody(v=1, payer=suspense, payee=NOBODY)
        case cores.PayRequest():
            return bodies.RequestBody(v=1, payee=suspense, payer=NOBODY)
        case cores.PayAccept():
            assert prepare is not None, "an accept has seen its prepare"
            return _accept(prepare, suspense)
        case cores.PayCommit():
            return bodies.CommitBody(v=1, postings=_settled(books, core, "out"))
        case cores.PayReceipt():
            return bodies.ReceiptBody(v=1, postings=_settled(books, core, "in"))
        case cores.LineRevalued():
            kind = AccountKind.SUSPENSE if core.rev == 1 else AccountKind.REVALUATION
            return bodies.RevaluedBody(v=1, postings=_moved(books, core, kind))
        case cores.LineClose():
            return bodies.ClosedBody(v=1, postings=_moved(books, core, AccountKind.GROUP))
        case cores.LineNote():
            return bodies.NoteBody(v=1, account=suspense, thread=LINE_THREAD)
        case cores.TermsPropose():
            return bodies.ProposeBody(v=1, old_account=suspense)
        case _:
            return None


def clearing_stand_in(books: Books, *, at_s: int) -> bodies.AccountOpened | None:
    """Give the opening of a clearing account that has to stand in a lost local event.

    A line with terms in force has one, and nothing can be booked on it without.
    """
    line = next((x for x in books.lines.values() if x.terms is not None and not x.clearing), None)
    if line is None:
        return None
    return bodies.AccountOpened(
        v=1,
        at_s=at_s,
        account=books.ledger.next_account,
        code=f"groep {line.line[:12]}",
        kind=AccountKind.CLEARING,
        status=AccountStatus.ACTIVE,
        line=line.line,
        unlimited=True,
    )


def rests_on_lost(books: Books, body: bodies.AnyBody) -> bool:
    """Tell whether a body names what only a lost one could have made: account, line, post."""
    accounts = books.ledger.accounts
    if isinstance(body, bodies.AccountOpened):
        return body.account != books.ledger.next_account or (
            body.line is not None and body.line not in books.lines
        )
    if isinstance(body, bodies.LineQuarantined | bodies.QuarantineEnded):
        return body.line not in books.lines
    if isinstance(body, CategoryChanged | CategoryEnded | CategoriesOrdered):
        return _rests_on_lost_category(books, body)
    if isinstance(body, _ABOUT_POSTS):
        return body.post not in books.members.posts
    if isinstance(body, ItemChanged | ItemRemoved):
        return body.item not in books.members.items
    if isinstance(body, bodies.PersonLeft):
        return (body.account, body.person) not in books.members.persons
    named = [
        getattr(body, name, None) for name in ("account", "payer", "payee", "old_account", "helper")
    ]
    numbers = [number for number in named if isinstance(number, int)]
    numbers += [leg.account for leg in getattr(body, "postings", ())]
    return any(number not in accounts for number in numbers)


def _rests_on_lost_category(
    books: Books, body: CategoryChanged | CategoryEnded | CategoriesOrdered
) -> bool:
    if isinstance(body, CategoriesOrdered):
        return False  # what is not there is not ordered
    return body.category not in books.members.categories


def _accept(prepare: cores.PayPrepare, suspense: int) -> bodies.AcceptBody:
    return bodies.AcceptBody(
        v=1,
        payee=suspense,
        payer_minor=prepare.payer_minor,
        payee_minor=prepare.payee_minor,
        terms_rev=prepare.terms_rev,
        fixed=prepare.fixed,
        expires_at_s=prepare.expires_at_s,
        reverses=prepare.reverses,
    )


def _settled(books: Books, core: Any, direction: Any) -> tuple[Posting, ...]:
    """Book a commit or a receipt as it was booked: the hold still says for whom."""
    line = books.lines[core.line]
    transfer = books.transfers[core.path, core.line, direction]
    assert transfer.phase in (Phase.PREPARED, Phase.ACCEPTED, Phase.SILENT)
    signed = line.terms_of(transfer.terms_rev)
    assert signed is not None
    assert line.clearing_rate is not None
    out = direction == "out"
    return booking.postings(
        booking.accounts(books, line, transfer.account),
        member_minor=-transfer.payer_minor if out else transfer.payee_minor,
        before_units=line.balance_units,
        after_units=core.balance,
        signed=signed.side(line.us).rate,
        today=line.clearing_rate,
    )


def _moved(books: Books, core: Any, other: AccountKind) -> tuple[Posting, ...]:
    """Bring the clearing account to where the event says the line stands, against one account."""
    line = books.lines[core.line]
    rate = line.clearing_rate
    if isinstance(core, cores.LineRevalued):
        terms = line.terms_of(core.rev)
        rate = None if terms is None else terms.side(line.us).rate
    if rate is None or not line.clearing:
        return ()
    change = to_minor(core.balance, rate) - books.ledger.balance(line.clearing)
    if not change:
        return ()
    return (
        Posting(line.clearing, change),
        Posting(_own_account(books, other), -change),
    )


def _own_account(books: Books, kind: AccountKind) -> int:
    account = books.ledger.account_of_kind(kind)
    assert account is not None, "the node's own accounts are opened with its first events"
    return account.account
