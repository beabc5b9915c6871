"""The end of a line: at zero on both sides, alone when a partner has gone, proposals void."""

from __future__ import annotations

from typing import Any

import pytest

from federation.line import commands as line
from schemas.bodies import AccountKind
from schemas.core_parts import WireCode
from schemas.cores import Fixed
from schemas.errors import Code
from tests.federation.line.pair import HOUR, Node, Pair, refused


def close(node: Node, **facts: Any) -> Any:
    return node.do(line.CloseLine(node.line.line, **facts))


def test_a_line_closes_at_zero_on_both_sides(pair: Pair) -> None:
    close(pair.a)
    pair.settle()

    assert pair.a.line.closed()
    assert pair.b.line.closed()
    assert refused(pair.start()) is Code.LINE_NOT_OPEN
    assert refused(pair.propose(terms=pair.terms(rev=2))) is Code.LINE_NOT_OPEN


def test_what_is_owed_is_settled_to_zero_before_a_line_closes(pair: Pair) -> None:
    pair.start(amount=31)
    pair.settle()
    assert refused(close(pair.a)) is Code.LINE_NOT_CLEAR
    owed = pair.a.line.balance_units
    assert refused(close(pair.b)) is Code.LINE_NOT_CLEAR

    # the creditor's group account gives, and the last line unit goes too
    group_account = pair.b.own_account(AccountKind.GROUP)
    pair.start(2, amount=owed, node=pair.b, fixed=Fixed.LINE, payer=group_account)
    pair.settle()

    assert pair.a.line.balance_units == pair.b.line.balance_units == 0
    close(pair.b)
    pair.settle()
    assert pair.a.line.closed()
    assert pair.b.line.closed()


def test_a_close_is_answered_once_nothing_is_pending(pair: Pair) -> None:
    pair.start(node=pair.b)
    close(pair.a)
    pair.deliver(pair.a)
    assert not pair.b.line.own_closed

    pair.settle()

    assert pair.b.transfer().code == WireCode.LINE_NOT_OPEN
    assert pair.a.line.closed()
    assert pair.b.line.closed()


def test_a_creditor_closes_alone_when_its_partner_has_gone(pair: Pair) -> None:
    pair.start(amount=30)
    pair.settle()
    assert refused(close(pair.a, gone=True)) is Code.LINE_NOT_CLEAR

    close(pair.b, gone=True)
    pair.check()

    assert pair.b.line.balance_units == 0
    assert pair.b.balance(pair.b.line.clearing) == 0
    assert pair.b.balance(pair.b.own_account(AccountKind.GROUP)) == -30
    assert pair.b.chain[-1].core.written_off_units == HOUR // 2  # type: ignore[union-attr]


@pytest.mark.parametrize("proposer", ["closes", "is left"])
def test_a_close_alone_voids_proposals_that_nobody_can_answer_any_more(
    pair: Pair, proposer: str
) -> None:
    node = pair.a if proposer == "closes" else pair.b
    pair.propose(node, pair.terms(rev=2))
    pair.deliver(node)
    assert refused(close(pair.a)) is Code.LINE_NOT_CLEAR

    close(pair.a, gone=True)
    pair.settle()

    assert pair.a.line.closed()
    assert pair.b.line.closed()
    for each in (pair.a, pair.b):
        assert each.line.own_proposal is None
        assert each.line.their_proposal is None


def test_an_acceptance_that_crosses_a_close_alone_breaks_nothing(pair: Pair) -> None:
    pair.propose(terms=pair.terms(rev=2))
    pair.deliver(pair.a)
    pair.answer(pair.b)
    close(pair.a, gone=True)

    pair.settle()

    assert not pair.a.quarantined()
    assert not pair.b.quarantined()
    assert pair.a.line.closed()
    assert pair.b.line.closed()
    assert pair.a.line.terms == pair.b.line.terms
