"""What no honest node sends: the line is set aside once, under the name of what cannot be."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from federation.line import commands as line
from projections.lines import Phase
from schemas import cores
from schemas.core_parts import WireCode
from schemas.errors import Code, Refusal
from tests.federation.line.cheat import Cheat
from tests.federation.line.pair import KEY, Node, Pair, hashed, path, signed


def changed(pair: Pair, sender: Node, **fields: Any) -> None:
    """Let the newest event of `sender` come to the other side with other content."""
    event = sender.chain[-1]
    core: Any = event.core
    pair.send(sender, [event._replace(core=msgspec.structs.replace(core, **fields))])


def quarantines(node: Node) -> int:
    return sum(type(event.body).__name__ == "LineQuarantined" for event in node.events)


def test_an_abort_before_its_prepare_sets_the_line_aside(pair: Pair) -> None:
    verdict = signed(pair.a.id, path(1), commit=False)

    Cheat(pair).says(cores.PayAbort, path=path(1), decision=verdict, code=WireCode.CANCELLED)

    assert pair.b.quarantined() == "abort_without_prepare"


@pytest.mark.parametrize(
    "verdict",
    [
        {"commit": True, "accept": KEY},
        {"path_id": path(2)},
        {"origin": hashed("somebody else")},
    ],
)
def test_an_abort_whose_decision_says_otherwise_frees_and_sets_the_line_aside(
    pair: Pair, verdict: dict[str, Any]
) -> None:
    pair.start()
    pair.deliver(pair.a)
    pair.a.do(line.CancelPayment(path(1), pair.line_id))
    facts: dict[str, Any] = {"origin": pair.a.id, "path_id": path(1), "commit": False} | verdict

    changed(pair, pair.a, decision=signed(**facts))

    assert pair.b.transfer().phase is Phase.RELEASED
    assert pair.b.line.held_in_units == 0
    assert pair.b.quarantined() == "abort_differs"


def test_an_abort_whose_signed_decision_does_not_verify_sets_the_line_aside(pair: Pair) -> None:
    pair.start()
    pair.deliver(pair.a)
    pair.a.do(line.CancelPayment(path(1), pair.line_id))

    pair.send(pair.a, [pair.a.chain[-1]._replace(decision_valid=False)])

    assert pair.b.quarantined() == "abort_differs"


def test_a_reject_of_another_prepare_aborts_nothing_and_sets_the_line_aside(pair: Pair) -> None:
    lowered(pair)

    changed(pair, pair.b, prepare=KEY)

    assert pair.a.quarantined() == "reject_without_prepare"
    assert pair.a.transfer().phase is Phase.PREPARED
    assert pair.a.line.held_out_units > 0


def test_a_reject_of_a_path_that_was_never_prepared_sets_the_line_aside(pair: Pair) -> None:
    lowered(pair)

    changed(pair, pair.b, path=path(9))

    assert pair.a.quarantined() == "reject_without_prepare"
    assert pair.a.transfer().phase is Phase.PREPARED


def lowered(pair: Pair) -> None:
    """Let B refuse what A prepared before it knew of the lower limit."""
    pair.start()
    pair.b.do(line.LowerLimit(pair.line_id, 0))
    pair.deliver(pair.b)
    pair.deliver(pair.a)
    assert pair.b.types()[-1] == "pay.reject"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"line_units": 1}, "receipt_differs"),
        ({"commit": KEY}, "receipt_without_commit"),
        ({"path": path(9)}, "receipt_without_commit"),
    ],
)
def test_a_receipt_of_something_else_than_the_commit_sets_the_line_aside(
    pair: Pair, fields: dict[str, Any], code: str
) -> None:
    pair.start()
    for sender in (pair.a, pair.b, pair.a):
        pair.deliver(sender)

    changed(pair, pair.b, **fields)

    assert pair.a.quarantined() == code


def test_an_acceptance_of_other_terms_brings_nothing_into_force() -> None:
    pair = Pair()
    pair.propose()
    pair.deliver(pair.a)
    pair.answer(pair.b)

    changed(pair, pair.b, terms=hashed("other terms"))

    assert pair.a.quarantined() == "accept_without_proposal"
    assert pair.a.line.terms is None


def test_an_acceptance_of_nothing_brings_nothing_into_force(pair: Pair) -> None:
    core: Any = next(e.core for e in pair.b.chain if isinstance(e.core, cores.TermsAccept))
    again = msgspec.structs.replace(core, n=core.n + 1, prev=pair.b.line.out_id)

    pair.send(pair.b, [pair.b.chain[-1]._replace(n=again.n, id=KEY, core=again)])

    assert pair.a.quarantined() == "accept_without_proposal"
    assert pair.a.line.terms_before == ()


def test_a_refusal_of_other_terms_leaves_our_proposal_open(pair: Pair) -> None:
    pair.propose(terms=pair.terms(rev=2))
    pair.deliver(pair.a)
    pair.answer(pair.b, accept=False)

    changed(pair, pair.b, terms=hashed("other terms"))

    assert pair.a.line.own_proposal is not None


def test_a_request_under_the_path_of_a_payment_leaves_the_payment_alone(pair: Pair) -> None:
    pair.start()
    pair.settle()
    paid = pair.a.transfer()
    pair.request(2)

    changed(pair, pair.b, path=path(1))

    assert pair.a.quarantined() == "path_used_again"
    assert pair.a.transfer() == paid


def test_a_line_is_set_aside_once_for_the_first_that_cannot_be(pair: Pair) -> None:
    cheat = Cheat(pair)
    for number in (1, 2):
        verdict = signed(pair.a.id, path(number), commit=False)
        cheat.says(cores.PayAbort, path=path(number), decision=verdict, code=WireCode.CANCELLED)

    assert pair.b.quarantined() == "abort_without_prepare"
    assert quarantines(pair.b) == 1


def test_a_batch_of_somebody_else_than_the_partner_is_refused_whole(pair: Pair) -> None:
    pair.start()
    batch = pair.batch(pair.a.chain[-1:], pair.a)
    before = pair.b.line.in_n

    answer = pair.b.do(batch._replace(peer=hashed("somebody else")))

    assert isinstance(answer, Refusal)
    assert answer.code is Code.LINE_OTHER
    assert pair.b.line.in_n == before


def test_a_line_begins_with_a_proposal_of_somebody_known_and_with_nothing_else() -> None:
    pair = Pair()
    pair.propose()
    first = pair.a.chain[0]
    freeze = cores.LineFreeze(
        v=1,
        origin=pair.a.id,
        seq=0,
        root=KEY,
        key=KEY,
        ts=0,
        line=pair.line_id,
        n=1,
        reason=cores.FreezeReason.COORDINATOR,
    )
    cases = [
        (pair.batch([first], pair.a)._replace(known=False), Code.PEER_UNKNOWN),
        (pair.batch([], pair.a), Code.LINE_GAP),
        (pair.batch([first._replace(core=freeze)], pair.a), Code.LINE_GAP),
    ]

    answers = [pair.b.do(batch) for batch, _ in cases]

    assert [answer.code for answer in answers] == [code for _, code in cases]
    assert answers[-1].facts == {"field": "n", "expected": 1}
    assert not list(pair.b.books.lines.values())
