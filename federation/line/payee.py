"""The payee's side of a payment: admission, and what its node answers (design section 4).

Limits, expiry and policy are checked before the accept and never again. A commit for what was
accepted is applied whenever it comes, unless the payer's own abort came first.

    (none) -prepare-> accept -> ACCEPTED -commit-> receipt -> CREDITED
                      reject -> REJECTED -abort-> release -> RELEASED
                                ACCEPTED -7 days of silence-> release -> SILENT -commit-> CREDITED
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.line import booking, reversal
from federation.line.conversion import Quote, fits
from federation.line.drafts import LineDraft
from federation.line.payer import undecided_too_much
from projections.lines import Phase, granted_by_us
from projections.room import room_to_take
from schemas import cores
from schemas.bodies import AcceptBody, AccountKind, ReceiptBody, TextReference
from schemas.core_parts import ReleaseCause, Verdict, WireCode

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.line.commands import ReceivedEvent
    from federation.line.drafts import Draft
    from projections.books import Books
    from projections.lines import Line, Transfer
    from schemas.terms import Terms

SILENCE_S: Final = 7 * 24 * 3600
TWO_VERDICTS: Final = "two_verdicts"
"""Proof of cheating: one originator has signed two decisions for one path."""


def admit(
    books: Books, line: Line, prepare: cores.PayPrepare, member: int, *, now_s: int
) -> WireCode | None:
    """Decide on a partner's prepare. Limits and time count here and never again.

    Codes, in this order: `line_not_open`, `expired`; of what was asked for, the code by which it
    was declined, of what the payer's node has aborted before, its code, or `request_other`; of a
    reversal `reversal_unknown`, `already_reversed`; of the rest `terms_stale`,
    `amounts_mismatch`, `too_large`; `line_limit`, `line_busy`, `payee_unknown`, `payee_inactive`,
    `payee_limit`.
    """
    if line.terms is None or not line.open():
        return WireCode.LINE_NOT_OPEN
    if now_s >= prepare.expires_at_s:
        return WireCode.EXPIRED
    numbers = Quote(prepare.line_units, prepare.payer_minor, prepare.payee_minor)
    code = _asked_otherwise(books, prepare, numbers, member) or (
        _terms_wrong(line, line.terms, prepare, numbers)
        if prepare.reverses is None
        else reversal.prepare_wrong(
            books,
            line.line,
            prepare.path,
            prepare.reverses,
            prepare.terms_rev,
            numbers=numbers,
            member=member,
        )
    )
    if code is not None:
        return code
    granted = granted_by_us(line)
    if line.owed_to_us() + prepare.line_units > granted:
        return WireCode.LINE_LIMIT
    if undecided_too_much(line.held_in_units, prepare.line_units, granted):
        return WireCode.LINE_BUSY
    return payee_refused(books, member, prepare.payee_minor, now_s=now_s)


def _asked_otherwise(
    books: Books, prepare: cores.PayPrepare, numbers: Quote, member: int
) -> WireCode | None:
    """Hold a prepare against what its path was used for before: our request, its own abort."""
    asked = books.transfers.get((prepare.path, prepare.line, "in"))
    if asked is None:
        return None
    if asked.phase is Phase.DECLINED or asked.voided:
        return WireCode(asked.code)
    same = (
        numbers == Quote(asked.line_units, asked.payer_minor, asked.payee_minor)
        and prepare.terms_rev == asked.terms_rev
        and (prepare.reverses or "") == asked.reverses
        and member == asked.account
    )
    return None if same else WireCode.REQUEST_OTHER


def _terms_wrong(
    line: Line, terms: Terms, prepare: cores.PayPrepare, numbers: Quote
) -> WireCode | None:
    if prepare.terms_rev != terms.rev:
        return WireCode.TERMS_STALE
    us, them = terms.side(line.us), terms.other(line.us)
    if not fits(numbers, prepare.fixed, payer=them.rate, payee=us.rate):
        return WireCode.AMOUNTS_MISMATCH
    if prepare.line_units > terms.largest_units:
        return WireCode.TOO_LARGE
    return None


def payee_refused(books: Books, member: int, amount_minor: int, *, now_s: int) -> WireCode | None:
    """Refuse a payee that is unknown, inactive, or would pass its upper limit."""
    account = books.ledger.accounts.get(member)
    if account is None or account.kind not in (AccountKind.MEMBER, AccountKind.GROUP):
        return WireCode.PAYEE_UNKNOWN
    if not account.status.books():
        return WireCode.PAYEE_INACTIVE
    room = room_to_take(books.ledger, account, now_s=now_s)
    if room is not None and amount_minor > room:
        return WireCode.PAYEE_LIMIT
    return None


def prepared(
    books: Books, line: Line, event: ReceivedEvent, prepare: cores.PayPrepare, *, now_s: int
) -> Generator[Draft, str, str]:
    """Answer a prepare: accept or reject, finally. A path that was used before is a conflict.

    Returns a code when the event cannot be, else the empty string.
    """
    known = books.transfers.get((prepare.path, line.line, "in"))
    if known is not None and known.prepare:
        return "path_used_again"
    code = admit(books, line, prepare, event.member, now_s=now_s)
    if code is not None:
        yield LineDraft(
            line=line.line,
            core=cores.PayReject,
            fields={"path": prepare.path, "prepare": event.id, "code": code},
        )
        return ""
    assert prepare.commitments.peer is not None  # without it there is no payee
    yield LineDraft(
        line=line.line,
        core=cores.PayAccept,
        fields={"path": prepare.path, "prepare": event.id, "line_units": prepare.line_units},
        body=AcceptBody(
            v=1,
            payee=event.member,
            payer_minor=prepare.payer_minor,
            payee_minor=prepare.payee_minor,
            terms_rev=prepare.terms_rev,
            fixed=prepare.fixed,
            expires_at_s=prepare.expires_at_s,
            reverses=prepare.reverses,
            peer=TextReference(event.member_subject, prepare.commitments.peer),
        ),
        peer_received=event.opening,
        subject=event.member_subject,
    )
    return ""


def committed(
    books: Books, line: Line, event: ReceivedEvent, commit: cores.PayCommit
) -> Generator[Draft, str, str]:
    """Credit the payee for what was accepted, whenever the commit comes.

    The first verdict in the payer's chain counts: after its own abort, and the second time, a
    commit is void. Returns a code when it cannot be.
    """
    transfer = books.transfers.get((commit.path, line.line, "in"))
    if transfer is not None and transfer.voided:
        return TWO_VERDICTS if event.decision_valid else "commit_differs"
    if transfer is None or not transfer.accept:
        return "commit_without_accept"
    decision = commit.decision.decision
    valid = (
        event.decision_valid
        and decision.verdict is Verdict.COMMIT
        and decision.path == commit.path
        and decision.origin == line.peer
        and decision.accept == transfer.accept
        and commit.line_units == transfer.line_units
    )
    if transfer.phase is Phase.CREDITED:
        return "commit_repeated"
    if not valid:
        return "commit_differs"
    yield _receipt(books, line, event, transfer)
    return ""


def aborted(
    books: Books, line: Line, event: ReceivedEvent, abort: cores.PayAbort
) -> Generator[Draft, str, str]:
    """Let go of what was held for a payment that the payer's node has aborted.

    Returns a code when the abort cannot be, else the empty string.
    """
    transfer = books.transfers[abort.path, line.line, "in"]
    if not transfer.prepare:
        return "abort_without_prepare"
    if transfer.phase in (Phase.ACCEPTED, Phase.SILENT):
        yield _release(transfer, ReleaseCause.ABORTED)
    decision = abort.decision.decision
    valid = (
        event.decision_valid
        and decision.verdict is Verdict.ABORT
        and decision.path == abort.path
        and decision.origin == line.peer
    )
    if transfer.phase is Phase.CREDITED and valid:
        return TWO_VERDICTS
    return "" if valid else "abort_differs"


def expire(books: Books, *, now_s: int) -> Generator[Draft, str, int]:
    """Give payees their room back where the payer's node has been silent; returns how many.

    The line units stay held: a partner that does not decide uses up nobody's limit but its own.
    """
    due = [
        transfer
        for transfer in books.transfers.values()
        if transfer.phase is Phase.ACCEPTED and now_s >= transfer.expires_at_s + SILENCE_S
    ]
    for transfer in due:
        yield _release(transfer, ReleaseCause.SILENT)
    return len(due)


def _release(transfer: Transfer, cause: ReleaseCause) -> LineDraft:
    return LineDraft(
        line=transfer.line,
        core=cores.PayRelease,
        fields={"path": transfer.path, "cause": cause},
    )


def _receipt(books: Books, line: Line, event: ReceivedEvent, transfer: Transfer) -> LineDraft:
    signed = line.terms_of(transfer.terms_rev)
    assert signed is not None
    assert line.clearing_rate is not None
    before, after = line.balance_units, line.balance_units - transfer.line_units
    legs = booking.postings(
        booking.accounts(books, line, transfer.account),
        member_minor=transfer.payee_minor,
        before_units=before,
        after_units=after,
        signed=signed.side(line.us).rate,
        today=line.clearing_rate,
    )
    return LineDraft(
        line=line.line,
        core=cores.PayReceipt,
        fields={
            "path": transfer.path,
            "commit": event.id,
            "up_to": event.n,
            "line_units": transfer.line_units,
            "total": line.credited_units + transfer.line_units,
            "balance": after,
        },
        body=ReceiptBody(v=1, postings=legs),
    )
