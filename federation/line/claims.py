"""What a partner claims about its books, held against both chains (design section 4, I3 and A7).

A claim that differs changes no booking: the decision counts, the numbers of the prepare count. The
line is set aside until a person has looked, because one of the two programs is wrong or lies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schemas import cores

if TYPE_CHECKING:
    from projections.lines import Line
    from schemas.cores import LineEvent, UnknownCore

CLAIM_DIFFERS: Final = "claim_differs"


def claim_holds(before: Line, line: Line, core: LineEvent | UnknownCore) -> bool:
    """Tell whether what an event claims follows from both chains; true when it claims nothing.

    `before` is the line before the event was folded, `line` after it.
    """
    match core:
        case cores.PayCommit():
            total = before.their_commit.total + core.line_units
            return (core.total, core.balance) == (total, before.their_balance() + core.line_units)
        case cores.PayReceipt():
            total = before.their_receipt.total + core.line_units
            return (core.total, core.balance) == (total, before.their_balance() - core.line_units)
        case cores.LineHeads():
            return (core.paid, core.credited, core.balance) == (
                line.their_commit.total,
                line.their_receipt.total,
                line.their_balance(),
            )
        case cores.LineRevalued() | cores.LineClose():
            return core.balance == line.their_balance()
        case _:
            return True
