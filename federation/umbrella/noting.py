"""Findings in the umbrella's log: written down by an audit, read by auditors, solved by them.

Invariant: what an audit finds is one event however often it is found, and one more each time that
it came back after it was solved. The rules are in `federation.umbrella.known_findings`.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from events.queries import load_queries
from events.restore import Mode
from federation.group.commands import Note
from federation.node.evidence import list_evidence
from federation.node.service import now_s
from federation.node.use_cases import new_key
from federation.node.written import written_text
from federation.umbrella.known_findings import (
    Known,
    Logged,
    Looked,
    body_of,
    known_findings,
    to_note,
    went_away,
)
from federation.umbrella.proving import is_about, numbers_of
from schemas.audit_bodies import AuditBody, AuditFound, AuditSolved
from schemas.cores import LocalCore
from schemas.encoding import b64
from schemas.errors import Code, InputError, StorageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.node.evidence import EvidenceRow
    from federation.node.service import Node
    from schemas.findings import Finding

log = structlog.get_logger()

SQL: Final = load_queries(files("federation.umbrella").joinpath("sql/findings.sql"))
SOLVED_LENGTH_MAX: Final = 1000
PREFIX_MIN: Final = 6
_BODY: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(AuditBody)
_CORE: Final = msgspec.json.Decoder(LocalCore)


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as auditors see it."""

    id: str
    """In hexadecimal digits."""
    known: Known
    gone_since_s: int | None
    """Since when audits find it no more."""
    proofs: tuple[EvidenceRow, ...]
    other: str
    """The group at the other end of its line; empty where that is not known."""
    ends: tuple[str, ...]
    """The groups at both ends of its line; none where that is not known."""


async def note(umbrella: Node, findings: Sequence[Finding], looked: Looked) -> None:
    """Write down what is new or came back, and keep what went away.

    An umbrella that is not sure of its own log does it the next time.
    """
    if umbrella.gate.mode is Mode.READ_ONLY:
        return
    known = await write(umbrella, findings)
    await umbrella.pool.execute(SQL["is_gone"], went_away(findings, known, looked), now_s())
    await umbrella.pool.execute(SQL["is_back"], [finding.id() for finding in findings])


async def write(umbrella: Node, findings: Sequence[Finding]) -> dict[bytes, Known]:
    """Write down what is new or came back; give what was known before.

    One that cannot be written holds up no other: it is told, and tried again by the next audit.
    """
    known = known_findings(await _logged(umbrella))
    if umbrella.gate.mode is Mode.READ_ONLY:
        return known
    for key, finding in to_note(findings, known, await _gone(umbrella)).items():
        try:
            await umbrella.do(Note(b64(key), body_of(finding, at_s=now_s())))
        except StorageError as error:
            if error.code is not Code.INTERNAL:
                raise
            log.critical("finding_not_noted", what=finding.what, node=finding.node, seq=finding.seq)
    return known


async def open_findings(umbrella: Node) -> list[Finding]:
    """Give what was found and is not solved, as it was noted."""
    known = known_findings(await _logged(umbrella)).values()
    return [one.finding for one in known if one.solved is None]


async def all_findings(umbrella: Node) -> list[Shown]:
    """Give every finding: open ones first, each part with the newest first."""
    known = known_findings(await _logged(umbrella))
    gone, proofs = await _gone(umbrella), await list_evidence(umbrella.pool)
    lines = [one.finding.line for one in known.values() if one.finding.line]
    rows = await umbrella.pool.fetch(SQL["line_ends"], lines)
    numbers = await numbers_of(umbrella, [one.finding for one in known.values()])
    ends = {row["line"]: (str(row["lower"]), str(row["higher"])) for row in rows}
    shown = [
        Shown(
            id=id_.hex(),
            known=one,
            gone_since_s=gone.get(id_),
            proofs=_proofs(one.finding, proofs, numbers.get((one.finding.node, one.finding.seq))),
            other=_other(one.finding, ends.get(one.finding.line, ())),
            ends=ends.get(one.finding.line, ()),
        )
        for id_, one in known.items()
    ]
    return sorted(shown, key=lambda one: (one.known.solved is not None, -one.known.seq))


async def one_finding(umbrella: Node, name: str) -> Shown:
    """Give a finding, named by its id or by a beginning that only one has.

    Raises:
        InputError: `not_found`.

    """
    named = [one for one in await all_findings(umbrella) if one.id.startswith(name.lower())]
    if len(name) < PREFIX_MIN or len(named) != 1:
        raise InputError(Code.NOT_FOUND, field="finding")
    return named[0]


async def solve(
    umbrella: Node, name: str, text: str, *, by: int | None = None, key: str = ""
) -> Shown:
    """Write down how a finding was solved; the same key again changes nothing.

    One that is solved already gets the newer words: they stand in the log one after the other.

    Raises:
        InputError: `not_found`; `text_missing`; as `written_text`.
        RefusedError: `conflict` when the key was used for something else.

    """
    found = await one_finding(umbrella, name)
    words = written_text(text, field="text", length_max=SOLVED_LENGTH_MAX)
    if not words:
        raise InputError(Code.TEXT_MISSING, field="text")
    body = AuditSolved(v=1, finding=b64(bytes.fromhex(found.id)), text=words, by=by)
    await umbrella.do(Note(key or new_key(), body))
    return await one_finding(umbrella, found.id)


def _proofs(
    finding: Finding, kept: Sequence[EvidenceRow], number: int | None
) -> tuple[EvidenceRow, ...]:
    return tuple(row for row in kept if is_about(finding, row, number))


def _other(finding: Finding, ends: tuple[str, ...]) -> str:
    return next((end for end in ends if finding.node and end != finding.node), "")


async def _logged(umbrella: Node) -> list[Logged]:
    """Read what the log says of findings; what cannot be read is told, and hides no other."""
    logged = []
    for row in await umbrella.pool.fetch(SQL["read_found"]):
        try:
            body = _BODY.decode(row["body"])
        except msgspec.MsgspecError:
            log.error("finding_unreadable", seq=row["seq"])  # noqa: TRY400 - which says enough
            continue
        if isinstance(body, AuditFound | AuditSolved):
            logged.append(Logged(row["seq"], _CORE.decode(row["core"]).ts, body))
    return logged


async def _gone(umbrella: Node) -> dict[bytes, int]:
    rows = await umbrella.pool.fetch(SQL["read_gone"])
    return {bytes(row["finding"]): row["since_s"] for row in rows}
