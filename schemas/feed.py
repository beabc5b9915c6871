"""The offer feed: what one group tells another about the offers and wants of its members.

Design section 4, written down for a second implementation in `docs/protocol.md`. Every field has a
limit, and texts hold no character that a reader does not see: what a page of ours shows later was
checked here. Nobody's contact details travel; a poster is a pseudonym and, perhaps, a first name.
The whole name travels of who said yes to it, in a group that lets it: as a card, with its place.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from schemas.amounts import LINE_UNITS_PER_HOUR, Unit
from schemas.ids import Count, Hash, Positive, Pseudonym, Salt
from schemas.member_bodies import PICTURES_MAX, PriceKind

ENTRIES_MAX: Final = 500
PAGE_BYTES_MAX: Final = 2 * 2**20
TITLE_LENGTH_MAX: Final = 200
TEXT_LENGTH_MAX: Final = 4_000
CATEGORY_LENGTH_MAX: Final = 120
FIRST_NAME_LENGTH_MAX: Final = 60
POSTCODE_LENGTH_MAX: Final = 10
CARD_NAME_LENGTH_MAX: Final = 100
CARD_PLACE_LENGTH_MAX: Final = 100
PICTURE_BYTES_MAX: Final = 4 * 2**20
THUMB_BYTES_MAX: Final = 128 * 2**10
PRICE_HOURS_MAX: Final = 1_000
"""A guide price above so many hours is a slip of the finger, or worse."""
TIME_MAX_S: Final = 4_102_444_800
"""The year 2100; what lasts longer ends there in the feed."""

HIDDEN: Final = "\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069"
"""Control characters, other line ends, and those that turn the direction of what follows."""
_LINE: Final = rf"\A[^{HIDDEN}]*\Z"
_LINES: Final = rf"\A(?:\n|[^{HIDDEN}])*\Z"
_POSTCODE: Final = rf"\A(?:[0-9A-Z][0-9A-Z -]{{0,{POSTCODE_LENGTH_MAX - 1}}})?\Z"
POSTCODE_PATTERN: Final = re.compile(_POSTCODE)

Title = Annotated[str, Meta(min_length=1, max_length=TITLE_LENGTH_MAX, pattern=_LINE)]
Paragraphs = Annotated[str, Meta(max_length=TEXT_LENGTH_MAX, pattern=_LINES)]
"""Text that may hold line feeds, and no other control character."""
CategoryWords = Annotated[str, Meta(max_length=CATEGORY_LENGTH_MAX, pattern=_LINE)]
FirstName = Annotated[str, Meta(max_length=FIRST_NAME_LENGTH_MAX, pattern=_LINE)]
CardName = Annotated[str, Meta(min_length=1, max_length=CARD_NAME_LENGTH_MAX, pattern=_LINE)]
CardPlace = Annotated[str, Meta(max_length=CARD_PLACE_LENGTH_MAX, pattern=_LINE)]
Postcode = Annotated[str, Meta(max_length=POSTCODE_LENGTH_MAX, pattern=_POSTCODE)]
When = Annotated[int, Meta(ge=0, le=TIME_MAX_S)]
GuideAmount = Annotated[int, Meta(ge=1, le=PRICE_HOURS_MAX * LINE_UNITS_PER_HOUR)]
PictureBytes = Annotated[int, Meta(ge=1, le=PICTURE_BYTES_MAX)]


class FeedPrice(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A guide price in minor units of the post's own unit; none when it is to be talked about."""

    kind: PriceKind
    amount_minor: GuideAmount | None = None


class FeedPicture(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture by the SHA-256 and the number of its bytes; fetched when somebody looks."""

    digest: Hash
    size: PictureBytes


class FeedPost(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="entry",
    tag="post",
):
    """An offer or a want as it is now; replaces whatever was said of it before."""

    n: Positive
    """Number of the change: pages are in this order, and a post is in it once, at its newest."""
    offer: Salt
    """Stands for the post towards everybody, as long as it lives; says nothing about it."""
    want: bool = False
    goods: bool = False
    category: CategoryWords = ""
    title: Title
    text: Paragraphs = ""
    price: FeedPrice = FeedPrice(kind=PriceKind.TALK)
    unit: Unit
    """The unit of the price, with its rate."""
    postcode: Postcode = ""
    placed_at_s: When
    expires_at_s: When
    """The reader drops it then by itself; nobody says so."""
    poster: Pseudonym
    """By this name the asking node knows who placed it; another node gets another name."""
    poster_name: FirstName = ""
    pictures: Annotated[tuple[FeedPicture, ...], Meta(max_length=PICTURES_MAX)] = ()


class Tombstone(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="entry",
    tag="gone",
):
    """A post that was in this feed and is no longer, whatever the reason."""

    n: Positive
    offer: Salt


class FeedCard(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="entry",
    tag="card",
):
    """A member whom other groups may find by name; replaces whatever was said of it before.

    Only for who asked for cards: an earlier reader counts what it does not know as an error.
    """

    n: Positive
    card: Salt
    """Stands for the card towards everybody, as long as it lives; says nothing about its member."""
    member: Pseudonym
    """The same name as that of its posts: by it the asking node knows the member."""
    name: CardName
    place: CardPlace = ""


class CardGone(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="entry",
    tag="card_gone",
):
    """A card that was in this feed and is no longer, whatever the reason."""

    n: Positive
    card: Salt


FeedEntry = FeedPost | Tombstone | FeedCard | CardGone


class FeedPage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a feed in change order, at most 500 entries and 2 MiB.

    `next` is where the following page begins: a number of the same `epoch`. Another epoch than the
    asker's means that this page begins the feed anew; what the asker does not see again is gone.
    """

    epoch: Salt
    entries: Annotated[tuple[FeedEntry, ...], Meta(max_length=ENTRIES_MAX)]
    next: Count
    more: bool


class RawPage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page whose entries are still bytes, so that a bad one does not spoil the others."""

    epoch: Salt
    entries: Annotated[tuple[msgspec.Raw, ...], Meta(max_length=ENTRIES_MAX)]
    next: Count
    more: bool


_NOT_SHOWN: Final = re.compile(rf"[{HIDDEN}]")
_NOT_SHOWN_IN_LINES: Final = re.compile(rf"(?!\n)[{HIDDEN}]")


def one_line(text: str, length_max: int) -> str:
    """Write a text of our own as a feed carries one line: nothing hidden, cut where it must be."""
    return _cut(" ".join(_NOT_SHOWN.sub(" ", text).split()), length_max)


def lines(text: str, length_max: int) -> str:
    """Write a text of our own as a feed carries it, with its line feeds."""
    ended = text.replace("\r\n", "\n").replace("\r", "\n")
    return _cut(_NOT_SHOWN_IN_LINES.sub("", ended).strip(), length_max)


def _cut(text: str, length_max: int) -> str:
    return text if len(text) <= length_max else text[: length_max - 1] + "…"
