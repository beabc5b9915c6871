"""Cores: the log entries that are hashed, signed and shown to the umbrella (design section 2).

A core names no person and no pseudonym. `parse` of the bytes is in `events.canonical`; these are
the shapes only. The list of line events is closed in v1; a type that is not here is stored and
skipped (`UnknownCore`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from schemas.ids import (
    Amount,
    Count,
    Hash,
    LineId,
    NodeId,
    PathId,
    Positive,
    Salt,
    Signature,
)
from schemas.keys import SignedKeyStatement
from schemas.terms import Terms


class Fixed(StrEnum):
    """Which side's price is given exactly; the other follows (design section 4, conversion)."""

    PAYEE = "payee"
    PAYER = "payer"
    LINE = "line"


class Verdict(StrEnum):
    """How the payer's node decided."""

    COMMIT = "commit"
    ABORT = "abort"


class ReleaseCause(StrEnum):
    """Why a payee's node let go of what it held."""

    ABORTED = "aborted"
    SILENT = "silent"


class WireCode(StrEnum):
    """Reasons that travel between nodes; closed in v1, documented in docs/protocol.md."""

    TERMS_STALE = "terms_stale"
    TERMS_OTHER = "terms_other"
    LINE_NOT_OPEN = "line_not_open"
    EXPIRED = "expired"
    AMOUNTS_MISMATCH = "amounts_mismatch"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    LINE_LIMIT = "line_limit"
    PAYEE_UNKNOWN = "payee_unknown"
    PAYEE_INACTIVE = "payee_inactive"
    PAYEE_LIMIT = "payee_limit"
    ALREADY_REVERSED = "already_reversed"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    CROSSED = "crossed"


class Core(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="type",
):
    """What every core has. `root` is the Merkle root of all earlier entries."""

    v: Literal[1]
    origin: NodeId
    seq: Count
    root: Hash
    key: Hash
    ts: Count
    """Seconds, UTC; cut to the hour in local events."""


class LocalCore(Core, frozen=True, kw_only=True, tag="local"):
    """An event that concerns nobody outside: a commitment to its body, nothing else."""

    commitment: Hash


class KeyCore(Core, frozen=True, kw_only=True, tag="key.statement"):
    """A key statement of this node."""

    statement: SignedKeyStatement
    salt: Salt


class Seen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last event of the other side that had been processed."""

    n: Positive
    id: Hash


class Commitments(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Commitments to the layers of a line event."""

    body: Hash
    peer: Hash | None = None


class LineCore(Core, frozen=True, kw_only=True):
    """What every line event has: its place in this side's chain, and what it acknowledges."""

    line: LineId
    n: Positive
    prev: Hash | None = None
    """Id of this side's previous event on the line; absent in the first."""
    seen: Seen | None = None
    salt: Salt | None = None
    """Present when there is no commitment, so that nobody can guess the leaf."""


class TermsPropose(LineCore, frozen=True, kw_only=True, tag="terms.propose"):
    """Offers terms; `counter` is the one that the line id was made with."""

    counter: Count
    terms: Terms


class TermsAccept(LineCore, frozen=True, kw_only=True, tag="terms.accept"):
    """Accepts the other side's open proposal by its hash."""

    rev: Positive
    terms: Hash


class TermsRefuse(LineCore, frozen=True, kw_only=True, tag="terms.refuse"):
    """Refuses the other side's open proposal."""

    rev: Positive
    terms: Hash
    code: WireCode


class PayPrepare(LineCore, frozen=True, kw_only=True, tag="pay.prepare"):
    """If I commit this, I owe you `line_units` more."""

    path: PathId
    line_units: Positive
    payer_minor: Positive
    payee_minor: Count
    terms_rev: Positive
    fixed: Fixed
    expires_at_s: Count
    commitments: Commitments
    reverses: PathId | None = None


class PayAccept(LineCore, frozen=True, kw_only=True, tag="pay.accept"):
    """Holds the line units and the payee's room; `prepare` is the id of what is accepted."""

    path: PathId
    prepare: Hash
    line_units: Positive
    commitments: Commitments


class PayReject(LineCore, frozen=True, kw_only=True, tag="pay.reject"):
    """Final refusal of a prepare."""

    path: PathId
    prepare: Hash
    code: WireCode


class Decision(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The payer's node alone decides. Signed over `"ruilbrug/decision/v1\\n" || decision`."""

    v: Literal[1]
    origin: NodeId
    path: PathId
    verdict: Verdict
    key: Hash
    accept: Hash | None = None
    """Id of the accept that a commit rests on."""


class SignedDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision with its signature."""

    decision: Decision
    signature: Signature


class PayCommit(LineCore, frozen=True, kw_only=True, tag="pay.commit"):
    """A signed, cumulative promise to pay: `total` is all that was ever committed on this line.

    `balance` is the sender's line balance after booking (positive: it owes the other side).
    """

    path: PathId
    decision: SignedDecision
    line_units: Positive
    total: Count
    balance: Amount
    commitments: Commitments


class PayAbort(LineCore, frozen=True, kw_only=True, tag="pay.abort"):
    """The payer's node decided against it; what was held is free."""

    path: PathId
    decision: SignedDecision
    code: WireCode


class PayReceipt(LineCore, frozen=True, kw_only=True, tag="pay.receipt"):
    """The payee is credited; `up_to` is the place of the commit in the payer's chain."""

    path: PathId
    commit: Hash
    up_to: Positive
    line_units: Positive
    total: Count
    balance: Amount
    commitments: Commitments


class PayRelease(LineCore, frozen=True, kw_only=True, tag="pay.release"):
    """Lets go: after an abort of everything, after silence of the payee's room only."""

    path: PathId
    cause: ReleaseCause


LineEvent = (
    TermsPropose
    | TermsAccept
    | TermsRefuse
    | PayPrepare
    | PayAccept
    | PayReject
    | PayCommit
    | PayAbort
    | PayReceipt
    | PayRelease
)
AnyCore = LocalCore | KeyCore | LineEvent


class CoreKind(msgspec.Struct, frozen=True):
    """The type of a core, read before the rest."""

    type: str


class UnknownCore(msgspec.Struct, frozen=True, kw_only=True):
    """A line event of a type that this version does not know: stored, skipped, still chained."""

    type: str
    v: int
    origin: NodeId
    seq: Count
    root: Hash
    key: Hash
    ts: Count
    line: LineId
    n: Positive
    prev: Hash | None = None
    seen: Seen | None = None
