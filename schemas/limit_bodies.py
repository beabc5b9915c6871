"""How far balances may go: the group's limits for its members (design section 5)."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from schemas.body_parts import Body
from schemas.ids import Amount, Count, Positive

DAYS_MAX: Final = 3_650
PERCENT_MAX: Final = 1_000

Days = Annotated[int, Meta(ge=0, le=DAYS_MAX)]
Percent = Annotated[int, Meta(ge=0, le=PERCENT_MAX)]


class Limits(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The limits of every member who has none of its own; what they mean: `projections.room`.

    A hard limit refuses, a soft one warns. A limit that is left out is none.
    """

    lower_minor: Amount | None = None
    upper_minor: Amount | None = None
    soft_lower_minor: Amount | None = None
    soft_upper_minor: Amount | None = None
    newcomer_days: Days = 0
    """So long after it became one a member counts as a newcomer."""
    newcomer_lower_minor: Amount | None = None
    """In force for a newcomer where it is narrower than what would be otherwise."""
    newcomer_upper_minor: Amount | None = None
    growth_percent: Percent = 0
    """Hard limits widen by so many hundredths of what a member gave so far, ..."""
    growth_most_minor: Count = 0
    """... by at most this."""


class GroupLimits(Body, frozen=True, kw_only=True, tag="group.limits"):
    """The group's limits; replaces what was said before, whole."""

    at_s: Count
    limits: Limits
    entered_by: Positive | None = None
