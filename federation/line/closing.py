"""The end of a line (design section 4): at zero with nothing pending, or alone when a partner left.

The other side answers a close with its own as soon as it stands at zero too. A creditor whose
partner has left the register closes alone and books the loss to its group account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.line.drafts import LineDraft
from projections.lines import DONE
from schemas import cores
from schemas.amounts import to_minor
from schemas.bodies import AccountKind, ClosedBody, Posting
from schemas.errors import Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.line.commands import CloseLine
    from federation.line.drafts import Draft
    from projections.books import Books
    from projections.lines import Line


def pending(books: Books, line: Line) -> int:
    """Count the trades of a line that have no end yet."""
    return sum(t.line == line.line and t.phase not in DONE for t in books.transfers.values())


def clear(books: Books, line: Line) -> bool:
    """Tell whether a line stands at zero with nothing pending."""
    held = line.balance_units or line.held_out_units or line.held_in_units
    return not (held or line.own_proposal or line.their_proposal or pending(books, line))


def close(books: Books, command: CloseLine) -> Generator[Draft, str, Any]:
    """Close a line. Closed already and at zero: the same answer again.

    Refusals, in this order: `line_not_open` (no terms), `line_not_clear` (says what is open).
    """
    line = books.lines.get(command.line)
    if line is None or line.terms is None:
        return Refusal(Code.LINE_NOT_OPEN, {"field": "line"})
    if line.own_closed and not line.balance_units:
        return line
    if clear(books, line):
        yield LineDraft(line=line.line, core=cores.LineClose, fields={"balance": 0})
        return books.lines[line.line]
    if not command.gone or line.balance_units > 0 or line.held_out_units:
        return Refusal(
            Code.LINE_NOT_CLEAR,
            {
                "field": "line",
                "balance_units": line.balance_units,
                "pending": pending(books, line),
            },
        )
    yield _alone(books, line)
    return books.lines[line.line]


def _alone(books: Books, line: Line) -> LineDraft:
    """Write off what a partner that has gone still owed."""
    assert line.clearing_rate is not None
    group = books.ledger.account_of_kind(AccountKind.GROUP)
    assert group is not None
    loss = to_minor(line.balance_units, line.clearing_rate)
    legs = (Posting(line.clearing, -loss), Posting(group.account, loss))
    return LineDraft(
        line=line.line,
        core=cores.LineClose,
        fields={"balance": 0, "written_off_units": -line.balance_units},
        body=ClosedBody(v=1, postings=tuple(leg for leg in legs if leg.amount_minor)),
    )


def follow(books: Books) -> Generator[Draft, str, None]:
    """Answer each partner's close with our own where we stand at zero too."""
    for line in list(books.lines.values()):
        if line.their_closed and not line.own_closed and line.terms and clear(books, line):
            yield LineDraft(line=line.line, core=cores.LineClose, fields={"balance": 0})
