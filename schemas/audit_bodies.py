"""Bodies about what a node caught others at: proof that it keeps, and what an audit found."""

from __future__ import annotations

from schemas.body_parts import Body
from schemas.ids import Count, Hash, LineId, NodeId, PathId, Positive


class EvidenceKept(Body, frozen=True, kw_only=True, tag="evidence.kept"):
    """Proof that a partner has cheated was kept; `digest` is the SHA-256 of its file."""

    at_s: Count
    line: LineId
    kind: str
    digest: Hash


class LogEvidenceKept(Body, frozen=True, kw_only=True, tag="evidence.log_kept"):
    """Proof that a group has shown two histories of its log was kept; `digest` as above."""

    at_s: Count
    node: NodeId
    kind: str
    digest: Hash


class AuditFound(Body, frozen=True, kw_only=True, tag="audit.found"):
    """The umbrella's audit has found something, or again after it was solved and had gone away."""

    at_s: Count
    check: str
    severity: str
    what: str
    node: NodeId | None = None
    """None where it is about a line, and accuses neither end."""
    line: LineId | None = None
    seq: Count | None = None
    path: PathId | None = None
    line_units: int = 0
    """A `Count` by now; an earlier version wrote any number, and it stays readable."""
    reason: str = ""


class AuditSolved(Body, frozen=True, kw_only=True, tag="audit.solved"):
    """An auditor says how a finding was solved; `finding` is its id. The core says when."""

    finding: Hash
    text: str
    """The auditor's own words; they are about a group and its server, and name no member."""
    by: Positive | None = None
    """The account of the auditor; none for whoever runs the node."""


AuditBody = EvidenceKept | LogEvidenceKept | AuditFound | AuditSolved
