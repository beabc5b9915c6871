"""Sessions: what an earlier run of a partner sent is not taken in any more (design section 3).

A machine put back from a snapshot asks what was seen of it, and goes on from the answer. What its
earlier run sent may still be on its way: taken in after that answer, it would make an honest node
look like one that signs two events for one place. So each answer to `seen` opens a session. From
then on we take in only what a question of that session brings, and no answer to what we asked
before it. All in memory: after a restart of either side the question is asked anew.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Final

from schemas.encoding import b64
from schemas.errors import Code, PeerUnavailable, RefusedError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SESSION_BYTES: Final = 16


class Sessions:
    """The sessions of one run of a node: those that it opened for partners, and its own there."""

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        """Begin without any."""
        self._random = random_bytes
        self._opened: dict[str, str] = {}
        self._held: dict[str, str] = {}
        self._taking: Counter[str] = Counter()

    def open(self, peer: str) -> str:
        """Open a session for a partner; the one before ends with it, whatever comes of this.

        Raises:
            StorageError: `busy` while something of an earlier session is still being taken in:
                what was seen of the partner is not certain in this moment.

        """
        session = self._opened[peer] = b64(self._random(SESSION_BYTES))
        if self._taking[peer]:
            raise StorageError(Code.BUSY)
        return session

    def opened(self, peer: str) -> str:
        """Give the session that was opened for a partner last; empty when it never asked."""
        return self._opened.get(peer, "")

    @contextlib.contextmanager
    def bringing(self, peer: str, session: str) -> Iterator[None]:
        """Take in what a question of a partner brings.

        Raises:
            RefusedError: `session_unknown` when it is not of the session that was opened last.

        """
        if not session or session != self.opened(peer):
            raise RefusedError(Code.SESSION_UNKNOWN, field="session")
        with self._counted(peer):
            yield

    @contextlib.contextmanager
    def answering(self, peer: str, session: str) -> Iterator[None]:
        """Take in what a partner answered; `session` is what `opened` gave when we asked.

        Raises:
            PeerUnavailable: the partner has asked anew since: the answer is of an earlier run.

        """
        if session != self.opened(peer):
            raise PeerUnavailable(Code.PEER_UNREACHABLE, reason="it has started anew meanwhile")
        with self._counted(peer):
            yield

    @contextlib.contextmanager
    def _counted(self, peer: str) -> Iterator[None]:
        self._taking[peer] += 1
        try:
            yield
        finally:
            self._taking[peer] -= 1

    def hold(self, peer: str, session: str) -> None:
        """Keep the session that a partner opened for us."""
        self._held[peer] = session

    def held(self, peer: str) -> str:
        """Give our session with a partner; empty when there is none."""
        return self._held.get(peer, "")

    def ended(self, peer: str, session: str) -> None:
        """Forget a session that the partner does not know any more."""
        if self._held.get(peer) == session:
            del self._held[peer]
