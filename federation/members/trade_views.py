"""A trade as one of its two reads it: one shape inside the group and between groups.

Gathers bookings, requests and payments from log and tables, and says how each stands in the words
of the glossary, with the numbers of both sides and what the reader may do now.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from federation.members.people import Party
from projections.agreeing import Request, RequestPhase
from projections.lines import FAILED, Phase, Transfer
from projections.trade_state import FINAL, TradeState, trade_state
from schemas.bodies import CollectiveBooked, TransferBooked, TransferImported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.amounts import Rate

LEGS: Final = 2
Booking = TransferBooked | CollectiveBooked | TransferImported
_PHASES: Final = {
    RequestPhase.OPEN: TradeState.REQUESTED,
    RequestPhase.BOOKED: TradeState.SETTLED,
    RequestPhase.REFUSED: TradeState.REFUSED,
    RequestPhase.CANCELLED: TradeState.CANCELLED,
    RequestPhase.EXPIRED: TradeState.EXPIRED,
}


class Action(StrEnum):
    """What the reader may do with a trade now."""

    CONSENT = "consent"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    """Take back what it has asked for."""
    CANCEL = "cancel"
    """Take back a payment that is not booked yet."""
    REVERSE = "reverse"
    """Give back, at once."""
    ASK_BACK = "ask_back"
    """Ask the other to give back."""
    THANK = "thank"


class ShownThanks(msgspec.Struct, frozen=True, kw_only=True):
    """A word of thanks for a trade."""

    own: bool
    text: str
    public: bool
    at_s: int


class ShownTrade(msgspec.Struct, frozen=True, kw_only=True):
    """A trade as one of the two reads it."""

    id: str
    between: bool
    """With another group."""
    gives: bool
    """The reader gives the units."""
    other: Party
    more: int = 0
    """So many others were given units by the same booking."""
    to_all: bool = False
    """One gave to many, or many to one: all of them read what it was for."""
    own_minor: int
    other_minor: int
    """In the other side's unit; the same inside the group."""
    line_units: int = 0
    other_rate: Rate | None = None
    """Of the other group's unit."""
    state: TradeState
    code: str = ""
    """Why it came to nothing, between groups."""
    description: str = ""
    at_s: int
    expires_at_s: int = 0
    asked: bool = False
    """It began with a request of the payee."""
    by_mail: bool = False
    """The other is a group without a node: its contact answers by mail."""
    person: str = ""
    """Who of that group it was."""
    reason: str = ""
    """Why its contact refused."""
    reverses: str = ""
    reversed_by: str = ""
    """What gives it back, or is to."""
    activity: int | None = None
    entered_by: int | None = None
    seq: int = 0
    """Its place in the log, for the next page; 0 while it has none of its own."""
    actions: tuple[Action, ...] = ()
    thanks: tuple[ShownThanks, ...] = ()

    @property
    def done(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in FINAL


class Related(NamedTuple):
    """What is known around some trades, before they are shown."""

    people: dict[int, Party]
    reversed: dict[int, int]
    """Place of a booking -> place of what gives it back."""
    asked_back: dict[int, str]
    """Place of a booking -> the open request to give it back."""
    texts: dict[int, Any]


def of_booking(account: int, seq: int, body: Booking, related: Related) -> ShownTrade:
    """Show a booking inside the group."""
    own = next(leg for leg in body.postings if leg.account == account)
    gives = own.amount_minor < 0
    others = [leg for leg in body.postings if (leg.amount_minor < 0) != gives]
    booked = body if isinstance(body, TransferBooked) else None
    text, reverses = related.texts.get(seq), getattr(body, "reverses", None)
    shown = ShownTrade(
        id=booking_name(seq, body),
        between=False,
        gives=gives,
        other=related.people[others[0].account],
        more=max(0, len(others) - 1) if gives or isinstance(body, CollectiveBooked) else 0,
        to_all=isinstance(body, CollectiveBooked),
        own_minor=abs(own.amount_minor),
        other_minor=abs(own.amount_minor),
        state=TradeState.REVERSED if seq in related.reversed else TradeState.SETTLED,
        description=getattr(text, "description", ""),
        at_s=body.at_s,
        asked=booked is not None and booked.request is not None,
        reverses="" if reverses is None else str(reverses),
        reversed_by=str(related.reversed[seq])
        if seq in related.reversed
        else related.asked_back.get(seq, ""),
        activity=None if booked is None else booked.activity,
        entered_by=getattr(body, "entered_by", None),
        seq=seq,
    )
    return msgspec.structs.replace(shown, actions=_after_booking(shown, body))


def with_group_by_mail(shown: ShownTrade, text: Any, reason: Any) -> ShownTrade:
    """Show the same of a trade with a group without a node: nothing of it is reversed by itself."""
    person = getattr(text, "payee_real" if shown.gives else "payer_real", "")
    open_ = shown.state is TradeState.REQUESTED
    return msgspec.structs.replace(
        shown,
        by_mail=True,
        person=person,
        reason=getattr(reason, "text", ""),
        state=TradeState.HELD if open_ else shown.state,
        actions=(Action.WITHDRAW,) if open_ else (),
    )


def _after_booking(shown: ShownTrade, body: Booking) -> tuple[Action, ...]:
    if not isinstance(body, TransferBooked) or len(body.postings) != LEGS or shown.reverses:
        return ()
    actions = []
    if not shown.reversed_by:
        actions.append(Action.ASK_BACK if shown.gives else Action.REVERSE)
    elif not shown.gives and shown.state is not TradeState.REVERSED:
        actions.append(Action.REVERSE)
    if shown.state is not TradeState.REVERSED:
        actions.append(Action.THANK)
    return tuple(actions)


def booking_name(seq: int, body: Booking) -> str:
    """Give the id of a trade inside the group: the request's, else the booking's own."""
    if isinstance(body, TransferImported):
        return str(seq)
    if isinstance(body, CollectiveBooked):
        return body.key
    return body.request or body.key


def of_request(account: int, request: Request, related: Related) -> ShownTrade:
    """Show a request inside the group that is open, or ended without a booking."""
    gives = request.payer == account
    actions: tuple[Action, ...] = ()
    if request.phase is RequestPhase.OPEN:
        actions = (Action.CONSENT, Action.DECLINE) if gives else (Action.WITHDRAW,)
    return ShownTrade(
        id=request.request,
        between=False,
        gives=gives,
        other=related.people[request.payee if gives else request.payer],
        own_minor=request.amount_minor,
        other_minor=request.amount_minor,
        state=_PHASES[request.phase],
        description=getattr(related.texts.get(request.first_seq), "description", ""),
        at_s=request.at_s,
        expires_at_s=request.expires_at_s,
        asked=True,
        reverses="" if request.reverses is None else str(request.reverses),
        entered_by=request.entered_by,
        seq=0 if request.phase is RequestPhase.OPEN else request.last_seq,
        actions=actions,
    )


def of_transfer(
    transfer: Transfer,
    other: Party,
    *,
    description: str,
    reversals: Sequence[Transfer],
    rate: Rate | None,
    entered_by: int | None,
) -> ShownTrade:
    """Show a trade with another group; `reversals` are those that name it."""
    gives = transfer.direction == "out"
    state = trade_state(transfer, reversals)
    done = state in FINAL or transfer.phase is Phase.COMMITTED
    living = [one for one in reversals if one.phase not in FAILED]
    shown = ShownTrade(
        id=transfer.path,
        between=True,
        gives=gives,
        other=other,
        own_minor=transfer.payer_minor if gives else transfer.payee_minor,
        other_minor=transfer.payee_minor if gives else transfer.payer_minor,
        line_units=transfer.line_units,
        other_rate=rate,
        state=state,
        code=transfer.code,
        description=description,
        at_s=transfer.at_s,
        expires_at_s=transfer.expires_at_s,
        asked=bool(transfer.request),
        reverses=transfer.reverses,
        entered_by=entered_by,
        reversed_by=living[0].path if living else "",
        seq=max(1, transfer.last_seq) if done else 0,
    )
    return msgspec.structs.replace(shown, actions=_of_transfer_now(transfer, shown, living))


def _of_transfer_now(
    transfer: Transfer, shown: ShownTrade, living: Sequence[Transfer]
) -> tuple[Action, ...]:
    if transfer.phase is Phase.REQUESTED:
        return (Action.CONSENT, Action.DECLINE) if shown.gives else (Action.WITHDRAW,)
    if transfer.phase is Phase.PREPARED:
        return (Action.CANCEL,)
    booked = transfer.phase in (Phase.COMMITTED, Phase.SETTLED, Phase.CREDITED)
    if not booked or transfer.reverses or shown.state is TradeState.REVERSED:
        return ()
    actions = []
    only_asked = all(one.phase is Phase.REQUESTED for one in living)
    if not living:
        actions.append(Action.ASK_BACK if shown.gives else Action.REVERSE)
    elif only_asked and not shown.gives:
        actions.append(Action.REVERSE)
    return (*actions, Action.THANK)
