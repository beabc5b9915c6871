"""Each refusal says which field it is about, and how much would be possible; nothing is written."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from federation.line import commands as line
from projections.lines import Phase
from schemas.core_parts import FreezeReason
from schemas.errors import Code, Refusal
from tests.federation.line.pair import HOUR, KEY, MEMBER, NOW, Pair, path


def said(answer: Any) -> tuple[Code, dict[str, Any]]:
    assert isinstance(answer, Refusal)
    return answer.code, dict(answer.facts)


def paid(pair: Pair) -> Pair:
    pair.start()
    pair.settle()
    return pair


def test_a_payment_under_a_path_that_was_asked_for_is_a_conflict(pair: Pair) -> None:
    pair.request()
    pair.settle()

    answer = pair.start()

    assert said(answer) == (Code.CONFLICT, {"field": "path"})
    assert pair.a.transfer().phase is Phase.REQUESTED


def test_what_nobody_asked_for_cannot_be_consented_to_or_declined(pair: Pair) -> None:
    paid(pair)

    assert said(pair.consent(7)) == (Code.NOT_FOUND, {"field": "path"})
    assert said(pair.decline(pair.a, 7)) == (Code.NOT_FOUND, {"field": "path"})
    assert said(pair.decline(pair.a, 1)) == (Code.NOT_FOUND, {"field": "path"})
    assert said(pair.decline(pair.b, 1)) == (Code.NOT_FOUND, {"field": "path"})


def test_what_was_consented_to_cannot_be_declined_any_more(pair: Pair) -> None:
    pair.request()
    pair.settle()
    pair.consent()

    assert said(pair.decline(pair.a)) == (Code.ALREADY_DECIDED, {"field": "path"})
    pair.settle()
    assert said(pair.decline(pair.b)) == (Code.ALREADY_DECIDED, {"field": "path"})


def test_a_request_is_no_payment_that_could_be_cancelled(pair: Pair) -> None:
    pair.request()
    pair.settle()

    answer = pair.a.do(line.CancelPayment(path(1), pair.line_id))

    assert said(answer) == (Code.NOT_FOUND, {"field": "path"})


def test_only_who_paid_asks_back_and_only_who_was_paid_consents(pair: Pair) -> None:
    paid(pair)

    other = pair.request(2, node=pair.a, original=path(1), payee=MEMBER + 1)
    pair.request(3, node=pair.a, original=path(1))
    pair.settle()

    assert said(other) == (Code.FORBIDDEN, {"field": "payee"})
    consent = pair.consent(3, node=pair.b, payer=MEMBER + 1)
    assert said(consent) == (Code.FORBIDDEN, {"field": "payer"})


def test_the_line_limit_says_how_much_is_possible_on_either_side() -> None:
    pair = Pair(grants=2 * HOUR, largest=5 * HOUR).opened()

    assert said(pair.start(amount=121)) == (
        Code.LINE_LIMIT,
        {"field": "line", "possible_units": 2 * HOUR},
    )
    assert said(pair.request(amount=121)) == (
        Code.LINE_LIMIT,
        {"field": "line", "possible_units": 2 * HOUR},
    )


def test_what_is_too_large_says_how_much_is_possible_on_either_side(pair: Pair) -> None:
    wanted = (Code.TOO_LARGE_FOR_LINE, {"field": "amount", "possible_units": 5 * HOUR})

    assert said(pair.start(amount=301)) == wanted
    assert said(pair.request(amount=301)) == wanted


def test_nothing_is_possible_where_more_is_owed_than_is_granted_by_now(pair: Pair) -> None:
    paid(pair)
    pair.b.do(line.LowerLimit(pair.line_id, 1))
    pair.settle()

    wanted = (Code.LINE_LIMIT, {"field": "line", "possible_units": 0})
    assert said(pair.start(2)) == wanted
    assert said(pair.request(3)) == wanted


def test_a_limit_is_lowered_to_nothing(pair: Pair) -> None:
    pair.b.do(line.LowerLimit(pair.line_id, 0))
    pair.settle()

    assert said(pair.start(amount=1)) == (
        Code.LINE_LIMIT,
        {"field": "line", "possible_units": 0},
    )


def test_the_same_limit_or_pause_again_gives_the_same_answer(pair: Pair) -> None:
    for command in (
        line.LowerLimit(pair.line_id, HOUR),
        line.Freeze(pair.line_id, FreezeReason.MAINTENANCE),
        line.Unfreeze(pair.line_id),
    ):
        first = pair.b.do(command)
        assert first == pair.b.do(command) == pair.b.line


def test_terms_come_before_everything_else_on_a_line() -> None:
    pair = Pair()
    pair.propose()
    name = pair.line_id

    for command in (
        line.CloseLine(name),
        line.LowerLimit(name, 0),
        line.Freeze(name, FreezeReason.COORDINATOR),
        line.Unfreeze(name),
        line.SendHeads(name),
    ):
        assert said(pair.a.do(command)) == (Code.LINE_NOT_OPEN, {"field": "line"})
        assert said(pair.b.do(command)) == (Code.LINE_NOT_OPEN, {"field": "line"})


def test_closing_twice_says_it_once_and_freezing_who_is_wrong_too(pair: Pair) -> None:
    for _ in range(2):
        pair.b.do(line.FreezeWhoIsWrong(pair.line_id, 99))
        pair.a.do(line.CloseLine(pair.line_id))
    pair.a.do(line.FreezeWhoIsWrong(pair.line_id, 99))

    assert pair.a.types()[-1] == "line.close"
    assert pair.a.types().count("line.close") == 1
    assert pair.b.types().count("line.freeze") == 1


def test_payees_get_their_room_back_after_seven_days_of_silence_and_not_before(pair: Pair) -> None:
    pair.start()
    pair.deliver(pair.a)
    ends_s = NOW + 60 + 7 * 24 * 3600

    pair.b.now_s = ends_s - 1
    before = pair.b.do(line.ExpireDue())
    pair.b.now_s = ends_s
    after = pair.b.do(line.ExpireDue())

    assert (before, after) == (0, 1)
    assert pair.b.transfer().phase is Phase.SILENT


def test_what_was_never_paid_or_is_given_back_already_is_not_given_back(pair: Pair) -> None:
    paid(pair)
    unknown = (Code.REVERSAL_UNKNOWN, {"field": "path"})
    again = (Code.ALREADY_REVERSED, {"field": "path"})

    assert said(pair.reverse(original=7)) == unknown
    assert said(pair.request(2, node=pair.a, original=path(7))) == unknown
    pair.reverse(number=3)
    assert said(pair.reverse(number=4)) == again
    pair.settle()
    assert said(pair.request(5, node=pair.a, original=path(1))) == again


def test_a_closed_line_takes_no_proposal_and_answers_none(pair: Pair) -> None:
    pair.a.do(line.CloseLine(pair.line_id))
    refusal = (Code.LINE_NOT_OPEN, {"field": "line"})
    assert said(pair.propose(pair.a, pair.terms(rev=2))) == refusal

    pair.propose(pair.b, pair.terms(rev=2))
    pair.deliver(pair.b)

    assert said(pair.answer(pair.a)) == refusal
    assert said(pair.answer(pair.a, accept=False)) == refusal


def test_a_line_that_is_set_aside_proposes_nothing_again_after_a_crossing() -> None:
    pair = Pair()
    pair.propose(pair.a)
    pair.propose(pair.b)
    smaller, larger = sorted((pair.a, pair.b), key=lambda node: node.id)
    for sender in (larger, smaller):
        pair.deliver(sender)
    smaller.do(line.Quarantine(pair.line_id, 1, "claim_differs"))

    pair.settle()

    assert smaller.types() == ["terms.propose", "terms.refuse"]


def test_terms_that_name_others_as_their_predecessor_are_refused(pair: Pair) -> None:
    terms = pair.terms(rev=2)

    for previous in (None, KEY):
        wrong = msgspec.structs.replace(terms, previous=previous)
        assert said(pair.propose(terms=wrong)) == (Code.TERMS_INVALID, {"field": "previous"})
    assert not isinstance(pair.propose(terms=terms), Refusal)


def test_terms_with_another_rate_than_our_unit_has_are_refused_by_either_side(pair: Pair) -> None:
    terms = pair.terms(rev=2)
    pair.a.set_rate(33)
    assert said(pair.propose(terms=terms)) == (Code.TERMS_INVALID, {"field": "rate"})

    pair.propose(pair.b, terms)
    pair.deliver(pair.b)

    assert pair.a.types()[-1] == "terms.refuse"


def test_a_payer_gives_what_it_confirmed_and_nothing_else(pair: Pair) -> None:
    changed = (Code.QUOTE_CHANGED, {"field": "amount", "possible_minor": 10})
    for expected_minor in (0, 9, 11, 30):
        assert said(pair.start(expected_minor=expected_minor)) == changed

    pair.start(expected_minor=10)

    assert pair.a.transfer().payer_minor == 10


@pytest.mark.parametrize("accept", [False, True])
def test_who_answers_terms_is_told_how_the_line_stands(pair: Pair, accept: bool) -> None:
    pair.propose(terms=pair.terms(rev=2))
    pair.deliver(pair.a)

    answer = pair.answer(pair.b, accept=accept)

    assert answer == pair.b.line
    assert answer.their_proposal is None
    assert answer.terms.rev == (2 if accept else 1)
