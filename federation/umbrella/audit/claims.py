"""A2, A5 and A7 of one event: what a side claims follows from its own chain.

Totals and balances are sums over the chain (I3, I11); heads repeat them (A5). An opening position
counts as it was booked, and is held against the terms elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.umbrella.audit.records import added
from schemas import cores
from schemas.findings import What, found

if TYPE_CHECKING:
    from federation.umbrella.audit.records import NodeRecord, Side


def claimed(node: NodeRecord, side: Side, core: Any) -> None:
    """Fold what moves a line's balance, and check what the event says of it."""
    match core:
        case cores.PayCommit():
            side.paid_units = added(side.paid_units, core.line_units)
            side.commits += 1
            _total(node, core, side.paid_units)
            _balance(node, side, core, What.BALANCE_DIFFERS)
        case cores.PayReceipt():
            side.credited_units = added(side.credited_units, core.line_units)
            side.receipts += 1
            _total(node, core, side.credited_units)
            _balance(node, side, core, What.BALANCE_DIFFERS)
        case cores.LineRevalued():
            if core.rev == 1 and side.opening_seq < 0:
                side.opening_units = added(0, core.balance - side.balance_units())
                side.opening_seq = core.seq
            _balance(node, side, core, What.BALANCE_DIFFERS)
        case cores.LineClose():
            side.written_units = added(side.written_units, core.written_off_units)
            _balance(node, side, core, What.BALANCE_DIFFERS)
        case cores.LineHeads():
            totals = (core.paid, core.credited)
            if totals != (side.paid_units, side.credited_units):
                off = abs(core.paid - side.paid_units) + abs(core.credited - side.credited_units)
                _find(node, core, What.HEADS_DIFFER, off)
            else:
                _balance(node, side, core, What.HEADS_DIFFER)


def _total(node: NodeRecord, core: cores.PayCommit | cores.PayReceipt, total: int) -> None:
    if core.total != total:
        _find(node, core, What.TOTAL_DIFFERS, abs(core.total - total))


def _balance(node: NodeRecord, side: Side, core: Any, what: What) -> None:
    off = core.balance - side.balance_units()
    if off:
        _find(node, core, what, abs(off))


def _find(node: NodeRecord, core: Any, what: What, line_units: int) -> None:
    path = getattr(core, "path", "")
    finding = found(what, node.node, line=core.line, seq=core.seq, path=path, line_units=line_units)
    node.find(finding)
