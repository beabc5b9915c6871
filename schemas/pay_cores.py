"""Payments between two groups as events (design section 4). The payer's node alone decides."""

from __future__ import annotations

from typing import Literal

import msgspec

from schemas.core_parts import (
    Commitments,
    Fixed,
    LineCore,
    ReleaseCause,
    Verdict,
    WireCode,
)
from schemas.ids import Amount, Count, Hash, NodeId, PathId, Positive, Signature


class PayRequest(LineCore, frozen=True, kw_only=True, tag="pay.request"):
    """The payee's side asks: pay exactly this. It holds nothing; the payer consents by preparing.

    With `reverses` the payer is the one who was paid, and gives back what stood there.
    """

    path: PathId
    line_units: Positive
    payer_minor: Count
    """0 when it reverses what came to nothing at the payee."""
    payee_minor: Positive
    terms_rev: Positive
    fixed: Fixed
    expires_at_s: Count
    commitments: Commitments
    reverses: PathId | None = None


class PayDecline(LineCore, frozen=True, kw_only=True, tag="pay.decline"):
    """The payer's side refuses a request, or the payee's side takes it back (or lets it expire)."""

    path: PathId
    code: WireCode


class PayPrepare(LineCore, frozen=True, kw_only=True, tag="pay.prepare"):
    """If I commit this, I owe you `line_units` more."""

    path: PathId
    line_units: Positive
    payer_minor: Count
    """0 when it reverses what came to nothing at the payee."""
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
    msgspec.Struct,
    gc=False,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """The payer's node alone decides. Signed over `"ruilbrug/decision/v1\\n" || decision`."""

    v: Literal[1]
    origin: NodeId
    path: PathId
    verdict: Verdict
    key: Hash
    accept: Hash | None = None
    """Id of the accept that a commit rests on."""


class SignedDecision(
    msgspec.Struct, gc=False, frozen=True, kw_only=True, forbid_unknown_fields=True
):
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
