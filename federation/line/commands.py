"""What can be asked of a line. Everything that a rule needs and the books do not hold comes in."""

from __future__ import annotations

from typing import NamedTuple

from schemas.core_parts import Fixed, FreezeReason
from schemas.cores import LineEvent, UnknownCore
from schemas.openings import NoteText, Opening, PeerText
from schemas.terms import Terms


class ProposeTerms(NamedTuple):
    """A coordinator proposes terms to another group."""

    terms: Terms
    peer: str
    counter: int
    known: bool
    """The other node is registered or invited."""
    old_account: int = 0
    """The account of a former system that our side of an opening position comes from."""


class AnswerTerms(NamedTuple):
    """A coordinator accepts or refuses the other side's open proposal."""

    line: str
    terms: str
    """Hash of what is answered."""
    accept: bool
    old_account: int = 0


class LowerLimit(NamedTuple):
    """A coordinator lowers, alone, how much the other group may owe; 0 lets it owe nothing more."""

    line: str
    grants_units: int


class Freeze(NamedTuple):
    """Admit no new trades on a line for a while."""

    line: str
    reason: FreezeReason


class FreezeWhoIsWrong(NamedTuple):
    """Batches of a partner were refused whole: freeze the line if it is wrong too often today."""

    line: str
    refused: int


class Unfreeze(NamedTuple):
    """Admit new trades again."""

    line: str


class CloseLine(NamedTuple):
    """A coordinator is done with a line: at zero, or alone when the partner has gone."""

    line: str
    gone: bool = False
    """The partner has left the register: what it owes is booked as a loss."""


class SendHeads(NamedTuple):
    """Tell the partner where our books stand."""

    line: str


class SendNote(NamedTuple):
    """A member writes to a member of another group."""

    line: str
    account: int
    peer: NoteText
    subject: str
    key: str = ""
    """Makes it idempotent; a coordinator's note has none."""


class Forget(NamedTuple):
    """Oblige the partner to drop peer layers, named by their commitments."""

    line: str
    forgets: tuple[str, ...]


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
    other_ids: tuple[str, ...] = ()
    """Under which the same proposal can be booked too (`federation.line.once`)."""


class ReversePayment(NamedTuple):
    """The one who was paid gives back what stood there, number by number."""

    path: str
    line: str
    original: str
    """Path of the payment that is reversed."""
    expires_at_s: int
    peer: PeerText
    subject: str
    entered_by: int | None = None


class RequestPayment(NamedTuple):
    """A member asks somebody of another group to pay; `path` makes it idempotent."""

    path: str
    line: str
    payee: int
    fixed: Fixed
    amount: int
    """Minor units of the side that `fixed` names; not looked at for a reversal."""
    expires_at_s: int
    peer: PeerText
    subject: str
    entered_by: int | None = None
    original: str = ""
    """Path of a payment that the other side is asked to reverse."""


class ConsentToRequest(NamedTuple):
    """The payer consents to exactly what was asked."""

    path: str
    line: str
    payer: int
    expires_at_s: int
    peer: PeerText
    subject: str
    entered_by: int | None = None
    expected_minor: int | None = None
    other_ids: tuple[str, ...] = ()
    """Under which the same proposal can be booked too (`federation.line.once`)."""


class DeclineRequest(NamedTuple):
    """The payer refuses a request, or the one who asked takes it back."""

    path: str
    line: str


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
    peer: PeerText | NoteText | None = None
    """The peer layer, when the opening fits the commitment."""
    member: int = 0
    """Our account that the peer layer is about: the payee of a prepare, the payer of a request,
    the recipient of a note; 0 when there is none."""
    member_subject: str = ""


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
    """Set a line aside: what came cannot be, or deciding about it broke an invariant."""

    line: str
    n: int
    code: str


class EndQuarantine(NamedTuple):
    """A coordinator has looked into it: the line may admit trades again."""

    line: str
    entered_by: int | None = None


LineCommand = (
    ProposeTerms
    | AnswerTerms
    | LowerLimit
    | Freeze
    | FreezeWhoIsWrong
    | Unfreeze
    | CloseLine
    | SendHeads
    | SendNote
    | Forget
    | StartPayment
    | ReversePayment
    | RequestPayment
    | ConsentToRequest
    | DeclineRequest
    | CancelPayment
    | ExpireDue
    | ReceiveEvents
    | Quarantine
    | EndQuarantine
)
