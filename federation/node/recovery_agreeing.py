"""What a tail that nobody saw says about agreeing, as commands to be decided anew.

Events get other places behind the longer log; what names an event of the tail names it by the new
one. Messages keep their names. What rests on something that did not come again is refused, as for
everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.group import agreeing
from federation.group.collective import BookCollective, ReverseCollective
from federation.group.partner_commands import (
    AnswerStatement,
    AskPartner,
    ConfirmTrade,
    PausePartner,
    ReverseTrade,
)
from projections.agreeing import AGREEING_STEPS
from schemas import bodies

if TYPE_CHECKING:
    from collections.abc import Callable

    from projections.agreeing import Agreeing, Request

ABOUT_AGREEING: Final = frozenset(AGREEING_STEPS) | {
    bodies.MessageWritten,
    bodies.ReportMade,
    bodies.ReportHandled,
    bodies.ThanksGiven,
}
_WITH_TEXT: Final = frozenset(
    {bodies.ReportMade, bodies.ThanksGiven, bodies.ActivityPlaced, bodies.ActivityChanged}
)


class Places:
    """Places and numbers in the tail -> those of now."""

    def __init__(self, account: Callable[[int], int]) -> None:
        """Take who knows the accounts."""
        self.account = account
        self._seqs: dict[int, int] = {}
        self._activities: dict[int, int] = {}

    def learn(self, before: int, now: int) -> None:
        """Remember where an event of the tail stands now."""
        self._seqs[before] = now

    def learn_activity(self, before: int, now: int) -> None:
        """Remember the number of an activity."""
        self._activities[before] = now

    def seq(self, before: int) -> int:
        """Give the place of an event that a body names."""
        return self._seqs.get(before, before)

    def activity(self, before: int) -> int:
        """Give the number of an activity that a body names."""
        return self._activities.get(before, before)

    def by(self, before: int | None) -> int | None:
        """Give who entered it."""
        return None if before is None else self.account(before)


def agreeing_anew(key: str, body: Any, text: Any, places: Places, known: Agreeing) -> Any:
    """Give the command that says the same again; nothing when its text is gone, or it has none."""
    if text is None and type(body) in _WITH_TEXT:
        return None
    return (
        _said(key, body, text, places)
        or partner_anew(key, body, text, places, known)
        or _about_units(body, text, places, known)
        or _about_activity(key, body, text, places)
    )


def _said(key: str, body: Any, text: Any, places: Places) -> Any:
    match body:
        case bodies.MessageWritten():
            if text is None and body.texts:
                return None
            return agreeing.WriteMessage(
                key=key,
                thread=body.thread,
                sender=places.account(body.sender),
                recipient=places.account(body.recipient),
                text="" if text is None else text.text,
                offer=body.offer,
                answer=body.answer,
                proposal=body.proposal,
                entered_by=places.by(body.entered_by),
            )
        case bodies.MemberBlocked() | bodies.MemberUnblocked():
            blocked = isinstance(body, bodies.MemberBlocked)
            account, other = places.account(body.account), places.by(body.other)
            return agreeing.BlockMember(account, other, body.peer, blocked)
        case bodies.ReportMade():
            account, other = places.account(body.account), places.by(body.other)
            report = (body.report, account, text.text, text.quoted)
            return agreeing.MakeReport(*report, other, body.peer, body.post)
        case bodies.ReportHandled():
            note = "" if text is None else text.text
            return agreeing.HandleReport(key, body.report, places.account(body.entered_by), note)
        case bodies.ThanksGiven():
            return agreeing.GiveThanks(
                key=key,
                trade=places.seq(body.trade),
                account=places.account(body.account),
                other=places.account(body.other),
                text=text.text,
                public=body.public,
                entered_by=places.by(body.entered_by),
            )
        case _:
            return None


def partner_anew(key: str, body: Any, text: Any, places: Places, known: Agreeing) -> Any:
    """Give the command that says the same about a group by mail; who answers for it is asked anew.

    Name and address of a contact are two texts under two keys: a coordinator types them again.
    """
    match body:
        case bodies.RequestMade() if body.confirms is not None:
            gives = body.payee == body.confirms
            return AskPartner(
                key=body.request,
                member=places.account(body.payer if gives else body.payee),
                partner=places.account(body.confirms),
                gives=gives,
                amount_minor=body.amount_minor,
                description=getattr(text, "description", ""),
                person=getattr(text, "payee_real" if gives else "payer_real", ""),
                entered_by=places.by(body.entered_by),
            )
        case bodies.TransferBooked() if (found := _confirmed(body, known)) is not None:
            gives = found.payee == found.confirms
            return ConfirmTrade(
                key=body.key,
                request=str(body.request),
                partner=found.confirms or 0,
                expected_minor=body.postings[1].amount_minor,
                description=getattr(text, "description", ""),
                person=getattr(text, "payee_real" if gives else "payer_real", ""),
            )
        case bodies.TransferBooked() if (partner := _given_back_by(body, known)) is not None:
            back = partner == body.postings[1].account
            return ReverseTrade(
                key=body.key,
                actor=None,
                partner=places.account(partner),
                original=places.seq(body.reverses or 0),
                description=getattr(text, "description", "") or "?",
                person=getattr(text, "payee_real" if back else "payer_real", ""),
            )
        case bodies.PartnerPaused() | bodies.PartnerResumed():
            paused, why = isinstance(body, bodies.PartnerPaused), getattr(text, "text", "")
            account = places.account(body.account)
            return PausePartner(key, places.by(body.entered_by), account, paused, why)
        case bodies.StatementAnswered():
            why, account = getattr(text, "text", ""), places.account(body.account)
            balance = body.balance_minor
            return AnswerStatement(key, account, body.month, balance, body.agrees, why)
        case _:
            return None


def _confirmed(body: bodies.TransferBooked, known: Agreeing) -> Request | None:
    """Give the trade, as it stands now, that a contact confirmed by this; nothing for any other."""
    request = None if body.request is None else known.requests.get(body.request)
    return request if request is not None and request.confirms is not None else None


def _given_back_by(body: bodies.TransferBooked, known: Agreeing) -> int | None:
    """Give the group by mail with which a trade was reversed by this; nothing for any other."""
    if body.reverses is None:
        return None
    return next((leg.account for leg in body.postings if leg.account in known.partners), None)


def _about_units(body: Any, text: Any, places: Places, known: Agreeing) -> Any:
    words = "" if text is None else text.description if hasattr(text, "description") else ""
    match body:
        case bodies.RequestMade():
            payee, by = places.account(body.payee), places.by(body.entered_by)
            if body.reverses is not None:
                original = places.seq(body.reverses)
                return agreeing.AskBack(body.request, original, payee, words, by)
            payer = places.account(body.payer)
            return agreeing.AskPayment(body.request, payer, payee, body.amount_minor, words, by)
        case bodies.RequestDeclined():
            request = known.requests.get(body.request)
            if request is None or body.code is bodies.RequestEnd.EXPIRED:
                return None
            refused = body.code is bodies.RequestEnd.REFUSED
            account = request.payer if refused else request.payee
            if request.confirms is not None:
                other = request.payee if request.payer == request.confirms else request.payer
                account = request.confirms if refused else other
            return agreeing.DeclineAsked(body.request, account, getattr(text, "text", ""))
        case bodies.TransferBooked():
            return booking_anew(body, words, places)
        case bodies.CollectiveBooked():
            return collective_anew(body, words, places)
        case _:
            return None


def booking_anew(body: bodies.TransferBooked, words: str, places: Places) -> Any:
    """Give the command of a booking that a request, a reversal or an activity has led to."""
    payer, *payees = body.postings
    account, by = places.account(payer.account), places.by(body.entered_by)
    if body.activity is not None:
        shares = tuple((places.account(leg.account), leg.amount_minor) for leg in payees)
        activity = places.activity(body.activity)
        return agreeing.SpreadUnits(body.key, activity, account, shares, words, by)
    if body.request is not None:
        amount = payees[0].amount_minor
        return agreeing.ConsentToAsked(body.key, body.request, account, amount, words, by)
    assert body.reverses is not None
    return agreeing.ReverseBooking(body.key, places.seq(body.reverses), account, words, by)


def collective_anew(body: bodies.CollectiveBooked, words: str, places: Places) -> Any:
    """Give the command of a collective booking, or of what gives one back."""
    by = places.by(body.entered_by)
    if body.reverses is not None:
        return ReverseCollective(body.key, by, places.seq(body.reverses), words)
    one, *many = body.postings
    shares = tuple((places.account(leg.account), abs(leg.amount_minor)) for leg in many)
    return BookCollective(
        body.key, by, places.account(one.account), one.amount_minor < 0, shares, words
    )


def is_plain(body: bodies.TransferBooked) -> bool:
    """Tell whether a booking is an ordinary one, of one payer and one payee."""
    return body.request is None and body.reverses is None and body.activity is None


def _about_activity(key: str, body: Any, text: Any, places: Places) -> Any:
    match body:
        case bodies.ActivityPlaced() | bodies.ActivityChanged():
            changed = isinstance(body, bodies.ActivityChanged)
            return agreeing.PlaceActivity(
                key,
                places.account(body.account),
                body.starts_at_s,
                body.ends_at_s,
                text,
                places.activity(body.activity) if changed else None,
                places.by(body.entered_by),
            )
        case bodies.ActivityCancelled():
            return agreeing.CancelActivity(places.activity(body.activity))
        case bodies.ActivityJoined() | bodies.ActivityLeft():
            joins = isinstance(body, bodies.ActivityJoined)
            account = places.account(body.account)
            return agreeing.JoinActivity(places.activity(body.activity), account, joins)
        case _:
            return None
