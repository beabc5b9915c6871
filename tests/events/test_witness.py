"""What a witness answers: the public conversation, every status, and that it never signs a fork."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.checkpoint import Checkpoint
from events.cosignature import CosignatureSigner
from events.merkle import consistency_proof, verify_consistency
from events.note import SIGNATURES_MAX, NoteKey, NoteSigner, SignedNote, sign_note
from events.signing import PrivateKey, PublicKey
from events.witness import (
    PROOF_LINES_MAX,
    SUBMISSION_SIZE_MAX,
    Answer,
    Cosign,
    Latest,
    accepted,
    admit,
    decide,
    parse_size,
    parse_submission,
    write_submission,
)
from schemas.errors import Code, VerificationError
from tests.events.test_merkle import subtree
from tests.independent import merkle as independent
from tests.outcome import outcome_of

if TYPE_CHECKING:
    from pathlib import Path

    from events.note import Verifier

LOG = NoteSigner("log.example/log", PrivateKey(b"l" * 32))
STRANGER = NoteSigner("log.example/log", PrivateKey(b"s" * 32))
WITNESS = CosignatureSigner("witness.example", PrivateKey(b"w" * 32))
GROWTH = 12
TRUNK = [b"entry %d" % number for number in range(GROWTH)]
FORK = [*TRUNK[:5], *(b"other %d" % number for number in range(5, GROWTH))]


def note_of(entries: list[bytes], size: int, *signers: NoteSigner) -> bytes:
    checkpoint = Checkpoint("log.example/log", size, independent.mth(entries[:size]))
    return sign_note(checkpoint.encode(), *(signers or (LOG,))).encode()


def submission(entries: list[bytes], old: int, size: int, *signers: NoteSigner) -> bytes:
    lookup = partial(subtree, entries)
    proof = consistency_proof(old, size, lookup) if 0 < old <= size else []
    return write_submission(old, proof, note_of(entries, size, *signers))


def ask(
    body: bytes, latest: Latest | None = None, trusted: list[NoteKey] | None = None
) -> Cosign | Answer:
    known = [LOG.public] if trusted is None else trusted
    read = parse_submission(body)
    admitted = admit(read, known)
    return admitted if isinstance(admitted, Answer) else decide(read, admitted, latest, known)


def at(size: int, entries: list[bytes] = TRUNK) -> Latest:
    return Latest(size, independent.mth(entries[:size]))


def refused(outcome: Cosign | Answer) -> tuple[int, str]:
    assert isinstance(outcome, Answer)
    return outcome.status, outcome.body.decode()


def test_a_witness_follows_a_log_from_its_first_checkpoint_on() -> None:
    latest = None
    for old, size in ((0, 0), (0, 1), (1, 1), (1, 4), (4, 5), (5, 12), (12, 12)):
        outcome = ask(submission(TRUNK, old, size), latest)

        assert isinstance(outcome, Cosign), outcome
        assert outcome.latest == at(size)
        latest = outcome.latest


def test_a_witness_begins_at_any_size() -> None:
    outcome = ask(submission(TRUNK, 0, 9))

    assert isinstance(outcome, Cosign)
    assert outcome.latest == at(9)


def test_the_answer_is_the_cosignature_alone() -> None:
    outcome = ask(submission(TRUNK, 0, 9))
    assert isinstance(outcome, Cosign)

    answer = accepted(WITNESS.sign(outcome.note.text, now_s=7))

    assert (answer.status, answer.content_type) == (200, "text/plain")
    cosigned = SignedNote.parse(outcome.note.encode() + answer.body)
    both: list[Verifier] = [LOG.public, WITNESS.public]
    assert cosigned.require(both) == both


def test_lines_of_unknown_keys_and_repeated_ones_are_not_kept() -> None:
    note = SignedNote.parse(note_of(TRUNK, 9, STRANGER, LOG))
    ours = note.signatures[-1]
    many = SignedNote(note.text, (*note.signatures, *[ours] * (SIGNATURES_MAX - 2)))

    outcome = ask(write_submission(0, [], many.encode()))

    assert isinstance(outcome, Cosign)
    assert outcome.note.signatures == (ours,)


def test_an_unknown_log_is_told_so() -> None:
    read = parse_submission(submission(TRUNK, 0, 9))

    answer = admit(read, None)

    assert answer == Answer(404, b"unknown log\n")  # type: ignore[arg-type]
    assert read.origin == "log.example/log"


def test_a_checkpoint_that_no_trusted_key_signed_is_forbidden() -> None:
    spoiled = submission(TRUNK, 0, 9).replace(b"\n9\n", b"\n8\n")
    for body, trusted in (
        (submission(TRUNK, 0, 9, STRANGER), [LOG.public]),
        (submission(TRUNK, 0, 9), []),
        (spoiled, [LOG.public]),
    ):
        assert refused(ask(body, trusted=trusted))[0] == 403


def test_a_signature_that_cannot_be_read_is_none() -> None:
    unreadable = submission(TRUNK, 0, 9).removesuffix(b"=\n") + b"\n"

    assert refused(ask(unreadable))[0] == 403


def test_an_old_size_beyond_the_checkpoint_is_malformed() -> None:
    status, said = refused(ask(submission(TRUNK, 9, 8), at(9)))

    assert status == 400
    assert "larger" in said


def test_a_signed_note_that_is_no_checkpoint_is_malformed() -> None:
    extended = sign_note(Checkpoint("log.example/log", 3, b"r" * 32).encode() + b"more\n", LOG)

    assert refused(ask(write_submission(0, [], extended.encode())))[0] == 400


@pytest.mark.parametrize(("old", "size"), [(0, 9), (4, 9), (6, 9), (0, 5), (4, 5)])
def test_another_old_size_is_a_conflict_and_told_ours(old: int, size: int) -> None:
    answer = ask(submission(TRUNK, old, size), at(5))

    assert isinstance(answer, Answer)
    assert answer == (409, b"5\n", "text/x.tlog.size")
    assert parse_size(answer.body) == 5


def test_two_roots_of_one_size_are_a_conflict() -> None:
    assert refused(ask(submission(FORK, 9, 9), at(9))) == (409, "9\n")


def test_a_log_that_was_never_cosigned_has_size_0() -> None:
    assert refused(ask(submission(TRUNK, 3, 9))) == (409, "0\n")


def test_a_proof_that_does_not_lead_there_is_unprocessable() -> None:
    fine = parse_submission(submission(TRUNK, 6, 9)).proof
    spoiled = (*fine[:-1], fine[-1][::-1])
    for proof in ((), fine[:-1], fine[1:], (*fine, fine[0]), spoiled):
        body = write_submission(6, proof, note_of(TRUNK, 9))

        assert refused(ask(body, at(6)))[0] == 422, proof
    assert refused(ask(submission(FORK, 6, 9), at(6)))[0] == 422
    for old, latest in ((0, None), (0, at(0)), (9, at(9))):
        body = write_submission(old, fine, note_of(TRUNK, 9))
        assert refused(ask(body, latest))[0] == 422


FINE = submission(TRUNK, 6, 9)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(FINE.replace(b"old 6", b"old 06"), id="leading zero"),
        pytest.param(FINE.replace(b"old 6", b"old  6"), id="two spaces"),
        pytest.param(FINE.replace(b"old 6", b"old -6"), id="sign"),
        pytest.param(FINE.replace(b"old 6", b"old 9007199254740992"), id="beyond 2^53-1"),
        pytest.param(FINE.replace(b"old 6", b"Old 6"), id="capital"),
        pytest.param(FINE.replace(b"old 6\n", b"old 6\r\n"), id="carriage return"),
        pytest.param(FINE.replace(b"=\n", b"\n", 1), id="unpadded proof"),
        pytest.param(FINE.replace(b"=\n", b"=\n \n", 1), id="a line of space"),
        pytest.param(FINE.replace(b"old 6\n", b"old 6\nAAAA\n"), id="short hash"),
        pytest.param(FINE[:-1], id="no line feed at the end"),
        pytest.param(FINE.partition(b"\n\n")[0], id="no checkpoint"),
        pytest.param(b"\n" + FINE, id="an empty line before"),
    ],
)
def test_malformed_requests_are_refused(body: bytes) -> None:
    with pytest.raises(VerificationError) as caught:
        parse_submission(body)

    assert caught.value.code in {Code.MALFORMED, Code.BAD_NOTE}


def test_the_limits_are_exact() -> None:
    note = note_of(TRUNK, 9)

    assert len(parse_submission(write_submission(6, [b"h" * 32] * 63, note)).proof) == 63
    line = b"aGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGg=\n"
    with pytest.raises(VerificationError, match=f"more than {PROOF_LINES_MAX}"):
        parse_submission(b"old 6\n" + line * 64 + b"\n" + note)
    with pytest.raises(VerificationError) as caught:
        parse_submission(b"x" * (SUBMISSION_SIZE_MAX + 1))
    assert caught.value.code is Code.TOO_LARGE


PIECES = st.sampled_from([b"old 0", b"old 6", b"\n", b"\n\n", b"AAAA", FINE, note_of(TRUNK, 9)])


@given(st.binary(max_size=80) | st.lists(PIECES, max_size=6).map(b"".join))
def test_random_bytes_are_read_as_they_are_written_or_refused(body: bytes) -> None:
    outcome = outcome_of(parse_submission, body)

    if not isinstance(outcome, VerificationError):
        assert write_submission(outcome.old_size, outcome.proof, outcome.note) == body


@given(st.binary(max_size=20) | st.from_regex(rb"[0-9]{1,18}\n?", fullmatch=True))
def test_a_size_is_read_in_one_spelling(body: bytes) -> None:
    size = parse_size(body)

    assert size is None or body == b"%d\n" % size


LOGS = st.sampled_from([TRUNK, FORK])
SIZES = st.integers(0, GROWTH)
ASKED = st.tuples(LOGS, SIZES, SIZES, LOGS)


@given(st.lists(ASKED, max_size=30))
def test_what_was_cosigned_is_one_history_whatever_is_asked(
    asked: list[tuple[list[bytes], int, int, list[bytes]]],
) -> None:
    latest: Latest | None = None
    for entries, old, size, proven_by in asked:
        proof = consistency_proof(old, size, partial(subtree, proven_by)) if 0 < old <= size else []
        before = latest

        outcome = ask(write_submission(old, proof, note_of(entries, size)), before)

        if isinstance(outcome, Cosign):
            latest = outcome.latest
            assert latest == at(size, entries)
            if before is not None and before.size:
                honest = consistency_proof(before.size, size, partial(subtree, entries))
                verify_consistency(before.size, size, honest, before.root, latest.root)
        elif old == (before.size if before else 0) and size >= old:
            honest_next = before in (None, at(old, entries)) and (
                proven_by is entries or size <= 5 or old == size
            )
            assert not honest_next, "an honest log was refused"


def test_every_changed_byte_of_a_request_is_refused() -> None:
    body = submission(TRUNK, 6, 9)
    for place in range(len(body)):
        changed = body[:place] + bytes((body[place] ^ 1,)) + body[place + 1 :]

        read = outcome_of(parse_submission, changed)

        if not isinstance(read, VerificationError):
            assert isinstance(ask(changed, at(6)), Answer), place


def test_the_public_conversation_of_a_witness_passes(shared_vectors: Path) -> None:
    file = shared_vectors / "witness-litewitness" / "add_checkpoint.json"
    spoken = json.loads(file.read_bytes())
    key = NoteKey(spoken["log_origin"], PublicKey(bytes.fromhex(spoken["log_public_key_hex"])))
    latest: Latest | None = None
    for step in spoken["steps"]:
        read = parse_submission(step["request_body"].encode())
        trusted = [key] if read.origin == key.name else None
        admitted = admit(read, trusted)
        outcome = (
            admitted if isinstance(admitted, Answer) else decide(read, admitted, latest, [key])
        )

        status = 200 if isinstance(outcome, Cosign) else outcome.status
        assert status == step["c2sp_status"]
        if isinstance(outcome, Cosign):
            latest = outcome.latest
        elif step["assert"].startswith("body =="):
            assert f'body == "{outcome.body.decode()}"' == step["assert"].replace("\\n", "\n")
    assert latest is not None
    assert latest.size == 5
