"""Evidence of cheating, built and checked by anybody: pure, over bytes alone (design section 6).

Invariant: what is proven could not have been signed by an honest node, whoever made the file. So a
signature counts only under a key that the accused's own statements name for its log, at the event's
place, and that is not revoked: who holds a leaked key can back-date at will (design section 3), and
a file cannot tell when its objects were first seen. Whoever has newer key statements of the accused
than the file gives them along. Does not know what line events mean; only where they stand.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from events.canonical import decode
from events.exhibits import (
    NEEDED,
    Exhibit,
    Finding,
    Verdict,
    event_signed,
    needed,
    read_exhibit,
    signed_by,
)
from events.keys import continues, read_history
from events.log_evidence import check_log_evidence
from schemas.encoding import encode, unb64
from schemas.errors import Code, VerificationError
from schemas.evidence import ChannelFork, Evidence, EvidenceKind, SignedEvent, TwoVerdicts
from schemas.keys import Role, SignedKeyStatement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.keys import KeyHistory
    from schemas.pay_cores import Decision, SignedDecision

__all__ = [
    "DECISION_PREFIX",
    "EVIDENCE_SIZE_MAX",
    "Exhibit",
    "Finding",
    "Verdict",
    "build_fork",
    "build_verdicts",
    "check_evidence",
    "evidence_id",
    "exclude_each_other",
    "kind_of",
    "read_evidence",
    "read_exhibit",
]

DECISION_PREFIX: Final = b"ruilbrug/decision/v1\n"
"""What the signature of a decision covers, before its canonical bytes."""

EVIDENCE_SIZE_MAX: Final = 2 * 2**20
"""A thousand key statements with three signatures each, and two cores of 8 KiB."""

_FILE: Final[msgspec.json.Decoder[Evidence]] = msgspec.json.Decoder(Evidence)


def evidence_id(file: bytes) -> bytes:
    """Give the SHA-256 by which a file is known."""
    return sha256(file).digest()


def build_fork(
    accused: str, keys: Iterable[SignedKeyStatement], one: SignedEvent, other: SignedEvent
) -> bytes:
    """Put two events that exclude each other into a file; the same two give the same file."""
    first, second = sorted((one, other), key=lambda event: event.core)
    return encode(ChannelFork(v=1, accused=accused, keys=needed(keys), first=first, second=second))


def build_verdicts(
    accused: str, keys: Iterable[SignedKeyStatement], one: SignedDecision, other: SignedDecision
) -> bytes:
    """Put two decisions that exclude each other into a file; the same two give the same file."""
    first, second = sorted((one, other), key=encode)
    return encode(TwoVerdicts(v=1, accused=accused, keys=needed(keys), first=first, second=second))


def read_evidence(file: bytes) -> Evidence:
    """Read a file from anywhere.

    Raises:
        VerificationError: `too_large`, `not_canonical`, `malformed` (a kind that this version does
            not know, too).

    """
    if len(file) > EVIDENCE_SIZE_MAX:
        raise VerificationError(Code.TOO_LARGE, field="file", limit=EVIDENCE_SIZE_MAX)
    return decode(file, _FILE, field="file")


def kind_of(evidence: Evidence) -> EvidenceKind:
    """Give what a file claims to prove."""
    return EvidenceKind(str(evidence.__struct_config__.tag))


def check_evidence(evidence: Evidence, newer: KeyHistory | None = None) -> Verdict:
    """Check a file; `newer` is a later key history of the accused, where revocations show.

    1. The key statements prove the accused's keys; `newer` continues them, or is older itself.
    2. Both objects are of the accused.
    3. They concern the same place: line and number, or payment.
    4. They contradict each other.
    5. A log key of the accused that speaks there, and is not revoked, signed each.

    Raises:
        VerificationError: an object cannot be read (as `read_evidence`, or `bad_encoding`).

    """
    try:
        history = read_history(evidence.keys, node=evidence.accused)  # 1
    except VerificationError:
        return Verdict(Finding.KEYS_DO_NOT_PROVE)
    if newer is not None and not continues(history, newer, NEEDED):
        if not continues(newer, history, NEEDED):
            return Verdict(Finding.KEYS_DIFFER)
        history = newer
    match evidence:
        case ChannelFork():
            return _check_fork(evidence, history)
        case TwoVerdicts():
            return _check_verdicts(evidence, history)
        case _:
            return check_log_evidence(evidence, history)


def _check_fork(evidence: ChannelFork, history: KeyHistory) -> Verdict:
    first = read_exhibit(evidence.first, field="first")
    second = read_exhibit(evidence.second, field="second")
    for name, exhibit in (("first", first), ("second", second)):
        if exhibit.place.origin != evidence.accused:  # 2
            return Verdict(Finding.OTHER_ORIGIN, name)
    if first.place.line != second.place.line:  # 3
        return Verdict(Finding.OTHER_LINE)
    if first.place.n != second.place.n:
        return Verdict(Finding.OTHER_NUMBER)
    if first.id == second.id:  # 4
        return Verdict(Finding.NO_CONTRADICTION)
    for name, exhibit in (("first", first), ("second", second)):  # 5
        verdict = event_signed(history, exhibit, name)
        if not verdict.proven:
            return verdict
    return Verdict(Finding.PROVEN)


def _check_verdicts(evidence: TwoVerdicts, history: KeyHistory) -> Verdict:
    first, second = evidence.first.decision, evidence.second.decision
    for name, decision in (("first", first), ("second", second)):
        if decision.origin != evidence.accused:  # 2
            return Verdict(Finding.OTHER_ORIGIN, name)
    if first.path != second.path:  # 3
        return Verdict(Finding.OTHER_PATH)
    if not exclude_each_other(first, second):  # 4
        return Verdict(Finding.NO_CONTRADICTION)
    for name, signed in (("first", evidence.first), ("second", evidence.second)):  # 5
        key = signed.decision.key
        if not any(held.role is Role.LOG and held.key == key for held in history.keys):
            return Verdict(Finding.KEY_UNKNOWN, name)
        signature = unb64(signed.signature, size=64, field=name)
        verdict = signed_by(history, key, signature, DECISION_PREFIX + encode(signed.decision))
        if not verdict.proven:
            return verdict._replace(about=name)
    return Verdict(Finding.PROVEN)


def exclude_each_other(one: Decision, other: Decision) -> bool:
    """Tell whether two decisions about the same payment differ in what they decide."""
    return (one.verdict, one.accept) != (other.verdict, other.accept)
