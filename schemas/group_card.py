"""What a group says about itself to everybody, as its node signs it and an umbrella lists it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from schemas.ids import Count, NodeId

KIND: Final = "ruilbrug/group-card/v1"
"""First line of the note that signs a card."""
CARD_BYTES_MAX: Final = 32 * 1024

CardLanguage = Annotated[str, Meta(pattern="^(nl|fr|en)$")]
UnitName = Annotated[str, Meta(max_length=40)]
Lead = Annotated[str, Meta(max_length=300)]
Join = Annotated[str, Meta(max_length=1_000)]


class GroupCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A group in a directory. Texts by language; no address but the one that the register has."""

    v: Literal[1]
    node: NodeId
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    made_at_s: Count
    postcode: Annotated[str, Meta(max_length=10)] = ""
    lead: dict[CardLanguage, Lead] = {}
    join: dict[CardLanguage, Join] = {}
    contact: Annotated[str, Meta(max_length=254, pattern='^([^\\s<>"]+@[^\\s<>"]+)?$')] = ""
    unit_singular: UnitName = ""
    unit_plural: UnitName = ""
