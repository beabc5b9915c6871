"""The newest own line events in memory, as they were written: most are sent within milliseconds.

Only a shorter way to rows that are durable: whatever is not here is read from the tables. Peer
texts stay sealed, so that erasing a member counts here as well.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EVENTS_KEPT: Final = 4096
"""About 4 MB, whatever the number of lines."""


class SealedPeerText(NamedTuple):
    """A sealed peer text that goes to the partner."""

    commitment: bytes
    subject: bytes
    sealed: bytes


class RecentEvent(NamedTuple):
    """One durable own event of a line."""

    line: str
    n: int
    seq: int
    core: bytes
    signature: bytes
    peer: SealedPeerText | None


class RecentChain:
    """The newest `EVENTS_KEPT` own line events, by place and by index."""

    def __init__(self, kept: int = EVENTS_KEPT) -> None:
        """Start empty."""
        self._kept = kept
        self._order: deque[RecentEvent] = deque()
        self._by_place: dict[tuple[str, int], RecentEvent] = {}
        self._by_seq: dict[int, RecentEvent] = {}

    def add(self, events: Iterable[RecentEvent]) -> None:
        """Take in events of a batch that has been committed, in their order."""
        for event in events:
            self._order.append(event)
            self._by_place[event.line, event.n] = event
            self._by_seq[event.seq] = event
        while len(self._order) > self._kept:
            oldest = self._order.popleft()
            del self._by_place[oldest.line, oldest.n]
            del self._by_seq[oldest.seq]

    def forget(self, commitments: Sequence[bytes]) -> None:
        """Drop peer texts that are to be forgotten, as the tables do."""
        if not commitments:
            return
        gone = frozenset(commitments)
        kept, self._order = self._order, deque()
        self.add(
            event._replace(peer=None)
            if event.peer is not None and event.peer.commitment in gone
            else event
            for event in kept
        )

    def after(self, line: str, after: int, limit: int) -> Sequence[RecentEvent]:
        """Give at most `limit` events of a line behind a place; none when the next is not here."""
        found: list[RecentEvent] = []
        while len(found) < limit:
            event = self._by_place.get((line, after + len(found) + 1))
            if event is None:
                break
            found.append(event)
        return found

    def at(self, seq: int) -> RecentEvent | None:
        """Give the event at an index of the log, if it is here."""
        return self._by_seq.get(seq)
