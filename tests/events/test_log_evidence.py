"""A log that shows two histories is proven to anybody to be two; an honest one never is."""

from __future__ import annotations

from hashlib import sha256
from random import Random

import pytest
from msgspec.structs import replace

from events.checkpoint import Checkpoint, sign_checkpoint
from events.evidence import Finding, Verdict, check_evidence, kind_of, read_evidence
from events.keys import read_history
from events.log_evidence import (
    build_broken_promise,
    build_same_index,
    build_same_size,
    promised,
)
from events.merkle import EMPTY_ROOT, consistency_proof, root_of
from events.note import NoteSigner
from events.signing import PrivateKey
from schemas.encoding import b64, encode, unb64
from schemas.errors import VerificationError
from schemas.evidence import EvidenceKind, Promise, SignedEvent
from schemas.keys import Cause
from tests.events.test_evidence import CHEAT, FLIPS, HONEST, Group, key_of
from tests.outcome import outcome_of

ORIGIN = "cheat.example.org/log"


def leaves(story: str, size: int) -> list[bytes]:
    """Leaf hashes of a log; two stories part at the fifth entry."""
    return [sha256(f"{story if n >= 4 else ''} {n}".encode()).digest() for n in range(size)]


def root(story: str, size: int) -> bytes:
    return root_of(leaves(story, size))


def note(
    story: str, size: int, *, by: Group = CHEAT, key: PrivateKey | None = None, at: str = ORIGIN
) -> bytes:
    """A checkpoint, cosigned by another, as it is served."""
    checkpoint = Checkpoint(at, size, root(story, size))
    signers = NoteSigner(at, key or by.log), NoteSigner("witness.example.org", key_of(90))
    return sign_checkpoint(checkpoint, *signers)


def event(story: str, size: int, *, by: Group = CHEAT) -> Promise:
    """An event that promises a log of this size."""
    return Promise(event=by.event(seq=size, root=b64(root(story, size))))


def proof(story: str, size: int, of: int) -> list[bytes]:
    hashes = leaves(story, of)

    def subroot(level: int, index: int) -> bytes:
        return root_of(hashes[index << level : (index + 1) << level])

    return consistency_proof(size, of, subroot)


def broken(smaller: Promise, larger: Promise, size: int, of: int, story: str = "b") -> bytes:
    """A file that says how the larger log, which is story `b`, does not hold the smaller."""
    return build_broken_promise(
        CHEAT.id,
        CHEAT.statements,
        smaller=smaller,
        larger=larger,
        root=root(story, size),
        proof=proof(story, size, of) if size < of else (),
    )


ONE, OTHER = CHEAT.event(), CHEAT.event(ts=1_700_000_001)
SAME_SIZE = build_same_size(CHEAT.id, CHEAT.statements, note("a", 9), note("b", 9))
SAME_INDEX = build_same_index(CHEAT.id, CHEAT.statements, ONE, OTHER)
BROKEN = broken(promised(note("a", 7)), event("b", 12), 7, 12)


def check(file: bytes) -> Verdict:
    return check_evidence(read_evidence(file))


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (SAME_SIZE, EvidenceKind.SAME_SIZE),
        (SAME_INDEX, EvidenceKind.SAME_INDEX),
        (BROKEN, EvidenceKind.BROKEN_PROMISE),
    ],
)
def test_two_histories_are_proof(file: bytes, kind: EvidenceKind) -> None:
    assert check(file) == Verdict(Finding.PROVEN)
    assert kind_of(read_evidence(file)) is kind


def test_the_same_pair_is_the_same_file_whoever_came_first() -> None:
    assert build_same_size(CHEAT.id, CHEAT.statements, note("b", 9), note("a", 9)) == SAME_SIZE
    assert build_same_index(CHEAT.id, CHEAT.statements, OTHER, ONE) == SAME_INDEX


def test_cosignatures_of_others_are_left_out() -> None:
    assert b"witness.example.org" not in unb64(read_evidence(SAME_SIZE).first)  # type: ignore[union-attr, arg-type]


@pytest.mark.parametrize("size", [5, 6, 7, 8, 11, 12])
@pytest.mark.parametrize("smaller", ["note", "event"])
@pytest.mark.parametrize("larger", ["note", "event"])
def test_any_promise_that_a_larger_one_does_not_hold_is_broken(
    size: int, smaller: str, larger: str
) -> None:
    one = promised(note("a", size)) if smaller == "note" else event("a", size)
    other = promised(note("b", 12)) if larger == "note" else event("b", 12)

    assert check(broken(one, other, size, 12)).proven


def test_a_promise_about_the_empty_log_needs_no_proof() -> None:
    wrong = Promise(event=CHEAT.event(seq=0, root=b64(root("a", 3))))
    file = build_broken_promise(
        CHEAT.id, CHEAT.statements, smaller=wrong, larger=event("b", 12), root=EMPTY_ROOT
    )

    assert check(file).proven


def test_a_log_that_grows_breaks_no_promise() -> None:
    held = broken(promised(note("b", 7)), event("b", 12), 7, 12)
    before_they_part = broken(promised(note("a", 4)), event("b", 12), 4, 12)

    assert check(held).finding is Finding.NO_CONTRADICTION
    assert check(before_they_part).finding is Finding.NO_CONTRADICTION


