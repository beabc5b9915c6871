"""What goes in and comes out of the API about groups that are reached by mail."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from federation.api.shapes import Given, Number, Sent
from federation.members.partners import REASON_LENGTH_MAX
from schemas.body_parts import MemberCode
from schemas.ids import Amount, Count, Positive
from schemas.openings import DESCRIPTION_LENGTH_MAX
from schemas.proposals import NAME_LENGTH_MAX


class MailedGroup(Given, frozen=True, kw_only=True):
    """A group without a node, as members see it."""

    partner: Number
    code: MemberCode
    """Of its account here."""
    name: str
    paused: bool
    reason: str
    """Why it is paused."""


class MailedGroups(Given, frozen=True, kw_only=True):
    """The groups with which members can trade by mail, by name."""

    groups: tuple[MailedGroup, ...]


class MailedAsked(Sent, frozen=True, kw_only=True):
    """A trade with somebody of such a group, which its contact is asked to confirm."""

    partner: Number
    gives: bool
    """The member gives the units: somebody of the group helped it."""
    amount_minor: Positive
    person: Annotated[str, Meta(max_length=NAME_LENGTH_MAX, pattern=r"\A[^\x00-\x1f\x7f]+\Z")]
    """With whom, by name."""
    description: Annotated[str, Meta(max_length=DESCRIPTION_LENGTH_MAX)] = ""


class MailedOpen(Given, frozen=True, kw_only=True):
    """A trade that waits for the contact; what it is for is between the member and the contact."""

    trade: str
    code: MemberCode
    """Of the member."""
    gives: bool
    amount_minor: Positive
    person: str
    at_s: Count
    expires_at_s: Count


class MailedBooked(Given, frozen=True, kw_only=True):
    """A trade that the contact has confirmed, or what gives one back."""

    booking: Number
    at_s: Count
    amount_minor: Amount
    """Above zero what came onto the account of the group."""
    person: str
    reversed: bool
    """It was given back."""
    reversal: bool
    """It gives one back."""


class MailedDetails(MailedGroup, frozen=True, kw_only=True):
    """The same, as coordinators see it."""

    by_mail: bool
    balance_minor: Amount
    lower_minor: Amount | None
    upper_minor: Amount | None
    held_in_minor: Count
    held_out_minor: Count
    open: tuple[MailedOpen, ...]
    booked: tuple[MailedBooked, ...]
    """The newest."""


class MailedReversal(Sent, frozen=True, kw_only=True):
    """Why a confirmed trade is given back; its member and the contact read it."""

    reason: Annotated[str, Meta(min_length=1, max_length=REASON_LENGTH_MAX)]
