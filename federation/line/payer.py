"""The payer's side of a payment: admission, and what its node answers (design section 4).

The payer's node alone decides. Limits, expiry and policy are checked before the prepare and never
again; a verdict once in the chain is final. State machine, `docs/protocol.md` has the table:

    (none) -prepare-> PREPARED -accept-> commit -> COMMITTED -receipt-> SETTLED
                               -reject, expiry, cancel-> abort -> ABORTED
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.line import booking
from federation.line.commands import ConsentToRequest, ReversePayment
from federation.line.conversion import amounts
from federation.line.drafts import DecisionDraft, LineDraft
from federation.line.once import booked_already
from federation.line.planning import plan
from projections.lines import Phase, Transfer, granted_by_them
from projections.room import room_to_give
from schemas import cores
from schemas.bodies import AccountKind, CommitBody, PrepareBody
from schemas.core_parts import Fixed, WireCode
from schemas.errors import Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.line.commands import CancelPayment, StartPayment
    from federation.line.conversion import Quote
    from federation.line.drafts import Draft
    from federation.line.planning import Plan
    from projections.books import Books
    from projections.ledger import Account
    from projections.lines import Line


UNDECIDED_SHARE: Final = 2
"""What is undecided takes at most one part in this many of a limit."""


def start(
    books: Books, command: StartPayment | ReversePayment | ConsentToRequest, *, now_s: int
) -> Generator[Draft, str, Any]:
    """Prepare a payment. The same path with the same content gives the same answer again.

    Returns the `Transfer`, or a `Refusal`: `conflict` when the path was used for something else (a
    failed id is burned), then those of `booked_already`, `not_now`, `plan` and `admit_payment`, in
    this order.
    """
    burned = books.transfers.get((command.path, command.line, "out"))
    if burned is not None and burned.phase is not Phase.REQUESTED:
        same = _same_payment(burned, command)
        return burned if same else Refusal(Code.CONFLICT, {"field": "path"})
    if any(_decides(books, command.path, line.line) for line in books.lines.values()):
        return Refusal(Code.CONFLICT, {"field": "path"})  # two decisions would look like cheating
    other_ids = () if isinstance(command, ReversePayment) else command.other_ids
    refusal = booked_already(books, other_ids)
    refusal = refusal or not_now(books, command.line, command.expires_at_s, now_s=now_s)
    if refusal is not None:
        return refusal
    made = plan(books, command)
    if isinstance(made, Refusal):
        return made
    refusal = admit_payment(books, command.line, made, now_s=now_s)
    if refusal is not None:
        return refusal
    yield LineDraft(
        line=command.line,
        core=cores.PayPrepare,
        fields={
            **amounts(made.numbers, made.fixed, terms_rev=made.terms_rev, reverses=made.reverses),
            "path": command.path,
            "expires_at_s": made.expires_at_s,
        },
        body=PrepareBody(
            v=1,
            payer=made.payer,
            payee=made.peer.payee,
            peer_subject=made.subject,
            entered_by=made.entered_by,
        ),
        peer=made.peer,
        subject=made.subject,
    )
    return books.transfers[command.path, command.line, "out"]


def _decides(books: Books, path: str, line: str) -> bool:
    """Tell whether this node is the originator of a path on a line already."""
    used = books.transfers.get((path, line, "out"))
    return used is not None and bool(used.prepare)


def not_now(books: Books, name: str, expires_at_s: int, *, now_s: int) -> Refusal | None:
    """Refuse what comes too late, or on a line that admits no new trades.

    Refusals, in this order: `line_frozen` (with the reason), `line_not_open`, `expired`.
    """
    line = books.lines.get(name)
    if line is None or line.terms is None:
        return Refusal(Code.LINE_NOT_OPEN, {"field": "line"})
    frozen = line.own_frozen or line.their_frozen
    if frozen and not line.quarantined:
        return Refusal(Code.LINE_FROZEN, {"field": "line", "reason": frozen})
    if not line.open():
        return Refusal(Code.LINE_NOT_OPEN, {"field": "line"})
    return Refusal(Code.EXPIRED, {"field": "expires_at_s"}) if expires_at_s <= now_s else None


def admit_payment(books: Books, name: str, made: Plan, *, now_s: int) -> Refusal | None:
    """Decide whether a payment may start. Limits count here and never again.

    Refusals as `admitted`.
    """
    return admitted(
        books, name, made.payer, made.numbers, reverses=bool(made.reverses), now_s=now_s
    )


def admitted(
    books: Books, name: str, payer: int, numbers: Quote, *, reverses: bool, now_s: int
) -> Refusal | None:
    """Tell whether these numbers would be admitted now.

    Refusals, in this order: `too_large_for_line` (not for a reversal), `account_unknown`,
    `account_inactive`, `payer_limit` (says how much is possible), `line_limit` (likewise),
    `line_busy`.
    """
    line = books.lines[name]
    assert line.terms is not None
    if numbers.line_units > line.terms.largest_units and not reverses:
        possible = line.terms.largest_units
        return Refusal(Code.TOO_LARGE_FOR_LINE, {"field": "amount", "possible_units": possible})
    account = books.ledger.accounts.get(payer)
    refusal = payer_refused(books, account, numbers.payer_minor, now_s=now_s)
    return refusal or _line_refused(line, numbers)


def payer_refused(
    books: Books, account: Account | None, amount_minor: int, *, now_s: int
) -> Refusal | None:
    """Refuse a payer that is unknown, inactive, or would pass its lower limit.

    This is the rule for "payer beyond limit", for payments inside and between groups.
    """
    if account is None or account.kind not in (AccountKind.MEMBER, AccountKind.GROUP):
        return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "payer"})
    if not account.status.books():
        return Refusal(Code.ACCOUNT_INACTIVE, {"field": "payer"})
    room = room_to_give(books.ledger, account, now_s=now_s)
    if room is not None and amount_minor > room:
        return Refusal(Code.PAYER_LIMIT, {"field": "payer", "possible_minor": room})
    return None


def _line_refused(line: Line, numbers: Quote) -> Refusal | None:
    granted = granted_by_them(line)
    room = granted - line.owed_by_us()
    if numbers.line_units > room:
        return Refusal(Code.LINE_LIMIT, {"field": "line", "possible_units": max(0, room)})
    if undecided_too_much(line.unconfirmed_units(), numbers.line_units, granted):
        return Refusal(Code.LINE_BUSY, {"field": "line"})
    return None


def undecided_too_much(undecided_units: int, line_units: int, granted_units: int) -> bool:
    """Tell whether one more would hold more than half of a limit undecided (griefing).

    One alone is always admitted, or a large one could never pass.
    """
    too_much = (undecided_units + line_units) * UNDECIDED_SHARE > granted_units
    return undecided_units > 0 and too_much


def _same_payment(
    burned: Transfer, command: StartPayment | ReversePayment | ConsentToRequest
) -> bool:
    if isinstance(command, ReversePayment):
        return burned.reverses == command.original and burned.payee == command.peer.payee
    if isinstance(command, ConsentToRequest):
        same = (burned.account, burned.payee) == (command.payer, command.peer.payee)
        return bool(burned.request) and same
    given = {
        Fixed.PAYEE: burned.payee_minor,
        Fixed.PAYER: burned.payer_minor,
        Fixed.LINE: burned.line_units,
    }[burned.fixed]
    return (
        burned.account == command.payer
        and burned.fixed is command.fixed
        and given == command.amount
        and burned.payee == command.peer.payee
    )


def cancel(books: Books, command: CancelPayment) -> Generator[Draft, str, Any]:
    """Take a payment back before its commit.

    Refuses `not_found`, and `already_decided` when it is too late.
    """
    transfer = books.transfers.get((command.path, command.line, "out"))
    if transfer is None:
        return Refusal(Code.NOT_FOUND, {"field": "path"})
    if transfer.phase is Phase.ABORTED:
        return transfer
    if transfer.phase is Phase.REQUESTED:
        return Refusal(Code.NOT_FOUND, {"field": "path"})
    if transfer.phase is not Phase.PREPARED:
        return Refusal(Code.ALREADY_DECIDED, {"field": "path"})
    yield abort(transfer, WireCode.CANCELLED)
    return books.transfers[transfer.key()]


def accepted(
    books: Books, line: Line, accept_id: str, accept: cores.PayAccept, *, now_s: int
) -> Generator[Draft, str, str]:
    """Decide about what the payee's node has accepted: commit, or abort when it came too late.

    Returns a code when the accept cannot be, else the empty string.
    """
    transfer = books.transfers.get((accept.path, line.line, "out"))
    if transfer is None or transfer.prepare != accept.prepare:
        return "accept_without_prepare"
    if transfer.line_units != accept.line_units:
        return "accept_differs"
    if transfer.phase is not Phase.PREPARED:
        return ""  # decided before: cancelled or expired, the abort stands in our chain
    if now_s >= transfer.expires_at_s:
        yield abort(transfer, WireCode.EXPIRED)
        return ""
    yield _commit(books, line, transfer, accept_id)
    return ""


def rejected(books: Books, line: Line, reject: cores.PayReject) -> Generator[Draft, str, str]:
    """Abort what the payee's node has refused; what was held is free again."""
    transfer = books.transfers.get((reject.path, line.line, "out"))
    if transfer is None or transfer.prepare != reject.prepare:
        return "reject_without_prepare"
    if transfer.phase is Phase.PREPARED:
        yield abort(transfer, reject.code)
    return ""


