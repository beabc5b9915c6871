"""Evidence about a log as a whole: it has shown two histories, where there can be one.

Every signed event and every checkpoint promises all that came before: its size and its root. Two
checkpoints of one size (`same-size`), two events for one place (`same-index`), or a promise that a
larger one does not contain (`broken-promise`) cannot both be of an honest node. Where a checkpoint
was published does not matter: a log key signs one log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from events.checkpoint import Checkpoint
from events.exhibits import (
    Exhibit,
    Finding,
    Verdict,
    event_signed,
    needed,
    read_log_exhibit,
    signed_by,
)
from events.merkle import EMPTY_ROOT, verify_consistency
from events.note import NoteKey, SignedNote
from events.signing import PublicKey
from schemas.encoding import b64, encode, unb64
from schemas.errors import Code, VerificationError
from schemas.evidence import BrokenPromise, Promise, SameIndex, SameSize, SignedEvent
from schemas.keys import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from events.keys import KeyHistory
    from schemas.cores import LogPlace
    from schemas.keys import SignedKeyStatement


class Said(NamedTuple):
    """A promise, read: so many entries under this root. One of the last two is there."""

    size: int
    root: bytes
    checkpoint: SignedNote | None = None
    event: Exhibit[LogPlace] | None = None


def build_same_size(
    accused: str, keys: Iterable[SignedKeyStatement], one: bytes, other: bytes
) -> bytes:
    """Put two checkpoints of one size into a file; the same two give the same file."""
    first, second = sorted(b64(plain_note(note)) for note in (one, other))
    return encode(SameSize(v=1, accused=accused, keys=needed(keys), first=first, second=second))


def build_same_index(
    accused: str, keys: Iterable[SignedKeyStatement], one: SignedEvent, other: SignedEvent
) -> bytes:
    """Put two events for one place into a file; the same two give the same file."""
    first, second = sorted((one, other), key=lambda event: event.core)
    return encode(SameIndex(v=1, accused=accused, keys=needed(keys), first=first, second=second))


def build_broken_promise(
    accused: str,
    keys: Iterable[SignedKeyStatement],
    *,
    smaller: Promise,
    larger: Promise,
    root: bytes,
    proof: Sequence[bytes] = (),
) -> bytes:
    """Put a promise, and one that does not contain it, into a file."""
    return encode(
        BrokenPromise(
            v=1,
            accused=accused,
            keys=needed(keys),
            smaller=smaller,
            larger=larger,
            root=b64(root),
            proof=tuple(b64(step) for step in proof),
        )
    )


def promised(note: bytes) -> Promise:
    """Give a checkpoint as a promise."""
    return Promise(note=b64(plain_note(note)))


def plain_note(note: bytes) -> bytes:
    """Leave out the cosignatures of others, which prove nothing against the log's own node.

    Raises:
        VerificationError: `too_large`, `bad_note`.

    """
    signed = SignedNote.parse(note)
    origin = Checkpoint.parse(signed.text).origin
    own = tuple(one for one in signed.signatures if one.name == origin)
    return SignedNote(signed.text, own).encode()


def check_log_evidence(
    evidence: SameSize | SameIndex | BrokenPromise, history: KeyHistory
) -> Verdict:
    """Check what `check_evidence` leaves to this room: its steps 2 to 5.

    Raises:
        VerificationError: an object cannot be read.

    """
    match evidence:
        case SameSize():
            one = _checkpoint(evidence.first, field="first")
            other = _checkpoint(evidence.second, field="second")
            return _same_size(one, other, history)
        case SameIndex():
            return _same_index(evidence, history)
        case BrokenPromise():
            return _broken_promise(evidence, history)


def _checkpoint(note: str, *, field: str) -> Said:
    signed = SignedNote.parse(unb64(note, field=field))
    checkpoint = Checkpoint.parse(signed.text)
    return Said(checkpoint.size, checkpoint.root, checkpoint=signed)


def read_promise(promise: Promise, *, field: str) -> Said:
    """Read a promise.

    Raises:
        VerificationError: `malformed` when it is none or two; as `read_exhibit`, or `bad_note`.

    """
    if promise.note is not None and promise.event is None:
        return _checkpoint(promise.note, field=field)
    if promise.event is None or promise.note is not None:
        raise VerificationError(Code.MALFORMED, field=field, reason="it is not one promise")
    exhibit = read_log_exhibit(promise.event, field=field)
    root = unb64(exhibit.place.root, size=32, field=field)
    return Said(exhibit.place.seq, root, event=exhibit)


def _same_size(one: Said, other: Said, history: KeyHistory) -> Verdict:
    if one.size != other.size:  # 3
        return Verdict(Finding.OTHER_SIZE)
    if one.root == other.root:  # 4
        return Verdict(Finding.NO_CONTRADICTION)
    return _both_signed(history, first=one, second=other)  # 2, 5


def _same_index(evidence: SameIndex, history: KeyHistory) -> Verdict:
    first = read_log_exhibit(evidence.first, field="first")
    second = read_log_exhibit(evidence.second, field="second")
    for name, exhibit in (("first", first), ("second", second)):
        if exhibit.place.origin != history.node:  # 2
            return Verdict(Finding.OTHER_ORIGIN, name)
    if first.place.seq != second.place.seq:  # 3
        return Verdict(Finding.OTHER_PLACE)
    if first.id == second.id:  # 4
        return Verdict(Finding.NO_CONTRADICTION)
    verdict = event_signed(history, first, "first")  # 5
    return verdict if not verdict.proven else event_signed(history, second, "second")


def _broken_promise(evidence: BrokenPromise, history: KeyHistory) -> Verdict:
    smaller = read_promise(evidence.smaller, field="smaller")
    larger = read_promise(evidence.larger, field="larger")
    for name, said in (("smaller", smaller), ("larger", larger)):
        if said.event is not None and said.event.place.origin != history.node:  # 2
            return Verdict(Finding.OTHER_ORIGIN, name)
    if smaller.size > larger.size:  # 3
        return Verdict(Finding.OTHER_SIZE)
    root = unb64(evidence.root, size=32, field="root")
    if root == smaller.root:  # 4
        return Verdict(Finding.NO_CONTRADICTION)
    proof = [unb64(step, size=32, field="proof") for step in evidence.proof]
    if not _contains(larger, smaller.size, root, proof):
        return Verdict(Finding.PROOF_FAILS)
    return _both_signed(history, smaller=smaller, larger=larger)  # 5


def _contains(larger: Said, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether the larger tree had this root at that size."""
    if size == 0:
        return root == EMPTY_ROOT and not proof
    try:
        verify_consistency(size, larger.size, proof, root, larger.root)
    except VerificationError:
        return False
    return True


def _both_signed(history: KeyHistory, **objects: Said) -> Verdict:
    for name, said in objects.items():
        if said.event is not None:
            verdict = event_signed(history, said.event, name)
        else:
            assert said.checkpoint is not None
            verdict = _note_signed(history, said.checkpoint)._replace(about=name)
        if not verdict.proven:
            return verdict
    return Verdict(Finding.PROVEN)


def _note_signed(history: KeyHistory, note: SignedNote) -> Verdict:
    """Check that a log key of the accused signed a checkpoint, by the name in it."""
    origin = Checkpoint.parse(note.text).origin
    for held in history.keys:
        if held.role is not Role.LOG:
            continue
        public = NoteKey(origin, PublicKey.of_text(held.key))
        for line in note.signatures:
            if (line.name, line.key_id) == (public.name, public.key_id):
                return signed_by(history, held.key, line.signature, note.text)
    return Verdict(Finding.KEY_UNKNOWN)
