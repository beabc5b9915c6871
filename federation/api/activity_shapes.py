"""What goes in and comes out of the API about doing things together."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from federation.api.shapes import PAGE, Description, Given, Limit, Number, Sent
from federation.api.trade_shapes import Party, Reason
from schemas.bodies import MemberCode
from schemas.ids import Amount, Count, Positive

HELPERS_MAX = 200


class ActivitiesAsked(Sent, frozen=True, kw_only=True):
    """What is to come, or with `past` what is over."""

    past: bool = False
    limit: Limit = PAGE


class ActivityPlaced(Sent, frozen=True, kw_only=True):
    """All that an activity says; replaces what it said before as a whole."""

    code: MemberCode
    """Whose it is."""
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    text: Annotated[str, Meta(max_length=4_000)] = ""
    place: Annotated[str, Meta(max_length=200)] = ""
    starts_at_s: Count
    ends_at_s: Count
    for_group: bool = False
    """It is the group's; for coordinators."""


class Joined(Sent, frozen=True, kw_only=True):
    """Whether a member comes along."""

    code: MemberCode
    comes: bool


class CalledOff(Sent, frozen=True, kw_only=True):
    """For whom an activity is called off."""

    code: MemberCode


class Share(Sent, frozen=True, kw_only=True):
    """What one of those who helped is given."""

    code: MemberCode
    amount_minor: Positive


class ShareGiven(Given, frozen=True, kw_only=True):
    """What one of those who helped would be given."""

    code: MemberCode
    amount_minor: Positive


class Spread(Sent, frozen=True, kw_only=True):
    """Units for those who helped: a total spread evenly over helpers, or a share each."""

    payer: MemberCode
    helpers: Annotated[tuple[MemberCode, ...], Meta(max_length=HELPERS_MAX)] = ()
    total_minor: Positive | None = None
    shares: Annotated[tuple[Share, ...], Meta(max_length=HELPERS_MAX)] = ()
    description: Description = ""
    from_group: bool = False
    """The group's account gives; for coordinators."""


class SpreadQuoted(Given, frozen=True, kw_only=True):
    """Exactly what would be booked now."""

    payer: MemberCode
    shares: tuple[ShareGiven, ...]
    total_minor: Positive
    after_minor: Amount
    """What the payer's balance becomes."""
    refusal: Reason | None = None
    """Why it cannot be booked now; not there when it can."""


class Activity(Given, frozen=True, kw_only=True):
    """Something that members do together."""

    activity: Number
    by: Party
    title: str
    text: str
    place: str
    starts_at_s: Count
    ends_at_s: Count
    joined: tuple[Party, ...]
    cancelled: bool
    booked: bool
    """Units were given to those who helped."""
    own: bool
    comes: bool
    """The member of the token comes along."""


class Activities(Given, frozen=True, kw_only=True):
    """Some activities."""

    activities: tuple[Activity, ...]
