"""Groups that are reached by mail: what is asked is set apart, and one answer ends it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.group.agreeing import AskBack, ConsentToAsked, DeclineAsked, ExpireAsked
from federation.group.commands import OpenAccount, SetLimits, Transfer
from federation.group.member_commands import GiveRole
from federation.group.partner_commands import (
    AnswerStatement,
    AskPartner,
    ConfirmTrade,
    PausePartner,
    ReachPartner,
    ReverseTrade,
)
from federation.group.partners import ANSWER_WITHIN_S
from projections.agreeing import RequestPhase
from projections.room import room_to_give, room_to_take
from schemas import bodies
from schemas.bodies import AccountKind
from schemas.errors import Code, Refusal
from schemas.member_bodies import Role
from schemas.openings import MessageText, NameText, PersonText, TransferText
from tests.federation.group.group import NOW, Group, salt

CONTACT = PersonText(name="Griet", address="griet@example.org", language="nl")


def reach(group: Group, **changed: Any) -> Any:
    fields = {
        "key": salt("reach"),
        "actor": None,
        "group": "LETS Gent",
        "contact": CONTACT,
        "subject": salt("griet"),
        "lower_minor": -100,
        "upper_minor": 100,
        "code": "GENT",
    }
    return group.do(ReachPartner(**(fields | changed)))


def ask(group: Group, partner: int, amount: int = 7, **changed: Any) -> Any:
    fields = {
        "key": salt("ask"),
        "member": group.members[0],
        "partner": partner,
        "gives": True,
        "amount_minor": amount,
        "description": "Ramen",
        "person": "Rita",
    }
    return group.do(AskPartner(**(fields | changed)))


def confirm(group: Group, partner: int, **changed: Any) -> Any:
    fields: dict[str, Any] = {
        "key": salt("confirm"),
        "request": salt("ask"),
        "partner": partner,
        "expected_minor": 7,
        "description": "Ramen",
        "person": "Rita",
    }
    return group.do(ConfirmTrade(**(fields | changed)))


def held(group: Group, account: int) -> tuple[int, int]:
    ledger = group.books.ledger
    return ledger.held_lower.get(account) or 0, ledger.held_upper.get(account) or 0


def code(answer: Any) -> Code:
    assert isinstance(answer, Refusal), answer
    return answer.code


@pytest.mark.parametrize("gives", [True, False])
def test_what_is_asked_stands_apart_until_it_is_booked_in_one_event(gives: bool) -> None:
    group = Group()
    partner, member = reach(group), group.members[0]
    payer, payee = (member, partner) if gives else (partner, member)

    ask(group, partner, gives=gives)
    assert (held(group, payer), held(group, payee)) == ((7, 0), (0, 7))
    assert group.books.ledger.balance(member) == 0
    before = len(group.events)
    confirm(group, partner)

    assert len(group.events) == before + 1
    body = group.events[-1].body
    assert isinstance(body, bodies.TransferBooked)
    assert [(leg.account, leg.amount_minor) for leg in body.postings] == [(payer, -7), (payee, 7)]
    assert (held(group, payer), held(group, payee)) == ((0, 0), (0, 0))
    ((_, text), (_, same)) = group.texts[-1]
    assert text is same
    assert text == TransferText(
        description="Ramen",
        payer_real="" if gives else "Rita",
        payee_real="Rita" if gives else "",
    )


def test_an_answer_ends_it_and_a_second_one_changes_nothing() -> None:
    group = Group()
    partner = reach(group)
    ask(group, partner)
    assert code(confirm(group, partner, expected_minor=8)) is Code.QUOTE_CHANGED
    assert code(confirm(group, group.members[0])) is Code.NOT_FOUND
    confirm(group, partner)

    assert code(confirm(group, partner, key=salt("again"))) is Code.ALREADY_DECIDED
    assert code(group.do(DeclineAsked(salt("ask"), partner, "nee"))) is Code.ALREADY_DECIDED
    assert code(group.do(DeclineAsked(salt("ask"), group.members[0]))) is Code.ALREADY_DECIDED
    assert group.books.ledger.balance(partner) == 7


def test_a_member_cannot_consent_in_place_of_the_contact() -> None:
    group = Group()
    partner = reach(group)
    ask(group, partner)

    answer = group.do(ConsentToAsked(salt("c"), salt("ask"), group.members[0], 7))

    assert code(answer) is Code.NOT_FOUND
    assert held(group, partner) == (0, 7)


@pytest.mark.parametrize(
    ("by_partner", "phase"), [(True, RequestPhase.REFUSED), (False, RequestPhase.CANCELLED)]
)
@pytest.mark.parametrize("gives", [True, False])
def test_who_refuses_and_who_takes_back(gives: bool, by_partner: bool, phase: RequestPhase) -> None:
    group = Group()
    partner, member = reach(group), group.members[0]
    ask(group, partner, gives=gives)

    group.do(DeclineAsked(salt("ask"), partner if by_partner else member, "Rita kent dit niet"))

    assert group.books.agreeing.requests[salt("ask")].phase is phase
    assert held(group, partner) == held(group, member) == (0, 0)
    said = [text for _, text in group.texts[-1]]
    assert said == ([MessageText(text="Rita kent dit niet")] * 2 if by_partner else [])


def test_what_nobody_answers_is_given_back_when_its_time_is_over() -> None:
    group = Group()
    partner = reach(group)
    ask(group, partner)
    group.now_s = NOW + ANSWER_WITHIN_S
    assert code(confirm(group, partner)) is Code.EXPIRED

    assert group.do(ExpireAsked()) == 1

    assert group.books.agreeing.requests[salt("ask")].phase is RequestPhase.EXPIRED
    assert held(group, partner) == held(group, group.members[0]) == (0, 0)


def test_limits_of_both_count_when_it_is_asked_and_never_afterwards() -> None:
    group = Group(lower=-10, upper=10)
    partner = reach(group, upper_minor=12)
    assert code(ask(group, partner, 11)) is Code.PAYER_LIMIT
    ask(group, partner, 9)
    refused = ask(group, partner, 4, key=salt("b"), member=group.members[1])
    assert (code(refused), refused.facts["possible_minor"]) == (Code.PAYEE_LIMIT, 3)
    group.do(SetLimits(partner, -100, 0))

    assert not isinstance(confirm(group, partner, expected_minor=9), Refusal)
    assert group.books.ledger.balance(partner) == 9


def test_while_paused_nothing_new_is_asked_and_what_is_open_goes_on() -> None:
    group = Group()
    partner = reach(group)
    ask(group, partner)
    assert code(group.do(PausePartner(salt("p"), None, partner, True, ""))) is Code.TEXT_MISSING
    group.do(PausePartner(salt("p"), None, partner, True, "Hun kerngroep is met vakantie"))

    assert code(ask(group, partner, key=salt("b"))) is Code.PARTNER_PAUSED
    assert not isinstance(confirm(group, partner), Refusal)
    again = group.do(PausePartner(salt("q"), None, partner, True, "nog eens"))
    assert code(again) is Code.ALREADY_SO
    group.do(PausePartner(salt("r"), None, partner, False))
    assert not isinstance(ask(group, partner, key=salt("c")), Refusal)


def test_only_coordinators_say_who_is_reached_where() -> None:
    group = Group()
    assert code(reach(group, actor=group.members[0])) is Code.FORBIDDEN
    assert code(reach(group, lower_minor=1)) is Code.LIMITS_ORDER
    assert code(reach(group, upper_minor=-1)) is Code.LIMITS_ORDER
    assert code(reach(group, code="001")) is Code.CODE_TAKEN
    assert code(reach(group, account=group.members[0])) is Code.ACCOUNT_UNKNOWN
    partner = reach(group)
    pause = PausePartner(salt("p"), group.members[0], partner, True, "ik")
    assert code(group.do(pause)) is Code.FORBIDDEN
    assert code(group.do(pause._replace(actor=None, account=99))) is Code.ACCOUNT_UNKNOWN


def test_an_account_that_came_along_is_reached_by_mail_from_now_on() -> None:
    group = Group()
    number = group.do(
        OpenAccount(salt("old"), "P1", AccountKind.OLD_PARTNER, unlimited=True, source="g3:users:9")
    )
    assert code(ask(group, number)) is Code.ACCOUNT_UNKNOWN

    assert reach(group, account=number) == number

    account = group.books.ledger.accounts[number]
    assert (account.unlimited, account.lower_minor, account.upper_minor) == (False, -100, 100)
    assert {text for _, text in group.texts[-1]} == {NameText(name="LETS Gent"), CONTACT}
    assert not isinstance(ask(group, number), Refusal)


def test_another_contact_keeps_the_pause_and_what_was_said_of_statements() -> None:
    group = Group()
    partner = reach(group)
    group.do(AnswerStatement(salt("s"), partner, "2026-10", 5, False, "Wij tellen 4"))
    group.do(PausePartner(salt("p"), None, partner, True, "even"))

    reach(group, key=salt("reach 2"), account=partner, subject=salt("piet"))

    found = group.books.agreeing.partners[partner]
    assert (found.contact, found.subject) == (2, salt("piet"))
    assert found.paused_seq is not None
    answer = found.answer("2026-10")
    assert answer is not None
    assert (answer.balance_minor, answer.agrees) == (5, False)


def test_the_newest_answer_about_a_month_counts() -> None:
    group = Group()
    partner = reach(group)
    refused = group.do(AnswerStatement(salt("s"), partner, "2026-10", 5, False))
    assert code(refused) is Code.TEXT_MISSING
    group.do(AnswerStatement(salt("s"), partner, "2026-10", 5, False, "Wij tellen 4"))
    group.do(AnswerStatement(salt("t"), partner, "2026-09", 1, True))
    group.do(AnswerStatement(salt("u"), partner, "2026-10", 5, True))

    found = group.books.agreeing.partners[partner]
    assert [(one.month, one.agrees) for one in found.answers] == [
        ("2026-09", True),
        ("2026-10", True),
    ]
    assert code(group.do(AnswerStatement(salt("v"), 99, "2026-10", 5, True))) is (
        Code.ACCOUNT_UNKNOWN
    )


def test_what_a_member_gave_such_a_group_is_not_asked_back() -> None:
    group = Group()
    partner = reach(group)
    ask(group, partner)
    confirm(group, partner)
    group.books.agreeing.originals[len(group.events) - 1] = group.events[-1].body  # type: ignore[assignment]

    back = group.do(AskBack(salt("back"), len(group.events) - 1, group.members[0]))

    assert code(back) is Code.REVERSAL_UNKNOWN


Steps = st.lists(
    st.tuples(
        st.sampled_from(["ask", "confirm", "refuse", "cancel", "late"]),
        st.integers(0, 5),
        st.integers(0, 3),
        st.integers(1, 40),
        st.booleans(),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=60)
@given(Steps)
def test_whatever_happens_sums_to_zero_and_keeps_to_the_limits(steps: Any) -> None:
    group = Group(lower=-50, upper=50)
    partner = reach(group, lower_minor=-60, upper_minor=30)
    ledger, requests = group.books.ledger, group.books.agreeing.requests
    for number, (what, which, member, amount, gives) in enumerate(steps):
        name = salt("trade", which)
        if what == "ask" and name not in requests:
            who = group.members[member]
            ask(group, partner, amount, key=name, member=who, gives=gives)
        elif what == "late":
            group.now_s += ANSWER_WITHIN_S // 2
            group.do(ExpireAsked())
        elif name in requests:
            known = requests[name]
            if what == "confirm":
                amount_minor = known.amount_minor
                keyed = {"key": salt(number), "request": name, "expected_minor": amount_minor}
                confirm(group, partner, **keyed)
            else:
                other = known.payee if known.payer == partner else known.payer
                group.do(DeclineAsked(name, partner if what == "refuse" else other, "nee"))
        opened = [one for one in requests.values() if one.phase is RequestPhase.OPEN]
        for account in (partner, *group.members):
            out = sum(one.amount_minor for one in opened if one.payer == account)
            into = sum(one.amount_minor for one in opened if one.payee == account)
            assert held(group, account) == (out, into)
            found = ledger.accounts[account]
            assert (room_to_give(ledger, found, now_s=group.now_s) or 0) >= 0
            assert (room_to_take(ledger, found, now_s=group.now_s) or 0) >= 0
            balance = ledger.balance(account)
            lowest, highest = (-60, 30) if account == partner else (-50, 50)
            assert lowest <= balance - out
            assert balance + into <= highest
        assert sum(ledger.balance(one.account) for one in ledger.accounts.values()) == 0


def give_back(group: Group, partner: int, original: int, **changed: Any) -> Any:
    fields: dict[str, Any] = {
        "key": salt("back", original),
        "actor": None,
        "partner": partner,
        "original": original,
        "description": "Het was dubbel",
        "person": "Rita",
    }
    return group.do(ReverseTrade(**(fields | changed)))


@pytest.mark.parametrize("gives", [True, False])
def test_a_coordinator_gives_a_confirmed_trade_back_once_with_the_reason(*, gives: bool) -> None:
    group = Group(lower=-50, upper=50)
    partner = reach(group)
    ask(group, partner, gives=gives)
    confirm(group, partner)
    booked = len(group.events) - 1
    member = group.members[0]
    cora = group.members[2]
    group.do(GiveRole(salt("role"), None, cora, Role.COORDINATOR))

    assert give_back(group, partner, booked, actor=member).code is Code.FORBIDDEN
    assert give_back(group, partner, booked, description="").code is Code.TEXT_MISSING
    assert give_back(group, group.members[1], booked).code is Code.REVERSAL_UNKNOWN
    assert give_back(group, partner, booked - 1).code is Code.REVERSAL_UNKNOWN
    give_back(group, partner, booked, actor=cora)

    balance = group.books.ledger.balance
    assert (balance(member), balance(partner)) == (0, 0)
    body = group.events[-1].body
    assert isinstance(body, bodies.TransferBooked)
    assert (body.reverses, body.entered_by) == (booked, cora)
    assert sum(posting.amount_minor for posting in body.postings) == 0
    (text,) = {said for _, said in group.texts[-1]}
    person = {"payer_real": "Rita"} if gives else {"payee_real": "Rita"}
    assert text == TransferText(description="Het was dubbel", **person)
    again = give_back(group, partner, booked, key=salt("again"))
    assert again.code is Code.ALREADY_REVERSED
    undone = give_back(group, partner, len(group.events) - 1, key=salt("undo"))
    assert undone.code is Code.REVERSAL_UNKNOWN
    assert not group.books.ledger.given.get(member)


def test_what_is_given_back_keeps_to_the_limits_of_both() -> None:
    group = Group(lower=-50, upper=50)
    partner = reach(group)
    ask(group, partner, 7, gives=False)
    confirm(group, partner)
    booked = len(group.events) - 1
    group.do(SetLimits(group.members[0], lower_minor=0, upper_minor=50))
    group.do(Transfer(salt("spent"), group.members[0], group.members[1], 7))

    refused = give_back(group, partner, booked)

    assert isinstance(refused, Refusal)
    assert refused.code is Code.PAYER_LIMIT
