"""One offer or want as one reader sees it: of this group, or of another group whose feed is here.

What the reader may not see is not found. What is over is told apart, so that a page can say so.
Asks no other node, but for a picture that nobody here has looked at yet.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from events.queries import load_queries
from federation.group.rights import Right
from federation.members import posts, profiles, threads
from federation.members.feed_of import feed_of
from federation.members.found import FoundRow, hits
from federation.members.postcodes import Spot, distance_m
from federation.members.reader import is_own, visibilities
from federation.members.search import FRESH_S
from federation.members.search_shapes import Hit
from federation.members.threads import Recipient
from federation.node.patience import connection_in_time
from schemas.encoding import encode
from schemas.errors import Code, InputError, RefusedError
from schemas.member_bodies import Picture, Visibility

if TYPE_CHECKING:
    from asyncpg import Record

    from federation.members.posts import ShownPost
    from federation.members.reader import Reader
    from federation.members.thread_views import ShownThread
    from federation.node.service import Node

SQL: Final = load_queries(files("federation.members").joinpath("sql/one_post.sql"))
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_DIGEST: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,14}")
_REACHED: Final = frozenset({"mail", "tel", "gsm"})
"""Kinds of contacts by which somebody is called or written to at once."""
_PICTURES: Final = msgspec.json.Decoder(tuple[Picture, ...])


class SeenPost(msgspec.Struct, frozen=True, kw_only=True):
    """An offer or a want as one reader sees it, whole."""

    hit: Hit
    """As a search gives it, but for the text, which is all of it."""
    code: str
    """Of the member who placed it; empty for one of another group."""
    visibility: Visibility
    own: bool
    """It is the reader's, or of whom the reader acts for."""
    may_change: bool
    ended: bool
    expired: bool
    paused: bool
    """Others do not see it just now: its member is away, or inactive."""
    hidden: bool
    """The group shows it to nobody else."""
    may_moderate: bool
    """The reader hides it, or shows it again."""


class Contact(NamedTuple):
    """A way to call or write somebody."""

    kind: str
    value: str


class Reach(NamedTuple):
    """How the reader reaches who placed a post, and what the two have said about it."""

    contacts: tuple[Contact, ...]
    thread: ShownThread | None


async def look(node: Node, reader: Reader, group: str, post: str, *, now_s: int) -> SeenPost:
    """Give an offer or a want; `group` is the other group's node, empty for this one.

    Raises:
        InputError: `post_unknown` for what is not here or not for this reader; as `posts.post`
            `post_ended` and `post_paused`.

    """
    if not group:
        await posts.post(node, _number(post), reader)
    elif not (_NAME.fullmatch(group) and _NAME.fullmatch(post)):
        raise InputError(Code.POST_UNKNOWN, field="post")
    async with connection_in_time(node.pool) as connection:
        row = await connection.fetchrow(SQL["one_post"], group, post, reader.subject_account)
    if row is None or (group and not _is_seen(row, reader)):
        raise InputError(Code.POST_UNKNOWN, field="post")
    if group and _is_over(row, now_s):
        raise InputError(Code.POST_ENDED, field="post")
    return _seen(node, reader, row, now_s)


def _number(post: str) -> int:
    if not _NUMBER.fullmatch(post):
        raise InputError(Code.POST_UNKNOWN, field="post")
    return int(post)


def _is_seen(row: Record, reader: Reader) -> bool:
    return Visibility(row["visibility"]) in visibilities(reader)


def _is_over(row: Record, now_s: int) -> bool:
    """Tell whether another group's post is over, or was not heard of for too long."""
    fresh = row["refreshed_at_s"] > now_s - FRESH_S
    return not row["shown"] or row["expires_at_s"] <= now_s or not fresh


def _seen(node: Node, reader: Reader, row: Record, now_s: int) -> SeenPost:
    found = FoundRow(row, _PICTURES.decode(row["pictures"]), _distance(row))
    (hit,) = hits(node, reader.subject_account, [found], now_s=now_s)
    own = not hit.node and is_own(reader, hit.account)
    over = row["ended"] or row["expires_at_s"] <= now_s
    accounts = node.machine.books.ledger.accounts
    return SeenPost(
        hit=hit,
        code="" if hit.node or hit.account is None else accounts[hit.account].code,
        visibility=Visibility(row["visibility"]),
        own=own,
        may_change=own or (not hit.node and reader.coordinator),
        ended=row["ended"],
        expired=not row["ended"] and over,
        paused=not over and not row["shown"] and not row["hidden"],
        hidden=row["hidden"],
        may_moderate=not hit.node and reader.may(Right.MODERATE),
    )


def _distance(row: Record) -> int | None:
    said = (row["latitude"], row["longitude"], row["own_latitude"], row["own_longitude"])
    if any(degrees is None for degrees in said):
        return None
    return distance_m(Spot(*said[:2]), Spot(*said[2:]))


async def changeable(node: Node, reader: Reader, post: str) -> ShownPost:
    """Give an own offer or want to who may change it.

    Raises:
        InputError: `post_unknown`, `post_ended`, `post_paused`.
        RefusedError: `forbidden`.

    """
    found = await posts.post(node, _number(post), reader)
    if not (reader.coordinator or is_own(reader, found.account)):
        raise RefusedError(Code.FORBIDDEN, field="post")
    return found


async def reach(node: Node, reader: Reader, seen: SeenPost) -> Reach:
    """Say how a reader reaches who placed a post; nothing for who is no member here."""
    hit = seen.hit
    if reader.subject_account is None or seen.own:
        return Reach((), None)
    to = Recipient(account=hit.account, node=hit.node, pseudonym=hit.poster)
    thread = await threads.thread_about(node, reader, to, hit.post)
    told: Any = () if thread is None or not thread.released else thread.contacts
    if not hit.node:
        assert hit.account is not None
        told = (await profiles.profile(node, hit.account, reader)).contacts
    return Reach(tuple(Contact(c.kind, c.value) for c in told if c.kind in _REACHED), thread)


async def picture_of_group(
    node: Node, reader: Reader, group: str, digest: str, *, thumbnail: bool, now_s: int
) -> bytes:
    """Give the bytes of a picture of another group's post that the reader sees.

    Raises:
        InputError: `not_found`, whatever the reason.
        PeerUnavailable: it is not here yet, and its group does not answer.
        StorageError: `database_unavailable`.

    """
    if not _DIGEST.fullmatch(digest):
        raise InputError(Code.NOT_FOUND, field="picture")
    named = encode([{"digest": digest}]).decode()
    seen = sorted(visibilities(reader))
    async with connection_in_time(node.pool) as connection:
        shown = _NAME.fullmatch(group) and await connection.fetchval(
            SQL["picture_seen"], group, named, seen, now_s, now_s - FRESH_S
        )
    if not shown:
        raise InputError(Code.NOT_FOUND, field="picture")
    return await feed_of(node).pictures.read(group, digest, thumb=thumbnail)
