"""What a cheating node signs: events that are chained well, decisions, commitments to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.evidence import DECISION_PREFIX
from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from schemas import cores
from schemas.encoding import b64, encode
from schemas.messages import WireEvent

if TYPE_CHECKING:
    from schemas.cores import Verdict
    from schemas.openings import Opening
    from tests.simulation.chain import Chain
    from tests.simulation.identity import Identity
    from tests.simulation.tricks import Tricks
    from tests.simulation.world import World


class Pen:
    """Writes the chains of one cheat; `seq` is the next place of a log that nobody keeps."""

    def __init__(self, world: World, identity: Identity, tricks: Tricks) -> None:
        """Take the keys, and what may be wrong with a decision."""
        self._world, self._rng = world, world.rng
        self._identity, self._tricks = identity, tricks
        self.seq = 4

    def say(
        self, chain: Chain, kind: type[Any], opening: Opening | None = None, **fields: Any
    ) -> None:
        """Put the next event on a chain."""
        if "commitments" not in fields:
            fields["salt"] = b64(self._rng.randbytes(16))
        key = self._identity.log_key
        seen = cores.Seen(n=chain.in_n, id=chain.in_id) if chain.in_n else None
        core = kind(
            v=1,
            origin=self._identity.id,
            seq=self.seq,
            root=b64(self._rng.randbytes(32)),
            key=b64(key.public.data),
            ts=self._world.schedule.now_ms // 1000,
            line=chain.line,
            n=len(chain.sent) + 1,
            prev=chain.last or None,
            seen=seen,
            **fields,
        )
        self.seq += self._rng.randint(1, 3)
        data = encode(core)
        chain.last = b64(leaf_hash(data))
        chain.sent.append(self.signed(data, opening))
        chain.cores.append(core)

    def signed(self, data: bytes, opening: Opening | None = None) -> WireEvent:
        """Sign a core."""
        signature = self._identity.log_key.sign(EVENT_PREFIX + data)
        return WireEvent(core=b64(data), signature=b64(signature), opening=opening)

    def decision(self, path: str, verdict: Verdict, accept: str | None) -> cores.SignedDecision:
        """Sign a decision, if it is to be signed."""
        key = self._identity.log_key
        decision = cores.Decision(
            v=1,
            origin=self._identity.id,
            path=path,
            verdict=verdict,
            key=b64(key.public.data),
            accept=accept,
        )
        signature = key.sign(DECISION_PREFIX + encode(decision))
        if "bad_decision" in self._tricks and not self._rng.randrange(4):
            self._tricks.played("bad_decision")
            signature = bytes(64)
        return cores.SignedDecision(decision=decision, signature=b64(signature))

    def body(self, peer: bytes | None = None) -> cores.Commitments:
        """Commit to a body that does not exist."""
        return cores.Commitments(
            body=b64(self._rng.randbytes(32)), peer=None if peer is None else b64(peer)
        )
