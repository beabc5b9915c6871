"""Cores: the log entries that are hashed, signed and shown to the umbrella (design section 2).

A core names no person and no pseudonym. `parse` of the bytes is in `events.canonical`; these are
the shapes only. The list of line events is closed in v1; a type that is not here is stored and
skipped (`UnknownCore`).
"""

from __future__ import annotations

import msgspec

from schemas.core_parts import (
    Commitments,
    Core,
    Fixed,
    FreezeReason,
    LineCore,
    ReleaseCause,
    Seen,
    Verdict,
    WireCode,
)
from schemas.ids import Count, Hash, LineId, NodeId, Positive, Salt
from schemas.keys import SignedKeyStatement
from schemas.line_cores import (
    LineClose,
    LineForget,
    LineFreeze,
    LineHeads,
    LineLimit,
    LineNote,
    LineRevalued,
    LineUnfreeze,
    TermsAccept,
    TermsPropose,
    TermsRefuse,
)
from schemas.pay_cores import (
    Decision,
    PayAbort,
    PayAccept,
    PayCommit,
    PayDecline,
    PayPrepare,
    PayReceipt,
    PayReject,
    PayRelease,
    PayRequest,
    SignedDecision,
)

__all__ = [
    "KNOWN_TYPES",
    "AnyCore",
    "Commitments",
    "Core",
    "CoreKind",
    "Decision",
    "Fixed",
    "FreezeReason",
    "KeyCore",
    "LineClose",
    "LineCore",
    "LineEvent",
    "LineForget",
    "LineFreeze",
    "LineHeads",
    "LineLimit",
    "LineNote",
    "LineRevalued",
    "LineUnfreeze",
    "LocalCore",
    "LogPlace",
    "PayAbort",
    "PayAccept",
    "PayCommit",
    "PayDecline",
    "PayPrepare",
    "PayReceipt",
    "PayReject",
    "PayRelease",
    "PayRequest",
    "ReleaseCause",
    "Seen",
    "SignedDecision",
    "TermsAccept",
    "TermsPropose",
    "TermsRefuse",
    "UnknownCore",
    "Verdict",
    "WireCode",
]


class LocalCore(Core, frozen=True, kw_only=True, tag="local"):
    """An event that concerns nobody outside: a commitment to its body, nothing else."""

    commitment: Hash


class KeyCore(Core, frozen=True, kw_only=True, tag="key.statement"):
    """A key statement of this node."""

    statement: SignedKeyStatement
    salt: Salt


LineEvent = (
    TermsPropose
    | TermsAccept
    | TermsRefuse
    | LineLimit
    | LineFreeze
    | LineUnfreeze
    | LineClose
    | LineRevalued
    | LineHeads
    | LineNote
    | LineForget
    | PayRequest
    | PayDecline
    | PayPrepare
    | PayAccept
    | PayReject
    | PayCommit
    | PayAbort
    | PayReceipt
    | PayRelease
)
KNOWN_TYPES = frozenset(kind.__struct_config__.tag for kind in LineEvent.__args__)
AnyCore = LocalCore | KeyCore | LineEvent


class CoreKind(msgspec.Struct, frozen=True):
    """The type of a core, read before the rest."""

    type: str


class LogPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where any event stands in its log, whatever else it says."""

    type: str
    v: int
    origin: NodeId
    seq: Count
    root: Hash
    key: Hash
    ts: Count


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
