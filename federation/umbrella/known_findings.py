"""What the umbrella's log says of findings: found, solved, found again. Pure.

Invariant: a finding is open from its newest `audit.found` to an `audit.solved` after that. What was
solved and did not go away stays solved; what went away and came back is noted again, and is open.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from schemas.audit_bodies import AuditFound, AuditSolved
from schemas.encoding import b64
from schemas.errors import Code
from schemas.evidence import EvidenceKind
from schemas.findings import Finding, What, found

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

KEY_SIZE: Final = 16
OF_FOLLOWING: Final = frozenset(
    {What.LOG_REFUSED, What.LOG_SHORTER, What.LOG_SLOW, What.ANSWER_WRONG}
)
"""Gone only once the log was followed to its newest checkpoint."""
OF_FULL_AUDITS: Final = frozenset({What.LOG_REFUSED, What.MIRROR_ALTERED})
"""Gone only when everything was fetched or read anew."""


class Logged(NamedTuple):
    """An event of the own log about a finding, and when it was written, to the hour."""

    seq: int
    at_s: int
    body: AuditFound | AuditSolved


class Solved(NamedTuple):
    """How a finding was solved; `by` is an account, none whoever runs the node."""

    at_s: int
    text: str
    by: int | None


class Known(NamedTuple):
    """A finding as the log has it; `seq` is where it was found last."""

    finding: Finding
    seq: int
    found_at_s: int
    solved: Solved | None
    before: tuple[Solved, ...] = ()
    """How it was solved before it came back."""


class Looked(NamedTuple):
    """What an audit looked at: everything anew or only what is new, and who did not answer."""

    full: bool
    behind: frozenset[str]
    signatures: bool = False
    """Whether every signature was checked anew, too."""

    def misses(self, finding: Finding) -> bool:
        """Tell whether it would have found this, were it still there."""
        if finding.what in OF_FOLLOWING and finding.node in self.behind:
            return False
        if finding.what is What.MIRROR_ALTERED and finding.reason == Code.BAD_SIGNATURE:
            return self.full and self.signatures
        return self.full or finding.what not in OF_FULL_AUDITS


def finding_of(body: AuditFound) -> Finding:
    """Give a finding as it was noted."""
    return found(
        What(body.what),
        body.node or "",
        line=body.line or "",
        seq=-1 if body.seq is None else body.seq,
        path=body.path or "",
        line_units=body.line_units,
        reason=body.reason,
    )


def body_of(finding: Finding, *, at_s: int) -> AuditFound:
    """Give what the log says about a finding."""
    return AuditFound(
        v=1,
        at_s=at_s,
        check=finding.check.value,
        severity=finding.severity.value,
        what=finding.what.value,
        node=finding.node or None,
        line=finding.line or None,
        seq=finding.seq if finding.seq >= 0 else None,
        path=finding.path or None,
        line_units=finding.line_units,
        reason=finding.reason,
    )


def known_findings(events: Iterable[Logged]) -> dict[bytes, Known]:
    """Fold the log: every finding by its id, in the order in which it was found first."""
    known: dict[bytes, Known] = {}
    by_name: dict[str, bytes] = {}
    for seq, at_s, body in events:
        if isinstance(body, AuditFound):
            finding = finding_of(body)
            id_ = finding.id()
            by_name[b64(id_)] = id_
            last = known.get(id_)
            before = () if last is None else last.before
            if last is not None and last.solved is not None:
                before = (*before, last.solved)
            known[id_] = Known(finding, seq, body.at_s, None, before)
        elif (solved := by_name.get(body.finding)) is not None:
            said = Solved(at_s, body.text, body.by)
            known[solved] = known[solved]._replace(solved=said)
    return known


def to_note(
    findings: Iterable[Finding], known: Mapping[bytes, Known], gone: Collection[bytes]
) -> dict[bytes, Finding]:
    """Give what an audit has to write down, by the key that does it once: new, or come back."""
    noted = {}
    for finding in findings:
        id_ = finding.id()
        last = known.get(id_)
        if last is None:
            noted[id_[:KEY_SIZE]] = finding
        elif last.solved is not None and id_ in gone:
            again = sha256(b"ruilbrug/finding-again/v1\n%d\n" % last.seq + id_).digest()
            noted[again[:KEY_SIZE]] = finding
    return noted


def went_away(
    findings: Iterable[Finding], known: Mapping[bytes, Known], looked: Looked
) -> list[bytes]:
    """Name what the log knows and this audit, which looked for it, did not find."""
    here = {finding.id() for finding in findings}
    return sorted(
        id_ for id_, one in known.items() if id_ not in here and looked.misses(one.finding)
    )


def proves(
    finding: Finding,
    *,
    kind: str,
    line: str,
    accused: str,
    about: str,
    number: int | None = None,
) -> bool:
    """Tell whether a file of evidence is about this finding: the group, what it did, and where.

    `number` is that of the event on its line, where the finding is that it stands there twice.
    """
    if accused != finding.node:
        return False
    if finding.what is What.SENT_OTHERWISE:
        return finding.reason == f"{kind} {about}" and line in {finding.line, accused}
    if kind == EvidenceKind.CHANNEL_FORK:  # about a number, which is no place in a log
        return finding.what is What.TWO_CHAINS and (line, about) == (finding.line, str(number))
    if kind == EvidenceKind.TWO_VERDICTS:
        return finding.what is What.TWO_VERDICTS and about == finding.path
    return finding.what is What.LOG_REFUSED and about == str(finding.seq)
