"""Bodies about agreeing inside a group: messages, requests, thanks, activities (design section 5).

Numbers and references only. What people write lies in the personal layer: a message is sealed
twice, under the key of each of the two, so that erasing one leaves the other what it was told.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from schemas.body_parts import Body, TextReference
from schemas.ids import Count, NodeId, Positive, Pseudonym, Salt
from schemas.proposals import Answer, Proposal


class MessageWritten(Body, frozen=True, kw_only=True, tag="message.written"):
    """One message of a thread between two members of the group."""

    at_s: Count
    message: Salt
    """Names it for answers and bookings, also when it is appended anew after a restore."""
    thread: Salt
    sender: Positive
    recipient: Positive
    offer: Positive | None = None
    """The post that the thread is about; said in its first message."""
    answer: Answer | None = None
    proposal: Proposal | None = None
    entered_by: Positive | None = None
    texts: tuple[TextReference, ...] = ()


class PeerMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member of another group, as that group's node names it for us."""

    node: NodeId
    pseudonym: Pseudonym


class MemberBlocked(Body, frozen=True, kw_only=True, tag="member.blocked"):
    """A member wants no messages of another: one of the group, or one of another group."""

    at_s: Count
    account: Positive
    other: Positive | None = None
    peer: PeerMember | None = None


class MemberUnblocked(Body, frozen=True, kw_only=True, tag="member.unblocked"):
    """A member lets another write again."""

    at_s: Count
    account: Positive
    other: Positive | None = None
    peer: PeerMember | None = None


class ReportMade(Body, frozen=True, kw_only=True, tag="report.made"):
    """A member tells the coordinators of something that is not right."""

    at_s: Count
    report: Salt
    account: Positive
    other: Positive | None = None
    """The member that it is about."""
    peer: PeerMember | None = None
    post: Positive | None = None
    texts: tuple[TextReference, ...] = ()


class ReportHandled(Body, frozen=True, kw_only=True, tag="report.handled"):
    """A coordinator has seen to a report."""

    at_s: Count
    report: Salt
    entered_by: Positive
    texts: tuple[TextReference, ...] = ()
    """What the coordinators keep of how it was seen to."""


class RequestEnd(StrEnum):
    """How a request ended that nobody consented to."""

    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class RequestMade(Body, frozen=True, kw_only=True, tag="request.made"):
    """The giver asks; nothing is booked or set apart until the payer consents.

    With `confirms` a group without a node is one of the two: either may be the giver, and units and
    room are set apart until its contact has answered.
    """

    at_s: Count
    request: Salt
    payer: Positive
    payee: Positive
    amount_minor: Positive
    expires_at_s: Count
    reverses: Count | None = None
    """Place in the log of the booking that the payer is asked to give back."""
    entered_by: Positive | None = None
    texts: tuple[TextReference, ...] = ()
    confirms: Positive | None = None
    """The account, payer's or payee's, whose contact confirms it by mail."""


class RequestDeclined(Body, frozen=True, kw_only=True, tag="request.declined"):
    """The payer would rather not, the one who asked takes it back, or nobody answered in time."""

    at_s: Count
    request: Salt
    code: RequestEnd
    texts: tuple[TextReference, ...] = ()
    """Why; said by the contact of a group without a node."""


class ThanksGiven(Body, frozen=True, kw_only=True, tag="thanks.given"):
    """A word of thanks for a booked trade inside the group, by either of the two."""

    at_s: Count
    trade: Count
    """Place in the log of the booking."""
    account: Positive
    """Who thanks."""
    other: Positive
    public: bool = False
    """Its writer lets everybody in the group read it."""
    entered_by: Positive | None = None
    texts: tuple[TextReference, ...] = ()


class ActivityDetails(Body, frozen=True, kw_only=True):
    """What an activity is in numbers; title, text and place lie in the personal layer."""

    at_s: Count
    activity: Positive
    account: Positive
    """Who organises it: a member, or the group account."""
    starts_at_s: Count
    ends_at_s: Count
    entered_by: Positive | None = None
    texts: tuple[TextReference, ...] = ()


class ActivityPlaced(ActivityDetails, frozen=True, kw_only=True, tag="activity.placed"):
    """Something to do together."""


class ActivityChanged(ActivityDetails, frozen=True, kw_only=True, tag="activity.changed"):
    """An activity is this from now on, as a whole."""


class ActivityCancelled(Body, frozen=True, kw_only=True, tag="activity.cancelled"):
    """An activity does not take place."""

    at_s: Count
    activity: Positive


class ActivityJoined(Body, frozen=True, kw_only=True, tag="activity.joined"):
    """A member comes along."""

    at_s: Count
    activity: Positive
    account: Positive


class ActivityLeft(Body, frozen=True, kw_only=True, tag="activity.left"):
    """A member does not come along after all."""

    at_s: Count
    activity: Positive
    account: Positive
