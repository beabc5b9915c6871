"""What goes in and comes out of the API about what a group tells: news, dates, documents."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from federation.api.shapes import PAGE, Given, Limit, Number, Sent
from federation.members.board import TEXT_MAX
from schemas.board_bodies import ItemKind
from schemas.ids import Count, Hash, Positive
from schemas.texts.words import Language

FileName = Annotated[str, Meta(pattern=r"\A[^/\\\x00-\x1f\x7f]{1,96}\.[A-Za-z]{3,4}\Z")]
"""What a file is called; its ending says what it is."""


class ItemsAsked(Sent, frozen=True, kw_only=True):
    """Which news, dates or documents."""

    kind: ItemKind
    after: Number = "0"
    limit: Limit = PAGE


class CalendarAsked(Sent, frozen=True, kw_only=True):
    """What is to come, or with `past` what was."""

    past: bool = False
    limit: Limit = PAGE


class File(Sent, frozen=True, kw_only=True):
    """The file of a document, as it was answered when it was taken in."""

    digest: Hash
    size: Positive
    name: FileName


class InLanguage(Sent, frozen=True, kw_only=True):
    """What an item says in one more language; its title and text stand for the others."""

    language: Language
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    text: Annotated[str, Meta(max_length=TEXT_MAX)] = ""


class ItemSaid(Sent, frozen=True, kw_only=True):
    """All that an item says; replaces what it said before as a whole."""

    title: Annotated[str, Meta(min_length=1, max_length=120)]
    text: Annotated[str, Meta(max_length=TEXT_MAX)] = ""
    place: Annotated[str, Meta(max_length=100)] = ""
    starts_at_s: Count
    """The day of news and documents, the beginning of a date."""
    ends_at_s: Count | None = None
    """Of dates only."""
    file: File | None = None
    """Of documents only; without one a document needs a text."""
    others: Annotated[tuple[InLanguage, ...], Meta(max_length=len(Language))] = ()
    """The same in other languages, each once."""


class ItemPlaced(ItemSaid, frozen=True, kw_only=True):
    """News, a date, a document or a page about the group for the members."""

    kind: ItemKind


class Item(Given, frozen=True, kw_only=True):
    """News, a date or a document."""

    item: Number
    kind: ItemKind
    title: str
    text: str
    place: str
    starts_at_s: Count
    ends_at_s: Count | None = None
    file: File | None = None
    others: tuple[InLanguage, ...] = ()
    placed_at_s: Count


class Items(Given, frozen=True, kw_only=True):
    """Some items, newest first; `next` is `after` for the page that follows, if there is one."""

    items: tuple[Item, ...]
    next: Number | None = None


class Entry(Given, frozen=True, kw_only=True):
    """One line of the calendar: a date of the group, or something that members do together."""

    title: str
    place: str
    starts_at_s: Count
    ends_at_s: Count | None = None
    item: Number | None = None
    activity: Number | None = None
    comes: bool
    """The member of the token comes along."""


class Calendar(Given, frozen=True, kw_only=True):
    """What is to come, soonest first, or what was, latest first."""

    entries: tuple[Entry, ...]
