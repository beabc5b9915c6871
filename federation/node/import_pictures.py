"""The pictures of an import: each goes the way of one that a member brings, or stays behind.

The room of the members knows how: it leaves a `PictureTaker` in the node's parts. One that is no
picture, too large or a bomb is left out with a word; its member or post comes along.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from federation.node.import_commands import source_key
from schemas.errors import InputError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container

    from federation.group import commands as group
    from federation.migrate.archive import Archive
    from federation.migrate.planned import ImportedAccount, ImportedPost
    from federation.node.import_commands import Work
    from schemas.member_bodies import Picture


class PictureTaker(NamedTuple):
    """Takes in the file of a picture for an account: made small, clean and sealed."""

    take: Callable[[int, bytes], Awaitable[Picture]]
    """(account, file) -> picture; raises `InputError` for what is none."""
    face: Callable[[int, bytes, str], Awaitable[bool]]
    """(account, file, key of the command) -> whether its profile shows it now; it does not when it
    shows one already."""


async def take_pictures(
    work: Work, archive: Archive, command: group.ImportPost, post: ImportedPost
) -> tuple[Picture, ...]:
    """Take in the pictures of a post; what cannot be taken is told among what was refused."""
    taker = _taker(work)
    taken: list[Picture] = []
    for name in post.pictures:
        try:
            file = await asyncio.to_thread(archive.picture, name)
            taken.append(await taker.take(command.account, file))
        except InputError as error:
            work.written.refused.append(f"picture {name[:80]}: {error.code}")
        else:
            work.written.pictures += 1
    return tuple(taken)


def faces(work: Work, opened: Container[str]) -> list[ImportedAccount]:
    """Give the members who bring a picture, and whose account the import opened.

    Who was here before keeps what the profile says here.
    """
    return [
        account
        for account in work.plan.accounts
        if account.picture and source_key("users", account.source_id) in opened
    ]


def face_key(account: ImportedAccount) -> str:
    """Give the key of the command that lets a profile show its picture."""
    return source_key("users-picture", account.source_id)


async def take_face(work: Work, archive: Archive, account: ImportedAccount) -> None:
    """Let a member's profile show its picture; one that cannot be taken is told."""
    try:
        file = await asyncio.to_thread(archive.picture, account.picture)
        number = work.accounts[account.source_id]
        shown = await _taker(work).face(number, file, face_key(account))
    except (InputError, RefusedError) as error:
        work.written.refused.append(f"picture {account.picture[:80]}: {error.code}")
    else:
        work.written.pictures += shown


def _taker(work: Work) -> PictureTaker:
    taker = work.node.parts[PictureTaker]
    assert isinstance(taker, PictureTaker)
    return taker
