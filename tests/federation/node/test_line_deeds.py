"""What a coordinator reads before a deed: exactly what the rules then do, or why they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from federation.line import commands as line
from federation.node.line_deeds import (
    Amount,
    Around,
    Asked,
    Change,
    Deed,
    Measure,
    Shift,
    change,
    command_of,
    offered,
)
from projections.lines import granted_by_us
from schemas.amounts import to_minor
from schemas.bodies import AccountKind
from schemas.cores import Fixed
from schemas.errors import Code, Refusal
from schemas.member_bodies import Role
from tests.federation.line.pair import HOUR, NOW, Node, Pair, refused


def looked(node: Node, asked: Asked, **around: Any) -> Change | Refusal:
    known = Around(us=node.id, now_s=NOW, **around)
    proposal = around.pop("proposal", None)
    return change(node.books, node.line, asked, known, proposal=proposal)


def seen(node: Node, asked: Asked, **around: Any) -> Change:
    found = looked(node, asked, **around)
    assert isinstance(found, Change), found
    return found


def do(node: Node, asked: Asked, **around: Any) -> None:
    command = command_of(node.line, asked, Around(us=node.id, now_s=NOW, **around))
    assert command is not None
    assert not isinstance(node.do(command), Refusal)


def owing() -> Pair:
    """A pair in which A paid 31 of B's minor units: A owes B."""
    pair = Pair().opened()
    pair.start(amount=31)
    pair.settle()
    return pair


def group_stands(node: Node) -> int:
    return node.balance(node.own_account(AccountKind.GROUP))


def test_what_a_lowered_limit_comes_to_is_what_holds_afterwards() -> None:
    pair = Pair().opened()
    asked = Asked(deed=Deed.LIMIT, grants_units=2 * HOUR)

    found = seen(pair.a, asked)
    do(pair.a, asked)

    before, after = Amount(400, 20 * HOUR), Amount(40, granted_by_us(pair.a.line))
    assert found.shifts == (Shift(Measure.THEY_MAY_OWE, before, after),)
    assert found.trades_before is found.trades_after is True
    raised = looked(pair.a, replace(asked, grants_units=3 * HOUR))
    assert refused(raised) is Code.LIMIT_NOT_LOWER


def test_looking_at_a_deed_does_nothing() -> None:
    pair = owing()
    before = pair.b.state()

    for asked in (
        Asked(deed=Deed.LIMIT, grants_units=0),
        Asked(deed=Deed.PAUSE, reason="maintenance"),
        Asked(deed=Deed.RESUME),
        Asked(deed=Deed.SETTLE),
        Asked(deed=Deed.CLOSE),
        Asked(deed=Deed.RELEASE),
    ):
        looked(pair.b, asked)

    assert pair.b.state() == before


def test_a_pause_stops_new_trades_and_going_on_admits_them() -> None:
    pair = Pair().opened()
    pair.start()
    pause, resume = Asked(deed=Deed.PAUSE, reason="findings"), Asked(deed=Deed.RESUME)

    found = seen(pair.a, pause)
    assert (found.trades_before, found.trades_after, found.pending) == (True, False, 1)
    do(pair.a, pause)
    assert not pair.a.line.open()

    found = seen(pair.a, resume)
    assert (found.trades_before, found.trades_after) == (False, True)
    do(pair.a, resume)
    assert pair.a.line.open()


def test_going_on_admits_nothing_while_the_other_side_pauses() -> None:
    pair = Pair().opened()
    do(pair.a, Asked(deed=Deed.PAUSE, reason="coordinator"))
    do(pair.b, Asked(deed=Deed.PAUSE, reason="maintenance"))
    pair.settle()

    assert not seen(pair.a, Asked(deed=Deed.RESUME)).trades_after
    do(pair.a, Asked(deed=Deed.RESUME))
    assert not pair.a.line.open()


def test_a_settlement_brings_the_line_to_zero_at_the_cost_that_was_shown() -> None:
    pair = owing()
    owed, stood = pair.b.line.balance_units, group_stands(pair.b)
    found = seen(pair.b, Asked(deed=Deed.SETTLE))

    account = pair.b.own_account(AccountKind.GROUP)
    pair.start(2, amount=-owed, node=pair.b, fixed=Fixed.LINE, payer=account)
    pair.settle()

    to_zero, cost = found.shifts
    assert to_zero == Shift(
        Measure.THEY_OWE, Amount(to_minor(-owed, pair.b.rate), -owed), Amount(0, 0)
    )
    assert cost == Shift(Measure.GROUP_ACCOUNT, Amount(stood), Amount(group_stands(pair.b)))
    assert found.they_get_minor == pair.a.transfer(2).payee_minor
    assert pair.b.line.balance_units == 0


