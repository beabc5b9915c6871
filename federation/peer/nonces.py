"""Memory of the nonces of requests, each for as long as its signature is valid (design section 7).

Invariant: no nonce of one sender is admitted twice while its signature is valid, whatever the clock
does. When there is no room the request is refused; nothing is forgotten before its time. Only
nonces under a verified signature come here, so a stranger fills nothing.

A restart forgets them: within the window a request may then be heard again, and every request
between nodes may be (events are told by their ids). Pure.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Final

from schemas.errors import Code, RefusedError, VerificationError

SENDER_MAX: Final = 65_536
"""200 requests a second of one sender, each remembered for 300 s."""
OVERALL_MAX: Final = 262_144


class NonceMemory:
    """Nonces that were seen, by sender, until they expire."""

    def __init__(self, *, sender_max: int = SENDER_MAX, overall_max: int = OVERALL_MAX) -> None:
        """Start empty."""
        self._sender_max = sender_max
        self._overall_max = overall_max
        self._seen: dict[str, set[str]] = {}
        self._expiring: dict[int, list[tuple[str, str]]] = {}
        self._seconds: list[int] = []
        self._count = 0
        self._forgotten_s = 0

    def __len__(self) -> int:
        """Count the nonces that are remembered."""
        return self._count

    def admit(self, sender: str, nonce: str, *, expires_s: int, now_s: int) -> None:
        """Remember a nonce, or refuse it.

        1. What expires no later than something forgotten cannot be told from it (the clock was
           set back): `signature_expired`.
        2. A nonce that this sender used before: `signature_replayed`.
        3. No room for this sender, or at all: `busy`.

        Raises:
            VerificationError: `signature_expired`, `signature_replayed`.
            RefusedError: `busy`.

        """
        self._forget(now_s)
        if expires_s <= self._forgotten_s:  # 1
            raise VerificationError(Code.SIGNATURE_EXPIRED, field="request")
        nonces = self._seen.get(sender, set())
        if nonce in nonces:  # 2
            raise VerificationError(Code.SIGNATURE_REPLAYED, field="request")
        if len(nonces) >= self._sender_max or self._count >= self._overall_max:  # 3
            raise RefusedError(Code.BUSY)
        self._seen.setdefault(sender, nonces).add(nonce)
        if expires_s not in self._expiring:
            self._expiring[expires_s] = []
            heappush(self._seconds, expires_s)
        self._expiring[expires_s].append((sender, nonce))
        self._count += 1

    def _forget(self, now_s: int) -> None:
        """Forget what expired before `now_s`; a signature is still valid in its last second."""
        while self._seconds and self._seconds[0] < now_s:
            self._forgotten_s = heappop(self._seconds)  # grows: rule 1 admits nothing older
            for sender, nonce in self._expiring.pop(self._forgotten_s):
                nonces = self._seen[sender]
                nonces.remove(nonce)
                self._count -= 1
                if not nonces:
                    del self._seen[sender]
        assert (self._count == 0) == (not self._seen)