def receipted(books: Books, line: Line, receipt: cores.PayReceipt) -> str:
    """Check what the payee's node says it credited. The fold has marked the payment settled."""
    transfer = books.transfers.get((receipt.path, line.line, "out"))
    if transfer is None or transfer.commit != receipt.commit:
        return "receipt_without_commit"
    if transfer.line_units != receipt.line_units:
        return "receipt_differs"
    return ""


def expire(books: Books, *, now_s: int) -> Generator[Draft, str, int]:
    """Abort every payment whose time is over without an accept; returns how many."""
    due = [
        transfer
        for transfer in books.transfers.values()
        if transfer.phase is Phase.PREPARED and now_s >= transfer.expires_at_s
    ]
    for transfer in due:
        yield abort(transfer, WireCode.EXPIRED)
    return len(due)


def abort(transfer: Transfer, code: WireCode) -> LineDraft:
    """Draft the verdict that frees what was held."""
    return LineDraft(
        line=transfer.line,
        core=cores.PayAbort,
        fields={
            "path": transfer.path,
            "decision": DecisionDraft(transfer.path, commit=False),
            "code": code,
        },
    )


def _commit(books: Books, line: Line, transfer: Transfer, accept_id: str) -> LineDraft:
    signed = line.terms_of(transfer.terms_rev)
    assert signed is not None
    assert line.clearing_rate is not None
    before, after = line.balance_units, line.balance_units + transfer.line_units
    legs = booking.postings(
        booking.accounts(books, line, transfer.account),
        member_minor=-transfer.payer_minor,
        before_units=before,
        after_units=after,
        signed=signed.side(line.us).rate,
        today=line.clearing_rate,
    )
    return LineDraft(
        line=line.line,
        core=cores.PayCommit,
        fields={
            "path": transfer.path,
            "decision": DecisionDraft(transfer.path, commit=True, accept=accept_id),
            "line_units": transfer.line_units,
            "total": line.paid_units + transfer.line_units,
            "balance": after,
        },
        body=CommitBody(v=1, postings=legs),
    )
