"""Witnesses in a simulated world: what each has cosigned, and what one tells another of it.

The rules are those of `events.witness` and `federation.node.hearsay`; a witness's state goes back
with the disk on which it lies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from events.checkpoint import Checkpoint
from events.log_evidence import build_same_size
from events.note import SignedNote
from events.witness import (
    Answer,
    Latest,
    admit,
    decide,
    parse_submission,
    write_submission,
)
from federation.node import hearsay
from schemas.encoding import b64
from schemas.errors import VerificationError
from tests.simulation.showing import trusted, usable

if TYPE_CHECKING:
    from schemas.keys import SignedKeyStatement
    from schemas.messages import SeenAnswer
    from tests.simulation.host import Host
    from tests.simulation.proofs import Proofs
    from tests.simulation.showing import Shown


class CosignedNote(NamedTuple):
    """One cosignature, as it is made durable; `note` is empty when all of a log is forgotten."""

    node: str
    latest: Latest
    note: bytes
    keys: tuple[SignedKeyStatement, ...] = ()
    """By which the log was known then."""


class Cosigned:
    """What a witness remembers: of each log the newest checkpoint, and earlier ones by size."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.latest: dict[str, Latest] = {}
        self.notes: dict[str, dict[int, bytes]] = {}
        self.keys: dict[str, tuple[SignedKeyStatement, ...]] = {}

    def write(self, written: CosignedNote) -> None:
        """Make a cosignature durable, or the loss of all of one log."""
        if not written.note:
            self.latest.pop(written.node, None)
            self.notes.pop(written.node, None)
            return
        self.latest[written.node] = written.latest
        self.keys[written.node] = written.keys
        self.notes.setdefault(written.node, {})[written.latest.size] = written.note

    def newest(self, node: str) -> bytes | None:
        """Give the newest note of a log."""
        latest = self.latest.get(node)
        return None if latest is None else self.notes[node][latest.size]

    def told(self, node: str, answer: SeenAnswer) -> SeenAnswer:
        """Tell a node the newest note of its log, and by which keys that is known."""
        note = self.newest(node)
        if note is None:
            return answer
        return replace(answer, checkpoint=b64(note), keys=self.keys[node])

    def last(self, node: str) -> CosignedNote | None:
        """Give what was made durable last of a log."""
        note = self.newest(node)
        return (
            None if note is None else CosignedNote(node, self.latest[node], note, self.keys[node])
        )

    def held(self, node: str, size: int) -> tuple[Checkpoint, bytes] | None:
        """Give what was cosigned of a log: at that size, or else the newest."""
        note = self.notes.get(node, {}).get(size) or self.newest(node)
        return None if note is None else (Checkpoint.parse(SignedNote.parse(note).text), note)


def ask(cosigned: Cosigned, host: Host, shown: Shown) -> CosignedNote | None:
    """Ask a witness to cosign what it is shown; none when it refuses.

    Whoever asks has been told by a 409 what the witness has.
    """
    latest = cosigned.latest.get(host.id)
    old = 0 if latest is None else latest.size
    if old > len(shown.entries):
        return None
    body = write_submission(old, shown.proof(old, len(shown.entries)), shown.note())
    submission = parse_submission(body)
    keys = trusted(host)
    admitted = admit(submission, keys)
    assert not isinstance(admitted, Answer), admitted
    outcome = decide(submission, admitted, latest, keys)
    if isinstance(outcome, Answer):
        return None
    statements = tuple(host.disk.statements)
    return CosignedNote(host.id, outcome.latest, outcome.note.encode(), statements)


def hear(cosigned: Cosigned, host: Host, note: bytes, shown: Shown, proofs: Proofs) -> bool:
    """Hold what is told of a log against what was cosigned of it; true when the two do not fit.

    `shown` is the log as it shows itself to whoever hears: its tiles connect two sizes. Two roots
    of one size are evidence, anything else is an alarm.
    """
    try:
        signed = SignedNote.parse(note)
        signed.require(usable(host))
        told = Checkpoint.parse(signed.text)
    except VerificationError:
        return False
    known = cosigned.held(host.id, told.size)
    if known is None:
        return False
    held, held_note = known
    old, new = sorted((told.size, held.size))
    if old != new and new > len(shown.entries):
        return False  # it shows no tiles for that
    proof = [] if old == new else shown.proof(old, new)
    if not hearsay.contradicts(told, held, proof):
        return False
    if old == new:
        proofs.keep(build_same_size(host.id, proofs.of(host.id), held_note, note))
    return True
