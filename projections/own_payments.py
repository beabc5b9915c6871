"""The own events of payments, folded: each step gives the line as it stands afterwards.

Only own events change balances and holds; what a partner sends is in `projections.received`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from projections import ledger as books_ledger
from projections.ledger import Hold
from projections.lines import Line, Phase, Transfer, TransferKey, requested
from projections.own_life import chained
from schemas import bodies, cores
from schemas.core_parts import WireCode

if TYPE_CHECKING:
    from projections.books import Books
    from projections.ledger import PostingRow
    from projections.own_life import OwnStep
    from projections.recorded import Recorded

FAULTS: Final = frozenset(
    {
        WireCode.TERMS_OTHER,
        WireCode.AMOUNTS_MISMATCH,
        WireCode.TOO_LARGE,
        WireCode.REQUEST_OTHER,
        WireCode.REVERSAL_UNKNOWN,
    }
)
"""Refusals that an honest partner's node does not cause: it checks the same before it sends."""


def _prepared(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows
    assert isinstance(core, cores.PayPrepare)
    assert isinstance(event.body, bodies.PrepareBody)
    asked = books.transfers.get((core.path, core.line, "out"))
    assert asked is None or asked.phase is Phase.REQUESTED, "a path is used once"
    transfer = Transfer(
        path=core.path,
        line=core.line,
        direction="out",
        phase=Phase.PREPARED,
        prepare=event.id,
        prepare_n=core.n,
        account=event.body.payer,
        payee=event.body.payee,
        line_units=core.line_units,
        payer_minor=core.payer_minor,
        payee_minor=core.payee_minor,
        terms_rev=core.terms_rev,
        fixed=core.fixed,
        expires_at_s=core.expires_at_s,
        reverses=core.reverses or "",
        first_seq=event.seq,
        last_seq=event.seq,
        at_s=core.ts,
        peer_subject=event.body.peer_subject or "",
        request="" if asked is None else asked.request,
    )
    books.transfers.put(transfer.key(), transfer)
    books_ledger.hold(
        books.ledger,
        (core.line, core.path, "out"),
        Hold(account=event.body.payer, lower_minor=core.payer_minor),
    )
    line = chained(books, event, core)
    return replace(line, held_out_units=line.held_out_units + core.line_units)


def _committed(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    assert isinstance(core, cores.PayCommit)
    assert isinstance(event.body, bodies.CommitBody)
    key: TransferKey = (core.path, core.line, "out")
    transfer = books.transfers[key]
    books.transfers.put(
        key,
        replace(
            transfer,
            phase=Phase.COMMITTED,
            accept=core.decision.decision.accept or "",
            commit=event.id,
            last_seq=event.seq,
        ),
    )
    books_ledger.free(books.ledger, (core.line, core.path, "out"))
    books_ledger.post(books.ledger, event.seq, core.ts, event.body.postings, rows)
    if transfer.reverses:
        books_ledger.count_given(books.ledger, event.body.postings, undoes=True)
    line = chained(books, event, core)
    return replace(
        line,
        held_out_units=line.held_out_units - core.line_units,
        balance_units=line.balance_units + core.line_units,
        paid_units=line.paid_units + core.line_units,
    )


def _aborted(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows
    assert isinstance(core, cores.PayAbort)
    key: TransferKey = (core.path, core.line, "out")
    transfer = books.transfers[key]
    books.transfers.put(
        key, replace(transfer, phase=Phase.ABORTED, code=core.code.value, last_seq=event.seq)
    )
    books_ledger.free(books.ledger, (core.line, core.path, "out"))
    line = chained(books, event, core)
    return replace(line, held_out_units=line.held_out_units - transfer.line_units)


def _accepted(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows
    assert isinstance(core, cores.PayAccept)
    body = event.body
    assert isinstance(body, bodies.AcceptBody)
    assert core.seen is not None
    asked = books.transfers.get((core.path, core.line, "in"))
    assert asked is None or asked.phase is Phase.REQUESTED, "a path is used once"
    transfer = Transfer(
        path=core.path,
        line=core.line,
        direction="in",
        phase=Phase.ACCEPTED,
        prepare=core.prepare,
        prepare_n=core.seen.n,
        account=body.payee,
        line_units=core.line_units,
        payer_minor=body.payer_minor,
        payee_minor=body.payee_minor,
        terms_rev=body.terms_rev,
        fixed=body.fixed,
        expires_at_s=body.expires_at_s,
        reverses=body.reverses or "",
        accept=event.id,
        first_seq=event.seq,
        last_seq=event.seq,
        at_s=core.ts,
        peer_subject=body.peer.subject if body.peer else "",
        request="" if asked is None else asked.request,
    )
    books.transfers.put(transfer.key(), transfer)
    books_ledger.hold(
        books.ledger,
        (core.line, core.path, "in"),
        Hold(account=body.payee, upper_minor=body.payee_minor),
    )
    line = chained(books, event, core)
    return replace(line, held_in_units=line.held_in_units + core.line_units)


def _requested(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows
    assert isinstance(core, cores.PayRequest)
    assert isinstance(event.body, bodies.RequestBody)
    transfer = replace(
        requested(core, event.id, "in"),
        account=event.body.payee,
        first_seq=event.seq,
        last_seq=event.seq,
        peer_subject=event.body.peer_subject or "",
    )
    books.transfers.put(transfer.key(), transfer)
    return chained(books, event, core)


def _declined(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows
    assert isinstance(core, cores.PayDecline)
    for direction in ("out", "in"):
        transfer = books.transfers.get((core.path, core.line, direction))
        if transfer is not None and transfer.phase is Phase.REQUESTED:
            books.transfers.put(
                transfer.key(),
                replace(transfer, phase=Phase.DECLINED, code=core.code.value, last_seq=event.seq),
            )
    return chained(books, event, core)


def _rejected(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows
    assert isinstance(core, cores.PayReject)
    assert core.seen is not None
    asked = books.transfers.get((core.path, core.line, "in"))
    first = asked or Transfer(
        path=core.path,
        line=core.line,
        direction="in",
        phase=Phase.REJECTED,
        prepare="",
        prepare_n=0,
        first_seq=event.seq,
        at_s=core.ts,
    )
    books.transfers.put(
        first.key(),
        replace(
            first,
            phase=Phase.REJECTED,
            prepare=core.prepare,
            prepare_n=core.seen.n,
            code=core.code.value,
            last_seq=event.seq,
        ),
    )
    line = chained(books, event, core)
    if core.code not in FAULTS:
        return line
    return replace(line, faults=line.faults.and_one(core.ts))


def _receipted(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    assert isinstance(core, cores.PayReceipt)
    assert isinstance(event.body, bodies.ReceiptBody)
    key: TransferKey = (core.path, core.line, "in")
    transfer = books.transfers[key]
    books.transfers.put(
        key,
        replace(transfer, phase=Phase.CREDITED, commit=core.commit, last_seq=event.seq),
    )
    books_ledger.free(books.ledger, (core.line, core.path, "in"))
    books_ledger.post(books.ledger, event.seq, core.ts, event.body.postings, rows)
    if not transfer.reverses:
        books_ledger.count_given(books.ledger, event.body.postings)
    line = chained(books, event, core)
    return replace(
        line,
        held_in_units=line.held_in_units - core.line_units,
        balance_units=line.balance_units - core.line_units,
        credited_units=line.credited_units + core.line_units,
    )


def _released(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows
    assert isinstance(core, cores.PayRelease)
    key: TransferKey = (core.path, core.line, "in")
    transfer = books.transfers[key]
    aborted = core.cause is cores.ReleaseCause.ABORTED
    books.transfers.put(
        key,
        replace(
            transfer,
            phase=Phase.RELEASED if aborted else Phase.SILENT,
            last_seq=event.seq,
        ),
    )
    books_ledger.free(books.ledger, (core.line, core.path, "in"))
    line = chained(books, event, core)
    return (
        replace(line, held_in_units=line.held_in_units - transfer.line_units) if aborted else line
    )


PAYMENT_STEPS: Final[dict[type[Any], OwnStep]] = {
    cores.PayRequest: _requested,
    cores.PayDecline: _declined,
    cores.PayPrepare: _prepared,
    cores.PayCommit: _committed,
    cores.PayAbort: _aborted,
    cores.PayAccept: _accepted,
    cores.PayReject: _rejected,
    cores.PayReceipt: _receipted,
    cores.PayRelease: _released,
}
