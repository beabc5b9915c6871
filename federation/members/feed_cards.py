"""Cards of members in the offer feed: own ones to tell, and those of other groups to keep.

Who is told is decided by `federation.group.shared_names` over the books, each time anew: when the
list is looked at, and once more when an entry is written. The tables only say name and place.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from federation.group.shared_names import all_found_elsewhere
from federation.members.feed_index import Listed
from federation.members.feed_queries import FEED
from federation.node.service import now_s
from schemas.encoding import b64
from schemas.feed import (
    CARD_NAME_LENGTH_MAX,
    CARD_PLACE_LENGTH_MAX,
    CardGone,
    FeedCard,
    one_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from asyncpg import Record

    from events.log_store import AnyConnection
    from events.sealed import Keyring
    from federation.members.feed_index import Place
    from federation.node.service import Node

_CARD: Final = "ruilbrug/card/v1\n"
_WITH_CARDS: Final = "ruilbrug/feed-with-cards/v1\n"


def card_of(keyring: Keyring, subject: bytes) -> str | None:
    """Give the name by which everybody outside knows a member's card; none when it was erased."""
    name = keyring.pseudonym(subject, _CARD)
    return None if name is None else b64(name[:16])


def epoch_with_cards(epoch: str) -> str:
    """Give the epoch of the same feed for who is told cards as well."""
    return b64(sha256(f"{_WITH_CARDS}{epoch}".encode()).digest()[:16])


async def listed(node: Node, connection: AnyConnection) -> list[Listed]:
    """Give the own cards that are in the feed now."""
    keyring = node.machine.keyring
    rows = await _rows(connection, all_found_elsewhere(node.machine.books, now_s=now_s()))
    return [
        Listed(str(row["account"]), row["content"], card, card=True)
        for row in rows
        if (card := card_of(keyring, row["subject"])) is not None
    ]


async def to_tell(
    node: Node, connection: AnyConnection, places: Iterable[Place]
) -> dict[str, Record]:
    """Give what the cards at some places say; who is no longer found is left out."""
    wanted = {int(place.post) for place in places if place.card and place.post is not None}
    found = wanted.intersection(all_found_elsewhere(node.machine.books, now_s=now_s()))
    return {str(row["account"]): row for row in await _rows(connection, sorted(found))}


async def _rows(connection: AnyConnection, accounts: Sequence[int]) -> list[Record]:
    return await connection.fetch(FEED["cards_to_tell"], accounts) if accounts else []


def entry(place: Place, row: Record | None, member: str | None) -> FeedCard | CardGone:
    """Write a card, or that it is gone."""
    name = "" if row is None else one_line(row["name"], CARD_NAME_LENGTH_MAX)
    if row is None or member is None or not name:
        return CardGone(n=place.n, card=place.offer)
    where = one_line(row["place"], CARD_PLACE_LENGTH_MAX)
    return FeedCard(n=place.n, card=place.offer, member=member, name=name, place=where)


async def keep(
    connection: AnyConnection,
    node: str,
    cards: Sequence[FeedCard],
    gone: Sequence[str],
    *,
    pass_n: int,
) -> None:
    """Write what a page of another group's feed brings of cards."""
    if gone:
        await connection.execute(FEED["drop_cards"], node, gone)
    if cards:
        columns = [[getattr(card, field) for card in cards] for field in _FIELDS]
        await connection.execute(FEED["take_cards"], node, pass_n, now_s(), *columns)


_FIELDS: Final = ("card", "member", "name", "place")
