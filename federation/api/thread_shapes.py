"""What goes in and comes out of the API about threads, blocks and reports."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from federation.api.shapes import Given, Number, Sent
from federation.api.trade_shapes import Note, Party, TradeId
from federation.group.messages import ReadBy
from projections.threads import ThreadState
from schemas.bodies import MemberCode
from schemas.ids import Count, Hash, NodeId, Positive, Pseudonym, Salt
from schemas.openings import NOTE_LENGTH_MAX
from schemas.proposals import PricedBy, Reply

NoteNeeded = Annotated[str, Meta(min_length=1, max_length=NOTE_LENGTH_MAX)]
OfferName = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,100}\Z")]
"""A post: its number in this group, or its name in the feed of another."""
DayText = Annotated[str, Meta(pattern=r"\A([0-9]{4}-[0-9]{2}-[0-9]{2})?\Z")]
ThreadPlace = Annotated[str, Meta(pattern=r"\A[0-9]{1,15}\.[A-Za-z0-9_-]{21}[AQgw]\Z")]


class ProposalSaid(Sent, frozen=True, kw_only=True):
    """Who is to give how much, and when: takes the place of every earlier proposal.

    `amount_minor` is in the unit of the side that `fixed` names.
    """

    gives: bool
    """The account gives; else the other does."""
    amount_minor: Positive
    fixed: PricedBy = PricedBy.PAYEE
    day: DayText = ""


class ThreadStarted(Sent, frozen=True, kw_only=True):
    """Interest in an offer, or a word: to a member by code, or of another group by pseudonym."""

    other: MemberCode | None = None
    group: NodeId | None = None
    pseudonym: Pseudonym | None = None
    text: Note = ""
    """Needed without a proposal."""
    offer: OfferName | None = None
    proposal: ProposalSaid | None = None


class Written(Sent, frozen=True, kw_only=True):
    """A word in a thread."""

    text: NoteNeeded


class Proposed(ProposalSaid, frozen=True, kw_only=True):
    """A proposal, with a word or without."""

    text: Note = ""
    instead_of: Hash | None = None
    """The other's proposal that this one answers: when another stands meanwhile, it is refused."""


class Answered(Sent, frozen=True, kw_only=True):
    """A quick answer to the proposal `to`, or without it to the interest."""

    reply: Reply
    to: Hash | None = None
    text: Note = ""


class Booked(Sent, frozen=True, kw_only=True):
    """What was agreed is booked, or asked for; `expected_minor` is what the payer has seen."""

    expected_minor: Positive | None = None
    description: Annotated[str, Meta(max_length=500)] = ""


class Proposal(Given, frozen=True, kw_only=True):
    """A proposal as the account has it."""

    id: str
    own: bool
    gives: bool
    amount_minor: Positive
    fixed: PricedBy
    day: str


class Message(Given, frozen=True, kw_only=True):
    """A message as the account has it."""

    id: str
    own: bool
    at_s: Count
    text: str
    reply: Reply | None = None
    answers: str | None = None
    """Id of the message with the proposal that it answers."""
    proposal: Proposal | None = None
    entered_by: MemberCode | None = None
    forgotten: bool


class Told(Given, frozen=True, kw_only=True):
    """One way to reach the other, which it has told."""

    kind: str
    value: str


class Thread(Given, frozen=True, kw_only=True):
    """A thread as the account has it."""

    thread: Salt
    other: Party
    offer: str | None = None
    own_start: bool
    state: ThreadState
    own_turn: bool
    standing: Proposal | None = None
    can_answer: bool
    """A quick answer of the account would be one."""
    released: bool
    """The two have answered each other: contact details may be shown."""
    contacts: tuple[Told, ...]
    """Of another group's member; those of one of this group stand in its profile."""
    trade: TradeId | None = None
    """What was booked or asked for by the newest proposal."""
    blocked: bool
    at_s: Count
    messages: tuple[Message, ...]


class Threads(Given, frozen=True, kw_only=True):
    """Some threads, newest first; `next` is `after` for the page that follows, if there is one."""

    threads: tuple[Thread, ...]
    next: ThreadPlace | None = None


class ThreadsAsked(Sent, frozen=True, kw_only=True):
    """Which page of an account's threads; those with somebody who is blocked are left out."""

    after: ThreadPlace | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class BlockSet(Sent, frozen=True, kw_only=True):
    """Whether messages of somebody are wanted: by code, or of another group by pseudonym."""

    blocked: bool
    other: MemberCode | None = None
    group: NodeId | None = None
    pseudonym: Pseudonym | None = None


class Blocked(Given, frozen=True, kw_only=True):
    """Whose messages a member does not want."""

    blocked: tuple[Party, ...]


class ReportSaid(Sent, frozen=True, kw_only=True):
    """Something for the coordinators: about a thread, with a message to quote, or about a post."""

    text: NoteNeeded
    thread: Salt | None = None
    message: Hash | None = None
    post: OfferName | None = None
    """Instead of a thread."""
    group: NodeId | None = None
    """Of the post, when it is another's."""


class ReportMade(Given, frozen=True, kw_only=True):
    """The coordinators were told."""

    report: Salt
    read_by: ReadBy
    """Whom it is about does not read it; by nobody, it is kept for a later coordinator."""


class Report(Given, frozen=True, kw_only=True):
    """What a member told the coordinators."""

    report: Salt
    by: Party
    text: str
    quoted: str
    """The message, or the title of the post."""
    at_s: Count
    about: Party | None = None
    post: Number | None = None
    """Of this group."""
    handled_by: MemberCode | None = None
    note: str = ""
    """How it was seen to."""


class Reports(Given, frozen=True, kw_only=True):
    """What members told the coordinators, open ones first."""

    reports: tuple[Report, ...]
