"""Offers and wants of the group's members: placed, changed, renewed, ended, paused, shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from schemas.ids import SAFE_INTEGER
from schemas.member_bodies import Picture, Price, PriceKind, Visibility

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node

FOREVER: Final = SAFE_INTEGER
"""Stands for no end: of a pause, of an imported post that never expires."""


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
    """False when it has ended, or its member is away or inactive."""
    pictures: tuple[Picture, ...]


async def place(
    node: Node, reader: Reader, form: PostForm, *, key: str, account: int | None = None
) -> int:
    """Place an offer or a want, and give its number.

    For the member for whom the reader acts, else for the reader; a coordinator may name another
    `account`.

    Raises:
        InputError: `text_missing`, `too_large`, `malformed`, `picture_unknown`.
        RefusedError: the refusals of `federation.group.posts.place`, `conflict`.

    """
    raise NotImplementedError


async def change(node: Node, reader: Reader, post: int, form: PostForm, *, key: str) -> None:
    """Let an offer or a want say something else, as a whole."""
    raise NotImplementedError


async def renew(node: Node, reader: Reader, post: int, expires_at_s: int, *, key: str) -> None:
    """Let an offer or a want last longer; one that had ended is there again."""
    raise NotImplementedError


async def end(node: Node, reader: Reader, post: int, *, key: str) -> None:
    """Take an offer or a want back."""
    raise NotImplementedError


async def pause(node: Node, reader: Reader, account: int, until_s: int | None, *, key: str) -> None:
    """Do not show a member's posts until a time, or until told otherwise."""
    raise NotImplementedError


async def resume(node: Node, reader: Reader, account: int, *, key: str) -> None:
    """Show a member's posts again."""
    raise NotImplementedError


async def post(node: Node, number: int, reader: Reader) -> ShownPost:
    """Give one offer or want of this group.

    Raises:
        InputError: `post_unknown`; `post_ended` for others than its member when it has ended, has
            expired, or its member is away.

    """
    raise NotImplementedError


async def posts_of(
    node: Node, account: int, reader: Reader, *, all_of_them: bool = False
) -> list[ShownPost]:
    """Give a member's offers and wants, newest first, that the reader may see.

    With `all_of_them` the member itself and coordinators also get those that ended or expired.
    """
    raise NotImplementedError


async def expiring(node: Node, *, from_s: int, until_s: int) -> list[ShownPost]:
    """Give every shown post that ends in this time, for reminders."""
    raise NotImplementedError
