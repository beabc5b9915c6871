"""What the fold keeps of a partner's word about its own books."""

from __future__ import annotations

from federation.line import commands as line
from tests.federation.line.pair import HOUR, Pair


def test_a_new_rate_leaves_the_opening_position_that_the_partner_has_booked() -> None:
    pair = Pair()
    pair.agree(pair.terms(a_owes=2 * HOUR))
    for node in (pair.a, pair.b):
        node.set_rate(33)
    pair.agree(pair.terms(rev=2))

    for node in (pair.a, pair.b):
        node.do(line.SendHeads(pair.line_id))
    pair.settle()

    assert (pair.a.line.their_opening_units, pair.b.line.their_opening_units) == (
        -2 * HOUR,
        2 * HOUR,
    )
    assert (pair.a.quarantined(), pair.b.quarantined()) == ("", "")
