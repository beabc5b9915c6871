"""Word against word in a simulated world: those who name an event are asked for their copy of it.

The rules are the product's own (`federation.umbrella.audit.inquiry`); here bytes are moved, and
what was answered is remembered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.restore import Mode
from federation.umbrella.audit.inquiry import (
    Answer,
    Answered,
    Claim,
    claims_of,
    proof_of,
    resolved,
    shown,
    to_ask,
)
from schemas.encoding import b64
from schemas.evidence import SignedEvent
from schemas.messages import WireEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.peer.channel import ChannelEvent
    from federation.umbrella.audit import State
    from schemas.findings import Finding
    from tests.simulation.host import Host
    from tests.simulation.mirror import Row
    from tests.simulation.umbrella import Umbrella


class Inquiries:
    """What was asked and answered so far."""

    def __init__(self, umbrella: Umbrella) -> None:
        """Begin with nothing asked."""
        self._umbrella = umbrella
        self._answers: dict[Claim, Answered] = {}
        self._asked: dict[Claim, int] = {}
        self._audits = 0

    def ask(self, state: State, *, followed_s: int) -> None:
        """Ask what is to be asked after an audit; who is away is asked again by the next one."""
        self._audits += 1
        claims = claims_of(state)
        for claim in to_ask(claims, self._answers, self._asked, followed_s=followed_s):
            self._asked[claim] = self._audits
            answered = self._ask(claim)
            if answered.answer is not Answer.NONE:
                self._answers[claim] = answered

    def resolve(self, state: State, findings: Sequence[Finding]) -> list[Finding]:
        """Give what is left of findings by what was answered so far."""
        answers = {claim: self._answers.get(claim, Answered()) for claim in claims_of(state)}
        return resolved(state, findings, answers)

    def _ask(self, claim: Claim) -> Answered:
        host = self._umbrella.world.host(claim.claimant)
        wire = None if self._umbrella.cut(self._umbrella.id, host.id) else _received(host, claim)
        if wire is None:
            return Answered()
        copy = shown(claim, wire)
        if copy is None:
            return Answered(Answer.NOTHING)
        proof = proof_of(
            copy,
            self._umbrella.proofs.of(claim.suspect),
            at_number=self._at_number(claim, copy),
            at_place=self._at_place(claim, copy),
        )
        if proof is None or not self._umbrella.proofs.keep(proof.file):
            return Answered(Answer.SHOWN)
        return Answered(Answer.PROVEN, proof.name())

    def _at_number(self, claim: Claim, copy: ChannelEvent) -> SignedEvent | None:
        place = (claim.line, copy.n)
        for row in self._rows(claim):
            if (getattr(row.read, "line", ""), getattr(row.read, "n", 0)) == place:
                return _signed(row)
        return None

    def _at_place(self, claim: Claim, copy: ChannelEvent) -> SignedEvent | None:
        return next(map(_signed, self._rows(claim)[copy.core.seq : copy.core.seq + 1]), None)

    def _rows(self, claim: Claim) -> Sequence[Row]:
        return self._umbrella.mirror.rows.get(claim.suspect, [])


def _received(host: Host, claim: Claim) -> tuple[WireEvent, ...] | None:
    """Give what a node received at a place, and the rest of its batch; none when it is away.

    One that is not sure of its own log does not say that there is nothing.
    """
    if host.process is None:
        return None
    chain = host.disk.inbox.get(claim.line, [])
    rows = chain[claim.n - 1 : chain[claim.n - 1].cover] if claim.n <= len(chain) else []
    if not rows and host.process.gate.mode is not Mode.OPEN:
        return None
    return tuple(WireEvent(core=b64(row.core), signature=b64(row.signature)) for row in rows)


def _signed(row: Row) -> SignedEvent:
    return SignedEvent(core=b64(row.core), signature=b64(row.signature))
