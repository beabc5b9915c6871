"""An abort that comes before its prepare burns the path all the same: nothing is taken in later.

No honest node says these in this order, so the line is set aside; a coordinator has ended that.
"""

from __future__ import annotations

from projections.lines import Phase
from schemas.core_parts import WireCode
from schemas.errors import Code, Refusal
from tests.federation.line.cheat import Cheat
from tests.federation.line.pair import Pair


def test_prepare_after_its_own_abort_is_refused_and_a_commit_is_void() -> None:
    pair = Pair().opened()
    cheat = Cheat(pair)
    cheat.aborts()

    cheat.prepares()

    assert pair.b.types()[-1] == "pay.reject"
    assert pair.b.transfer().phase is Phase.REJECTED
    assert pair.b.transfer().code == WireCode.CANCELLED
    assert pair.b.line.held_in_units == 0
    cheat.commits(pair.b.chain[-1].id)
    assert pair.b.balance() == 0
    assert "pay.receipt" not in pair.b.types()


def test_the_same_holds_for_what_was_asked_for() -> None:
    pair = Pair().opened()
    pair.request()
    cheat = Cheat(pair)
    cheat.aborts()

    cheat.prepares()

    assert pair.b.types()[-1] == "pay.reject"
    assert pair.b.transfer().code == WireCode.CANCELLED
    assert pair.b.line.held_in_units == 0


def test_the_burned_path_is_used_for_nothing_else() -> None:
    pair = Pair().opened()
    cheat = Cheat(pair)
    cheat.aborts()

    again = pair.request()

    assert isinstance(again, Refusal)
    assert again.code is Code.CONFLICT
    cheat.prepares(payee_minor=31, line_units=186_000, payer_minor=11)
    assert pair.b.types()[-1] == "pay.reject"
    cheat.prepares()
    assert pair.b.quarantined() == "path_used_again"
