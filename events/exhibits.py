"""The parts of evidence: what was signed, by whom, and what a check of it comes to.

Invariant: a signature counts only under a key that its node's own statements name for its log, and
that is not revoked (see `events.evidence`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

import msgspec

from events.canonical import CORE_SIZE_MAX, check_profile, decode
from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from events.signing import PublicKey
from schemas.cores import LogPlace, UnknownCore
from schemas.encoding import b64, unb64
from schemas.errors import Code, VerificationError
from schemas.keys import KeyStatement, Role, SignedKeyStatement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.keys import KeyHistory
    from schemas.evidence import SignedEvent

NEEDED: Final = (Role.ROOT, Role.LOG)
_STATEMENT: Final = msgspec.json.Decoder(KeyStatement)
_ON_A_LINE: Final = msgspec.json.Decoder(UnknownCore)
_IN_THE_LOG: Final = msgspec.json.Decoder(LogPlace)

P = TypeVar("P", UnknownCore, LogPlace)


class Finding(StrEnum):
    """What a check comes to: the first thing that does not hold, or `proven`."""

    PROVEN = "proven"
    KEYS_DO_NOT_PROVE = "keys_do_not_prove"
    KEYS_DIFFER = "keys_differ"
    OTHER_ORIGIN = "other_origin"
    OTHER_LINE = "other_line"
    OTHER_NUMBER = "other_number"
    OTHER_PATH = "other_path"
    OTHER_SIZE = "other_size"
    OTHER_PLACE = "other_place"
    PROOF_FAILS = "proof_fails"
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


class Exhibit(NamedTuple, Generic[P]):
    """A signed event, read."""

    id: str
    place: P
    core: bytes
    signature: bytes


def needed(keys: Iterable[SignedKeyStatement]) -> tuple[SignedKeyStatement, ...]:
    """Keep the statements that concern root and log; those of other roles prove nothing here."""
    return tuple(
        one
        for one in keys
        if decode(unb64(one.statement), _STATEMENT, field="statement").role in NEEDED
    )


def read_exhibit(event: SignedEvent, *, field: str) -> Exhibit[UnknownCore]:
    """Read a line event of any type: its place in its chain, and its id.

    Raises:
        VerificationError: `too_large`, `not_canonical`, `malformed`, `bad_encoding`.

    """
    return _read(event, _ON_A_LINE, field=field)


def read_log_exhibit(event: SignedEvent, *, field: str) -> Exhibit[LogPlace]:
    """Read any event: its place in its log, and its id; raises as `read_exhibit`."""
    return _read(event, _IN_THE_LOG, field=field)


def _read(event: SignedEvent, decoder: msgspec.json.Decoder[P], *, field: str) -> Exhibit[P]:
    core = unb64(event.core, field=field)
    check_profile(core, size_max=CORE_SIZE_MAX, field=field)
    try:
        place = decoder.decode(core)
    except msgspec.MsgspecError as error:
        raise VerificationError(Code.MALFORMED, field=field, reason=str(error)) from error
    if place.v != 1:
        raise VerificationError(Code.MALFORMED, field=field, reason="a version from the future")
    signature = unb64(event.signature, size=64, field=field)
    return Exhibit(b64(leaf_hash(core)), place, core, signature)


def event_signed(history: KeyHistory, exhibit: Exhibit[P], name: str) -> Verdict:
    """Check that a log key of the accused that speaks at the event's place signed it."""
    key, index = exhibit.place.key, exhibit.place.seq
    if not history.speaks(Role.LOG, key, index):
        return Verdict(Finding.KEY_UNKNOWN, name)
    verdict = signed_by(history, key, exhibit.signature, EVENT_PREFIX + exhibit.core)
    return verdict if verdict.proven else verdict._replace(about=name)


def signed_by(history: KeyHistory, key: str, signature: bytes, message: bytes) -> Verdict:
    """Check a signature by a stated log key that nobody but its node can have."""
    if history.revoked(key):
        return Verdict(Finding.KEY_REVOKED)
    public = PublicKey.of_text(key)
    fine = public.verify(signature, message)
    return Verdict(Finding.PROVEN if fine else Finding.BAD_SIGNATURE)
