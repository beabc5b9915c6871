"""Offers and wants of the group's members: placed, changed, renewed, ended, paused, shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.group.member_commands import (
    ChangePost,
    EndPost,
    PausePosts,
    PlacePost,
    RenewPost,
    ResumePosts,
)
from federation.group.rights import Right
from federation.members import pictures, words
from federation.members.opened import FOREVER
from federation.members.queries import SQL
from federation.members.reader import is_own, may_see, visibilities
from federation.members.submitting import actor_of, member_of, submit
from federation.node.service import now_s
from schemas.errors import Code, InputError
from schemas.member_bodies import Picture, Price, PriceKind, Visibility
from schemas.openings import PostText

if TYPE_CHECKING:
    from asyncpg import Record

    from federation.members.reader import Reader
    from federation.node.service import Node

__all__ = [
    "FOREVER",
    "PostForm",
    "ShownPost",
    "change",
    "end",
    "expiring",
    "pause",
    "place",
    "post",
    "posts_of",
    "renew",
    "resume",
]
_POSTCODE_MAX: Final = 10


class PostForm(msgspec.Struct, frozen=True, kw_only=True):
    """All that an offer or a want says."""

    want: bool
    title: str
    text: str = ""
    goods: bool = False
    category: int | None = None
    price: Price = Price(kind=PriceKind.TALK)
    postcode: str = ""
    """Empty: that of the member."""
    place: str = ""
    visibility: Visibility = Visibility.MEMBERS
    expires_at_s: int
    pictures: tuple[Picture, ...] = ()
    """As `pictures.store` gave them."""


class ShownPost(msgspec.Struct, frozen=True, kw_only=True):
    """An offer or a want of this group as one reader sees it."""

    post: int
    account: int
    poster_name: str
    want: bool
    goods: bool
    category: int | None
    category_name: str
    title: str
    text: str
    price: Price
    postcode: str
    place: str
    latitude: float | None
    longitude: float | None
    visibility: Visibility
    placed_at_s: int
    expires_at_s: int
    ended: bool
    shown: bool
    """False when it has ended, its member is away or inactive, or the group hides it."""
    hidden: bool
    pictures: tuple[Picture, ...]


async def place(
    node: Node, reader: Reader, form: PostForm, *, key: str, account: int | None = None
) -> int:
    """Place an offer or a want, and give its number.

    For the member for whom the reader acts, else for the reader; a coordinator may name another
    `account`.

    Raises:
        InputError: `text_missing`, `too_large`, `picture_unknown`.
        RefusedError: the refusals of `federation.group.posts.place`, `forbidden`, `conflict`.

    """
    actor, member = actor_of(reader), member_of(reader, account)
    text = _text(form)
    await pictures.require(node, member, form.pictures)
    return await submit(
        node,
        PlacePost(
            key=key,
            actor=actor,
            account=member,
            want=form.want,
            text=text,
            expires_at_s=form.expires_at_s,
            goods=form.goods,
            category=form.category,
            price=form.price,
            visibility=form.visibility,
            pictures=form.pictures,
        ),
    )


async def change(node: Node, reader: Reader, post: int, form: PostForm, *, key: str) -> None:
    """Let an offer or a want say something else, as a whole.

    Raises:
        InputError: `text_missing`, `too_large`, `picture_unknown`.
        RefusedError: the refusals of `federation.group.posts.change`, `forbidden`, `conflict`.

    """
    actor, text = actor_of(reader), _text(form)
    known = node.machine.books.members.posts.get(post)
    if known is not None:
        await pictures.require(node, known.account, form.pictures)
    await submit(
        node,
        ChangePost(
            key=key,
            actor=actor,
            post=post,
            want=form.want,
            text=text,
            expires_at_s=form.expires_at_s,
            goods=form.goods,
            category=form.category,
            price=form.price,
            visibility=form.visibility,
            pictures=form.pictures,
        ),
    )


def _text(form: PostForm) -> PostText:
    return PostText(
        title=words.line(form.title, "title", words.TITLE_MAX, needed=True),
        text=words.paragraphs(form.text, "text", words.TEXT_MAX),
        postcode=words.line(form.postcode, "postcode", _POSTCODE_MAX).upper(),
        place=words.line(form.place, "place", words.NAME_MAX),
    )


async def renew(node: Node, reader: Reader, post: int, expires_at_s: int, *, key: str) -> None:
    """Let an offer or a want last longer; one that had ended is there again.

    Raises:
        RefusedError: the refusals of `federation.group.posts.renew`, `forbidden`, `conflict`.

    """
    await submit(node, RenewPost(key, actor_of(reader), post, expires_at_s))


async def end(node: Node, reader: Reader, post: int, *, key: str) -> None:
    """Take an offer or a want back.

    Raises:
        RefusedError: the refusals of `federation.group.posts.end`, `forbidden`, `conflict`.

    """
    await submit(node, EndPost(key, actor_of(reader), post))


async def pause(node: Node, reader: Reader, account: int, until_s: int | None, *, key: str) -> None:
    """Do not show a member's posts until a time, or until told otherwise.

    Raises:
        RefusedError: the refusals of `federation.group.posts.pause`, `forbidden`, `conflict`.

    """
    await submit(node, PausePosts(key, actor_of(reader), account, until_s))


async def resume(node: Node, reader: Reader, account: int, *, key: str) -> None:
    """Show a member's posts again.

    Raises:
        RefusedError: the refusals of `federation.group.posts.resume`, `forbidden`, `conflict`.

    """
    await submit(node, ResumePosts(key, actor_of(reader), account))


async def post(node: Node, number: int, reader: Reader) -> ShownPost:
    """Give one offer or want of this group.

    Raises:
        InputError: `post_unknown` for who may not see it, as of what the group hides; for others
            than its member and coordinators `post_ended` when it has ended or expired,
            `post_paused` when its member is away or inactive.

    """
    row = await node.pool.fetchrow(SQL["post"], str(number))
    if row is None:
        raise InputError(Code.POST_UNKNOWN, field="post")
    found = _shown(row)
    if not may_see(reader, found.visibility, owner=found.account):
        raise InputError(Code.POST_UNKNOWN, field="post")
    if found.hidden:
        if not (reader.may(Right.MODERATE) or is_own(reader, found.account)):
            raise InputError(Code.POST_UNKNOWN, field="post")
        return found
    if not (reader.coordinator or is_own(reader, found.account)):
        if found.ended or found.expires_at_s <= now_s():
            raise InputError(Code.POST_ENDED, field="post")
        if not found.shown:
            raise InputError(Code.POST_PAUSED, field="post")
    return found


async def posts_of(
    node: Node, account: int, reader: Reader, *, all_of_them: bool = False
) -> list[ShownPost]:
    """Give a member's offers and wants, newest first, that the reader may see.

    With `all_of_them` the member itself and coordinators also get those that ended or expired.
    """
    own = is_own(reader, account)
    seen = [visibility.value for visibility in visibilities(reader)]
    everything = all_of_them and (own or reader.coordinator)
    rows = await node.pool.fetch(SQL["posts_of"], account, seen, own, everything, now_s())
    return [_shown(row) for row in rows]


async def expiring(node: Node, *, from_s: int, until_s: int) -> list[ShownPost]:
    """Give every post that is shown and expires in this time, for reminders.

    Not those of who is away or has left.
    """
    rows = await node.pool.fetch(SQL["expiring"], from_s, until_s)
    return [_shown(row) for row in rows]


def _shown(row: Record) -> ShownPost:
    fields = dict(row)
    kind, amount_minor = fields.pop("price_kind"), fields.pop("price_minor")
    fields["post"] = int(fields["post"])
    fields["price"] = Price(kind=PriceKind(kind), amount_minor=amount_minor)
    fields["visibility"] = Visibility(fields["visibility"])
    fields["pictures"] = _PICTURES.decode(fields["pictures"])
    return ShownPost(**fields)


_PICTURES: Final = msgspec.json.Decoder(tuple[Picture, ...])
