"""Groups without a node: their account here, and trades that their contact confirms by mail. Pure.

Units of the payer and room of the payee are set apart from the question to the answer; limits count
when a member asks and never afterwards, as between nodes. One answer ends it: a booking with
exactly the numbers of the question, a refusal with its reason, or the end of the time.

    (none) -ask-> OPEN -confirm-> BOOKED
                  OPEN -refuse, take back, 14 days-> REFUSED, CANCELLED, EXPIRED
                  BOOKED -a coordinator gives it back-> reversed
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.group.commands import GROUP_SUBJECT
from federation.group.members import not_coordinator
from federation.group.partner_commands import (
    AnswerStatement,
    AskPartner,
    ConfirmTrade,
    PausePartner,
    ReachPartner,
)
from federation.group.transfers import amount_refused
from federation.line.drafts import Draft, LocalDraft
from projections.agreeing import RequestPhase
from projections.ledger import code_key
from projections.room import room_to_give, room_to_take
from schemas import bodies
from schemas.bodies import AccountKind, AccountStatus, Posting
from schemas.errors import Code, Refusal
from schemas.openings import MessageText, NameText, TransferText

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.group.partner_commands import PartnerCommand
    from projections.agreeing import Request
    from projections.books import Books
    from projections.ledger import Account
    from schemas.openings import PersonalText

ANSWER_WITHIN_S: Final = 14 * 24 * 3600
"""Volunteers read their mail once a week, and are reminded twice."""
Texts = tuple[tuple[str, "PersonalText"], ...]


def decide(books: Books, command: PartnerCommand, *, now_s: int) -> Generator[Draft, str, Any]:
    """Decide a command about a group that is reached by mail."""
    match command:
        case AskPartner():
            return (yield from ask(books, command, now_s=now_s))
        case ConfirmTrade():
            return (yield from confirm(books, command, now_s=now_s))
        case ReachPartner():
            return (yield from reach(books, command, now_s=now_s))
        case PausePartner():
            return (yield from pause(books, command, now_s=now_s))
        case AnswerStatement():
            return (yield from answer(books, command, now_s=now_s))


def reach(books: Books, command: ReachPartner, *, now_s: int) -> Generator[Draft, str, Any]:
    """Let a group be reached by mail, within limits of its own; gives its account.

    Of an earlier contact the data key is destroyed: name and address open no more.
    Refusals, in this order: `forbidden`, `limits_order`; of a new one `code_taken`; of one with an
    account `account_unknown`, also when it is no other group's.
    """
    refusal = not_coordinator(books, command.actor) or _order_refused(command)
    if refusal is not None:
        return refusal
    number = command.account
    if number is None:
        if code_key(command.code) in books.ledger.codes:
            return Refusal(Code.CODE_TAKEN, {"field": "code"})
        number = books.ledger.next_account
        yield _opened(command, number, now_s=now_s)
    else:
        account = books.ledger.accounts.get(number)
        if account is None or account.kind is not AccountKind.OLD_PARTNER:
            return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "account"})
        yield from _readied(account, command, now_s=now_s)
    before = books.agreeing.partners.get(number)
    if before is not None and before.subject != command.subject:  # it is somebody else now
        yield LocalDraft(
            bodies.MemberErased(
                v=1,
                at_s=now_s,
                account=number,
                subjects=(before.subject,),
                entered_by=command.actor,
            )
        )
    yield LocalDraft(
        bodies.PartnerReached(
            v=1,
            at_s=now_s,
            account=number,
            contact=1 if before is None else before.contact + 1,
            subject=command.subject,
            entered_by=command.actor,
        ),
        ((GROUP_SUBJECT, NameText(name=command.group)), (command.subject, command.contact)),
    )
    return number


def _order_refused(command: ReachPartner) -> Refusal | None:
    if command.lower_minor > 0:
        return Refusal(Code.LIMITS_ORDER, {"field": "lower_minor"})
    if command.upper_minor < 0:
        return Refusal(Code.LIMITS_ORDER, {"field": "upper_minor"})
    return None


def _opened(command: ReachPartner, number: int, *, now_s: int) -> LocalDraft:
    return LocalDraft(
        bodies.AccountOpened(
            v=1,
            at_s=now_s,
            account=number,
            code=command.code,
            kind=AccountKind.OLD_PARTNER,
            status=AccountStatus.ACTIVE,
            lower_minor=command.lower_minor,
            upper_minor=command.upper_minor,
        )
    )


def _readied(account: Account, command: ReachPartner, *, now_s: int) -> Generator[Draft, str, None]:
    """Let an account that came along be traded with, within these limits."""
    limits = (command.lower_minor, command.upper_minor)
    if account.unlimited or (account.lower_minor, account.upper_minor) != limits:
        yield LocalDraft(
            bodies.AccountLimited(
                v=1,
                at_s=now_s,
                account=account.account,
                lower_minor=command.lower_minor,
                upper_minor=command.upper_minor,
                entered_by=command.actor,
            )
        )
    if account.status is not AccountStatus.ACTIVE:
        yield LocalDraft(
            bodies.AccountStatusSet(
                v=1,
                at_s=now_s,
                account=account.account,
                status=AccountStatus.ACTIVE,
                entered_by=command.actor,
            )
        )


def pause(books: Books, command: PausePartner, *, now_s: int) -> Generator[Draft, str, Any]:
    """Admit no new trades with a group for now, with a reason, or again; what is open goes on.

    Refusals, in this order: `forbidden`, `account_unknown`, `already_so`, `text_missing`.
    """
    refusal = not_coordinator(books, command.actor)
    if refusal is not None:
        return refusal
    partner = books.agreeing.partners.get(command.account)
    if partner is None:
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "account"})
    if (partner.paused_seq is not None) is command.paused:
        return Refusal(Code.ALREADY_SO, {"field": "paused"})
    if command.paused and not command.reason:
        return Refusal(Code.TEXT_MISSING, {"field": "reason"})
    body = bodies.PartnerPaused if command.paused else bodies.PartnerResumed
    yield LocalDraft(
        body(v=1, at_s=now_s, account=command.account, entered_by=command.actor),
        ((GROUP_SUBJECT, MessageText(text=command.reason)),) if command.paused else (),
    )
    return command.account


def ask(books: Books, command: AskPartner, *, now_s: int) -> Generator[Draft, str, Any]:
    """Set apart what a trade comes to until the group's contact has answered; gives the request.

    Refusals: those of `ask_refused`.
    """
    refusal = ask_refused(
        books,
        command.member,
        command.partner,
        command.amount_minor,
        gives=command.gives,
        now_s=now_s,
    )
    if refusal is not None:
        return refusal
    pair = (command.member, command.partner)
    payer, payee = pair if command.gives else pair[::-1]
    yield LocalDraft(
        bodies.RequestMade(
            v=1,
            at_s=now_s,
            request=command.key,
            payer=payer,
            payee=payee,
            amount_minor=command.amount_minor,
            expires_at_s=now_s + ANSWER_WITHIN_S,
            entered_by=command.entered_by,
            confirms=command.partner,
        ),
        _described(books, command, member=command.member, gives=command.gives),
    )
    return books.agreeing.requests[command.key]


def ask_refused(
    books: Books, member: int, partner: int, amount_minor: int, *, gives: bool, now_s: int
) -> Refusal | None:
    """Refuse a trade with a group by mail that cannot be asked for now.

    In this order: `amount_not_positive`, `amount_too_large`, `account_unknown`, `account_inactive`,
    `partner_paused`, `payer_limit`, `payee_limit`.
    """
    refusal = amount_refused(amount_minor)
    if refusal is not None:
        return refusal
    ours, theirs = books.ledger.accounts.get(member), books.ledger.accounts.get(partner)
    if ours is None or ours.kind not in (AccountKind.MEMBER, AccountKind.GROUP):
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "member"})
    known = books.agreeing.partners.get(partner)
    if theirs is None or known is None:
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "partner"})
    for account, field in ((ours, "member"), (theirs, "partner")):
        if not account.status.books():
            return Refusal(Code.ACCOUNT_INACTIVE, {"field": field})
    if known.paused_seq is not None:
        return Refusal(Code.PARTNER_PAUSED, {"field": "partner"})
    pair = (member, partner) if gives else (partner, member)
    return room_refused(books, *pair, amount_minor, now_s=now_s)


def room_refused(
    books: Books, payer: int, payee: int, amount_minor: int, *, now_s: int
) -> Refusal | None:
    """Refuse what an account that is closed, or its limits, leave no room for."""
    accounts = books.ledger.accounts
    for number, field in ((payer, "payer"), (payee, "payee")):
        if not accounts[number].status.books():
            return Refusal(Code.ACCOUNT_INACTIVE, {"field": field})
    room = room_to_give(books.ledger, accounts[payer], now_s=now_s)
    if room is not None and amount_minor > room:
        return Refusal(Code.PAYER_LIMIT, {"field": "payer", "possible_minor": room})
    room = room_to_take(books.ledger, accounts[payee], now_s=now_s)
    if room is not None and amount_minor > room:
        return Refusal(Code.PAYEE_LIMIT, {"field": "payee", "possible_minor": room})
    return None


def confirm(books: Books, command: ConfirmTrade, *, now_s: int) -> Generator[Draft, str, Any]:
    """Book what was asked, in one event; what was set apart for it is what moves.

    Refusals, in this order: `not_found` (also for another group), `already_decided`, `expired`,
    `quote_changed`.
    """
    request = books.agreeing.requests.get(command.request)
    if request is None or request.confirms != command.partner:
        return Refusal(Code.NOT_FOUND, {"field": "request"})
    if request.phase is not RequestPhase.OPEN:
        return Refusal(Code.ALREADY_DECIDED, {"field": "request"})
    if now_s >= request.expires_at_s:
        return Refusal(Code.EXPIRED, {"field": "request"})
    amount = request.amount_minor
    if command.expected_minor != amount:
        return Refusal(Code.QUOTE_CHANGED, {"field": "amount", "possible_minor": amount})
    postings = (Posting(request.payer, -amount), Posting(request.payee, amount))
    assert sum(posting.amount_minor for posting in postings) == 0, "I1"
    gives = request.payee == command.partner
    member = request.payer if gives else request.payee
    yield LocalDraft(
        bodies.TransferBooked(
            v=1,
            at_s=now_s,
            key=command.key,
            postings=postings,
            entered_by=request.entered_by,
            request=request.request,
        ),
        _described(books, command, member=member, gives=gives),
    )
    return postings


def answer(books: Books, command: AnswerStatement, *, now_s: int) -> Generator[Draft, str, Any]:
    """Take in what a group says of a monthly statement; the same again changes nothing.

    Refusals, in this order: `account_unknown`, `text_missing` when it does not agree and says not
    why.
    """
    partner = books.agreeing.partners.get(command.account)
    if partner is None:
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "account"})
    if not command.agrees and not command.reason:
        return Refusal(Code.TEXT_MISSING, {"field": "reason"})
    yield LocalDraft(
        bodies.StatementAnswered(
            v=1,
            at_s=now_s,
            account=command.account,
            month=command.month,
            balance_minor=command.balance_minor,
            agrees=command.agrees,
        ),
        ((GROUP_SUBJECT, MessageText(text=command.reason)),) if command.reason else (),
    )
    return command.account


def reason_texts(books: Books, request: Request, reason: str) -> Texts:
    """Give the reason of a refusal, once for the member and once for the group's own eyes."""
    if not reason or request.confirms is None:
        return ()
    member = request.payee if request.payer == request.confirms else request.payer
    return for_both(books, member, MessageText(text=reason))


def _described(
    books: Books, command: AskPartner | ConfirmTrade, *, member: int, gives: bool
) -> Texts:
    """Say what a trade was for and with whom, for the member and for the group's account."""
    text = TransferText(
        description=command.description,
        payer_real="" if gives else command.person,
        payee_real=command.person if gives else "",
    )
    return for_both(books, member, text) if command.description or command.person else ()


def for_both(books: Books, member: int, text: PersonalText) -> Texts:
    """Have a text sealed for the member and for the group's own eyes."""
    subjects = (books.ledger.accounts[member].subject or GROUP_SUBJECT, GROUP_SUBJECT)
    return tuple((subject, text) for subject in dict.fromkeys(subjects))
