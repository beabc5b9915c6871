"""What an edition of the digest may tell, and to whom, from the tables of the projector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from federation.group.commands import GROUP_SUBJECT
from federation.mail.digest import (
    AHEAD_S,
    OLD_S,
    Date,
    Edition,
    Post,
    Rhythm,
    Story,
    Subscriber,
)
from federation.mail.digest_choices import DIGEST, blocks_of
from federation.mail.digest_days import BEFORE_FIRST_S
from federation.mail.letter import Recipient
from federation.members.board import OTHERS
from federation.members.postcodes import Spot
from federation.members.reader import Reader, visibilities
from federation.members.search import FRESH_S
from federation.node.statements import texts_of
from schemas.openings import ActivityText
from schemas.texts.words import Language

if TYPE_CHECKING:
    from asyncpg import Record

    from events.log_store import AnyConnection
    from federation.node.service import Node
    from projections.agreeing import Activity

POSTS_MAX: Final = 5_000
ITEMS_MAX: Final = 500
ACTIVITIES_MAX: Final = 200
KNOWN_KEPT_S: Final = 120 * 86_400
DATES_KEPT_S: Final = 800 * 86_400
A_MEMBER: Final = Reader(account=0)
"""A mail shows nobody more than what every member may see."""


class Subscription(NamedTuple):
    """Somebody who gets digests: whom to mail, how often, and what it reads."""

    to: Recipient
    rhythm: Rhythm
    subscriber: Subscriber


async def fix(node: Node, connection: AnyConnection, due_s: int) -> None:
    """Note what is here now as known since this edition, unless it was known before."""
    await connection.execute(DIGEST["know_posts"], due_s, due_s - KNOWN_KEPT_S)
    await connection.execute(DIGEST["know_items"], due_s, due_s - KNOWN_KEPT_S)
    coming = [str(one.activity) for one in _coming(node, due_s)]
    await connection.execute(DIGEST["know_activities"], due_s, coming)
    await connection.execute(DIGEST["sweep_known"], due_s - KNOWN_KEPT_S, due_s - DATES_KEPT_S)


async def edition(node: Node, due_s: int, *, since_s: int) -> Edition:
    """Give what an edition tells to those who were told up to `since_s` or later.

    What is not known yet counts as known since this edition: so it is with a preview.
    """
    oldest_s = since_s - OLD_S
    seen = [one.value for one in visibilities(A_MEMBER)]
    posts = await node.pool.fetch(
        DIGEST["posts"], due_s, since_s, oldest_s, seen, due_s - FRESH_S, POSTS_MAX
    )
    items = await node.pool.fetch(
        DIGEST["items"], due_s, since_s, oldest_s, due_s + AHEAD_S, ITEMS_MAX
    )
    dates = [_date(row) for row in items if row["kind"] == "date"]
    return Edition(
        due_s=due_s,
        stories=tuple(_story(row) for row in items if row["kind"] == "news"),
        dates=(*dates, *await _activities(node, due_s)),
        posts=tuple(_post(node, row) for row in posts),
    )


async def subscriptions(
    connection: AnyConnection, due_s: int, *, begun_s: int, only: tuple[int, int] | None = None
) -> list[Subscription]:
    """Give who gets digests, one person for each address of an account.

    With `only` that account and person, whatever it wants.
    """
    account, person = only or (None, None)
    found: dict[tuple[int, str], Subscription] = {}
    for row in await connection.fetch(DIGEST["subscribers"], account, person):
        place = (row["account"], row["address"].casefold())
        found.setdefault(place, _subscription(row, due_s, begun_s))
    return list(found.values())


def _subscription(row: Record, due_s: int, begun_s: int) -> Subscription:
    rhythm, said = Rhythm(row["rhythm"]), row["language"]
    told_s = row["told_s"]
    last_s = due_s - BEFORE_FIRST_S[rhythm] if told_s is None else told_s
    language = Language(said) if said in set(Language) else Language.NL
    return Subscription(
        to=Recipient(row["account"], row["person"], row["name"], row["address"], language),
        rhythm=rhythm,
        subscriber=Subscriber(
            account=row["account"],
            last_s=max(last_s, begun_s),
            spot=_spot(row),
            blocks=blocks_of(row["blocks"]),
        ),
    )


def told_until(subscriber: Subscriber, last_s: int) -> Subscriber:
    """Give a reader as if it had been told up to another edition."""
    return replace(subscriber, last_s=last_s)


def _post(node: Node, row: Record) -> Post:
    peer = node.peers.get(row["node"]) if row["node"] else None
    return Post(
        node=row["node"],
        post=row["post"],
        account=row["account"],
        title=row["title"],
        want=row["want"],
        poster=row["poster_name"],
        group="" if peer is None else peer.name,
        place=row["place"],
        spot=_spot(row),
        placed_at_s=row["placed_at_s"],
        known_s=row["known_s"],
    )


def _spot(row: Record) -> Spot | None:
    if row["latitude"] is None or row["longitude"] is None:
        return None
    return Spot(row["latitude"], row["longitude"])


def _story(row: Record) -> Story:
    return Story(
        item=row["item"],
        title=row["title"],
        text=row["text"],
        others=OTHERS.decode(row["others"]),
        placed_at_s=row["placed_at_s"],
        known_s=row["known_s"],
    )


def _date(row: Record) -> Date:
    return Date(
        path=f"/calendar/{row['item']}",
        title=row["title"],
        place=row["place"],
        others=OTHERS.decode(row["others"]),
        starts_at_s=row["starts_at_s"],
        known_s=row["known_s"],
    )


def _coming(node: Node, due_s: int) -> list[Activity]:
    known = node.machine.books.agreeing.activities.base.values()
    there = [one for one in known if one.starts_at_s > due_s and not one.cancelled]
    return sorted(there, key=lambda one: one.starts_at_s)[:ACTIVITIES_MAX]


async def _activities(node: Node, due_s: int) -> list[Date]:
    coming = [one for one in _coming(node, due_s) if one.starts_at_s <= due_s + AHEAD_S]
    if not coming:
        return []
    names = [str(one.activity) for one in coming]
    rows = await node.pool.fetch(DIGEST["known_activities"], names)
    known = {row["name"]: row["due_s"] for row in rows}
    texts = await texts_of(node, [one.text_seq for one in coming])
    accounts = node.machine.books.ledger.accounts
    found = []
    for one in coming:
        subject = accounts[one.account].subject or GROUP_SUBJECT
        said = texts.get((one.text_seq, subject), [])
        text = next((part for part in said if isinstance(part, ActivityText)), None)
        if text is not None:
            found.append(
                Date(
                    path=f"/activities/{one.activity}",
                    title=text.title,
                    place=text.place,
                    starts_at_s=one.starts_at_s,
                    known_s=known.get(str(one.activity), due_s),
                )
            )
    return found
