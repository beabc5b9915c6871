"""What a partner sends on a line, from bytes to facts: decoded, chained, signed, opened.

Signature, `prev`, `n` and size decide what enters the chain. Only the last signature of a batch is
checked before answering, because `prev` chains the others; those are checked afterwards, and a bad
one is a finding (design section 4). Pure but for the keys, which come in as a history.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from events.canonical import CORE_SIZE_MAX, check_profile, decode
from events.commitments import require_opening
from events.evidence import DECISION_PREFIX
from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from events.signing import PublicKey
from schemas import cores
from schemas.cores import KNOWN_TYPES
from schemas.encoding import b64, encode, parse, unb64
from schemas.errors import Code, VerificationError
from schemas.keys import Role
from schemas.openings import NoteText, Opening, PeerText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.keys import KeyHistory
    from schemas.messages import WireEvent

OPENING_SIZE_MAX: Final = 32 * 1024

_KIND: Final = msgspec.json.Decoder(cores.CoreKind)
_CORE: Final = msgspec.json.Decoder(cores.LineEvent)
_UNKNOWN: Final = msgspec.json.Decoder(cores.UnknownCore)
_PEER_TEXT: Final = msgspec.json.Decoder(PeerText)
_NOTE_TEXT: Final = msgspec.json.Decoder(NoteText)


class ChannelEvent(NamedTuple):
    """One event of a partner: its bytes, and what they say."""

    n: int
    id: str
    core: cores.LineEvent | cores.UnknownCore
    core_bytes: bytes
    signature: bytes
    opening: Opening | None
    peer: PeerText | NoteText | None


def read_batch(
    wire: Sequence[WireEvent], *, line: str, origin: str, history: KeyHistory
) -> tuple[ChannelEvent, ...]:
    """Decode a batch of a partner and check that it is one chain, signed at its end.

    Raises:
        VerificationError: `not_canonical`, `malformed` (the field is named), `too_large`,
            `line_other`, `line_prev`, `bad_key`, `bad_signature`.

    """
    events = tuple(read_event(event, line=line, origin=origin) for event in wire)
    for before, after in pairwise(events):
        if after.n != before.n + 1 or after.core.prev != before.id:
            raise VerificationError(Code.LINE_PREV, field=f"event {after.n}")
        if after.core.seq <= before.core.seq:
            raise VerificationError(Code.LINE_PREV, field=f"event {after.n}, seq")
    if events:
        require_signature(events[-1], history)
    return events


def read_event(wire: WireEvent, *, line: str, origin: str) -> ChannelEvent:
    """Decode one event of a partner.

    Raises:
        VerificationError: as in `read_batch`, but for chain and signature.

    """
    data = unb64(wire.core, field="core")
    if len(data) > CORE_SIZE_MAX:
        raise VerificationError(Code.TOO_LARGE, field="core", limit=CORE_SIZE_MAX)
    core = decode_line_core(data)
    if core.origin != origin or core.line != line:
        raise VerificationError(Code.LINE_OTHER, field="core")
    return ChannelEvent(
        core.n,
        b64(leaf_hash(data)),
        core,
        data,
        unb64(wire.signature, size=64, field="signature"),
        *_open(core, wire.opening),
    )


def decode_line_core(data: bytes) -> cores.LineEvent | cores.UnknownCore:
    """Decode a line event; of a type or a shape that is not known what every line event has.

    Only signature, `prev`, `n` and size stop an event, so one with odd fields enters the chain as
    `UnknownCore` and is skipped: it cannot block the line behind it (design section 4).

    Raises:
        VerificationError: `not_canonical`, `malformed`.

    """
    try:
        core: cores.LineEvent = decode(data, _CORE)
    except VerificationError as error:
        unlike_ours = error
    else:
        return core
    try:
        kind = parse(_KIND, data).type
    except msgspec.MsgspecError as error:
        raise VerificationError(Code.MALFORMED, field="core", reason=str(error)) from error
    if kind in KNOWN_TYPES and unlike_ours.code is not Code.MALFORMED:
        raise unlike_ours
    check_profile(data)
    try:
        return parse(_UNKNOWN, data)
    except msgspec.MsgspecError as error:
        raise VerificationError(Code.MALFORMED, field="core", reason=str(error)) from error


def _open(
    core: cores.LineEvent | cores.UnknownCore, opening: Opening | None
) -> tuple[Opening | None, PeerText | NoteText | None]:
    """Open the peer layer; a missing or wrong opening is processed without text."""
    commitments = getattr(core, "commitments", None)
    if opening is None or commitments is None or commitments.peer is None:
        return None, None
    try:
        data = unb64(opening.bytes, field="opening")
        if len(data) > OPENING_SIZE_MAX:
            return None, None
        salt = unb64(opening.salt, field="salt")
        require_opening("peer", salt, data, unb64(commitments.peer, field="peer"))
        if not isinstance(core, cores.LineNote):  # its type leaves nothing else to be checked
            return opening, decode(data, _PEER_TEXT, free_text=True, field="opening")
        check_profile(data, size_max=OPENING_SIZE_MAX, free_text=True, field="opening")
        return opening, decode(data, _NOTE_TEXT, free_text=True, field="opening")
    except VerificationError:
        return None, None


def require_signature(event: ChannelEvent, history: KeyHistory) -> None:
    """Check the signature of one event with the log key that spoke at its index.

    Raises:
        VerificationError: `bad_key` when the key is not known to speak there, `bad_signature`.

    """
    if not history.speaks(Role.LOG, event.core.key, event.core.seq):
        raise VerificationError(Code.BAD_KEY, field="key", reason="it does not speak there")
    key = PublicKey.of_text(event.core.key)
    key.require(event.signature, EVENT_PREFIX + event.core_bytes, field=f"event {event.n}")


def decision_valid(event: ChannelEvent, history: KeyHistory) -> bool:
    """Tell whether the signed decision that an event carries verifies; true without one."""
    carrier = event.core
    if not isinstance(carrier, cores.PayCommit | cores.PayAbort):
        return True
    decision = carrier.decision.decision
    if decision.origin != history.node or not history.speaks(Role.LOG, decision.key, carrier.seq):
        return False
    key = PublicKey.of_text(decision.key)
    signature = unb64(carrier.decision.signature, size=64, field="signature")
    return key.verify(signature, DECISION_PREFIX + encode(decision))
