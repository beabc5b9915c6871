"""The start page: what waits for a member, and what is new near by."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

import msgspec

from events.queries import load_queries
from federation.members import threads, trades
from federation.members.posts import posts_of
from federation.members.reader import visibilities
from federation.node.patience import connection_in_time
from schemas.amounts import Rate, Unit
from schemas.member_bodies import PriceKind

if TYPE_CHECKING:
    from asyncpg import Record

    from federation.members.people import Party
    from federation.members.posts import ShownPost
    from federation.members.reader import Reader
    from federation.members.thread_views import ShownThread
    from federation.node.service import Node

SQL: Final = load_queries(files("federation.members").joinpath("sql/home.sql"))
NEAR_KM: Final = 25
NEW_MAX: Final = 6
LOOKED_AT_MAX: Final = 5_000
"""So many of the newest are looked at to find some that are near: few milliseconds at most."""
SOON_S: Final = 14 * 86_400
"""A post that ends within two weeks waits for its member."""


class NewPost(msgspec.Struct, frozen=True, kw_only=True):
    """An offer or a want in a list, with what a member needs to go on reading."""

    node: str
    """Empty for a post of this group."""
    post: str
    group: str
    poster_name: str
    want: bool
    goods: bool
    title: str
    place: str
    distance_km: float | None
    price_kind: PriceKind
    price_minor: int | None
    unit: Unit | None
    """The unit of the price; none when it is to be talked about."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody gave help, and asks for a consent; or asks to give something back."""

    path: str
    other: Party
    payer_minor: int
    expires_at_s: int
    reverses: bool


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a member."""

    asked: tuple[Asked, ...] = ()
    turns: tuple[ShownThread, ...] = ()
    """Threads in which it is the reader's turn."""
    ending: tuple[ShownPost, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything waits."""
        return bool(self.asked or self.turns or self.ending)


async def waiting_for(node: Node, reader: Reader, *, now_s: int) -> Waiting:
    """Give what waits for the reader, or for whom it acts."""
    asked = [
        Asked(
            path=trade.id,
            other=trade.other,
            payer_minor=trade.own_minor,
            expires_at_s=trade.expires_at_s,
            reverses=bool(trade.reverses),
        )
        for trade in await trades.waiting(node, reader)
    ]
    turns = tuple(await threads.waiting(node, reader))
    ending = await ending_soon(node, reader, now_s=now_s)
    return Waiting(asked=tuple(asked), turns=turns, ending=ending)


async def ending_soon(node: Node, reader: Reader, *, now_s: int) -> tuple[ShownPost, ...]:
    """Give the reader's own offers and wants that end within `SOON_S`."""
    account = reader.subject_account
    assert account is not None, "who is not a member has no posts"
    own = await posts_of(node, account, reader)
    return tuple(post for post in own if now_s < post.expires_at_s < now_s + SOON_S)


async def new_near(node: Node, reader: Reader, *, now_s: int) -> list[NewPost]:
    """Give the newest offers and wants of others, of this group and of others that it knows.

    Those that are far off are left out, as far as both places are known.
    """
    account = reader.subject_account
    async with connection_in_time(node.pool) as connection:
        where = await connection.fetchrow(SQL["whereabouts"], account)
        rows = await connection.fetch(
            SQL["newest_posts"],
            now_s,
            [visibility.value for visibility in visibilities(reader)],
            account,
            None if where is None else where["latitude"],
            None if where is None else where["longitude"],
            NEAR_KM,
            NEW_MAX,
            LOOKED_AT_MAX,
        )
    return [_new_post(node, row) for row in rows]


def _new_post(node: Node, row: Record) -> NewPost:
    own = node.settings.name if not row["node"] else _name_of(node, row["node"])
    return NewPost(
        node=row["node"],
        post=row["post"],
        group=own,
        poster_name=row["poster_name"],
        want=row["want"],
        goods=row["goods"],
        title=row["title"],
        place=row["place"],
        distance_km=row["distance_km"],
        price_kind=PriceKind(row["price_kind"]),
        price_minor=row["price_minor"],
        unit=_unit_of(node, row),
    )


def _unit_of(node: Node, row: Record) -> Unit | None:
    """Give the unit in which a post names its price."""
    if row["price_minor"] is None:
        return None
    settings = node.machine.books.ledger.settings
    if not row["node"]:
        return None if settings is None else settings.unit
    if not row["unit_plural"] or row["per_hour"] is None:
        return None
    return Unit(
        singular=row["unit_singular"],
        plural=row["unit_plural"],
        rate=Rate(row["per_hour"], row["decimals"] or 0),
    )


def _name_of(node: Node, peer: str) -> str:
    known = node.peers.get(peer)
    return known.name if known is not None else ""
