"""A log key that was stolen: its group replaces and revokes it, and the thief dates events back.

Drawn from the group's own id and not from the world's chance, so that worlds without a theft stay
what they were.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from schemas import cores
from schemas.encoding import b64, encode, unb64
from schemas.messages import WireEvent

if TYPE_CHECKING:
    from events.signing import PrivateKey
    from tests.simulation.chain import Chain
    from tests.simulation.identity import Identity

ROBBED_SHARE = 0.4
STRIKES_ONE_IN = 3


class Theft:
    """What happens to the log key of one group."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._chance = Random(f"theft {identity.id}")
        self.planned = self._chance.random() < ROBBED_SHARE
        self._stolen: PrivateKey | None = None
        self._ended_at = 0

    def delay_ms(self, length_ms: int) -> int:
        """Say when it is found out."""
        return self._chance.randint(0, length_ms)

    def found_out(self, seq: int) -> None:
        """Replace and revoke the key from the next event on."""
        identity = self._identity
        signed, new = identity.revocation(identity.history(), seq, self._chance)
        identity.statements += signed
        self._stolen, identity.log_key, self._ended_at = identity.log_key, new, seq

    def strikes(self, chain: Chain, first: int) -> WireEvent | None:
        """Give an event that continues a chain and looks older than the revocation, if any.

        `first` is the number of the first event that nobody has acknowledged.
        """
        stolen = self._stolen
        if stolen is None or not chain.last or self._chance.randrange(STRIKES_ONE_IN):
            return None
        return dated_back(
            stolen,
            self._chance,
            origin=self._identity.id,
            seq=max(0, self._ended_at - 1 - self._chance.randrange(3)),
            ts=chain.cores[-1].ts,
            line=chain.line,
            n=first,
            prev=b64(leaf_hash(unb64(chain.sent[first - 2].core))) if first > 1 else None,
        )


def dated_back(stolen: PrivateKey, chance: Random, **place: Any) -> WireEvent:
    """Sign an event for an older place than it has, with a key that somebody else has lost."""
    core = cores.LineFreeze(
        v=1,
        root=b64(chance.randbytes(32)),
        key=b64(stolen.public.data),
        salt=b64(chance.randbytes(16)),
        reason=cores.FreezeReason.COORDINATOR,
        **place,
    )
    data = encode(core)
    return WireEvent(core=b64(data), signature=b64(stolen.sign(EVENT_PREFIX + data)))
