"""A9 of decisions: a group decides once about a payment, and what is held against it it has signed.

Invariant: two decisions are told as proof only when each bears the signature of its group, by the
key that speaks at its place, so that a file of them proves it to a stranger. A signature is looked
at where a group decides a second time, and nowhere else: each check costs as much as ten events.
A decision that is passed on is no evidence against its originator: the hop may have made it up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from events.evidence import exclude_each_other
from schemas import cores
from schemas.core_parts import Verdict
from schemas.findings import What, found

if TYPE_CHECKING:
    from collections.abc import Callable

    from federation.umbrella.audit.records import Given, NodeRecord, PathRecord, State
    from schemas.pay_cores import SignedDecision

    Signed = Callable[[SignedDecision], bool]

_SAYS: Final = {cores.PayCommit: Verdict.COMMIT, cores.PayAbort: Verdict.ABORT}


def decided(state: State, node: NodeRecord, core: Any, signed: Signed) -> None:
    """Hold a decision against those of the same group before it; before its event is taken in."""
    if type(core) not in _SAYS:
        return
    record = state.path(core.path)
    if core.decision.decision.origin == node.node:
        _decides(node, record, core, signed)
    elif record.giving(core.line, node.node).decided():
        _tell(node, core, What.SAID_AGAIN)


def _decides(
    node: NodeRecord, record: PathRecord, core: cores.PayCommit | cores.PayAbort, signed: Signed
) -> None:
    """Tell what bears no signature that fits as that, and two that do and differ as proof."""
    half, said = record.giving(core.line, node.node), core.decision.decision
    again, before = half.decided(), record.decided_by(node.node)
    # one log key speaks at each place, and the event bears it
    signs = (said.key, said.path) == (core.key, core.path)
    if signs and (again or before):
        signs = signed(core.decision)
    if not signs or said.verdict is not _SAYS[type(core)]:
        _tell(node, core, What.DECISION_UNSIGNED)
        half.unsigned = half.unsigned or not again
    if not signs:
        return
    others = [_signed_before(node, record, *one, signed) for one in before]
    if any(other is not None and exclude_each_other(other.decision, said) for other in others):
        _tell(node, core, What.TWO_VERDICTS)
    elif again:
        _tell(node, core, What.SAID_AGAIN)
    if half.own is None:
        half.own, half.own_seq = core.decision, core.seq


def _signed_before(
    node: NodeRecord, record: PathRecord, line: str, half: Given, signed: Signed
) -> SignedDecision | None:
    """Give what was decided before; what was not signed is told where it stands, and forgotten."""
    if half.own is None or signed(half.own):
        return half.own
    if not half.unsigned:
        units = 0 if half.commit is None else half.commit.line_units
        what, seq = What.DECISION_UNSIGNED, half.own_seq
        node.find(found(what, node.node, line=line, seq=seq, path=record.path, line_units=units))
    half.own, half.own_seq, half.unsigned = None, -1, True
    return None


def _tell(node: NodeRecord, core: cores.PayCommit | cores.PayAbort, what: What) -> None:
    units = core.line_units if isinstance(core, cores.PayCommit) else 0
    node.find(
        found(what, node.node, line=core.line, seq=core.seq, path=core.path, line_units=units)
    )
