"""Requests, reversals and shares inside a group: what is consented to is what is booked, once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.group import agreeing, commands
from federation.group.activities import equal_shares
from federation.group.requests import REQUEST_S
from projections.agreeing import RequestPhase
from schemas import bodies
from schemas.bodies import AccountStatus
from schemas.errors import Code, Refusal
from schemas.ids import SAFE_INTEGER
from schemas.openings import ActivityText
from tests.federation.group.group import NOW, Group, salt


def ask(group: Group, amount: int = 7, **changed: Any) -> Any:
    payer, payee = group.members[:2]
    fields = {"key": salt("ask"), "payer": payer, "payee": payee, "amount_minor": amount}
    return group.do(agreeing.AskPayment(**(fields | changed)))


def consent(group: Group, **changed: Any) -> Any:
    fields = {"key": salt("consent"), "request": salt("ask"), "payer": group.members[0]}
    return group.do(agreeing.ConsentToAsked(**(fields | changed)))


def code(answer: Any) -> Code:
    assert isinstance(answer, Refusal), answer
    return answer.code


def test_consent_books_exactly_what_was_asked_and_ends_the_request() -> None:
    group = Group()
    asked = ask(group, description="Ramen")
    assert (asked.phase, group.balances()) == (RequestPhase.OPEN, [0, 0, 0, 0])

    booked = consent(group, expected_minor=7)

    assert [leg.amount_minor for leg in booked] == [-7, 7]
    assert group.balances() == [-7, 7, 0, 0]
    body = group.events[-1].body
    assert isinstance(body, bodies.TransferBooked)
    assert (body.request, body.reverses) == (salt("ask"), None)
    assert group.books.agreeing.requests[salt("ask")].phase is RequestPhase.BOOKED
    assert code(consent(group, key=salt("again"))) is Code.ALREADY_DECIDED
    assert code(group.do(agreeing.DeclineAsked(salt("ask"), group.members[0]))) is (
        Code.ALREADY_DECIDED
    )


def test_only_the_payer_consents_and_only_to_the_amount_it_has_seen() -> None:
    group = Group()
    ask(group)

    assert code(consent(group, payer=group.members[1])) is Code.NOT_FOUND
    assert code(consent(group, payer=group.members[2])) is Code.NOT_FOUND
    assert code(consent(group, request=salt("other"))) is Code.NOT_FOUND
    refused = consent(group, expected_minor=6)
    assert (refused.code, refused.facts["possible_minor"]) == (Code.QUOTE_CHANGED, 7)
    assert group.balances() == [0, 0, 0, 0]


def test_what_was_booked_under_another_id_is_not_consented_to() -> None:
    group = Group()
    payer, payee = group.members[:2]
    others = {"other_ids": (salt("another"), salt("given"))}
    ask(group)
    group.do(commands.Transfer(salt("given"), payer, payee, 7, other_ids=(salt("ask"),)))

    assert code(consent(group, **others)) is Code.BOOKED_ALREADY
    group.now_s = NOW + REQUEST_S
    assert code(consent(group, **others, expected_minor=6)) is Code.BOOKED_ALREADY
    group.do(agreeing.DeclineAsked(salt("ask"), payer))
    assert code(consent(group, **others)) is Code.ALREADY_DECIDED
    assert group.balances() == [-7, 7, 0, 0]


def test_what_was_consented_to_is_not_booked_under_another_id() -> None:
    group = Group()
    payer, payee = group.members[:2]
    ask(group)
    consent(group, other_ids=(salt("given"),))
    given = commands.Transfer(salt("given"), payer, payee, 7, other_ids=(salt("ask"),))

    assert code(group.do(given)) is Code.BOOKED_ALREADY
    assert code(group.do(given._replace(amount_minor=0))) is Code.BOOKED_ALREADY
    assert group.balances() == [-7, 7, 0, 0]


def test_who_refused_what_was_asked_books_it_all_the_same() -> None:
    group = Group()
    payer, payee = group.members[:2]
    ask(group)
    group.do(agreeing.DeclineAsked(salt("ask"), payer))

    group.do(commands.Transfer(salt("given"), payer, payee, 7, other_ids=(salt("ask"),)))

    assert group.balances() == [-7, 7, 0, 0]


@pytest.mark.parametrize(("by", "phase"), [(0, RequestPhase.REFUSED), (1, RequestPhase.CANCELLED)])
def test_either_side_ends_a_request_and_once_more_changes_nothing(
    by: int, phase: RequestPhase
) -> None:
    group = Group()
    ask(group)
    end = agreeing.DeclineAsked(salt("ask"), group.members[by])

    assert group.do(end).phase is phase
    events = len(group.events)
    assert group.do(end).phase is phase
    assert len(group.events) == events
    assert code(consent(group)) is Code.ALREADY_DECIDED
    stranger = agreeing.DeclineAsked(salt("ask"), group.members[2])
    assert code(group.do(stranger)) is Code.NOT_FOUND


def test_a_request_waits_seven_days_and_not_a_second_longer() -> None:
    group = Group()
    ask(group)
    group.now_s = NOW + REQUEST_S - 1
    assert group.do(agreeing.ExpireAsked()) == 0
    group.now_s += 1

    assert code(consent(group)) is Code.EXPIRED
    assert group.do(agreeing.ExpireAsked()) == 1
    assert group.books.agreeing.requests[salt("ask")].phase is RequestPhase.EXPIRED
    assert group.do(agreeing.ExpireAsked()) == 0


def test_limits_count_when_the_payer_consents() -> None:
    group = Group(lower=-10, upper=10)
    assert code(ask(group, 11)) is Code.PAYEE_LIMIT
    ask(group, 9)
    group.pay(group.members[0], group.members[2], 5)

    refused = consent(group)
    assert (refused.code, refused.facts["possible_minor"]) == (Code.PAYER_LIMIT, 5)
    group.pay(group.members[2], group.members[0], 5)
    assert not isinstance(consent(group), Refusal)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"amount_minor": 0}, Code.AMOUNT_NOT_POSITIVE),
        ({"amount_minor": -3}, Code.AMOUNT_NOT_POSITIVE),
        ({"amount_minor": SAFE_INTEGER + 1}, Code.AMOUNT_TOO_LARGE),
        ({"payer": 6}, Code.ACCOUNT_SAME),
        ({"payer": 99}, Code.ACCOUNT_UNKNOWN),
        ({"payee": 2}, Code.ACCOUNT_UNKNOWN),
    ],
)
def test_what_cannot_be_asked_is_refused(changed: dict[str, Any], expected: Code) -> None:
    group = Group()
    assert group.members[1] == 6

    assert code(ask(group, **changed)) is expected


def test_who_is_blocked_or_inactive_is_not_asked() -> None:
    group = Group()
    payer, payee, third, _ = group.members
    group.do(agreeing.BlockMember(payer, payee))
    assert code(ask(group)) is Code.MEMBER_BLOCKED
    group.do(agreeing.BlockMember(payer, payee, blocked=False))
    group.do(commands.SetStatus(third, AccountStatus.INACTIVE))

    assert code(ask(group, payer=third)) is Code.ACCOUNT_INACTIVE
    assert not isinstance(ask(group), Refusal)


def test_who_was_paid_gives_it_back_at_once_and_only_once() -> None:
    group = Group()
    payer, payee, third, _ = group.members
    seq = group.pay(payer, payee, 12)

    assert code(group.do(agreeing.ReverseBooking(salt(1), seq, payer))) is Code.FORBIDDEN
    assert code(group.do(agreeing.ReverseBooking(salt(1), seq, third))) is Code.FORBIDDEN
    group.do(agreeing.ReverseBooking(salt(1), seq, payee))
    assert group.balances() == [0, 0, 0, 0]
    back = len(group.events) - 1

    again = agreeing.ReverseBooking(salt(2), seq, payee)
    assert code(group.do(again)) is Code.ALREADY_REVERSED
    assert code(group.do(agreeing.AskBack(salt(3), seq, payer))) is Code.ALREADY_REVERSED
    of_back = agreeing.ReverseBooking(salt(4), back, payer)
    assert code(group.do(of_back)) is Code.REVERSAL_UNKNOWN
    assert code(group.do(agreeing.ReverseBooking(salt(5), 0, payee))) is Code.REVERSAL_UNKNOWN


def test_who_paid_asks_for_it_back_and_the_other_consents() -> None:
    group = Group()
    payer, payee, *_ = group.members
    seq = group.pay(payer, payee, 12)
    assert code(group.do(agreeing.AskBack(salt(0), seq, payee))) is Code.FORBIDDEN

    asked = group.do(agreeing.AskBack(salt(1), seq, payer))

    assert (asked.payer, asked.payee, asked.amount_minor) == (payee, payer, 12)
    assert code(group.do(agreeing.AskBack(salt(2), seq, payer))) is Code.ALREADY_REVERSED
    assert code(consent(group, request=salt(1), payer=payer)) is Code.NOT_FOUND
    consent(group, request=salt(1), payer=payee)
    assert group.balances() == [0, 0, 0, 0]
    assert group.books.agreeing.reversed[seq] == len(group.events) - 1
    assert code(group.do(agreeing.ReverseBooking(salt(3), seq, payee))) is Code.ALREADY_REVERSED


def test_giving_back_at_once_ends_the_request_for_it() -> None:
    group = Group()
    payer, payee, *_ = group.members
    seq = group.pay(payer, payee, 12)
    group.do(agreeing.AskBack(salt(1), seq, payer))

    group.do(agreeing.ReverseBooking(salt(2), seq, payee))

    assert group.books.agreeing.requests[salt(1)].phase is RequestPhase.BOOKED
    assert group.balances() == [0, 0, 0, 0]


def activity(group: Group, *joined: int) -> int:
    number = group.do(
        agreeing.PlaceActivity(
            salt("activity"), group.members[0], NOW, NOW, ActivityText(title="Hagen snoeien")
        )
    )
    for member in joined:
        group.do(agreeing.JoinActivity(number, member))
    return int(number)


def test_one_booking_spreads_units_over_those_who_helped() -> None:
    group = Group()
    payer, *helpers = group.members
    number = activity(group, *helpers)

    group.do(agreeing.SpreadUnits(salt(1), number, payer, equal_shares(20, tuple(helpers))))

    assert group.balances() == [-20, 7, 7, 6]
    assert len([e for e in group.events if isinstance(e.body, bodies.TransferBooked)]) == 1
    assert code(group.do(agreeing.CancelActivity(number))) is Code.ALREADY_DECIDED


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((), Code.MALFORMED),
        (((6, 1), (6, 1)), Code.MALFORMED),
        (((8, 1),), Code.NOT_JOINED),
        (((6, 0),), Code.AMOUNT_NOT_POSITIVE),
        (((6, 2), (7, -1)), Code.AMOUNT_NOT_POSITIVE),
        (((6, SAFE_INTEGER), (7, SAFE_INTEGER)), Code.AMOUNT_TOO_LARGE),
        (((6, 6), (7, 6)), Code.PAYER_LIMIT),
        (((6, 1), (7, 6)), Code.PAYEE_LIMIT),
        (((5, 1),), Code.ACCOUNT_SAME),
    ],
)
def test_shares_that_cannot_be_are_refused_as_a_whole(
    shares: tuple[tuple[int, int], ...], expected: Code
) -> None:
    group = Group(lower=-10)
    payer, second, third, _ = group.members
    assert (payer, second, third) == (5, 6, 7)
    group.do(commands.SetLimits(third, -10, 5))
    number = activity(group, payer, second, third)

    assert code(group.do(agreeing.SpreadUnits(salt(1), number, payer, shares))) is expected
    assert group.balances() == [0, 0, 0, 0]


@given(
    st.integers(1, SAFE_INTEGER),
    st.lists(st.integers(1, 999), min_size=1, max_size=250, unique=True),
)
def test_equal_shares_give_everything_and_differ_by_one_at_most(
    total: int, helpers: list[int]
) -> None:
    shares = equal_shares(total, tuple(helpers))

    amounts = [amount for _, amount in shares]
    assert sum(amounts) == total
    assert max(amounts) - min(amounts) <= 1
    assert [account for account, _ in shares] == helpers


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["pay", "ask", "consent", "decline", "reverse", "back", "spread", "time"]),
        st.integers(0, 3),
        st.integers(0, 3),
        st.integers(0, 25),
    ),
    max_size=40,
)


@settings(max_examples=200)
@given(STEPS)
def test_whatever_members_do_the_books_agree_and_limits_hold(
    steps: list[tuple[str, int, int, int]],
) -> None:
    """I1; a reversal mirrors its original; each request and each booking has one end at most."""
    group = Group(lower=-30, upper=30)
    number = activity(group, *group.members)
    asked: list[str] = []
    booked: list[int] = []
    for at, (kind, one, other, amount) in enumerate(steps):
        payer, payee = group.members[one], group.members[other]
        seq = booked[amount % len(booked)] if booked else 0
        request = asked[amount % len(asked)] if asked else salt("none")
        key = salt("step", at)
        command: Any = {
            "pay": commands.Transfer(key, payer, payee, amount),
            "ask": agreeing.AskPayment(key, payer, payee, amount),
            "consent": agreeing.ConsentToAsked(key, request, payer),
            "decline": agreeing.DeclineAsked(request, payer),
            "reverse": agreeing.ReverseBooking(key, seq, payer),
            "back": agreeing.AskBack(key, seq, payer),
            "spread": agreeing.SpreadUnits(key, number, payer, ((payee, amount), (8, 1))),
            "time": agreeing.ExpireAsked(),
        }[kind]
        group.now_s += REQUEST_S // 3 if kind == "time" else 1
        answer = group.do(command)
        if isinstance(answer, Refusal):
            continue
        if kind in ("ask", "back"):
            asked.append(key)
        if isinstance(group.events[-1].body, bodies.TransferBooked):
            booked.append(len(group.events) - 1)
        assert sum(group.balances()) == 0
        assert all(-30 <= balance <= 30 for balance in group.balances())
    _judge(group)


def _judge(group: Group) -> None:
    """Say from the events alone what must hold, and that a fold anew finds the same."""
    reversed_once: set[int] = set()
    ends: dict[str, int] = {}
    for event in group.events:
        body = event.body
        if isinstance(body, bodies.RequestDeclined):
            ends[body.request] = ends.get(body.request, 0) + 1
        if not isinstance(body, bodies.TransferBooked):
            continue
        if body.request is not None:
            ends[body.request] = ends.get(body.request, 0) + 1
        if body.reverses is None:
            continue
        original = group.events[body.reverses].body
        assert isinstance(original, bodies.TransferBooked)
        mirrored = {(leg.account, -leg.amount_minor) for leg in original.postings}
        assert {(leg.account, leg.amount_minor) for leg in body.postings} == mirrored
        assert body.reverses not in reversed_once
        reversed_once.add(body.reverses)
    assert all(count == 1 for count in ends.values())
    anew = group.folded()
    for name in ("requests", "reversed", "activities", "blocks"):
        mine, theirs = getattr(group.books.agreeing, name), getattr(anew.agreeing, name)
        assert list(mine.values()) == list(theirs.values()), name
