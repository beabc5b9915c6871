"""Pictures of offers and wants: taken in, made small and clean, sealed, and shown to some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemas.member_bodies import Picture

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that was taken in."""

    picture: Picture
    width: int
    height: int


async def store(node: Node, reader: Reader, upload: bytes, *, account: int | None = None) -> Stored:
    """Take in a picture for the member for whom the reader acts, else for the reader.

    The same again gives the same and stores nothing.

    Raises:
        InputError: `too_large`, `picture_unreadable`, `picture_too_many_pixels`, `too_many`.
        RefusedError: `account_unknown`, `not_yours`.

    """
    raise NotImplementedError


async def read(node: Node, digest: str, reader: Reader, *, thumbnail: bool = False) -> bytes:
    """Give the bytes of a picture, a JPEG, to whom a post that shows it is visible.

    Raises:
        InputError: `not_found`, whatever the reason.

    """
    raise NotImplementedError
