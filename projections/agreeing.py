"""What stands open inside a group beside balances: requests, activities, who is blocked.

Part of the books, folded from the own log alone. Requests that have an end leave the memory after
COMMIT and come back from their table when a command names them. Decides nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from projections.layered import Layered
from projections.ledger import Hold, free, hold
from projections.partners import PARTNER_STEPS, Partner
from schemas import bodies

if TYPE_CHECKING:
    from collections.abc import Callable

    from projections.books import Books
    from projections.ledger import HoldKey, PostingRow
    from projections.recorded import Recorded

    Step = Callable[[Books, Recorded, object, list[PostingRow]], None]


class RequestPhase(StrEnum):
    """How far a request inside the group has come."""

    OPEN = "open"
    BOOKED = "booked"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


FAILED_REQUESTS: Final = frozenset(
    {RequestPhase.REFUSED, RequestPhase.CANCELLED, RequestPhase.EXPIRED}
)


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The giver asks the payer for units; consent is a booking that names it."""

    request: str
    payer: int
    payee: int
    amount_minor: int
    expires_at_s: int
    at_s: int
    first_seq: int
    last_seq: int
    phase: RequestPhase = RequestPhase.OPEN
    reverses: int | None = None
    entered_by: int | None = None
    confirms: int | None = None
    """The account of a group without a node, whose contact answers; units are set apart."""


class Activity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something to do together; its text lies sealed beside the event `text_seq`."""

    activity: int
    account: int
    starts_at_s: int
    ends_at_s: int
    text_seq: int
    joined: tuple[int, ...] = ()
    cancelled: bool = False
    booked: bool = False


class Block(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether a member wants to hear of another."""

    account: int
    other: int = 0
    node: str = ""
    pseudonym: str = ""
    blocked: bool = True

    def key(self) -> BlockKey:
        """Give who blocks whom."""
        return (self.account, self.other, self.node, self.pseudonym)


BlockKey = tuple[int, int, str, str]
"""(account, other account or 0, node or empty, pseudonym or empty)"""


class Agreeing:
    """Requests, reversals, activities and blocks, in two layers as the rest of the books."""

    __slots__ = (
        "activities",
        "blocks",
        "next_activity",
        "originals",
        "partners",
        "requests",
        "reversed",
    )

    def __init__(self) -> None:
        """Start with nothing."""
        self.requests: Layered[str, Request] = Layered()
        self.reversed: Layered[int, int] = Layered()
        """Place of a booking -> place of the one that reverses it; only what a batch names."""
        self.originals: dict[int, bodies.TransferBooked | bodies.CollectiveBooked] = {}
        """Bookings that commands of this batch name, as the log has them: facts, no state."""
        self.activities: Layered[int, Activity] = Layered()
        self.blocks: Layered[BlockKey, Block] = Layered()
        self.partners: Layered[int, Partner] = Layered()
        """The groups that are reached by mail, by account."""
        self.next_activity = 1

    def branch(self) -> Agreeing:
        """Give a copy whose changes can be dropped."""
        copy = Agreeing.__new__(Agreeing)
        copy.requests = self.requests.branch()
        copy.reversed = self.reversed.branch()
        copy.originals = {}
        copy.activities = self.activities.branch()
        copy.blocks = self.blocks.branch()
        copy.partners = self.partners.branch()
        copy.next_activity = self.next_activity
        return copy

    def adopt(self, branch: Agreeing) -> None:
        """Take over a committed branch; what is done leaves the memory."""
        branch.requests.merge(lambda request: request.phase is RequestPhase.OPEN)
        branch.reversed.merge(lambda _: False)
        branch.activities.merge()
        branch.blocks.merge(lambda block: block.blocked)
        branch.partners.merge()
        self.next_activity = branch.next_activity

    def blocks_member(self, account: int, other: int) -> bool:
        """Tell whether a member wants no messages of another of the group."""
        found = self.blocks.get((account, other, "", ""))
        return found is not None and found.blocked

    def blocks_peer(self, account: int, node: str, pseudonym: str) -> bool:
        """Tell the same of a member of another group."""
        found = self.blocks.get((account, 0, node, pseudonym))
        return found is not None and found.blocked

    def reversal_asked(self, original: int) -> Request | None:
        """Give the open request to give a booking back."""
        found = (r for r in self.requests.values() if r.reverses == original)
        return next((r for r in found if r.phase is RequestPhase.OPEN), None)


