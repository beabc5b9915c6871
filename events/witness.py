"""What a witness answers to `add-checkpoint`, C2SP tlog-witness: pure, over bytes and its state.

Invariant: a witness cosigns a checkpoint only if it extends the newest one that it cosigned of the
same log; whoever keeps the state writes the new one durably, and only over the one that was decided
on, before the cosignature leaves. Every status of the specification is decided here, in its order.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from events.checkpoint import Checkpoint
from events.merkle import HASH_SIZE, verify_consistency
from events.note import NOTE_SIZE_MAX, SignedNote, signature_lines, split_note
from schemas.errors import Code, VerificationError
from schemas.ids import SAFE_INTEGER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.note import NoteSignature, Verifier

PROOF_LINES_MAX: Final = 63
_PROOF_LINE_SIZE: Final = 45
SUBMISSION_SIZE_MAX: Final = NOTE_SIZE_MAX + PROOF_LINES_MAX * _PROOF_LINE_SIZE + 32
ANSWER_SIZE_MAX: Final = 16 * 2**10
"""What a witness may answer: a handful of signature lines, or a size."""
TEXT_TYPE: Final = "text/plain"
SIZE_TYPE: Final = "text/x.tlog.size"

_OLD: Final = re.compile(rb"old (0|[1-9][0-9]{0,15})")
_SIZE: Final = re.compile(rb"(0|[1-9][0-9]{0,15})\n")


class Submission(NamedTuple):
    """A request as it was sent: nothing of it is verified."""

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes
    origin: str
    """The log that the note is said to be of."""


class Admitted(NamedTuple):
    """A checkpoint that its log signed, and the note that carries it."""

    checkpoint: Checkpoint
    note: SignedNote


class Latest(NamedTuple):
    """The newest checkpoint that a witness cosigned of one log."""

    size: int
    root: bytes


class Answer(NamedTuple):
    """A refusal, as it goes back."""

    status: HTTPStatus
    body: bytes
    content_type: str = TEXT_TYPE


class Cosign(NamedTuple):
    """Yes: cosign `note`, its lines of unknown keys left out, once `latest` is durable."""

    latest: Latest
    note: SignedNote


def write_submission(old_size: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """Write a request."""
    assert len(proof) <= PROOF_LINES_MAX
    lines = b"".join(b64encode(step) + b"\n" for step in proof)
    return b"old %d\n%b\n%b" % (old_size, lines, note)


def parse_submission(body: bytes) -> Submission:
    """Read a request.

    Raises:
        VerificationError: `too_large`; `malformed`, `bad_note` with the reason.

    """
    if len(body) > SUBMISSION_SIZE_MAX:
        limit = f"{SUBMISSION_SIZE_MAX} bytes"
        raise VerificationError(Code.TOO_LARGE, field="body", limit=limit)
    head, separator, note = body.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    old = _OLD.fullmatch(first)
    if old is None or not separator or int(old[1]) > SAFE_INTEGER:
        raise _malformed("it is not 'old SIZE', the proof, an empty line and a checkpoint")
    if len(lines) > PROOF_LINES_MAX:
        raise _malformed(f"it has more than {PROOF_LINES_MAX} proof lines")
    text, _ = split_note(note)
    origin = text.partition(b"\n")[0].decode()
    return Submission(int(old[1]), tuple(map(_hash, lines)), note, origin)


def parse_size(body: bytes) -> int | None:
    """Read the size that comes with a 409; none when it is no size."""
    size = _SIZE.fullmatch(body)
    return int(size[1]) if size is not None and int(size[1]) <= SAFE_INTEGER else None


def admit(submission: Submission, trusted: Sequence[Verifier] | None) -> Admitted | Answer:
    """Decide what needs no state; `trusted` are the keys of the log, none when it is unknown.

    1. The log is known. 2. One of its keys signed, no signature of its keys is bad, and none is
    unreadable. 3. The note is a checkpoint, not smaller than the old size.
    """
    if trusted is None:  # 1
        return Answer(HTTPStatus.NOT_FOUND, b"unknown log\n")
    try:  # 2
        note = SignedNote.parse(submission.note)
        note.require(trusted)
    except VerificationError as error:
        return _refusal(HTTPStatus.FORBIDDEN, error)
    try:  # 3
        checkpoint = Checkpoint.parse(note.text)
    except VerificationError as error:
        return _refusal(HTTPStatus.BAD_REQUEST, error)
    if submission.old_size > checkpoint.size:
        return Answer(HTTPStatus.BAD_REQUEST, b"the old size is larger than the checkpoint's\n")
    return Admitted(checkpoint, note)


def decide(
    submission: Submission,
    admitted: Admitted,
    latest: Latest | None,
    trusted: Sequence[Verifier],
) -> Cosign | Answer:
    """Decide on what was admitted, against the newest checkpoint that was cosigned of this log.

    1. The old size is that one's, or 0. 2. Of one size there is one root. 3. The proof leads there.
    """
    checkpoint, note = admitted
    size = 0 if latest is None else latest.size
    if submission.old_size != size:  # 1
        return conflict(size)
    if latest is not None and checkpoint.size == size and checkpoint.root != latest.root:  # 2
        return conflict(size)
    try:  # 3
        _require_extends(submission, checkpoint, latest)
    except VerificationError as error:
        return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, error)
    names = {(key.name, key.key_id) for key in trusted}
    lines = dict.fromkeys(note.signatures)
    own = tuple(one for one in lines if (one.name, one.key_id) in names)
    new = Latest(checkpoint.size, checkpoint.root)
    assert latest is None or new.size > latest.size or new == latest
    return Cosign(new, SignedNote(note.text, own))


def conflict(size: int) -> Answer:
    """Refuse with the size of the newest checkpoint that was cosigned."""
    return Answer(HTTPStatus.CONFLICT, b"%d\n" % size, SIZE_TYPE)


def accepted(cosignature: NoteSignature) -> Answer:
    """Answer with a cosignature whose state is durable."""
    return Answer(HTTPStatus.OK, signature_lines([cosignature]))


def _require_extends(submission: Submission, checkpoint: Checkpoint, latest: Latest | None) -> None:
    """Check the proof; every tree extends the empty one, without a proof."""
    if latest is None or latest.size == 0:
        if submission.proof:
            raise VerificationError(Code.BAD_PROOF, reason="from size 0 there is none")
        return
    verify_consistency(latest.size, checkpoint.size, submission.proof, latest.root, checkpoint.root)


def _hash(line: bytes) -> bytes:
    try:
        decoded = b64decode(line, validate=True)
    except ValueError as error:
        raise _malformed("a proof line is not base64") from error
    if len(decoded) != HASH_SIZE or b64encode(decoded) != line:
        raise _malformed("a proof line is not the base64 of 32 bytes")
    return decoded


def _refusal(status: HTTPStatus, error: VerificationError) -> Answer:
    return Answer(status, f"{error.code}: {error.facts['reason']}\n".encode())


def _malformed(reason: str) -> VerificationError:
    return VerificationError(Code.MALFORMED, field="body", reason=reason)
