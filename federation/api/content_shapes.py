"""What goes into the API about hiding posts and keeping categories in order."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from federation.api.shapes import Number, Sent
from federation.members.categories import NAME_MAX
from federation.members.moderation import REASON_MAX
from schemas.content_bodies import CATEGORIES_MAX
from schemas.openings import NOTE_LENGTH_MAX


class HideAsked(Sent, frozen=True, kw_only=True):
    """Why an offer or a want is hidden, as its member reads it."""

    reason: Annotated[str, Meta(min_length=1, max_length=REASON_MAX)]


class CategorySaid(Sent, frozen=True, kw_only=True):
    """What a category is called, and below which it stands; below none: on the upper level."""

    name: Annotated[str, Meta(min_length=1, max_length=NAME_MAX)]
    parent: Number | None = None


class CategoryOrder(Sent, frozen=True, kw_only=True):
    """Categories in the order in which they stand; the others come behind, by name."""

    categories: Annotated[tuple[Number, ...], Meta(max_length=CATEGORIES_MAX)]


class CategoryEnds(Sent, frozen=True, kw_only=True):
    """Into which category goes what stands in one that ends."""

    into: Number | None = None


class ReportClosed(Sent, frozen=True, kw_only=True):
    """How a report was seen to, for the other coordinators."""

    note: Annotated[str, Meta(max_length=NOTE_LENGTH_MAX)] = ""
