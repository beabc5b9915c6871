"""Pictures of other groups' posts: fetched when somebody looks, checked, and kept for a while.

A page shows pictures of this node only; no browser of a member ever asks another server. Only what
a post names that is shown here is asked for, and a full picture is the very bytes that it named.
"""

from __future__ import annotations

import asyncio
import contextlib
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING, Final

import structlog

from events.recovery import STORAGE_TROUBLE
from federation.members.feed_queries import FEED
from federation.node.patience import connection_in_time
from federation.node.service import now_s
from schemas.encoding import encode, unb64
from schemas.errors import Code, InputError, PeerUnavailable, RuilbrugError, VerificationError
from schemas.feed import THUMB_BYTES_MAX

if TYPE_CHECKING:
    from events.log_store import AnyConnection
    from federation.members.feed_choices import FeedChoices
    from federation.node.peers import Peer
    from federation.node.service import Node

log = structlog.get_logger()

PATH: Final = "/federation/v1/pictures/"
FETCH_TIMEOUT_S: Final = 8.0
FETCHES_AT_ONCE: Final = 8
FETCHES_OF_ONE_AT_ONCE: Final = 3
"""So many of one group, or a slow one would take the places of the others."""
KEPT_BYTES_MAX: Final = 256 * 2**20
UNUSED_S: Final = 30 * 86_400
FAILED_AGAIN_S: Final = 60.0
"""A picture that could not be had is not asked for again before."""
FAILED_MAX: Final = 2_000
DROP_AT_ONCE: Final = 50
JPEG: Final = b"\xff\xd8\xff"

Name = tuple[str, str, bool]
"""(node, digest, thumb)"""


class FeedPictures:
    """The pictures of other groups that are looked at here."""

    def __init__(self, node: Node, choices: FeedChoices) -> None:
        """Take a running node."""
        self._node = node
        self._choices = choices
        self._fetching: dict[Name, asyncio.Lock] = {}
        self._places = asyncio.Semaphore(FETCHES_AT_ONCE)
        self._places_of: dict[str, asyncio.Semaphore] = {}
        self._failed: dict[Name, float] = {}

    async def read(self, peer: str, digest: str, *, thumb: bool) -> bytes:
        """Give the bytes of a picture of another group's post, a JPEG.

        Raises:
            InputError: `not_found` when no post that is shown here names it.
            PeerUnavailable: its group does not answer, or not with this picture.
            StorageError: `database_unavailable`.

        """
        group = self._choices.shown().get(peer)
        if group is None:
            raise InputError(Code.NOT_FOUND, field="picture")
        name = (peer, digest, thumb)
        size = await self._size_named(peer, digest)
        kept = await self._kept(name)
        if kept is not None:
            return kept
        lock = self._fetching.setdefault(name, asyncio.Lock())
        try:
            async with lock:
                kept = await self._kept(name)  # who was before us may have brought it
                return await self._fetch(group, name, size) if kept is None else kept
        finally:
            if not lock.locked() and self._fetching.get(name) is lock:
                del self._fetching[name]

    async def _size_named(self, peer: str, digest: str) -> int:
        """Give how large a post of this group, shown here, says that the picture is."""
        try:
            unb64(digest, size=32)
        except VerificationError as error:
            raise InputError(Code.NOT_FOUND, field="picture") from error
        named = encode([{"digest": digest}]).decode()
        async with connection_in_time(self._node.pool) as connection:
            size = await connection.fetchval(FEED["picture_named"], peer, named, digest, now_s())
        if size is None:
            raise InputError(Code.NOT_FOUND, field="picture")
        return int(size)

    async def _kept(self, name: Name) -> bytes | None:
        async with connection_in_time(self._node.pool) as connection:
            found = await connection.fetchval(FEED["kept_picture"], *name, now_s())
        return None if found is None else bytes(found)

    async def _fetch(self, group: Peer, name: Name, size: int) -> bytes:
        """Ask the group for a picture and keep it."""
        if self._failed.get(name, 0.0) > monotonic():
            raise PeerUnavailable(Code.PEER_UNREACHABLE, reason="it could not be had just now")
        _, digest, thumb = name
        limit = THUMB_BYTES_MAX if thumb else size
        path = f"{PATH}{digest}?size={'thumb' if thumb else 'full'}"
        of_one = self._places_of.setdefault(group.node, asyncio.Semaphore(FETCHES_OF_ONE_AT_ONCE))
        try:
            async with of_one, self._places:
                content = await self._node.client.get(
                    group.node, group.url, path, timeout_s=FETCH_TIMEOUT_S, bytes_max=limit
                )
            check_picture(content, digest=digest, size=None if thumb else size)
        except RuilbrugError as error:
            self._remember_failure(name)
            log.warning("feed_picture_not_had", peer=group.node, code=str(error.code))
            raise PeerUnavailable(Code.PEER_UNREACHABLE, reason=str(error.code)) from error
        with contextlib.suppress(*STORAGE_TROUBLE):  # it is shown, and fetched again next time
            async with self._node.pool.acquire(timeout=FETCH_TIMEOUT_S) as connection:
                await connection.execute(FEED["keep_picture"], *name, content, now_s())
                await drop_beyond(connection)
        return content

    def _remember_failure(self, name: Name) -> None:
        if name not in self._failed and len(self._failed) >= FAILED_MAX:
            del self._failed[next(iter(self._failed))]
        self._failed[name] = monotonic() + FAILED_AGAIN_S


def check_picture(content: bytes, *, digest: str, size: int | None) -> None:
    """Check what a group sent as a picture; of a thumbnail (no `size`) only that it is one.

    Raises:
        VerificationError: `peer_wrong`, `digest_mismatch`.

    """
    if not content.startswith(JPEG):
        raise VerificationError(Code.PEER_WRONG, reason="it is no picture")
    if size is not None and (len(content), sha256(content).digest()) != (size, unb64(digest)):
        raise VerificationError(Code.DIGEST_MISMATCH, field="picture")


async def sweep_pictures(connection: AnyConnection, now: int) -> None:
    """Drop what nobody looks at, what no post names any more, and what is too much."""
    await connection.execute(FEED["sweep_pictures"], now - UNUSED_S)
    await drop_beyond(connection)


async def drop_beyond(connection: AnyConnection) -> None:
    """Keep within the limit: what was looked at longest ago goes first."""
    while await connection.fetchval(FEED["picture_bytes"]) > KEPT_BYTES_MAX:
        await connection.execute(FEED["drop_oldest_pictures"], DROP_AT_ONCE)
