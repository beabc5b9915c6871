"""What the mirror holds, checked again: bytes, places, roots and keys, and signatures on request.

A full audit believes nothing that was checked when it came in. The signatures of a page are checked
in threads while the next page is read: the hashes of one and the signatures of another use both
cores. What does not hold is the umbrella's own trouble, for the mirror took it in only because it
did.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from events.machine import EVENT_PREFIX
from federation.umbrella.following import Follower, Local
from schemas.encoding import b64
from schemas.errors import Code, VerificationError
from schemas.findings import Finding, What, found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.signing import PublicKey
    from federation.umbrella.following import AnyEntry

PART: Final = 1024
"""So many signatures are checked by a thread at a time."""


class Row(NamedTuple):
    """An entry as the mirror holds it."""

    seq: int
    core: bytes
    signature: bytes


class Signed(NamedTuple):
    """An entry whose signature is still to be checked, and by which key."""

    key: PublicKey
    row: Row


class Checking:
    """Checks logs of the mirror from their first entry on; an async context."""

    def __init__(self, *, signatures: bool, threads: int = 0) -> None:
        """Check signatures too, or only what they are over; `threads`: one a core when not said."""
        self._signatures = signatures
        self._followers: dict[str, Follower] = {}
        self._altered: dict[str, tuple[int, Code]] = {}
        self._places = asyncio.Semaphore(threads or os.cpu_count() or 1)
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        """Begin."""
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        """Wait for the signatures that are still being checked."""
        await self._tasks.__aexit__(*error)  # type: ignore[arg-type]

    async def page(self, node: str, rows: Sequence[Row]) -> list[tuple[AnyEntry, str]]:
        """Check the next entries of a log; give those that hold, each with its id."""
        if node in self._altered:
            return []
        events, signed = await asyncio.to_thread(self._placed, node, rows)
        for at in range(0, len(signed), PART):
            await self._places.acquire()
            part = signed[at : at + PART]
            self._tasks.create_task(self._check(node, part), name=f"signatures-{node}")
        return events

    def findings(self) -> list[Finding]:
        """Name for each log the first entry that does not hold."""
        return [
            found(What.MIRROR_ALTERED, node, seq=seq, reason=code.value)
            for node, (seq, code) in sorted(self._altered.items())
        ]

    def _placed(
        self, node: str, rows: Sequence[Row]
    ) -> tuple[list[tuple[AnyEntry, str]], list[Signed]]:
        follower = self._followers.setdefault(node, Follower(node))
        events: list[tuple[AnyEntry, str]] = []
        signed: list[Signed] = []
        for row in rows:
            try:
                core, key, leaf = follower.place(row.core)
            except VerificationError as error:
                self._alter(node, follower.tree.size, error.code)
                break
            # nobody names a local event, so it needs no id here
            events.append((core, "" if type(core) is Local else b64(leaf)))
            if self._signatures:
                signed.append(Signed(key, row))
        return events, signed

    async def _check(self, node: str, part: Sequence[Signed]) -> None:
        try:
            seq = await asyncio.to_thread(first_unsigned, part)
        finally:
            self._places.release()
        if seq is not None:
            self._alter(node, seq, Code.BAD_SIGNATURE)

    def _alter(self, node: str, seq: int, code: Code) -> None:
        before = self._altered.get(node)
        if before is None or seq < before[0]:
            self._altered[node] = (seq, code)


def first_unsigned(part: Sequence[Signed]) -> int | None:
    """Give the place of the first entry whose signature does not fit."""
    for key, row in part:
        if not key.verify(row.signature, EVENT_PREFIX + row.core):
            return row.seq
    return None
