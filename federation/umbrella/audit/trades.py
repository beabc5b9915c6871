"""Payments as both sides tell them: each event is put into the record of its path.

A9 shows here already: a node that says a second time what it says once; of decisions, it shows in
`decisions`. What needs both sides is judged later (`judged`), when their logs have been read far
enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.umbrella.audit.records import (
    Accepted,
    Committed,
    Credited,
    NodeRecord,
    PathRecord,
    Prepared,
    Side,
    State,
    added,
)
from schemas import cores
from schemas.core_parts import ReleaseCause
from schemas.findings import What, found

if TYPE_CHECKING:
    from collections.abc import Callable

    Step = Callable[[NodeRecord, Side, PathRecord, Any, str], None]


def traded(state: State, node: NodeRecord, side: Side, core: Any, event_id: str) -> None:
    """Take in an event about a payment; any other is none of this room's."""
    step = _STEPS.get(type(core))
    if step is not None:
        step(node, side, state.path(core.path), core, event_id)


def _seen_n(core: Any) -> int:
    return core.seen.n if core.seen is not None else 0


def _again(node: NodeRecord, core: Any) -> None:
    what, units = What.SAID_AGAIN, getattr(core, "line_units", 0)
    node.find(
        found(what, node.node, line=core.line, seq=core.seq, path=core.path, line_units=units)
    )


def _prepare(
    node: NodeRecord, side: Side, record: PathRecord, core: cores.PayPrepare, event_id: str
) -> None:
    half = record.giving(core.line, side.node)
    if half.prepare is not None:
        _again(node, core)
        return
    half.prepare = Prepared(
        id=event_id,
        n=core.n,
        seq=core.seq,
        seen_n=_seen_n(core),
        line_units=core.line_units,
        payer_minor=core.payer_minor,
        payee_minor=core.payee_minor,
        terms_rev=core.terms_rev,
        fixed=core.fixed,
        reverses=core.reverses or "",
    )


def _commit(
    node: NodeRecord, side: Side, record: PathRecord, core: cores.PayCommit, event_id: str
) -> None:
    half = record.giving(core.line, node.node)
    if half.decided():  # the first decision counts
        side.void_units = added(side.void_units, core.line_units)
        return
    half.commit = Committed(
        id=event_id,
        n=core.n,
        seq=core.seq,
        seen_n=_seen_n(core),
        ts=core.ts,
        line_units=core.line_units,
        origin=core.decision.decision.origin,
        accept=core.decision.decision.accept or "",
    )


def _abort(
    node: NodeRecord, side: Side, record: PathRecord, core: cores.PayAbort, event_id: str
) -> None:
    del side, event_id
    half = record.giving(core.line, node.node)
    if not half.decided():
        half.aborted = True


def _accept(
    node: NodeRecord, side: Side, record: PathRecord, core: cores.PayAccept, event_id: str
) -> None:
    half = record.taking(core.line, side.node)
    if half.accept is not None or half.rejected:
        _again(node, core)
        return
    side.held_units = added(side.held_units, core.line_units)
    half.accept = Accepted(
        id=event_id,
        n=core.n,
        seq=core.seq,
        seen_n=_seen_n(core),
        ts=core.ts,
        prepare=core.prepare,
        line_units=core.line_units,
        owed_units=side.held_units - side.balance_units(),
    )


def _reject(
    node: NodeRecord, side: Side, record: PathRecord, core: cores.PayReject, event_id: str
) -> None:
    del event_id
    half = record.taking(core.line, side.node)
    if half.accept is not None or half.rejected:
        _again(node, core)
    half.rejected = True


def _receipt(
    node: NodeRecord, side: Side, record: PathRecord, core: cores.PayReceipt, event_id: str
) -> None:
    del event_id
    half = record.taking(core.line, side.node)
    if half.receipt is not None:
        _again(node, core)
        return
    if half.accept is not None and not half.released:
        side.held_units = added(side.held_units, -half.accept.line_units)
    half.receipt = Credited(
        seq=core.seq,
        seen_n=_seen_n(core),
        commit=core.commit,
        line_units=core.line_units,
    )


def _release(
    node: NodeRecord, side: Side, record: PathRecord, core: cores.PayRelease, event_id: str
) -> None:
    """What was silent stays held: only an abort frees the line."""
    del node, event_id
    half = record.taking(core.line, side.node)
    if core.cause is not ReleaseCause.ABORTED or half.released:
        return
    if half.accept is not None and half.receipt is None:
        side.held_units = added(side.held_units, -half.accept.line_units)
    half.released = True


_STEPS: dict[type, Step] = {
    cores.PayPrepare: _prepare,
    cores.PayCommit: _commit,
    cores.PayAbort: _abort,
    cores.PayAccept: _accept,
    cores.PayReject: _reject,
    cores.PayReceipt: _receipt,
    cores.PayRelease: _release,
}
