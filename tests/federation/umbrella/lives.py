"""Honest lives of two groups that trade, for what audits find in them once something is changed."""

from __future__ import annotations

from federation.line import commands as line
from schemas.core_parts import FreezeReason
from schemas.findings import CHECKS, Finding
from tests.federation.line.pair import HOUR, NOW, Pair, path
from tests.federation.umbrella.history import History

DAY = 24 * 3600


def traded(**options: int) -> Pair:
    """A pays B, B pays A less, and both say where they stand."""
    pair = Pair(**options).opened()  # type: ignore[arg-type]
    pair.start(1, 30)
    pair.settle()
    pair.start(2, 5, node=pair.b)
    pair.settle()
    for node in (pair.a, pair.b):
        node.do(line.SendHeads(pair.line_id))
    pair.settle()
    return pair


def reversed_() -> Pair:
    """What was paid is given back."""
    pair = Pair().opened()
    pair.start(1, 30)
    pair.settle()
    pair.reverse()
    pair.settle()
    return pair


def opening() -> Pair:
    """A pair that owes from before, and trades once each way."""
    pair = Pair()
    pair.agree(pair.terms(a_owes=2 * HOUR))
    pair.start(1)
    pair.settle()
    pair.start(2, node=pair.b)
    pair.settle()
    return pair


def whole_life() -> Pair:
    """Everything that happens on a line between honest groups."""
    pair = Pair().opened()
    pair.start(1, 30)
    pair.start(2, 20, node=pair.b)
    pair.settle()
    pair.a.do(line.LowerLimit(pair.line_id, 15 * HOUR))
    pair.settle()
    pair.a.set_rate(33)
    pair.agree(pair.terms(rev=2))
    pair.b.do(line.LowerLimit(pair.line_id, 18 * HOUR))
    pair.start(3, 30)
    pair.request(4, 9)
    pair.settle()
    pair.consent(4)
    pair.settle()
    pair.reverse(1, 5)
    pair.settle()
    pair.b.do(line.Freeze(pair.line_id, FreezeReason.COORDINATOR))
    pair.start(6, 12)
    pair.settle()
    pair.b.do(line.Unfreeze(pair.line_id))
    pair.settle()
    pair.start(7, 12)
    pair.a.do(line.CancelPayment(path(7), pair.line_id))
    pair.settle()
    for node in (pair.a, pair.b):
        node.do(line.SendHeads(pair.line_id))
    pair.start(8, 12)
    pair.start(9, 12, node=pair.b)
    pair.deliver(pair.a)
    return pair


def written_off() -> Pair:
    """B gives up on A, which has gone."""
    pair = Pair().opened()
    pair.start(1)
    pair.settle()
    pair.b.do(line.CloseLine(pair.line_id, gone=True))
    return pair


HONEST = [traded, reversed_, opening, whole_life, written_off]


def the_only(history: History, *, at_s: int = NOW) -> Finding:
    (finding,) = history.findings(at_s=at_s)
    assert (finding.check, finding.severity) == CHECKS[finding.what]
    return finding
