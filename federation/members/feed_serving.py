"""The own offer feed, as other groups read it: which posts, in which order, by which names.

Only posts that their members let other groups see, of members who are here, and cards of who said
yes to being found (`federation.group.shared_names`); nobody's contacts. A
page is what stands in `plain.post` now: it is looked at again when somebody asks, in at most a
twentieth of the time. Pages go out only while the node is sure of its own log, so one that was put
back from a backup tells nothing that it has already taken back.
"""

from __future__ import annotations

import asyncio
from itertools import chain
from time import perf_counter
from typing import TYPE_CHECKING, Final

import msgspec

from federation.group.shared_names import names_go_to
from federation.members import feed_cards
from federation.members.feed_index import Listed, OfferIndex
from federation.members.feed_queries import FEED
from federation.node.identity import system_random
from federation.node.patience import connection_in_time
from federation.node.queries import SQL
from federation.node.service import now_s
from federation.peer.feed_pages import STEP, fault
from schemas.amounts import Rate, Unit
from schemas.encoding import b64, encode
from schemas.errors import Code, InputError, RefusedError
from schemas.feed import (
    CATEGORY_LENGTH_MAX,
    ENTRIES_MAX,
    FIRST_NAME_LENGTH_MAX,
    PAGE_BYTES_MAX,
    PICTURE_BYTES_MAX,
    POSTCODE_PATTERN,
    TEXT_LENGTH_MAX,
    TIME_MAX_S,
    TITLE_LENGTH_MAX,
    FeedPicture,
    FeedPost,
    FeedPrice,
    RawPage,
    Tombstone,
    lines,
    one_line,
)
from schemas.ids import SAFE_INTEGER
from schemas.member_bodies import Picture, PriceKind

if TYPE_CHECKING:
    from asyncpg import Record

    from events.log_store import AnyConnection
    from events.sealed import Keyring
    from federation.members.feed_choices import FeedChoices
    from federation.members.feed_index import Place
    from federation.node.service import Node
    from schemas.feed import FeedEntry

REST: Final = 20
"""The list is looked at again after so many times as long as it took."""
_OFFER: Final = "ruilbrug/offer/v1\n"
_EDGES: Final = 1_024
"""More than a page has beside its entries, in bytes."""
UNIT_MAX: Final = 40
_PICTURES: Final = msgspec.json.Decoder(tuple[Picture, ...])
_CURSOR_EPOCH_MAX: Final = 64


def offer_of(keyring: Keyring, subject: bytes, post: str) -> str | None:
    """Give the name by which everybody outside knows a post; none when its member was erased.

    Made from the member's own secret: it is the same after every restart and rebuild, says nothing
    about member, number or other posts, and goes with the data key.
    """
    name = keyring.pseudonym(subject, _OFFER + post)
    return None if name is None else b64(name[:16])


