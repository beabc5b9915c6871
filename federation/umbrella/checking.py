"""What the mirror holds, checked again: bytes, places, roots and keys, and signatures on request.

A full audit believes nothing that was checked when it came in. The signatures of a page are checked
by other processes while the next page is read: the hashes of one and the signatures of others use
every core. What does not hold is the umbrella's own trouble, for the mirror took it in only because
it did.
"""

from __future__ import annotations

import asyncio
from itertools import groupby
from typing import TYPE_CHECKING, Final, Self

from events.growing import TILE_WIDTH
from events.signature_batches import Batch
from federation.umbrella.following import Entries, Follower
from federation.umbrella.local_entries import Local
from federation.umbrella.verifiers import Verifiers
from schemas.encoding import b64
from schemas.errors import Code, VerificationError
from schemas.findings import Finding, What, found

if TYPE_CHECKING:
    from types import TracebackType

    from events.signing import PublicKey
    from federation.umbrella.reading import Page

PART: Final = 1024
"""So many signatures are checked at a time."""


class Checking:
    """Checks logs of the mirror from their first entry on; an async context."""

    def __init__(self, *, signatures: bool, processes: int) -> None:
        """Check signatures too, in so many processes, or only what they are over."""
        self.signatures = signatures
        self._followers: dict[str, Follower] = {}
        self._altered: dict[str, tuple[int, Code]] = {}
        self._verifiers = Verifiers(processes)
        self._places = asyncio.Semaphore(self._verifiers.at_once)
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        """Begin."""
        await self._verifiers.__aenter__()
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Wait for the signatures that are still being checked."""
        try:
            await self._tasks.__aexit__(kind, error, traceback)
        finally:
            await self._verifiers.__aexit__(kind, error, traceback)

    async def page(self, page: Page) -> Entries:
        """Check the next entries of a log; give those that hold."""
        if page.node in self._altered:
            return Entries([], [])
        held, keys = await asyncio.to_thread(self._placed, page)
        for at in range(0, len(keys), PART) if self.signatures else ():
            await self._places.acquire()
            part = slice(at, min(at + PART, len(keys)))
            batch = Batch(
                [(key.data, len(list(many))) for key, many in groupby(keys[part])],
                list(page.entries[part]),
                list(page.signatures[part]),
            )
            check = self._check(page.node, page.start + at, batch)
            self._tasks.create_task(check, name=f"signatures-{page.node}")
        return held

    def follower(self, node: str) -> Follower:
        """Give how far a log has held so far; its signatures may still be under way."""
        return self._followers.setdefault(node, Follower(node))

    def altered(self) -> dict[str, tuple[int, Code]]:
        """Give for each log the first entry that does not hold, and what is wrong with it."""
        return dict(sorted(self._altered.items()))

    def findings(self) -> list[Finding]:
        """Name for each log the first entry that does not hold."""
        return [
            found(What.MIRROR_ALTERED, node, seq=seq, reason=code.value)
            for node, (seq, code) in self.altered().items()
        ]

    def _placed(self, page: Page) -> tuple[Entries, list[PublicKey]]:
        """Give the entries that hold but for their signatures, and the key that each needs."""
        follower = self.follower(page.node)
        held = Entries([], [])
        keys: list[PublicKey] = []
        try:
            for at in range(0, len(page.entries), TILE_WIDTH):
                tile = page.entries[at : at + TILE_WIDTH]
                whole = follower.place_tile(tile)
                if whole is not None:
                    tile_held, key = whole
                    held.times.extend(tile_held.times)
                    held.others.extend(tile_held.others)
                    keys += [key] * TILE_WIDTH
                    continue
                for entry in tile:
                    core, key, leaf = follower.place(entry)
                    held.times.append(core.ts)
                    if not isinstance(core, Local):
                        held.others.append((core, b64(leaf)))
                    keys.append(key)
        except VerificationError as error:
            self._alter(page.node, follower.tree.size, error.code)
        return held, keys

    async def _check(self, node: str, start: int, batch: Batch) -> None:
        try:
            at = await self._verifiers.first_wrong(batch)
        finally:
            self._places.release()
        if at is not None:
            self._alter(node, start + at, Code.BAD_SIGNATURE)

    def _alter(self, node: str, seq: int, code: Code) -> None:
        before = self._altered.get(node)
        if before is None or seq < before[0]:
            self._altered[node] = (seq, code)
