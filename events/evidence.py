"""Evidence of cheating, built and checked by anybody: pure, over bytes alone (design section 6).

Invariant: what is proven could not have been signed by an honest node, whoever made the file. So a
signature counts only under a key that the accused's own statements name for its log, at the event's
place, and that is not revoked: who holds a leaked key can back-date at will (design section 3), and
a file cannot tell when its objects were first seen. Whoever has newer key statements of the accused
than the file gives them along. Does not know what line events mean; only where they stand.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from events.canonical import CORE_SIZE_MAX, check_profile, decode
from events.keys import continues, read_history
from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from events.signing import PublicKey
from schemas.cores import UnknownCore
from schemas.encoding import b64, encode, unb64
from schemas.errors import Code, VerificationError
from schemas.evidence import ChannelFork, Evidence, EvidenceKind, SignedEvent, TwoVerdicts
from schemas.keys import KeyStatement, Role, SignedKeyStatement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.keys import KeyHistory
    from schemas.pay_cores import Decision, SignedDecision

DECISION_PREFIX: Final = b"ruilbrug/decision/v1\n"
"""What the signature of a decision covers, before its canonical bytes."""

EVIDENCE_SIZE_MAX: Final = 2 * 2**20
"""A thousand key statements with three signatures each, and two cores of 8 KiB."""

_FILE: Final[msgspec.json.Decoder[Evidence]] = msgspec.json.Decoder(Evidence)
_PLACE: Final = msgspec.json.Decoder(UnknownCore)
_STATEMENT: Final = msgspec.json.Decoder(KeyStatement)
_NEEDED: Final = (Role.ROOT, Role.LOG)


class Finding(StrEnum):
    """What a check comes to: the first thing that does not hold, or `proven`."""

    PROVEN = "proven"
    KEYS_DO_NOT_PROVE = "keys_do_not_prove"
    KEYS_DIFFER = "keys_differ"
    OTHER_ORIGIN = "other_origin"
    OTHER_LINE = "other_line"
    OTHER_NUMBER = "other_number"
    OTHER_PATH = "other_path"
    NO_CONTRADICTION = "no_contradiction"
    KEY_UNKNOWN = "key_unknown"
    KEY_REVOKED = "key_revoked"
    BAD_SIGNATURE = "bad_signature"


class Verdict(NamedTuple):
    """The outcome of a check; `about` names the object that does not hold, when it is one."""

    finding: Finding
    about: str = ""

    @property
    def proven(self) -> bool:
        """Tell whether the accused has cheated beyond doubt."""
        return self.finding is Finding.PROVEN


class Exhibit(NamedTuple):
    """A line event of a fork, read."""

    id: str
    place: UnknownCore
    core: bytes
    signature: bytes


def evidence_id(file: bytes) -> bytes:
    """Give the SHA-256 by which a file is known."""
    return sha256(file).digest()


def build_fork(
    accused: str, keys: Iterable[SignedKeyStatement], one: SignedEvent, other: SignedEvent
) -> bytes:
    """Put two events that exclude each other into a file; the same two give the same file."""
    first, second = sorted((one, other), key=lambda event: event.core)
    return encode(ChannelFork(v=1, accused=accused, keys=_needed(keys), first=first, second=second))


def build_verdicts(
    accused: str, keys: Iterable[SignedKeyStatement], one: SignedDecision, other: SignedDecision
) -> bytes:
    """Put two decisions that exclude each other into a file; the same two give the same file."""
    first, second = sorted((one, other), key=encode)
    return encode(TwoVerdicts(v=1, accused=accused, keys=_needed(keys), first=first, second=second))


def _needed(keys: Iterable[SignedKeyStatement]) -> tuple[SignedKeyStatement, ...]:
    """Keep the statements that concern root and log; those of other roles prove nothing here."""
    return tuple(
        signed
        for signed in keys
        if decode(unb64(signed.statement), _STATEMENT, field="statement").role in _NEEDED
    )


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
    return (
        EvidenceKind.CHANNEL_FORK
        if isinstance(evidence, ChannelFork)
        else EvidenceKind.TWO_VERDICTS
    )


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
    if newer is not None and not continues(history, newer, _NEEDED):
        if not continues(newer, history, _NEEDED):
            return Verdict(Finding.KEYS_DIFFER)
        history = newer
    if isinstance(evidence, ChannelFork):
        return _check_fork(evidence, history)
    return _check_verdicts(evidence, history)


def read_exhibit(event: SignedEvent, *, field: str) -> Exhibit:
    """Read a line event of any type: its place in its chain, and its id.

    Raises:
        VerificationError: `too_large`, `not_canonical`, `malformed`, `bad_encoding`.

    """
    core = unb64(event.core, field=field)
    check_profile(core, size_max=CORE_SIZE_MAX, field=field)
    try:
        place = _PLACE.decode(core)
    except msgspec.MsgspecError as error:
        raise VerificationError(Code.MALFORMED, field=field, reason=str(error)) from error
    if place.v != 1:
        raise VerificationError(Code.MALFORMED, field=field, reason="a version from the future")
    signature = unb64(event.signature, size=64, field=field)
    return Exhibit(b64(leaf_hash(core)), place, core, signature)


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
        key, index = exhibit.place.key, exhibit.place.seq
        if not history.speaks(Role.LOG, key, index):
            return Verdict(Finding.KEY_UNKNOWN, name)
        verdict = _signed(history, key, exhibit.signature, EVENT_PREFIX + exhibit.core)
        if not verdict.proven:
            return verdict._replace(about=name)
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
        verdict = _signed(history, key, signature, DECISION_PREFIX + encode(signed.decision))
        if not verdict.proven:
            return verdict._replace(about=name)
    return Verdict(Finding.PROVEN)


def exclude_each_other(one: Decision, other: Decision) -> bool:
    """Tell whether two decisions about the same payment differ in what they decide."""
    return (one.verdict, one.accept) != (other.verdict, other.accept)


def _signed(history: KeyHistory, key: str, signature: bytes, message: bytes) -> Verdict:
    """Check a signature by a stated log key that nobody but its node can have."""
    if any(h.role is Role.LOG and h.key == key and h.holds_until is not None for h in history.keys):
        return Verdict(Finding.KEY_REVOKED)
    public = PublicKey.parse(unb64(key, size=32, field="key"))
    fine = public.verify(signature, message)
    return Verdict(Finding.PROVEN if fine else Finding.BAD_SIGNATURE)