def booked(books: Books, seq: int, body: bodies.TransferBooked) -> None:
    """Take note of what a booking ends beside moving units."""
    agreeing = books.agreeing
    request = None if body.request is None else agreeing.requests.get(body.request)
    if request is not None:
        assert request.phase is RequestPhase.OPEN, "a request has one end"
        done = replace(request, phase=RequestPhase.BOOKED, last_seq=seq)
        agreeing.requests.put(request.request, done)
        _let_go(books, request)
    if body.reverses is not None:
        given_back(books, seq, body.reverses)
    activity = None if body.activity is None else agreeing.activities.get(body.activity)
    if activity is not None:
        agreeing.activities.put(activity.activity, replace(activity, booked=True))


def given_back(books: Books, seq: int, original: int) -> None:
    """Take note of what a booking gives back."""
    assert original not in books.agreeing.reversed, "a booking is reversed once"
    books.agreeing.reversed.put(original, seq)


def _requested(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del rows
    assert isinstance(body, bodies.RequestMade)
    assert body.request not in books.agreeing.requests, "a request is made once"
    request = Request(
        request=body.request,
        payer=body.payer,
        payee=body.payee,
        amount_minor=body.amount_minor,
        expires_at_s=body.expires_at_s,
        at_s=body.at_s,
        first_seq=event.seq,
        last_seq=event.seq,
        reverses=body.reverses,
        entered_by=body.entered_by,
        confirms=body.confirms,
    )
    books.agreeing.requests.put(body.request, request)
    if body.confirms is not None:
        amount = body.amount_minor
        given, taken = _held_as(request)
        hold(books.ledger, given, Hold(account=body.payer, lower_minor=amount))
        hold(books.ledger, taken, Hold(account=body.payee, upper_minor=amount))


def _held_as(request: Request) -> tuple[HoldKey, HoldKey]:
    """Name what is set apart of the payer's units and of the payee's room; on no line."""
    return ("", request.request, "out"), ("", request.request, "in")


def _let_go(books: Books, request: Request) -> None:
    """Set nothing apart any more: it is booked, or came to nothing."""
    if request.confirms is not None:
        for key in _held_as(request):
            free(books.ledger, key)


def _declined(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del rows
    assert isinstance(body, bodies.RequestDeclined)
    request = books.agreeing.requests.get(body.request)
    if request is None:
        return  # its own body did not come back after a restore
    assert request.phase is RequestPhase.OPEN, "a request has one end"
    done = replace(request, phase=RequestPhase(body.code.value), last_seq=event.seq)
    books.agreeing.requests.put(body.request, done)
    _let_go(books, request)


def _activity(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del rows
    assert isinstance(body, bodies.ActivityPlaced | bodies.ActivityChanged)
    agreeing = books.agreeing
    before = agreeing.activities.get(body.activity)
    agreeing.next_activity = max(agreeing.next_activity, body.activity + 1)
    activity = Activity(
        activity=body.activity,
        account=body.account,
        starts_at_s=body.starts_at_s,
        ends_at_s=body.ends_at_s,
        text_seq=event.seq,
        joined=() if before is None else before.joined,
        booked=before is not None and before.booked,
    )
    agreeing.activities.put(body.activity, activity)


def _activity_step(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del event, rows
    assert isinstance(body, bodies.ActivityJoined | bodies.ActivityLeft | bodies.ActivityCancelled)
    activity = books.agreeing.activities.get(body.activity)
    if activity is None:
        return  # as above
    if isinstance(body, bodies.ActivityCancelled):
        after = replace(activity, cancelled=True)
    else:
        others = tuple(one for one in activity.joined if one != body.account)
        came = (body.account,) if isinstance(body, bodies.ActivityJoined) else ()
        after = replace(activity, joined=others + came)
    books.agreeing.activities.put(body.activity, after)


def _blocked(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del event, rows
    assert isinstance(body, bodies.MemberBlocked | bodies.MemberUnblocked)
    block = Block(
        account=body.account,
        other=body.other or 0,
        node="" if body.peer is None else body.peer.node,
        pseudonym="" if body.peer is None else body.peer.pseudonym,
        blocked=isinstance(body, bodies.MemberBlocked),
    )
    books.agreeing.blocks.put(block.key(), block)


AGREEING_STEPS: Final[dict[type, Step]] = {
    bodies.RequestMade: _requested,
    bodies.RequestDeclined: _declined,
    bodies.ActivityPlaced: _activity,
    bodies.ActivityChanged: _activity,
    bodies.ActivityJoined: _activity_step,
    bodies.ActivityLeft: _activity_step,
    bodies.ActivityCancelled: _activity_step,
    bodies.MemberBlocked: _blocked,
    bodies.MemberUnblocked: _blocked,
    **PARTNER_STEPS,
}