def test_a_settlement_is_refused_where_nothing_is_owed_to_us_or_a_rule_says_no() -> None:
    settle = Asked(deed=Deed.SETTLE)
    pair = owing()
    assert refused(looked(pair.a, settle)) is Code.LINE_NOT_CLEAR
    do(pair.b, Asked(deed=Deed.PAUSE, reason="coordinator"))
    assert refused(looked(pair.b, settle)) is Code.LINE_FROZEN
    even = Pair().opened()
    assert refused(looked(even.a, settle)) is Code.LINE_NOT_CLEAR
    small = Pair(largest=HOUR).opened()
    for number in (1, 2):
        small.start(number, amount=60)
        small.settle()
    assert refused(looked(small.b, settle)) is Code.TOO_LARGE_FOR_LINE


def test_a_line_is_closed_at_zero_and_what_who_left_owed_is_a_loss_that_was_shown() -> None:
    close = Asked(deed=Deed.CLOSE)
    even = Pair().opened()
    found = seen(even.a, close)
    assert (found.shifts, found.loss, found.trades_after) == ((), False, False)

    pair = owing()
    assert refused(looked(pair.b, close)) is Code.LINE_NOT_CLEAR
    stood, owed = group_stands(pair.b), pair.b.line.balance_units
    found = seen(pair.b, close, gone=True)
    do(pair.b, close, gone=True)

    assert found.loss
    assert found.shifts[0].before == Amount(to_minor(-owed, pair.b.rate), -owed)
    shown = Shift(Measure.GROUP_ACCOUNT, Amount(stood), Amount(group_stands(pair.b)))
    assert found.shifts[1] == shown
    assert pair.b.line.own_closed


def test_a_line_set_aside_is_let_go_on_by_a_coordinator() -> None:
    pair = Pair().opened()
    release = Asked(deed=Deed.RELEASE)
    pair.b.do(line.Quarantine(pair.line_id, 1, "claim_differs"))
    coordinator = pair.b.member_as(Role.COORDINATOR)

    assert refused(looked(pair.b, release, by=pair.b.member_as(Role.EDITOR))) is (
        Code.NOT_COORDINATOR
    )
    found = seen(pair.b, release, by=coordinator)
    do(pair.b, release, by=coordinator)

    assert (found.trades_before, found.trades_after) == (False, True)
    assert pair.b.line.open()


def test_a_proposal_shows_what_would_hold_beside_what_does() -> None:
    pair = Pair().opened()
    do(pair.a, Asked(deed=Deed.LIMIT, grants_units=HOUR))
    pair.settle()
    proposal = line.ProposeTerms(
        pair.terms(rev=2, grants=30 * HOUR, largest=6 * HOUR), pair.b.id, 0, known=True
    )
    known = Around(us=pair.a.id, now_s=NOW)
    asked = Asked(deed=Deed.TERMS, grants_units=30 * HOUR, largest_units=6 * HOUR)

    found = change(pair.a.books, pair.a.line, asked, known, proposal=proposal)

    assert isinstance(found, Change)
    assert found.agreed is not None
    assert found.proposed is not None
    limits = [(t.they_may_owe_units, t.largest_units) for t in (found.agreed, found.proposed)]
    assert limits == [(HOUR, 5 * HOUR), (30 * HOUR, 6 * HOUR)]
    assert found.proposed.they_alarm_from_units == 18 * HOUR
    pair.propose(terms=pair.terms(rev=2, grants=40 * HOUR))
    again = change(pair.a.books, pair.a.line, asked, known, proposal=proposal)
    assert isinstance(again, Refusal)
    assert again.code is Code.PROPOSAL_OPEN


def test_what_was_read_has_another_hash_once_anything_of_it_changed() -> None:
    pair = owing()
    settle = Asked(deed=Deed.SETTLE)
    first = seen(pair.b, settle).seen()
    assert seen(pair.b, settle).seen() == first

    pair.start(2, amount=1)
    pair.settle()

    assert seen(pair.b, settle).seen() != first


@pytest.mark.parametrize(
    ("changes", "deeds"),
    [
        ({}, "limit terms pause close"),
        ({"own_frozen": "findings"}, "resume limit terms close"),
        ({"their_frozen": "findings"}, "limit terms pause close"),
        ({"quarantined": "channel_fork"}, "release limit close"),
        ({"balance_units": -HOUR}, "limit terms pause settle close"),
        ({"balance_units": HOUR}, "limit terms pause close"),
        ({"own_closed": True}, ""),
        ({"terms": None}, "terms"),
    ],
)
def test_what_can_be_done_with_a_line_is_offered(changes: dict[str, Any], deeds: str) -> None:
    pair = Pair().opened()
    now = replace(pair.a.line, **changes)
    assert offered(pair.a.books, now) == tuple(map(Deed, deeds.split()))


def test_no_proposal_is_offered_while_one_waits() -> None:
    pair = Pair().opened()
    pair.propose(terms=pair.terms(rev=2))
    pair.deliver(pair.a)
    for node in (pair.a, pair.b):
        assert Deed.TERMS not in offered(node.books, node.line)


def test_a_limit_that_is_nothing_cannot_be_lowered() -> None:
    pair = Pair().opened()
    do(pair.a, Asked(deed=Deed.LIMIT, grants_units=0))
    assert Deed.LIMIT not in offered(pair.a.books, pair.a.line)
