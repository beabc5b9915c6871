"""Bodies about what a group tells its members on its own pages: news, dates, documents.

As every body: numbers and references only. Title and text lie in the personal layer, sealed under
the group's key; the file of a document lies sealed beside the log.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from schemas.body_parts import Body, TextReference
from schemas.ids import Count, Hash, Positive


class ItemKind(StrEnum):
    """Where an item is read: under news, in the calendar, among documents or pages on the group."""

    NEWS = "news"
    DATE = "date"
    DOCUMENT = "document"
    PAGE = "page"


class ItemFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file of a document by the SHA-256 of its bytes; its name is a text of the item."""

    digest: Hash
    size: Positive


class BoardItem(Body, frozen=True, kw_only=True):
    """What an item says in numbers."""

    at_s: Count
    item: Positive
    kind: ItemKind
    starts_at_s: Count
    """The day of news, documents and pages, the beginning of a date."""
    ends_at_s: Count | None = None
    """Of a date that says when it is over."""
    file: ItemFile | None = None
    """Of a document that is a file and no page."""
    entered_by: Positive | None = None
    texts: tuple[TextReference, ...] = ()


class ItemPlaced(BoardItem, frozen=True, kw_only=True, tag="item.placed"):
    """The group tells its members something."""


class ItemChanged(BoardItem, frozen=True, kw_only=True, tag="item.changed"):
    """An item says this from now on, as a whole."""


class ItemRemoved(Body, frozen=True, kw_only=True, tag="item.removed"):
    """An item is no longer told."""

    at_s: Count
    item: Positive
    entered_by: Positive | None = None


BoardBody = ItemPlaced | ItemChanged | ItemRemoved
