"""What a thread or a booking is about: an offer or a want, whose it is, and what it would cost.

One shape for posts of the group and of others; numbers in the reader's own unit come first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from federation.line.conversion import Quote
from federation.members import posts
from federation.members.agreeing_queries import SQL
from federation.members.bookable import Asked, bookable, line_with_peer, price_across
from federation.members.feed_of import feed_of
from federation.members.people import Party, peer_party
from federation.members.search import FRESH_S
from schemas.amounts import Rate
from schemas.errors import Code, InputError, Refusal, RefusedError, RuilbrugError
from schemas.member_bodies import PriceKind

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.members.thread_views import ShownThread
    from federation.node.service import Node


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """An offer or a want of somebody else, as a reader who takes it up sees it."""

    other: Party
    post: str
    """As a thread names it: a number in the group, else its name in the other group's feed."""
    title: str
    want: bool
    own_minor: int | None = None
    """What the guide price comes to for the reader; nothing when it is to be talked about."""
    refusal: Refusal | None = None
    """Why it could not be booked now."""

    @property
    def node(self) -> str:
        """Whose group; empty for the own one."""
        return self.other.node


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a thread is about, as far as it is still there."""

    title: str = ""
    link: str = ""
    """Its place in lists: `7`, or `NODE.NAME`; empty when it is gone."""
    want: bool = False
    gone: bool = False


async def here(node: Node, reader: Reader, number: int, *, now_s: int) -> Occasion:
    """Give an offer or a want of the group.

    Raises:
        InputError: as `posts.post`.
        RefusedError: `account_same` for the reader's own, `not_configured`.

    """
    found = await posts.post(node, number, reader)
    if found.account == reader.subject_account:
        raise RefusedError(Code.ACCOUNT_SAME, field="payee")
    account = node.machine.books.ledger.accounts[found.account]
    own = found.price.amount_minor if found.price.kind is not PriceKind.TALK else None
    asked = Asked("", found.account, found.want, own, _own_rate(node))
    return Occasion(
        other=Party(account=account.account, code=account.code, name=found.poster_name),
        post=str(number),
        title=found.title,
        want=found.want,
        own_minor=own,
        refusal=bookable(node.machine.books, reader.subject_account, asked, None, now_s=now_s),
    )


async def elsewhere(node: Node, reader: Reader, group: str, offer: str, *, now_s: int) -> Occasion:
    """Give an offer or a want of another group.

    Raises:
        InputError: `post_unknown`, `post_ended`.
        RefusedError: `not_configured`.

    """
    row = await node.pool.fetchrow(SQL["post_elsewhere"], group, offer, now_s, now_s - FRESH_S)
    if row is None or not group:
        raise InputError(Code.POST_UNKNOWN, field="post")
    if not row["there"]:
        raise InputError(Code.POST_ENDED, field="post")
    rate = _own_rate(node)
    line = line_with_peer(node.machine.books, group)
    talk = PriceKind(row["price_kind"]) is PriceKind.TALK
    asked = Asked(group, None, row["want"], None if talk else row["price_minor"], _rate(row, rate))
    numbers = price_across(asked, rate, line)
    own = None
    if isinstance(numbers, Quote):
        own = numbers.payee_minor if row["want"] else numbers.payer_minor
    return Occasion(
        other=peer_party(node, group, row["poster"], row["poster_name"]),
        post=offer,
        title=row["title"],
        want=row["want"],
        own_minor=own,
        refusal=bookable(node.machine.books, reader.subject_account, asked, line, now_s=now_s),
    )


def _rate(row: Any, own: Rate) -> Rate:
    """Give the rate that a feed tells; terms come before it."""
    if not row["per_hour"]:
        return own
    return Rate(row["per_hour"], row["decimals"] or 0)


def _own_rate(node: Node) -> Rate:
    settings = node.machine.books.ledger.settings
    if settings is None:
        raise RefusedError(Code.NOT_CONFIGURED)
    return settings.unit.rate


async def about(node: Node, reader: Reader, thread: ShownThread, *, now_s: int) -> About | None:
    """Say what a thread is about; nothing when it is about no offer or want."""
    if not thread.offer:
        return None
    if thread.line and thread.own_start:
        group = thread.other.node
        row = await node.pool.fetchrow(
            SQL["post_elsewhere"], group, thread.offer, now_s, now_s - FRESH_S
        )
        if row is None:
            return About(gone=True)
        link = f"{group}.{thread.offer}" if row["there"] else ""
        return About(title=row["title"], want=row["want"], link=link, gone=not row["there"])
    number = await _own_number(node, thread)
    try:
        found = await posts.post(node, number, reader)
    except RuilbrugError:
        return About(gone=True)
    return About(title=found.title, want=found.want, link=str(number))


async def _own_number(node: Node, thread: ShownThread) -> int:
    if not thread.line:
        return int(thread.offer)
    return await feed_of(node).server.post_of(thread.offer) or 0
