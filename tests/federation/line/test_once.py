"""A proposal is booked once: what under its other ids stands in the way, and what does not."""

from __future__ import annotations

import pytest

from federation.line.commands import CancelPayment
from federation.line.once import booked_already
from projections.agreeing import Request, RequestPhase
from projections.books import Books
from projections.lines import Direction, Line, Phase, Transfer
from schemas.encoding import unb64
from schemas.errors import Code
from tests.federation.line.pair import NOW, Pair, path, refused

GIVEN = (Phase.PREPARED, Phase.COMMITTED, Phase.SETTLED)


def books_with(phase: Phase, direction: Direction, line: str) -> Books:
    books = Books()
    for name in ("old", "new"):
        books.lines.put(name, Line(line=name, us="a", peer="b", counter=0))
    transfer = Transfer(
        path=path(1), line=line, direction=direction, phase=phase, prepare="", prepare_n=0
    )
    books.transfers.put(transfer.key(), transfer)
    return books


@pytest.mark.parametrize("line", ["old", "new"])
@pytest.mark.parametrize("phase", [*GIVEN, Phase.ABORTED, Phase.REQUESTED, Phase.DECLINED])
def test_what_is_held_or_paid_on_any_line_stands_in_the_way(phase: Phase, line: str) -> None:
    books = books_with(phase, "out", line)

    refusal = booked_already(books, (path(2), path(1)))

    assert (refusal is not None) is (phase in GIVEN)
    assert booked_already(books, (path(2), path(3))) is None


def test_what_another_group_gives_under_that_id_is_no_booking_of_ours() -> None:
    assert booked_already(books_with(Phase.CREDITED, "in", "old"), (path(1),)) is None


@pytest.mark.parametrize("phase", RequestPhase)
def test_of_a_request_only_its_booking_stands_in_the_way(phase: RequestPhase) -> None:
    """Its key is used, as that of a booking is: what became of it counts."""
    books = Books()
    request = Request(
        request=path(1),
        payer=5,
        payee=6,
        amount_minor=8,
        expires_at_s=NOW,
        at_s=NOW,
        first_seq=1,
        last_seq=1,
        phase=phase,
    )
    books.agreeing.requests.put(path(1), request)

    refusal = booked_already(books, (path(1),), {unb64(path(1))})

    assert (refusal is not None) is (phase is RequestPhase.BOOKED)


def test_a_key_that_made_no_request_made_a_booking() -> None:
    used = {unb64(path(1))}

    assert refused(booked_already(Books(), (path(2), path(1)), used)) is Code.BOOKED_ALREADY
    assert booked_already(Books(), (path(2),), used) is None


def test_who_has_paid_consents_no_more_until_that_payment_has_failed(pair: Pair) -> None:
    pair.request(2)
    pair.settle()
    pair.start(1, other_ids=(path(2),))

    assert refused(pair.consent(2, other_ids=(path(1),))) is Code.BOOKED_ALREADY
    pair.a.do(CancelPayment(path(1), pair.line_id))
    pair.consent(2, other_ids=(path(1),))
    pair.settle()
    assert (pair.a.balance(), pair.b.balance()) == (-10, 30)


def test_who_has_consented_pays_no_more_and_the_same_payment_stays_the_same(pair: Pair) -> None:
    pair.request(2)
    pair.settle()
    consented = pair.consent(2, other_ids=(path(1),))

    assert refused(pair.start(1, other_ids=(path(2),))) is Code.BOOKED_ALREADY
    assert pair.consent(2, other_ids=(path(1),)) == consented
    pair.settle()
    assert refused(pair.start(1, other_ids=(path(2),))) is Code.BOOKED_ALREADY
    assert (pair.a.balance(), pair.b.balance()) == (-10, 30)
