"""What goes in and comes out of the API about lines with other groups."""

from __future__ import annotations

from federation.api.shapes import Given, Sent
from schemas.amounts import Rate
from schemas.core_parts import FreezeReason
from schemas.ids import Amount, Count, Hash, LineId, NodeId, Positive


class Terms(Given, frozen=True, kw_only=True):
    """Terms of a line, as this group reads them."""

    terms: Hash
    """Their hash: who answers says what was read."""
    our_rate: Rate
    their_rate: Rate
    we_may_owe_units: Count
    they_may_owe_units: Count
    we_alarm_from_units: Count
    """From here on our coordinators are told that we owe much, and ..."""
    they_alarm_from_units: Count
    """... that they do."""
    largest_units: Count
    we_owe_units: Amount
    """From before the line began; below zero when they owe us."""


class Line(Given, frozen=True, kw_only=True):
    """A line with another group, as a coordinator or an auditor sees it."""

    line: LineId
    group: NodeId
    name: str
    state: str
    reason: str
    waits_for_us: bool
    balance_units: Amount
    """Positive when we owe."""
    held_out_units: Count
    held_in_units: Count
    we_may_owe_units: Count
    they_may_owe_units: Count
    largest_units: Count
    used_percent: Count
    alarm: bool
    partner_left: bool
    """The other group has left the register: the line can be closed alone, with a loss."""
    unconfirmed: Count
    agreed: Terms | None
    """What holds now."""
    proposed: Terms | None
    """What would hold by what the other group has proposed, and waits for."""
    own_proposal: Terms | None
    """The same of what we have proposed."""


class Lines(Given, frozen=True, kw_only=True):
    """Every line of this group."""

    lines: tuple[Line, ...]


class TermsAsked(Sent, frozen=True, kw_only=True):
    """Terms to propose; what is left out stays as it is, or is the usual."""

    grants_units: Positive | None = None
    largest_units: Positive | None = None


class TermsAnswered(Sent, frozen=True, kw_only=True):
    """The answer to what another group proposes: to the terms that were read, by their hash."""

    accept: bool
    terms: Hash


class Lowered(Sent, frozen=True, kw_only=True):
    """How much another group may owe us from now on; less than before."""

    grants_units: Count


class Frozen(Sent, frozen=True, kw_only=True):
    """Why no new trades are admitted; none: they are again."""

    reason: FreezeReason | None