def test_a_proof_that_leads_elsewhere_proves_nothing() -> None:
    smaller, larger = promised(note("a", 7)), event("b", 12)
    made_up = broken(smaller, larger, 7, 12, story="c")
    cut = build_broken_promise(
        CHEAT.id,
        CHEAT.statements,
        smaller=smaller,
        larger=larger,
        root=root("b", 7),
        proof=proof("b", 7, 12)[:-1],
    )
    swapped = broken(event("b", 12), smaller, 7, 12)

    assert check(made_up).finding is Finding.PROOF_FAILS
    assert check(cut).finding is Finding.PROOF_FAILS
    assert check(swapped).finding is Finding.OTHER_SIZE


def test_two_checkpoints_need_one_size_and_two_roots() -> None:
    same = build_same_size(CHEAT.id, CHEAT.statements, note("a", 9), note("a", 9))
    grown = build_same_size(CHEAT.id, CHEAT.statements, note("a", 9), note("b", 10))

    assert check(same).finding is Finding.NO_CONTRADICTION
    assert check(grown).finding is Finding.OTHER_SIZE


def test_two_events_need_one_place() -> None:
    same = build_same_index(CHEAT.id, CHEAT.statements, ONE, ONE)
    elsewhere = build_same_index(CHEAT.id, CHEAT.statements, ONE, CHEAT.event(seq=8))

    assert check(same).finding is Finding.NO_CONTRADICTION
    assert check(elsewhere).finding is Finding.OTHER_PLACE


def test_a_checkpoint_of_another_address_is_of_the_same_log() -> None:
    moved = build_same_size(
        CHEAT.id, CHEAT.statements, note("a", 9), note("b", 9, at="new.example.org/log")
    )

    assert check(moved).proven


def test_nobody_is_accused_of_what_another_signed() -> None:
    theirs = build_same_size(CHEAT.id, CHEAT.statements, note("a", 9), note("b", 9, by=HONEST))
    event_of_others = HONEST.event(ts=1_700_000_001)
    blamed = replace(event_of_others, core=OTHER.core)
    promise = broken(promised(note("a", 7)), event("b", 12, by=HONEST), 7, 12)

    assert check(theirs).finding is Finding.KEY_UNKNOWN
    assert check(promise).finding is Finding.OTHER_ORIGIN
    for other, finding in (
        (event_of_others, Finding.OTHER_ORIGIN),
        (blamed, Finding.BAD_SIGNATURE),
    ):
        file = build_same_index(CHEAT.id, CHEAT.statements, ONE, other)
        assert check(file).finding is finding


def test_an_http_key_and_a_revoked_key_prove_nothing() -> None:
    http = build_same_size(CHEAT.id, CHEAT.statements, note("a", 9), note("b", 9, key=key_of(12)))
    revocation = CHEAT.states(Cause.REVOCATION, CHEAT.log, 100, CHEAT.root)
    revoked = (*CHEAT.statements, revocation)

    assert check(http).finding is Finding.KEY_UNKNOWN
    assert check(build_same_size(CHEAT.id, revoked, note("a", 9), note("b", 9))).finding is (
        Finding.KEY_REVOKED
    )
    assert check(build_same_index(CHEAT.id, revoked, ONE, OTHER)).finding is Finding.KEY_REVOKED
    assert check_evidence(read_evidence(SAME_SIZE), read_history(revoked)).finding is (
        Finding.KEY_REVOKED
    )


@pytest.mark.parametrize("promise", [Promise(), Promise(event=ONE, note=b64(note("a", 7)))])
def test_a_promise_is_one_object(promise: Promise) -> None:
    file = broken(promise, event("b", 12), 7, 12)

    assert isinstance(outcome_of(check, file), VerificationError)


@pytest.mark.parametrize("file", [SAME_SIZE, SAME_INDEX, BROKEN], ids=["size", "index", "promise"])
def test_a_file_with_any_byte_changed_is_refused_or_proves_the_same(file: bytes) -> None:
    claimed = read_evidence(file)
    proven = []
    for place in range(len(file)):
        for flip in FLIPS:
            changed = file[:place] + bytes([file[place] ^ flip]) + file[place + 1 :]
            outcome = outcome_of(check, changed)
            if isinstance(outcome, Verdict) and outcome.proven:
                proven.append(read_evidence(changed))

    assert [other for other in proven if other != claimed] == []


def test_cut_files_are_refused() -> None:
    chance = Random(4)
    for file in (SAME_SIZE, SAME_INDEX, BROKEN):
        for _ in range(200):
            end = chance.randrange(len(file))
            assert isinstance(outcome_of(check, file[:end]), VerificationError)


def test_a_core_without_a_line_is_read() -> None:
    local = SignedEvent(core=b64(encode({"type": "local"})), signature=ONE.signature)

    assert isinstance(
        outcome_of(check, build_same_index(CHEAT.id, CHEAT.statements, ONE, local)),
        VerificationError,
    )
