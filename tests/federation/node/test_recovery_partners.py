"""What a lost tail says about groups by mail is said again, each as it was."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from federation.group import agreeing
from federation.group.partner_commands import (
    AnswerStatement,
    AskPartner,
    ConfirmTrade,
    PausePartner,
)
from federation.node.recovery_agreeing import Places, agreeing_anew
from projections.agreeing import Agreeing, Request
from schemas import bodies
from schemas.bodies import Posting
from schemas.encoding import b64
from schemas.openings import MessageText, TransferText

ID, KEY = b64(bytes(16)), b64(bytes(15) + b"\1")
MEMBER, PARTNER, MOVED = 3, 9, 100


def anew(body: Any, text: Any, known: Agreeing | None = None) -> Any:
    places = Places(lambda account: account + MOVED)
    return agreeing_anew(KEY, body, text, places, known or Agreeing())


def request(*, gives: bool) -> Request:
    payer, payee = (MEMBER, PARTNER) if gives else (PARTNER, MEMBER)
    return Request(
        request=ID,
        payer=payer,
        payee=payee,
        amount_minor=7,
        expires_at_s=9,
        at_s=1,
        first_seq=1,
        last_seq=1,
        confirms=PARTNER,
    )


def test_a_trade_is_asked_and_confirmed_again_both_ways() -> None:
    for gives in (True, False):
        asked = request(gives=gives)
        person = {"payee_real" if gives else "payer_real": "Rita"}
        text = TransferText(description="Ramen", **person)
        made = bodies.RequestMade(
            v=1,
            at_s=1,
            request=ID,
            payer=asked.payer,
            payee=asked.payee,
            amount_minor=7,
            expires_at_s=9,
            confirms=PARTNER,
        )
        pair = (MEMBER + MOVED, PARTNER + MOVED)
        assert anew(made, text) == AskPartner(ID, *pair, gives, 7, "Ramen", "Rita")
        known = Agreeing()
        now = {"payer": asked.payer + MOVED, "payee": asked.payee + MOVED}
        known.requests.put(ID, replace(asked, confirms=PARTNER + MOVED, **now))
        legs = (Posting(asked.payer, -7), Posting(asked.payee, 7))
        booked = bodies.TransferBooked(v=1, at_s=2, key=KEY, postings=legs, request=ID)
        assert anew(booked, text, known) == ConfirmTrade(
            KEY, ID, PARTNER + MOVED, 7, "Ramen", "Rita"
        )


def test_who_refused_and_who_took_back_is_the_same_again() -> None:
    for gives in (True, False):
        known = Agreeing()
        known.requests.put(ID, request(gives=gives))
        no = bodies.RequestDeclined(v=1, at_s=2, request=ID, code=bodies.RequestEnd.REFUSED)
        back = bodies.RequestDeclined(v=1, at_s=2, request=ID, code=bodies.RequestEnd.CANCELLED)

        refused = anew(no, MessageText(text="nee"), known)
        assert refused == agreeing.DeclineAsked(ID, PARTNER, "nee")
        assert anew(back, None, known) == agreeing.DeclineAsked(ID, MEMBER)


def test_pauses_and_answers_come_again_with_their_reasons() -> None:
    why = MessageText(text="op reis")
    pause = bodies.PartnerPaused(v=1, at_s=1, account=PARTNER, entered_by=MEMBER)
    on = bodies.PartnerResumed(v=1, at_s=1, account=PARTNER)
    said = bodies.StatementAnswered(
        v=1, at_s=1, account=PARTNER, month="2026-10", balance_minor=4, agrees=False
    )

    account = PARTNER + MOVED
    assert anew(pause, why) == PausePartner(KEY, MEMBER + MOVED, account, True, "op reis")
    assert anew(on, None) == PausePartner(KEY, None, account, False)
    assert anew(said, why) == AnswerStatement(KEY, account, "2026-10", 4, False, "op reis")
    reached = bodies.PartnerReached(v=1, at_s=1, account=PARTNER, contact=1, subject=ID)
    assert anew(reached, why) is None  # a coordinator types name and address again
