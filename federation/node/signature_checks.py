"""Signatures of a long log, checked by processes beside the one that reads and folds it.

What is handed in is checked in batches, of which only so many are under way at a time. A process
that ends before its time costs nothing: its batch is checked here.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Self

from events.machine import EVENT_PREFIX
from events.signature_batches import Batch, first_wrong
from events.signing import PublicKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from federation.umbrella.verifiers import Verifiers

BATCH_SIZE: Final = 1_024


class SignatureChecks:
    """Takes entries in order and names those whose signatures do not verify; an async context."""

    def __init__(self, verifiers: Verifiers, wrong: Callable[[int], None]) -> None:
        """Take who checks, and who is told the place of an entry that is wrong."""
        self._verifiers = verifiers
        self._wrong = wrong
        self._seqs: list[int] = []
        self._keys: list[tuple[bytes, int]] = []
        self._entries: list[bytes] = []
        self._signatures: list[bytes] = []
        self._under_way: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Begin with nothing."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """Leave nothing running."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def add(self, seq: int, key: PublicKey, entry: bytes, signature: bytes) -> None:
        """Take in one entry; `hand_on` sends it off."""
        if self._keys and self._keys[-1][0] == key.data:
            self._keys[-1] = (key.data, self._keys[-1][1] + 1)
        else:
            self._keys.append((key.data, 1))
        self._seqs.append(seq)
        self._entries.append(entry)
        self._signatures.append(signature)

    async def hand_on(self, *, least: int = BATCH_SIZE) -> None:
        """Send off what was taken in, if it is so much; waits while much is under way.

        Called often, it lets go out what was written: a pipe takes less than a batch.
        """
        await asyncio.sleep(0)
        if len(self._seqs) < least:
            return
        seqs, self._seqs = self._seqs, []
        batch = Batch(self._keys, self._entries, self._signatures)
        self._keys, self._entries, self._signatures = [], [], []
        while len(self._under_way) >= self._verifiers.at_once:
            await self._one_ends()
        self._under_way.add(asyncio.create_task(self._check(seqs, batch), name="signatures"))

    async def finish(self) -> None:
        """Send off the rest, and wait for every answer."""
        await self.hand_on(least=1)
        while self._under_way:
            await self._one_ends()

    async def _one_ends(self) -> None:
        done, self._under_way = await asyncio.wait(
            self._under_way, return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            task.result()

    async def _check(self, seqs: list[int], batch: Batch) -> None:
        try:
            found = await self._verifiers.first_wrong(batch)
        except (OSError, EOFError):
            found = await asyncio.to_thread(first_wrong, batch)
        if found is None:
            return
        keys = [PublicKey.parse(data) for data, many in batch.keys for _ in range(many)]
        for seq, key, entry, signature in zip(
            seqs, keys, batch.entries, batch.signatures, strict=True
        ):
            if not key.verify(signature, EVENT_PREFIX + entry):
                self._wrong(seq)
