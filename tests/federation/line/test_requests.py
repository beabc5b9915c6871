"""Requests and reversals: who asks, who consents, and that numbers are never recomputed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.line import commands as line
from federation.peer.channel import decode_line_core
from projections.lines import Phase
from projections.trade_state import TradeState, trade_state
from schemas.bodies import AccountKind
from schemas.core_parts import Fixed, WireCode
from schemas.encoding import encode
from schemas.errors import Code, Refusal
from tests.federation.line.pair import HOUR, MEMBER, NOW, Node, Pair, path, refused


def states(pair: Pair, number: int = 1) -> tuple[TradeState, TradeState]:
    found = []
    for node in (pair.a, pair.b):
        reversals = [t for t in node.books.transfers.values() if t.reverses == path(number)]
        found.append(trade_state(node.transfer(number), reversals))
    return found[0], found[1]


# requests


def test_a_request_holds_nothing_until_the_payer_consents(pair: Pair) -> None:
    pair.request()
    pair.settle()
    assert states(pair) == (TradeState.REQUESTED, TradeState.REQUESTED)
    assert pair.a.line.held_out_units == pair.b.line.held_in_units == 0

    pair.consent()
    pair.settle()

    assert states(pair) == (TradeState.SETTLED, TradeState.SETTLED)
    assert (pair.a.balance(), pair.b.balance()) == (-10, 30)


def test_the_payer_declines(pair: Pair) -> None:
    pair.request()
    pair.settle()
    pair.decline(pair.a)
    pair.settle()

    assert states(pair) == (TradeState.REFUSED, TradeState.REFUSED)
    assert refused(pair.consent()) is Code.CONFLICT
    before = len(pair.a.chain)
    pair.decline(pair.a)
    assert len(pair.a.chain) == before


def test_the_one_who_asked_takes_it_back(pair: Pair) -> None:
    pair.request()
    pair.settle()
    pair.decline(pair.b)
    pair.settle()

    assert states(pair) == (TradeState.CANCELLED, TradeState.CANCELLED)


def test_a_consent_that_crosses_a_withdrawal_is_refused_with_its_reason(pair: Pair) -> None:
    pair.request()
    pair.settle()
    pair.decline(pair.b)
    pair.consent()
    pair.settle()

    assert states(pair) == (TradeState.CANCELLED, TradeState.CANCELLED)
    assert pair.a.balance() == pair.b.balance() == 0


def test_a_request_expires_by_itself(pair: Pair) -> None:
    pair.request()
    pair.settle()
    pair.b.now_s = NOW + 7 * 86400
    pair.b.do(line.ExpireDue())
    pair.settle()

    assert states(pair) == (TradeState.EXPIRED, TradeState.EXPIRED)


def test_a_consent_books_what_was_asked_and_nothing_else(pair: Pair) -> None:
    pair.request()
    pair.settle()
    assert refused(pair.consent(expected_minor=11)) is Code.QUOTE_CHANGED
    pair.consent()
    event = pair.a.chain[-1]
    other = msgspec.structs.replace(
        event.core,
        line_units=HOUR,
        payer_minor=20,
        payee_minor=60,
    )

    pair.send(pair.a, [event._replace(core=other)])

    assert pair.b.transfer().code == WireCode.REQUEST_OTHER


def test_a_consent_pays_the_member_who_asked_and_nobody_else(pair: Pair) -> None:
    pair.request()
    pair.settle()
    pair.consent()

    pair.send(pair.a, [pair.a.chain[-1]._replace(member=MEMBER + 1)])

    assert pair.b.transfer().code == WireCode.REQUEST_OTHER


def test_a_consent_to_a_payment_is_no_reversal(pair: Pair) -> None:
    pair.request()
    pair.settle()
    pair.consent()
    event = pair.a.chain[-1]
    other = msgspec.structs.replace(event.core, reverses=path(7))

    pair.send(pair.a, [event._replace(core=other)])

    assert pair.b.transfer().code == WireCode.REQUEST_OTHER


def test_a_request_under_older_terms_has_to_be_made_again(pair: Pair) -> None:
    pair.request()
    pair.settle()
    pair.agree(pair.terms(rev=2, grants=21 * HOUR))

    assert refused(pair.consent()) is Code.REQUEST_STALE


def test_a_request_for_what_cannot_be_booked_is_refused_here(pair: Pair) -> None:
    cases: list[tuple[dict[str, Any], Code]] = [
        ({"expires_at_s": NOW}, Code.EXPIRED),
        ({"amount": 0}, Code.AMOUNT_NOT_POSITIVE),
        ({"amount": 301}, Code.TOO_LARGE_FOR_LINE),
        ({"payee": 99}, Code.ACCOUNT_UNKNOWN),
        ({"original": path(7)}, Code.REVERSAL_UNKNOWN),
    ]
    for changes, code in cases:
        assert refused(pair.request(**changes)) is code
    pair.request()
    assert refused(pair.request(payee=MEMBER + 1)) is Code.CONFLICT
    assert pair.request().phase is Phase.REQUESTED


def test_a_request_beyond_the_payees_limit_says_how_much_is_possible() -> None:
    pair = Pair(upper=20).opened()

    answer = pair.request(amount=30)

    assert refused(answer) is Code.PAYEE_LIMIT
    assert answer.facts["possible_minor"] == 20
    assert pair.request(2, amount=20).phase is Phase.REQUESTED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"payer_minor": 11}, WireCode.AMOUNTS_MISMATCH),
        ({"terms_rev": 2}, WireCode.TERMS_STALE),
        ({"expires_at_s": NOW}, WireCode.EXPIRED),
        ({"reverses": path(7)}, WireCode.REVERSAL_UNKNOWN),
    ],
)
def test_a_request_that_cannot_be_is_declined_by_the_payers_node(
    pair: Pair, changes: dict[str, Any], code: WireCode
) -> None:
    pair.request()
    event = pair.b.chain[-1]
    wrong = msgspec.structs.replace(event.core, **changes)

    pair.send(pair.b, [event._replace(core=wrong)])
    pair.settle()

    assert pair.a.transfer().code == pair.b.transfer().code == code


def test_a_request_for_an_unknown_payer_is_declined(pair: Pair) -> None:
    pair.request()

    pair.send(pair.b, [pair.b.chain[-1]._replace(member=0)])

    assert pair.a.transfer().code == WireCode.PAYER_UNKNOWN


# reversals


def paid(pair: Pair, amount: int = 30, fixed: Fixed = Fixed.PAYEE) -> Pair:
    assert not isinstance(pair.start(amount=amount, fixed=fixed), Refusal)
    pair.settle()
    return pair


def test_a_reversal_gives_back_number_by_number(pair: Pair) -> None:
    paid(pair, 31)
    pair.reverse()
    pair.settle()

    assert states(pair) == (TradeState.REVERSED, TradeState.REVERSED)
    assert pair.a.balance() == pair.b.balance() == 0
    assert pair.a.line.balance_units == pair.b.line.balance_units == 0
    for node in (pair.a, pair.b):
        assert node.balance(node.line.clearing) == 0
        assert node.balance(node.own_account(AccountKind.ROUNDING)) == 0


@pytest.mark.parametrize("asked", [False, True])
def test_what_came_to_nothing_at_the_payee_can_be_given_back(pair: Pair, *, asked: bool) -> None:
    """X is free when the line is settled, so q may be 0, and p of the way back with it."""
    paid(pair, 1, Fixed.LINE)
    assert pair.b.transfer(1).payee_minor == 0
    if asked:
        pair.request(2, node=pair.a, original=path(1))
        pair.settle()
        pair.consent(2, node=pair.b)
    else:
        pair.reverse()
    pair.settle()

    for event in (*pair.a.chain, *pair.b.chain):
        assert decode_line_core(encode(event.core)) == event.core
    assert states(pair) == (TradeState.REVERSED, TradeState.REVERSED)
    assert pair.a.balance() == pair.b.balance() == 0


def test_the_payer_asks_for_a_reversal_and_the_other_side_consents(pair: Pair) -> None:
    paid(pair)
    pair.request(2, node=pair.a, original=path(1))
    pair.settle()
    assert states(pair) == (TradeState.SETTLED, TradeState.SETTLED)
    pair.consent(2, node=pair.b)
    pair.settle()

    assert states(pair) == (TradeState.REVERSED, TradeState.REVERSED)
    assert pair.a.balance() == pair.b.balance() == 0


def test_a_payment_is_reversed_at_most_once(pair: Pair) -> None:
    paid(pair)
    pair.request(3, node=pair.a, original=path(1))
    pair.reverse()
    assert refused(pair.reverse(number=4)) is Code.ALREADY_REVERSED
    pair.settle()

    assert pair.a.balance() == pair.b.balance() == 0
    assert refused(pair.consent(3, node=pair.b)) in (Code.ALREADY_REVERSED, Code.CONFLICT)
    assert refused(pair.request(5, node=pair.a, original=path(1))) is Code.ALREADY_REVERSED
    assert refused(pair.reverse(original=2, number=6, node=pair.a)) is Code.REVERSAL_UNKNOWN


def test_the_payers_node_takes_one_reversal_even_when_two_are_prepared(pair: Pair) -> None:
    paid(pair)
    pair.reverse()
    first = pair.b.chain[-1]
    core: Any = first.core
    second = msgspec.structs.replace(core, path=path(3), n=core.n + 1, prev=first.id)

    pair.send(pair.b, [first, first._replace(n=second.n, id="B" * 43, core=second)])

    assert pair.a.transfer(2).phase is Phase.ACCEPTED
    assert pair.a.transfer(3).code == WireCode.ALREADY_REVERSED


def test_a_failed_reversal_can_be_tried_again(pair: Pair) -> None:
    paid(pair)
    pair.reverse()
    pair.b.do(line.CancelPayment(path(2), pair.line_id))
    pair.settle()
    assert states(pair) == (TradeState.SETTLED, TradeState.SETTLED)

    pair.reverse(number=3)
    pair.settle()

    assert states(pair) == (TradeState.REVERSED, TradeState.REVERSED)


def test_a_reversal_stands_under_the_terms_of_its_original(pair: Pair) -> None:
    paid(pair, 30)
    pair.a.set_rate(40)
    pair.b.set_rate(90)
    pair.agree(pair.terms(rev=2))
    pair.reverse()
    pair.settle()

    assert states(pair) == (TradeState.REVERSED, TradeState.REVERSED)
    assert pair.a.balance() == pair.b.balance() == 0
    for node in (pair.a, pair.b):
        assert node.balance(node.line.clearing) == 0
        assert node.balance(node.own_account(AccountKind.ROUNDING)) == 0
        assert node.balance(node.own_account(AccountKind.REVALUATION)) == 0


@pytest.mark.parametrize("changes", [{"payer_minor": 29}, {"payee_minor": 9}, {"terms_rev": 2}])
def test_a_reversal_with_other_numbers_is_refused(pair: Pair, changes: dict[str, int]) -> None:
    paid(pair)
    pair.reverse()
    event = pair.b.chain[-1]
    wrong = msgspec.structs.replace(event.core, **changes)

    pair.send(pair.b, [event._replace(core=wrong)])

    assert pair.a.transfer(2).code == WireCode.REVERSAL_UNKNOWN


def test_only_the_one_who_was_paid_gives_back(pair: Pair) -> None:
    paid(pair)

    assert refused(pair.reverse(node=pair.a)) is Code.REVERSAL_UNKNOWN
    assert refused(pair.request(2, node=pair.a, original=path(1), payee=MEMBER + 1)) is (
        Code.FORBIDDEN
    )
    pair.request(3, node=pair.a, original=path(1))
    pair.settle()
    assert refused(pair.consent(3, node=pair.b, payer=MEMBER + 1)) is Code.FORBIDDEN


def test_a_request_to_give_back_what_another_member_received_is_declined(pair: Pair) -> None:
    paid(pair)
    pair.request(2, node=pair.a, original=path(1))

    pair.send(pair.a, [pair.a.chain[-1]._replace(member=MEMBER + 1)])

    assert pair.b.transfer(2).phase is Phase.DECLINED
    assert pair.b.transfer(2).code == WireCode.REVERSAL_UNKNOWN


@given(
    rates=st.tuples(st.integers(1, 3600), st.integers(1, 3600)),
    amount=st.integers(1, 400),
    fixed=st.sampled_from([Fixed.PAYEE, Fixed.PAYER]),
    between=st.integers(0, 50),
)
def test_any_payment_can_be_reversed_to_the_last_minor_unit(
    rates: tuple[int, int], amount: int, fixed: Fixed, between: int
) -> None:
    pair = Pair(per_hour=rates, grants=10**9, largest=10**9).opened()
    if isinstance(pair.start(amount=amount, fixed=fixed), Refusal):
        return
    pair.settle()
    if between:
        pair.start(5, amount=between, node=pair.b)
        pair.settle()
    before = [(node.balance(), node.line.balance_units) for node in (pair.a, pair.b)]
    original = pair.a.transfer()

    pair.reverse()
    pair.settle()

    after = [(node.balance(), node.line.balance_units) for node in (pair.a, pair.b)]
    assert after[0] == (
        before[0][0] + original.payer_minor,
        before[0][1] - original.line_units,
    )
    assert after[1] == (
        before[1][0] - original.payee_minor,
        before[1][1] + original.line_units,
    )
    _small_rounding(pair.a)
    _small_rounding(pair.b)


def _small_rounding(node: Node) -> None:
    rounding = node.own_account(AccountKind.ROUNDING)
    assert all(abs(row.amount_minor) <= 1 for row in node.rows if row.account == rounding)


def test_a_path_decided_on_one_line_is_not_decided_on_another(pair: Pair) -> None:
    """Two partners who ask under one path must not make us sign two decisions for it."""
    pair.start(2)
    elsewhere = pair.a.line
    other = msgspec.structs.replace(elsewhere, line="z" * 51 + "a")
    pair.a.books.lines.put(other.line, other)
    asked = msgspec.structs.replace(
        pair.a.transfer(2), line=other.line, phase=Phase.REQUESTED, prepare="", request="r"
    )
    pair.a.books.transfers.put(asked.key(), asked)

    assert refused(pair.consent(2, line=other.line)) is Code.CONFLICT
