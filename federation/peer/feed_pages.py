"""A page of another group's feed, held against the rules before anything of it is kept. Pure.

Invariant: what comes out is within every limit of `schemas.feed`, in the order of its numbers, and
each offer at most once. An entry that breaks a rule is left out and counted under a reason; a page
that breaks one as a whole is refused. Nothing that comes out of here names what was in a bad entry.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from unicodedata import normalize

import msgspec

from schemas.amounts import Unit
from schemas.encoding import parse
from schemas.errors import Code, VerificationError
from schemas.feed import (
    HIDDEN,
    PAGE_BYTES_MAX,
    PRICE_HOURS_MAX,
    CardGone,
    FeedCard,
    FeedEntry,
    FeedPost,
    RawPage,
    Tombstone,
)
from schemas.ids import Salt
from schemas.member_bodies import PriceKind

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

AHEAD_MAX_S: Final = 86_400
"""A post is placed so far in the future at most: clocks differ, calendars do not."""

STEP: Final = 40
"""So many entries take about two milliseconds."""

_PAGE: Final = msgspec.json.Decoder(RawPage)
_ENTRY: Final = msgspec.json.Decoder(FeedEntry)
_SHOWN: Final = re.compile(rf"[^{HIDDEN}]+")


class _NamesOffer(msgspec.Struct, frozen=True):
    """The one thing that is still read of a post that breaks a rule."""

    offer: Salt


class _NamesCard(msgspec.Struct, frozen=True):
    """The one thing that is still read of a card that breaks a rule."""

    card: Salt


_NAMES_OFFER: Final = msgspec.json.Decoder(_NamesOffer)
_NAMES_CARD: Final = msgspec.json.Decoder(_NamesCard)


class Cursor(NamedTuple):
    """How far a feed was read; the empty epoch is the beginning of any."""

    epoch: str = ""
    n: int = 0

    def query(self) -> str:
        """Write it as the value of `after`."""
        return f"{self.epoch}.{self.n}" if self.epoch else ""


class Checked(NamedTuple):
    """What a page brings, fit to be kept."""

    posts: tuple[FeedPost, ...]
    gone: tuple[str, ...]
    """Offers that are not there, or not in a form that could be shown."""
    next: Cursor
    more: bool
    anew: bool
    """The feed begins anew with this page."""
    refused: dict[str, int]
    """How many entries were left out, by reason."""
    cards: tuple[FeedCard, ...] = ()
    cards_gone: tuple[str, ...] = ()
    """Cards that are not there, or not in a form that could be shown."""


def check_page(data: bytes, asked: Cursor, *, now_s: int) -> Checked:
    """Take a page apart at once. Raises as `checking`."""
    steps = checking(data, asked, now_s=now_s)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return cast("Checked", done.value)


def checking(data: bytes, asked: Cursor, *, now_s: int) -> Generator[None, None, Checked]:
    """Take a page apart, a few entries a step: between the steps others may have their turn.

    Raises:
        VerificationError: `peer_wrong` or `too_large` for a page of which nothing can be used.

    """
    if len(data) > PAGE_BYTES_MAX:
        raise VerificationError(Code.TOO_LARGE, field="feed", limit=PAGE_BYTES_MAX)
    try:
        page = parse(_PAGE, data)
    except msgspec.MsgspecError as error:
        raise _wrong("no page of a feed") from error
    anew = page.epoch != asked.epoch
    after = 0 if anew else asked.n
    if page.next < after:
        raise _wrong("its cursor goes back")
    if page.more and page.next == after:
        raise _wrong("its cursor stands still")
    found = _Found(after, page.next, now_s)
    for at, raw in enumerate(page.entries):
        if at % STEP == 0:
            yield
        found.take(raw)
    return Checked(
        tuple(found.posts.values()),
        tuple(found.gone),
        Cursor(page.epoch, page.next),
        page.more,
        anew,
        found.refused,
        tuple(found.cards.values()),
        tuple(found.cards_gone),
    )


class _Found:
    """What the entries of one page come to."""

    def __init__(self, after: int, last: int, now_s: int) -> None:
        self._n = after
        self._last = last
        self._now_s = now_s
        self.posts: dict[str, FeedPost] = {}
        self.gone: dict[str, None] = {}
        self.cards: dict[str, FeedCard] = {}
        self.cards_gone: dict[str, None] = {}
        self.refused: dict[str, int] = {}

    def take(self, raw: msgspec.Raw) -> None:
        """Take in one entry, or count why not."""
        try:
            entry = parse(_ENTRY, bytes(raw))
        except msgspec.MsgspecError:
            self._refuse("malformed", raw)
            return
        if not self._n < entry.n <= self._last:
            self._count("order")
            return
        self._n = entry.n
        if isinstance(entry, FeedCard | CardGone):
            self._take_card(entry)
        else:
            self._take_post(entry)

    def _take_post(self, entry: FeedPost | Tombstone) -> None:
        if entry.offer in self.posts or entry.offer in self.gone:
            self._count("twice")  # the newer one counts
            self.posts.pop(entry.offer, None)
        reason = fault(entry, now_s=self._now_s) if isinstance(entry, FeedPost) else None
        if isinstance(entry, FeedPost) and reason is None and entry.expires_at_s > self._now_s:
            self.gone.pop(entry.offer, None)
            self.posts[entry.offer] = tidied(entry)
        else:
            self.gone[entry.offer] = None
        if reason is not None:
            self._count(reason)

    def _take_card(self, entry: FeedCard | CardGone) -> None:
        if entry.card in self.cards or entry.card in self.cards_gone:
            self._count("twice")  # the newer one counts
        self.cards.pop(entry.card, None)
        self.cards_gone.pop(entry.card, None)
        if isinstance(entry, FeedCard) and entry.name.strip():
            self.cards[entry.card] = tidied_card(entry)
            return
        self.cards_gone[entry.card] = None
        if isinstance(entry, FeedCard):
            self._count("name")

    def _refuse(self, reason: str, raw: msgspec.Raw) -> None:
        """Leave out what does not decode; what was there under its name may not stay either."""
        self._count(reason)
        with contextlib.suppress(msgspec.MsgspecError):
            offer = parse(_NAMES_OFFER, bytes(raw)).offer
            self.posts.pop(offer, None)
            self.gone[offer] = None
        with contextlib.suppress(msgspec.MsgspecError):
            card = parse(_NAMES_CARD, bytes(raw)).card
            self.cards.pop(card, None)
            self.cards_gone[card] = None

    def _count(self, reason: str) -> None:
        self.refused[reason] = self.refused.get(reason, 0) + 1


def fault(post: FeedPost, *, now_s: int) -> str | None:
    """Name what is wrong with a post that decodes; nothing when it may be shown."""
    price, rate = post.price, post.unit.rate
    if not rate.terms_rule() or not _names_shown(post.unit):
        return "unit"
    if (price.kind is PriceKind.TALK) != (price.amount_minor is None):
        return "price"
    if (price.amount_minor or 0) > PRICE_HOURS_MAX * rate.minor_per_hour():
        return "price"
    if post.placed_at_s > now_s + AHEAD_MAX_S:
        return "time"
    if len({picture.digest for picture in post.pictures}) != len(post.pictures):
        return "pictures"
    if not post.title.strip():
        return "title"
    return None


def tidied(post: FeedPost) -> FeedPost:
    """Give a post with its texts in the one form in which they are searched (NFC)."""
    return msgspec.structs.replace(
        post,
        title=normalize("NFC", post.title).strip(),
        text=normalize("NFC", post.text).strip(),
        category=normalize("NFC", post.category).strip(),
        poster_name=normalize("NFC", post.poster_name).strip(),
    )


def tidied_card(card: FeedCard) -> FeedCard:
    """Give a card with name and place in the one form in which they are looked for (NFC)."""
    return msgspec.structs.replace(
        card,
        name=normalize("NFC", card.name).strip(),
        place=normalize("NFC", card.place).strip(),
    )


def summed(counts: Sequence[dict[str, int]]) -> dict[str, int]:
    """Add up what several pages left out."""
    total: dict[str, int] = {}
    for refused in counts:
        for reason, count in refused.items():
            total[reason] = total.get(reason, 0) + count
    return total


def _names_shown(unit: Unit) -> bool:
    return all(_SHOWN.fullmatch(name) for name in (unit.singular, unit.plural))


def _wrong(reason: str) -> VerificationError:
    return VerificationError(Code.PEER_WRONG, reason=reason)
