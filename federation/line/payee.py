"""The payee's side of a payment: admission, and what its node answers (design section 4).

Limits, expiry and policy are checked before the accept and never again. A commit for what was
accepted is applied whenever it comes, unless the payer's own abort came first.

    (none) -prepare-> accept -> ACCEPTED -commit-> receipt -> CREDITED
                      reject -> REJECTED -abort-> release -> RELEASED
                                ACCEPTED -7 days of silence-> release -> SILENT -commit-> CREDITED
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.line import booking
from federation.line.conversion import Quote, fits
from federation.line.drafts import LineDraft
from projections.lines import Phase
from projections.room import room_to_take
from schemas import cores
from schemas.bodies import AcceptBody, AccountStatus, ReceiptBody, TextReference
from schemas.cores import ReleaseCause, Verdict, WireCode

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.line.commands import ReceivedEvent
    from federation.line.drafts import Draft
    from projections.books import Books
    from projections.lines import Line, Transfer

SILENCE_S: Final = 7 * 24 * 3600


def admit(
    books: Books, line: Line, prepare: cores.PayPrepare, payee: int, *, now_s: int
) -> WireCode | None:
    """Decide on a partner's prepare. Limits and time count here and never again.

    Codes, in this order: `line_not_open`, `terms_stale`, `expired`, `amounts_mismatch`,
    `too_large`, `line_limit`, `payee_unknown`, `payee_inactive`, `payee_limit`.
    """
    terms = line.terms
    if terms is None or not line.open():
        return WireCode.LINE_NOT_OPEN
    if prepare.terms_rev != terms.rev:
        return WireCode.TERMS_STALE
    if now_s >= prepare.expires_at_s:
        return WireCode.EXPIRED
    numbers = Quote(prepare.line_units, prepare.payer_minor, prepare.payee_minor)
    us, them = terms.side(line.us), terms.other(line.us)
    if not fits(numbers, prepare.fixed, payer=them.rate, payee=us.rate):
        return WireCode.AMOUNTS_MISMATCH
    if prepare.line_units > terms.largest_units:
        return WireCode.TOO_LARGE
    if line.owed_to_us() + prepare.line_units > us.grants_units:
        return WireCode.LINE_LIMIT
    account = books.ledger.accounts.get(payee)
    if account is None:
        return WireCode.PAYEE_UNKNOWN
    if account.status is AccountStatus.INACTIVE:
        return WireCode.PAYEE_INACTIVE
    room = room_to_take(books.ledger, account)
    if room is not None and prepare.payee_minor > room:
        return WireCode.PAYEE_LIMIT
    return None


def prepared(
    books: Books, line: Line, event: ReceivedEvent, prepare: cores.PayPrepare, *, now_s: int
) -> Generator[Draft, str, str]:
    """Answer a prepare: accept or reject, finally. A path that was used before is a conflict.

    Returns a code when the event cannot be, else the empty string.
    """
    if (prepare.path, line.line, "in") in books.transfers:
        return "path_used_again"
    code = admit(books, line, prepare, event.payee, now_s=now_s)
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
            payee=event.payee,
            payer_minor=prepare.payer_minor,
            payee_minor=prepare.payee_minor,
            terms_rev=prepare.terms_rev,
            fixed=prepare.fixed,
            expires_at_s=prepare.expires_at_s,
            reverses=prepare.reverses,
            peer=TextReference(event.payee_subject, prepare.commitments.peer),
        ),
        peer_received=event.opening,
        subject=event.payee_subject,
    )
    return ""


def committed(
    books: Books, line: Line, event: ReceivedEvent, commit: cores.PayCommit
) -> Generator[Draft, str, str]:
    """Credit the payee for what was accepted, whenever the commit comes.

    Void after the payer's own abort, and the second time. Returns a code when it cannot be.
    """
    transfer = books.transfers.get((commit.path, line.line, "in"))
    if transfer is None or transfer.phase is Phase.REJECTED:
        return "commit_without_accept"
    if transfer.voided or transfer.phase is Phase.CREDITED:
        return ""  # the first verdict in the payer's chain counts
    decision = commit.decision.decision
    valid = (
        event.decision_valid
        and decision.verdict is Verdict.COMMIT
        and decision.path == commit.path
        and decision.origin == line.peer
        and decision.accept == transfer.accept
        and commit.line_units == transfer.line_units
    )
    if not valid:
        return "commit_differs"
    yield _receipt(books, line, event, transfer)
    return ""


def aborted(books: Books, line: Line, abort: cores.PayAbort) -> Generator[Draft, str, str]:
    """Let go of what was held for a payment that the payer's node has aborted."""
    transfer = books.transfers.get((abort.path, line.line, "in"))
    if transfer is not None and transfer.phase in (Phase.ACCEPTED, Phase.SILENT):
        yield _release(transfer, ReleaseCause.ABORTED)
    return ""


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
    assert line.terms is not None
    before, after = line.balance_units, line.balance_units - transfer.line_units
    legs = booking.postings(
        booking.accounts(books, line, transfer.account),
        member_minor=transfer.payee_minor,
        before_units=before,
        after_units=after,
        signed=signed.side(line.us).rate,
        today=line.terms.side(line.us).rate,
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
