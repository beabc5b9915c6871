"""What members can ask for beside a booking: messages, requests, thanks, activities, blocks.

Commands only; the rules are in `messages`, `requests` and `activities` beside this module. A
command with a `key` is done once: the same again gives the same answer, another under that key a
conflict.
"""

from __future__ import annotations

from typing import NamedTuple

from federation.group.partner_commands import PartnerCommand, ReverseTrade
from schemas.openings import ActivityText
from schemas.proposals import Answer, Proposal
from schemas.thread_bodies import PeerMember


class WriteMessage(NamedTuple):
    """A member writes to another of the group."""

    key: str
    thread: str
    sender: int
    recipient: int
    text: str = ""
    offer: int | None = None
    answer: Answer | None = None
    proposal: Proposal | None = None
    entered_by: int | None = None


class BlockMember(NamedTuple):
    """A member wants no messages of another, or again; of the group, or of another group."""

    account: int
    other: int | None = None
    peer: PeerMember | None = None
    blocked: bool = True


class MakeReport(NamedTuple):
    """A member tells the coordinators of something; `key` is the report's id."""

    key: str
    account: int
    text: str
    quoted: str = ""
    other: int | None = None
    peer: PeerMember | None = None
    post: int | None = None


class HandleReport(NamedTuple):
    """A coordinator has seen to a report, and may note how."""

    key: str
    report: str
    entered_by: int
    note: str = ""


class GiveThanks(NamedTuple):
    """A member thanks for a booked trade inside the group."""

    key: str
    trade: int
    account: int
    other: int
    text: str
    public: bool = False
    entered_by: int | None = None


class AskPayment(NamedTuple):
    """The giver asks the payer for units; `key` is the request's id."""

    key: str
    payer: int
    payee: int
    amount_minor: int
    description: str = ""
    entered_by: int | None = None


class AskBack(NamedTuple):
    """The payer of a booking asks to have it given back; `key` is the request's id."""

    key: str
    original: int
    payee: int
    """Who paid the original, and asks."""
    description: str = ""
    entered_by: int | None = None


class ConsentToAsked(NamedTuple):
    """The payer consents to exactly what was asked."""

    key: str
    request: str
    payer: int
    expected_minor: int | None = None
    description: str = ""
    """What the request says, for the statements of both."""
    entered_by: int | None = None
    other_ids: tuple[str, ...] = ()
    """Under which the same proposal can be booked too (`federation.line.once`)."""


class DeclineAsked(NamedTuple):
    """The one who was asked refuses a request, or the one who asked takes it back."""

    request: str
    account: int
    reason: str = ""
    """Why the contact of a group without a node refuses."""


class ReverseBooking(NamedTuple):
    """Who was paid gives it back, number by number."""

    key: str
    original: int
    payer: int
    """Who was paid by the original, and gives back."""
    description: str = ""
    entered_by: int | None = None


class ExpireAsked(NamedTuple):
    """The clock has moved: let expire what nobody answered."""


class PlaceActivity(NamedTuple):
    """Something to do together; without `activity` a new one, else it replaces what was said."""

    key: str
    account: int
    starts_at_s: int
    ends_at_s: int
    text: ActivityText
    activity: int | None = None
    entered_by: int | None = None


class CancelActivity(NamedTuple):
    """It does not take place."""

    activity: int


class JoinActivity(NamedTuple):
    """A member comes along, or not after all."""

    activity: int
    account: int
    joins: bool = True


class SpreadUnits(NamedTuple):
    """One payer gives units to everybody who helped, in one booking."""

    key: str
    activity: int
    payer: int
    shares: tuple[tuple[int, int], ...]
    """(account, minor units)"""
    description: str = ""
    entered_by: int | None = None


AgreeingCommand = (
    WriteMessage
    | BlockMember
    | MakeReport
    | HandleReport
    | GiveThanks
    | AskPayment
    | AskBack
    | ConsentToAsked
    | DeclineAsked
    | ReverseBooking
    | ExpireAsked
    | PlaceActivity
    | CancelActivity
    | JoinActivity
    | SpreadUnits
    | PartnerCommand
    | ReverseTrade
)
