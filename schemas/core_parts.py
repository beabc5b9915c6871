"""What every core has, and the words that line events share (design sections 2 and 4)."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from schemas.ids import Count, Hash, LineId, NodeId, Positive, Salt


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
    PAYER_UNKNOWN = "payer_unknown"
    LINE_BUSY = "line_busy"
    """Too much on this line is undecided; it can be tried again in a moment."""
    REQUEST_OTHER = "request_other"
    """The prepare is not what the payee had asked for."""
    REVERSAL_UNKNOWN = "reversal_unknown"
    """What is to be reversed is no booked payment, or the numbers are not its mirror image."""
    ALREADY_REVERSED = "already_reversed"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    CROSSED = "crossed"


class FreezeReason(StrEnum):
    """Why a side admits no new trades for a while; closed in v1."""

    COORDINATOR = "coordinator"
    MAINTENANCE = "maintenance"
    TOO_MANY_ERRORS = "too_many_errors"
    FINDINGS = "findings"


class Core(
    msgspec.Struct,
    gc=False,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="type",
):
    """What every core has. `root` is the Merkle root of all earlier entries.

    Nothing that is read from bytes refers to itself, so the collector need not know of it.
    """

    v: Literal[1]
    origin: NodeId
    seq: Count
    root: Hash
    key: Hash
    ts: Count
    """Seconds, UTC; cut to the hour in local events."""


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
