"""What a partner sent, folded into the lines: heads, terms and claims, never a balance or a hold.

Those change by own events alone, appended in the transaction that stores what was received
(design section 4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from projections.lines import (
    Claim,
    Limit,
    Line,
    Phase,
    Transfer,
    TransferKey,
    requested,
    with_terms,
)
from schemas import cores
from schemas.terms import terms_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from projections.books import Books

    ReceivedStep = Callable[[Books, Line, str, cores.LineCore], Line]


def fold_received(
    books: Books, us: str, event_id: str, core: cores.LineEvent | cores.UnknownCore
) -> None:
    """Take in one event of the partner, which continues its chain. No balance, no hold."""
    line = books.lines.get(core.line)
    if line is None:
        assert isinstance(core, cores.TermsPropose)
        line = Line(line=core.line, us=us, peer=core.origin, counter=core.counter)
    assert core.n == line.in_n + 1, "the inbox has no gaps"
    line = replace(line, in_n=core.n, in_id=event_id)
    if isinstance(core, cores.UnknownCore):
        books.lines.put(core.line, line)
        return
    step = _RECEIVED.get(type(core))
    books.lines.put(core.line, line if step is None else step(books, line, event_id, core))


def _their_proposal(books: Books, line: Line, event_id: str, core: cores.LineCore) -> Line:
    del books, event_id
    assert isinstance(core, cores.TermsPropose)
    return replace(line, their_proposal=core.terms)


def _they_accepted(books: Books, line: Line, event_id: str, core: cores.LineCore) -> Line:
    del books, event_id
    assert isinstance(core, cores.TermsAccept)
    ours = line.own_proposal
    if ours is None or terms_hash(ours) != core.terms:
        return line
    return replace(with_terms(line, ours), own_proposal=None)


def _they_refused(books: Books, line: Line, event_id: str, core: cores.LineCore) -> Line:
    del books, event_id
    assert isinstance(core, cores.TermsRefuse)
    ours = line.own_proposal
    if ours is None or terms_hash(ours) != core.terms:
        return line
    return replace(line, own_proposal=None)


def _their_limit(books: Books, line: Line, event_id: str, core: cores.LineCore) -> Line:
    del books, event_id
    assert isinstance(core, cores.LineLimit)
    covers = "" if line.their_proposal is None else terms_hash(line.their_proposal)
    return replace(line, their_limit=Limit(grants_units=core.grants_units, covers=covers))


def _their_freeze(books: Books, line: Line, event_id: str, core: cores.LineCore) -> Line:
    del books, event_id
    assert isinstance(core, cores.LineFreeze)
    return replace(line, their_frozen=core.reason.value)


def _their_unfreeze(books: Books, line: Line, event_id: str, core: cores.LineCore) -> Line:
    del books, event_id, core
    return replace(line, their_frozen="")


def _their_close(books: Books, line: Line, event_id: str, core: cores.LineCore) -> Line:
    del books, event_id
    assert isinstance(core, cores.LineClose)
    return replace(
        line,
        their_closed=True,
        their_written_units=line.their_written_units + core.written_off_units,
        own_proposal=None,  # it was not accepted before, and cannot be any more
        their_proposal=None,
    )


def _their_revaluation(books: Books, line: Line, event_id: str, core: cores.LineCore) -> Line:
    del books, event_id
    assert isinstance(core, cores.LineRevalued)
    terms = line.terms_of(core.rev)
    if core.rev != 1 or terms is None:
        return line
    return replace(line, their_opening_units=terms.opening(line.peer))


def _their_request(books: Books, line: Line, event_id: str, core: cores.LineCore) -> Line:
    assert isinstance(core, cores.PayRequest)
    key: TransferKey = (core.path, core.line, "out")
    if books.transfers.get(key) is None:
        books.transfers.put(key, requested(core, event_id, "out"))
    return line


def _their_decline(books: Books, line: Line, event_id: str, core: cores.LineCore) -> Line:
    del event_id
    assert isinstance(core, cores.PayDecline)
    for direction in ("out", "in"):
        transfer = books.transfers.get((core.path, core.line, direction))
        if transfer is not None and transfer.phase is Phase.REQUESTED:
            books.transfers.put(
                transfer.key(), replace(transfer, phase=Phase.DECLINED, code=core.code.value)
            )
    return line


def _their_commit(books: Books, line: Line, event_id: str, core: cores.LineCore) -> Line:
    del books, event_id
    assert isinstance(core, cores.PayCommit)
    return replace(line, their_commit=Claim(total=core.total))


def _their_abort(books: Books, line: Line, event_id: str, core: cores.LineCore) -> Line:
    del event_id
    assert isinstance(core, cores.PayAbort)
    transfer = books.transfers.get((core.path, core.line, "in"))
    if transfer is None:  # before its prepare, which no honest node says: the path is burned
        transfer = Transfer(
            path=core.path,
            line=core.line,
            direction="in",
            phase=Phase.REJECTED,
            prepare="",
            prepare_n=0,
            at_s=core.ts,
        )
    if not transfer.commit:
        # the payer's node decides, so both sides show its reason
        books.transfers.put(transfer.key(), replace(transfer, voided=True, code=core.code.value))
    return line


def _their_receipt(books: Books, line: Line, event_id: str, core: cores.LineCore) -> Line:
    del event_id
    assert isinstance(core, cores.PayReceipt)
    transfer = books.transfers.get((core.path, core.line, "out"))
    if transfer is not None and transfer.phase is Phase.COMMITTED:
        books.transfers.put(transfer.key(), replace(transfer, phase=Phase.SETTLED))
    return replace(line, their_receipt=Claim(total=core.total))


_RECEIVED: dict[type[cores.LineCore], ReceivedStep] = {
    cores.TermsPropose: _their_proposal,
    cores.TermsAccept: _they_accepted,
    cores.TermsRefuse: _they_refused,
    cores.LineLimit: _their_limit,
    cores.LineFreeze: _their_freeze,
    cores.LineUnfreeze: _their_unfreeze,
    cores.LineClose: _their_close,
    cores.LineRevalued: _their_revaluation,
    cores.PayRequest: _their_request,
    cores.PayDecline: _their_decline,
    cores.PayCommit: _their_commit,
    cores.PayAbort: _their_abort,
    cores.PayReceipt: _their_receipt,
}