class FeedServer:
    """The own feed in memory, and pages of it for those who may read it."""

    def __init__(self, node: Node, choices: FeedChoices) -> None:
        """Take a running node; nothing is listed before somebody asks."""
        self._node = node
        self._choices = choices
        self._index = OfferIndex(lambda: b64(system_random(16)))
        self._turn = asyncio.Lock()
        self._again = 0.0

    def forget(self) -> None:
        """Begin a new epoch: the log, or what was made of it, may be another one."""
        self._index = OfferIndex(lambda: b64(system_random(16)))
        self._again = 0.0

    async def require_served(self, caller: str) -> None:
        """Let through who may read our feed, while we are sure of our own log.

        Raises:
            RefusedError: `forbidden`.
            StorageError: `releases_nothing`, `read_only`.

        """
        if not self._choices.reads_ours(caller):
            raise RefusedError(Code.FORBIDDEN, field="feed")
        await self._node.gate.release(1)

    async def page(self, caller: str, after: str, *, cards: bool = False) -> bytes:
        """Give the page behind a cursor; one of another epoch, or none, begins at the start.

        With cards it is another epoch than without, of the same numbers: who asks for them later,
        or to whom names go no longer, begins anew.

        Raises:
            InputError: `malformed` for what is no cursor.
            RefusedError: `forbidden`.
            StorageError: `releases_nothing`, `read_only`, `database_unavailable`.

        """
        await self.require_served(caller)
        epoch, n = read_cursor(after)
        await self._refresh()
        index = self._index  # the same one to the end, whatever happens meanwhile
        cards = cards and names_go_to(self._node.machine.books, caller)
        own_epoch = feed_cards.epoch_with_cards(index.epoch) if cards else index.epoch
        n = n if epoch == own_epoch and n <= index.head else 0
        places = index.after(n, ENTRIES_MAX + 1, cards=cards)
        head, more = index.head, len(places) > ENTRIES_MAX
        raws = await self._entries(caller, places[:ENTRIES_MAX])
        fitting = _fitting(raws)
        more = more or fitting < len(raws)
        last = places[fitting - 1].n if more else head
        page = RawPage(epoch=own_epoch, entries=tuple(raws[:fitting]), next=last, more=more)
        return encode(page)

    async def post_of(self, offer: str) -> int | None:
        """Give the number of the own post that is in the feed under this name."""
        await self._refresh()
        post = self._index.post_of(offer)
        return None if post is None else int(post)

    async def _refresh(self) -> None:
        """Look at what is listed now, when it is time again; who comes meanwhile waits for it."""
        async with self._turn:
            start = perf_counter()
            if start < self._again:
                return
            keyring = self._node.machine.keyring
            async with connection_in_time(self._node.pool) as connection:
                rows = await connection.fetch(FEED["listed_posts"], now_s())
                cards = await feed_cards.listed(self._node, connection)
            posts = (
                Listed(row["post"], row["content"], offer)
                for row in rows
                if (offer := offer_of(keyring, row["subject"], row["post"])) is not None
            )
            self._index.refresh(chain(posts, cards))
            end = perf_counter()
            self._again = end + REST * (end - start)

    async def _entries(self, caller: str, places: list[Place]) -> list[msgspec.Raw]:
        """Write what stands at these places, as the caller is to read it."""
        rows: dict[bool, dict[str, Record]] = {False: {}, True: {}}
        names: dict[bytes, str] = {}
        there = [place for place in places if place.post is not None]
        if there:
            async with connection_in_time(self._node.pool) as connection:
                numbers = [place.post for place in there if not place.card]
                found = await connection.fetch(FEED["posts_to_tell"], now_s(), numbers)
                rows[False] = {row["post"]: row for row in found}
                rows[True] = await feed_cards.to_tell(self._node, connection, there)
                told = {row["subject"] for kind in rows.values() for row in kind.values()}
                names = await self._told_names(connection, caller, told)
        entries: list[msgspec.Raw] = []
        for at, place in enumerate(places):
            if at % STEP == 0:
                await asyncio.sleep(0)  # who waits for a page has a turn
            row = rows[place.card].get(place.post or "")
            name = None if row is None else names.get(row["subject"])
            entries.append(msgspec.Raw(encode(self._entry(place, row, name))))
        return entries

    def _entry(self, place: Place, row: Record | None, name: str | None) -> FeedEntry:
        """Write what stands at a place; what may not be told, or not in this form, is gone."""
        if place.card:
            return feed_cards.entry(place, row, name)
        gone = Tombstone(n=place.n, offer=place.offer)
        if row is None or name is None:
            return gone
        post = _post(place, row, name, self._own_unit())
        return gone if fault(post, now_s=now_s()) else post

    async def _told_names(
        self, connection: AnyConnection, caller: str, subjects: set[bytes]
    ) -> dict[bytes, str]:
        """Give by which names the caller knows these; who they are is written before it is told."""
        names = self._names(caller, subjects)
        told = {(caller, name) for name in names.values()} - self._node.told_pseudonyms
        fresh = [(caller, name, who) for who, name in names.items() if (caller, name) in told]
        if fresh:
            await connection.executemany(SQL["write_pseudonym"], fresh)
            self._node.told_pseudonyms |= told
        return names

    def _names(self, caller: str, subjects: set[bytes]) -> dict[bytes, str]:
        keyring = self._node.machine.keyring
        found = {subject: keyring.pseudonym(subject, caller) for subject in subjects}
        return {subject: b64(name) for subject, name in found.items() if name is not None}

    def _own_unit(self) -> Unit:
        settings = self._node.machine.books.ledger.settings
        assert settings is not None, "who has posts has a unit"
        return settings.unit


def read_cursor(after: str) -> tuple[str, int]:
    """Read `EPOCH.N`; nothing is the beginning.

    Raises:
        InputError: `malformed`.

    """
    if not after:
        return "", 0
    epoch, _, number = after.partition(".")
    fine = number.isascii() and number.isdigit() and len(number) <= len(str(SAFE_INTEGER))
    if not fine or len(epoch) > _CURSOR_EPOCH_MAX:
        raise InputError(Code.MALFORMED, field="after", reason="it is no cursor of a feed")
    return epoch, int(number)


def _fitting(raws: list[msgspec.Raw]) -> int:
    """Tell how many of these entries fit into a page."""
    size = _EDGES
    for at, raw in enumerate(raws):
        size += len(memoryview(raw)) + 1
        if size > PAGE_BYTES_MAX:
            return at
    return len(raws)


def _post(place: Place, row: Record, poster: str, own: Unit) -> FeedPost:
    kind = PriceKind(row["price_kind"])
    amount = row["price_minor"]
    talk = kind is PriceKind.TALK or amount is None
    name = one_line(row["name"], FIRST_NAME_LENGTH_MAX).split()
    postcode = " ".join(row["postcode"].upper().split())
    return FeedPost(
        n=place.n,
        offer=place.offer,
        want=row["want"],
        goods=row["goods"],
        category=one_line(row["category_name"], CATEGORY_LENGTH_MAX),
        title=one_line(row["title"], TITLE_LENGTH_MAX),
        text=lines(row["text"], TEXT_LENGTH_MAX),
        price=FeedPrice(kind=PriceKind.TALK) if talk else FeedPrice(kind=kind, amount_minor=amount),
        unit=_unit(row, own),
        postcode=postcode if POSTCODE_PATTERN.fullmatch(postcode) else "",
        placed_at_s=min(row["placed_at_s"], TIME_MAX_S),
        expires_at_s=min(row["expires_at_s"], TIME_MAX_S),
        poster=poster,
        poster_name=name[0] if name else "",
        pictures=tuple(
            FeedPicture(digest=picture.digest, size=picture.size)
            for picture in _PICTURES.decode(row["pictures"])
            if picture.size <= PICTURE_BYTES_MAX
        ),
    )


def _unit(row: Record, own: Unit) -> Unit:
    """Give the unit of a post's price; one that names none is in the group's own."""
    unit = own
    if row["per_hour"] and row["unit_singular"]:
        rate = Rate(row["per_hour"], row["decimals"] or 0)
        unit = Unit(singular=row["unit_singular"], plural=row["unit_plural"], rate=rate)
    singular, plural = one_line(unit.singular, UNIT_MAX), one_line(unit.plural, UNIT_MAX)
    return Unit(singular=singular, plural=plural, rate=unit.rate)
