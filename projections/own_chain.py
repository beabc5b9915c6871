"""The own events of a line, folded: each step gives the line as it stands afterwards.

Only these change balances and holds of a line; what a partner sends is in `projections.received`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from projections import ledger as books_ledger
from projections.ledger import Hold
from projections.lines import Line, Phase, Transfer, TransferKey, with_terms
from schemas import bodies, cores

if TYPE_CHECKING:
    from collections.abc import Callable

    from projections.books import Books
    from projections.ledger import PostingRow
    from projections.recorded import Recorded

    OwnStep = Callable[[Books, Recorded, cores.LineCore, list[PostingRow]], Line]


def _chained(books: Books, event: Recorded, core: cores.LineCore) -> Line:
    line = books.lines[core.line]
    return replace(line, out_n=core.n, out_id=event.id)


def _proposed(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows
    assert isinstance(core, cores.TermsPropose)
    line = books.lines.get(core.line)
    if line is None:
        line = Line(
            line=core.line,
            us=core.origin,
            peer=core.terms.other(core.origin).node,
            counter=core.counter,
        )
    return replace(line, out_n=core.n, out_id=event.id, own_proposal=core.terms)


def _terms_accepted(
    books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]
) -> Line:
    del rows
    line = _chained(books, event, core)
    assert line.their_proposal is not None
    return replace(with_terms(line, line.their_proposal), their_proposal=None)


def _terms_refused(
    books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]
) -> Line:
    del rows
    return replace(_chained(books, event, core), their_proposal=None)


def _prepared(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows
    assert isinstance(core, cores.PayPrepare)
    assert isinstance(event.body, bodies.PrepareBody)
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
    )
    books.transfers.put(transfer.key(), transfer)
    books_ledger.hold(
        books.ledger,
        (core.line, core.path, "out"),
        Hold(account=event.body.payer, lower_minor=core.payer_minor),
    )
    line = _chained(books, event, core)
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
    line = _chained(books, event, core)
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
        key, replace(transfer, phase=Phase.ABORTED, code=core.code, last_seq=event.seq)
    )
    books_ledger.free(books.ledger, (core.line, core.path, "out"))
    line = _chained(books, event, core)
    return replace(line, held_out_units=line.held_out_units - transfer.line_units)


def _accepted(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows
    assert isinstance(core, cores.PayAccept)
    body = event.body
    assert isinstance(body, bodies.AcceptBody)
    assert core.seen is not None
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
    )
    books.transfers.put(transfer.key(), transfer)
    books_ledger.hold(
        books.ledger,
        (core.line, core.path, "in"),
        Hold(account=body.payee, upper_minor=body.payee_minor),
    )
    line = _chained(books, event, core)
    return replace(line, held_in_units=line.held_in_units + core.line_units)


def _rejected(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows
    assert isinstance(core, cores.PayReject)
    assert core.seen is not None
    transfer = Transfer(
        path=core.path,
        line=core.line,
        direction="in",
        phase=Phase.REJECTED,
        prepare=core.prepare,
        prepare_n=core.seen.n,
        code=core.code,
        first_seq=event.seq,
        last_seq=event.seq,
        at_s=core.ts,
    )
    books.transfers.put(transfer.key(), transfer)
    return _chained(books, event, core)


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
    line = _chained(books, event, core)
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
    line = _chained(books, event, core)
    return (
        replace(line, held_in_units=line.held_in_units - transfer.line_units) if aborted else line
    )


OWN_STEPS: Final[dict[type[Any], OwnStep]] = {
    cores.TermsPropose: _proposed,
    cores.TermsAccept: _terms_accepted,
    cores.TermsRefuse: _terms_refused,
    cores.PayPrepare: _prepared,
    cores.PayCommit: _committed,
    cores.PayAbort: _aborted,
    cores.PayAccept: _accepted,
    cores.PayReject: _rejected,
    cores.PayReceipt: _receipted,
    cores.PayRelease: _released,
}
