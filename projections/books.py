"""The books of a node: ledger, lines and trades as one fold over its own log.

`fold` reads an own event (`projections.received` what a partner sent) and decides nothing. A
rebuild, `log verify` and the running node use the same functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from msgspec.structs import replace

from projections import ledger as books_ledger
from projections.layered import Layered
from projections.ledger import Hold, Ledger, PostingRow
from projections.lines import DONE, Line, Phase, Transfer, TransferKey, with_terms
from schemas import bodies, cores

if TYPE_CHECKING:
    from collections.abc import Callable

    from projections.recorded import Recorded


class Books:
    """All that the rules need to know, in two layers (see `Layered`)."""

    __slots__ = ("ledger", "lines", "next_category", "next_post", "transfers")

    def __init__(self) -> None:
        """Start with nothing."""
        self.ledger = Ledger()
        self.lines: Layered[str, Line] = Layered()
        self.transfers: Layered[TransferKey, Transfer] = Layered()
        self.next_post = 1
        self.next_category = 1

    def branch(self) -> Books:
        """Give a copy whose changes can be dropped."""
        copy = Books.__new__(Books)
        copy.ledger = self.ledger.branch()
        copy.lines = self.lines.branch()
        copy.transfers = self.transfers.branch()
        copy.next_post = self.next_post
        copy.next_category = self.next_category
        return copy

    def adopt(self, branch: Books) -> None:
        """Take over a committed branch; trades that are done leave the memory."""
        self.ledger.adopt(branch.ledger)
        branch.lines.merge()
        branch.transfers.merge(lambda transfer: transfer.phase not in DONE)
        self.next_post = branch.next_post
        self.next_category = branch.next_category


def fold(books: Books, event: Recorded, rows: list[PostingRow]) -> None:
    """Apply one own event; statement rows are appended to `rows`."""
    step = _LOCAL.get(type(event.body))
    if step is not None:
        step(books, event, event.body, rows)
        return
    step_line = _OWN.get(type(event.core))
    if step_line is not None:
        assert isinstance(event.core, cores.LineCore)
        books.lines.put(event.core.line, step_line(books, event, event.core, rows))


def _chained(books: Books, event: Recorded, core: cores.LineCore) -> Line:
    line = books.lines[core.line]
    return replace(line, out_n=core.n, out_id=event.id)


# own local events


def _transfer(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    booked = cast("bodies.TransferBooked", body)  # the hot path: isinstance of structs is slow
    books_ledger.post(books.ledger, event.seq, booked.at_s, booked.postings, rows)


def _account_opened(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del rows
    assert isinstance(body, bodies.AccountOpened)
    books_ledger.open_account(books.ledger, event.seq, body)
    if body.kind is bodies.AccountKind.CLEARING and body.line is not None:
        line = books.lines[body.line]
        books.lines.put(body.line, replace(line, clearing=body.account))


def _account_limited(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del event, rows
    assert isinstance(body, bodies.AccountLimited)
    books_ledger.limit_account(books.ledger, body)


def _account_status(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del event, rows
    assert isinstance(body, bodies.AccountStatusSet)
    books_ledger.set_status(books.ledger, body)


def _configured(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del event, rows
    assert isinstance(body, bodies.GroupConfigured)
    books_ledger.configure(books.ledger, body)


def _post_imported(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del event, rows
    assert isinstance(body, bodies.PostImported)
    books.next_post = max(books.next_post, body.post + 1)


def _category_placed(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del event, rows
    assert isinstance(body, bodies.CategoryPlaced)
    books.next_category = max(books.next_category, body.category + 1)


def _quarantined(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del event, rows
    assert isinstance(body, bodies.LineQuarantined)
    books.lines.put(body.line, replace(books.lines[body.line], quarantined=body.code))


if TYPE_CHECKING:
    LocalStep = Callable[[Books, Recorded, object, list[PostingRow]], None]
    OwnStep = Callable[[Books, Recorded, cores.LineCore, list[PostingRow]], Line]

_LOCAL: dict[type, LocalStep] = {
    bodies.TransferBooked: _transfer,
    bodies.TransferImported: _transfer,
    bodies.AccountOpened: _account_opened,
    bodies.AccountLimited: _account_limited,
    bodies.AccountStatusSet: _account_status,
    bodies.GroupConfigured: _configured,
    bodies.PostImported: _post_imported,
    bodies.CategoryPlaced: _category_placed,
    bodies.LineQuarantined: _quarantined,
}


# own line events


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


_OWN: dict[type[Any], OwnStep] = {
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
