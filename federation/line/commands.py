"""What can be asked of a line. Everything that a rule needs and the books do not hold comes in."""

from __future__ import annotations

from typing import NamedTuple

from schemas.cores import Fixed, LineEvent, UnknownCore
from schemas.openings import Opening, PeerText
from schemas.terms import Terms


class ProposeTerms(NamedTuple):
    """A coordinator proposes terms to another group."""

    terms: Terms
    peer: str
    counter: int
    known: bool
    """The other node is registered or invited."""


class AnswerTerms(NamedTuple):
    """A coordinator accepts or refuses the other side's open proposal."""

    line: str
    terms: str
    """Hash of what is answered."""
    accept: bool


class StartPayment(NamedTuple):
    """A member pays somebody of another group; `path` makes it idempotent."""

    path: str
    line: str
    payer: int
    fixed: Fixed
    amount: int
    """Minor units of the side that `fixed` names."""
    expires_at_s: int
    peer: PeerText
    subject: str
    entered_by: int | None = None
    expected_minor: int | None = None
    """What the member confirmed to give; refused when it is another number by now."""


class CancelPayment(NamedTuple):
    """The payer takes it back before the commit."""

    path: str
    line: str


class ExpireDue(NamedTuple):
    """The clock has moved: let expire what is due."""


class ReceivedEvent(NamedTuple):
    """One event of the partner, decoded, with the facts that need keys or tables."""

    n: int
    id: str
    core: LineEvent | UnknownCore
    core_bytes: bytes
    signature: bytes
    decision_valid: bool = True
    """The signed decision that it carries verifies with a key of its origin."""
    opening: Opening | None = None
    peer: PeerText | None = None
    """The peer layer, when the opening fits the commitment."""
    payee: int = 0
    """The account that the peer layer's payee stands for; 0 when there is none."""
    payee_subject: str = ""


class ReceiveEvents(NamedTuple):
    """A partner's events, at most 256, whose batch signature has been checked."""

    line: str
    peer: str
    events: tuple[ReceivedEvent, ...]
    known: bool
    """The partner is registered or invited."""
    cover: int
    """Place of the event whose signature closes the batch."""


class Quarantine(NamedTuple):
    """Set a line aside: deciding about it broke an invariant."""

    line: str
    n: int
    code: str


LineCommand = (
    ProposeTerms
    | AnswerTerms
    | StartPayment
    | CancelPayment
    | ExpireDue
    | ReceiveEvents
    | Quarantine
)
