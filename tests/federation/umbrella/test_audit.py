"""The audit accuses nobody of an opening position, and finds a claim that leaves it out."""

from __future__ import annotations

import msgspec

from federation.line import commands as line
from federation.umbrella.audit import Audit
from tests.federation.line.pair import HOUR, Pair


def traded() -> Pair:
    """A pair that owes from before, and trades once each way."""
    pair = Pair()
    pair.agree(pair.terms(a_owes=2 * HOUR))
    pair.start(1)
    pair.settle()
    pair.start(2, node=pair.b)
    pair.settle()
    return pair


def test_an_opening_position_is_no_finding() -> None:
    pair, audit = traded(), Audit()

    for node in (pair.a, pair.b):
        for event in node.chain:
            audit.read(node.id, event.core, event.id)

    reports, findings = audit.close()
    assert findings == []
    assert reports[0].matched


def test_a_loss_that_was_written_off_is_no_finding() -> None:
    pair = Pair().opened()
    pair.start(1)
    pair.settle()
    pair.b.do(line.CloseLine(pair.line_id, gone=True))
    audit = Audit()

    for node in (pair.a, pair.b):
        for event in node.chain:
            audit.read(node.id, event.core, event.id)

    assert audit.close()[1] == []


def test_a_claim_without_the_opening_is_found() -> None:
    pair, audit = traded(), Audit()

    for event in pair.a.chain:
        core = event.core
        if core.__struct_config__.tag == "pay.commit":
            core = msgspec.structs.replace(core, balance=core.balance - 2 * HOUR)  # type: ignore[union-attr]
        audit.read(pair.a.id, core, event.id)

    assert [finding.check for finding in audit.close()[1]] == ["A3"]
