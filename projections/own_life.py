"""The own events of a line's life, folded: terms, limits, pauses, revaluation, closing, heads.

Payments are in `projections.own_payments`; what a partner sends is in `projections.received`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from projections import ledger as books_ledger
from projections.lines import Faults, Heads, Limit, Line, with_terms
from schemas import bodies, cores
from schemas.terms import terms_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from projections.books import Books
    from projections.ledger import PostingRow
    from projections.recorded import Recorded

    OwnStep = Callable[[Books, Recorded, cores.LineCore, list[PostingRow]], Line]


def _first_day(line: Line, core: cores.LineCore) -> Heads:
    """Let the first `line.heads` be due a day after this side spoke of terms, not at once."""
    return line.heads if line.heads.at_s else replace(line.heads, at_s=core.ts)


def chained(books: Books, event: Recorded, core: cores.LineCore) -> Line:
    """Give the line with an own event at the end of its own chain."""
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
    old = event.body.old_account if isinstance(event.body, bodies.ProposeBody) else 0
    return replace(
        line,
        out_n=core.n,
        out_id=event.id,
        own_proposal=core.terms,
        old_account=old,
        heads=_first_day(line, core),
    )


def _terms_accepted(
    books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]
) -> Line:
    del rows
    line = chained(books, event, core)
    assert line.their_proposal is not None
    agreed = with_terms(line, line.their_proposal)
    return replace(agreed, their_proposal=None, heads=_first_day(line, core))


def _terms_refused(
    books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]
) -> Line:
    del rows
    return replace(chained(books, event, core), their_proposal=None)


def _limited(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows
    assert isinstance(core, cores.LineLimit)
    line = chained(books, event, core)
    covers = "" if line.own_proposal is None else terms_hash(line.own_proposal)
    return replace(line, own_limit=Limit(grants_units=core.grants_units, covers=covers))


def _frozen(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows
    assert isinstance(core, cores.LineFreeze)
    return replace(chained(books, event, core), own_frozen=core.reason.value)


def _unfrozen(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows  # faults are counted anew, or the next event would freeze the line again
    return replace(chained(books, event, core), own_frozen="", faults=Faults())


def _closed(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    assert isinstance(core, cores.LineClose)
    if isinstance(event.body, bodies.ClosedBody):
        books_ledger.post(books.ledger, event.seq, core.ts, event.body.postings, rows)
    line = chained(books, event, core)
    written = core.written_off_units
    return replace(
        line,
        own_closed=True,
        their_proposal=None,  # ours may have been accepted already: an acceptance can be on its way
        balance_units=line.balance_units + written,
        written_units=line.written_units + written,
    )


def _revalued(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    assert isinstance(core, cores.LineRevalued)
    assert isinstance(event.body, bodies.RevaluedBody)
    books_ledger.post(books.ledger, event.seq, core.ts, event.body.postings, rows)
    line = chained(books, event, core)
    terms = line.terms_of(core.rev)
    assert terms is not None
    opening = terms.opening(line.us) if core.rev == 1 else 0
    return replace(
        line,
        clearing_rate=terms.side(line.us).rate,
        opening_units=line.opening_units + opening,
        balance_units=line.balance_units + opening,
    )


def _told_heads(
    books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]
) -> Line:
    del rows
    line = chained(books, event, core)
    return replace(line, heads=Heads(out_n=core.n, in_n=line.in_n, at_s=core.ts))


def _noted(books: Books, event: Recorded, core: cores.LineCore, rows: list[PostingRow]) -> Line:
    del rows
    return chained(books, event, core)


LIFE_STEPS: Final[dict[type[Any], OwnStep]] = {
    cores.TermsPropose: _proposed,
    cores.TermsAccept: _terms_accepted,
    cores.TermsRefuse: _terms_refused,
    cores.LineLimit: _limited,
    cores.LineFreeze: _frozen,
    cores.LineUnfreeze: _unfrozen,
    cores.LineClose: _closed,
    cores.LineRevalued: _revalued,
    cores.LineHeads: _told_heads,
    cores.LineNote: _noted,
    cores.LineForget: _noted,
}
