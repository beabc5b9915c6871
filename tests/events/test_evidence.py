"""Evidence: cheating is proven to anybody, and nothing else ever is."""

from __future__ import annotations

import json
from random import Random
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from events.evidence import (
    DECISION_PREFIX,
    EVIDENCE_SIZE_MAX,
    Finding,
    Verdict,
    build_fork,
    build_verdicts,
    check_evidence,
    evidence_id,
    kind_of,
    read_evidence,
)
from events.keys import pre_commitment, read_history, sign_statement
from events.machine import EVENT_PREFIX
from events.merkle import EMPTY_ROOT
from events.signing import PrivateKey
from schemas.cores import Decision, LineUnfreeze, SignedDecision
from schemas.cores import Verdict as Decided
from schemas.encoding import b64, encode, unb64
from schemas.errors import Code, VerificationError
from schemas.evidence import EvidenceKind, SignedEvent
from schemas.ids import line_id, node_id
from schemas.keys import Cause, KeyStatement, Role, SignedKeyStatement
from tests.outcome import outcome_of

SALT = b64(bytes(16))
PATH = b64(b"p" * 16)
FLIPS = (0x01, 0x20, 0x80)


class Group(NamedTuple):
    """A node with its keys and statements."""

    id: str
    root: PrivateKey
    log: PrivateKey
    statements: tuple[SignedKeyStatement, ...]

    def event(self, *, key: PrivateKey | None = None, **fields: Any) -> SignedEvent:
        """A line event that this node signed."""
        signer = key or self.log
        core = LineUnfreeze(
            v=1,
            origin=self.id,
            seq=7,
            root=b64(EMPTY_ROOT),
            key=b64(signer.public.data),
            ts=1_700_000_000,
            line=LINE,
            n=5,
            prev=b64(EMPTY_ROOT),
            salt=SALT,
        )
        data = encode(replace(core, **fields))
        return SignedEvent(core=b64(data), signature=b64(signer.sign(EVENT_PREFIX + data)))

    def decision(self, *, key: PrivateKey | None = None, **fields: Any) -> SignedDecision:
        """A decision that this node signed."""
        signer = key or self.log
        decision = Decision(
            v=1,
            origin=self.id,
            path=PATH,
            verdict=Decided.COMMIT,
            key=b64(signer.public.data),
            accept=b64(EMPTY_ROOT),
        )
        decision = replace(decision, **fields)
        signature = signer.sign(DECISION_PREFIX + encode(decision))
        return SignedDecision(decision=decision, signature=b64(signature))

    def states(
        self, cause: Cause, key: PrivateKey, holds_from: int, *signers: PrivateKey
    ) -> SignedKeyStatement:
        """One more statement about a log key."""
        return sign_statement(
            KeyStatement(
                v=1,
                role=Role.LOG,
                cause=cause,
                key=b64(key.public.data),
                next=pre_commitment(key_of(3).public.data),
                holds_from=holds_from,
                salt=SALT,
                node=self.id,
            ),
            signers,
        )


def key_of(number: int) -> PrivateKey:
    return PrivateKey(bytes([number]) * 32)


def group(number: int) -> Group:
    root, log, http = key_of(number), key_of(number + 1), key_of(number + 2)
    first = KeyStatement(
        v=1,
        role=Role.ROOT,
        cause=Cause.FIRST,
        key=b64(root.public.data),
        next=pre_commitment(http.public.data),
        holds_from=0,
        salt=SALT,
    )
    node = node_id(encode(first))
    signed = [sign_statement(first, [root])]
    for role, key in ((Role.LOG, log), (Role.HTTP, http)):
        following = pre_commitment(key_of(number + 9).public.data)
        statement = replace(first, role=role, key=b64(key.public.data), node=node, next=following)
        signed.append(sign_statement(statement, [root]))
    return Group(node, root, log, tuple(signed))


CHEAT, HONEST = group(10), group(40)
LINE = line_id(CHEAT.id, HONEST.id, 0)
ONE, OTHER = CHEAT.event(), CHEAT.event(ts=1_700_000_001)
COMMIT = CHEAT.decision()
ABORT = CHEAT.decision(verdict=Decided.ABORT, accept=None)


def fork(one: SignedEvent, other: SignedEvent, by: Group = CHEAT) -> Verdict:
    return check_evidence(read_evidence(build_fork(by.id, by.statements, one, other)))


def verdicts(one: SignedDecision, other: SignedDecision, by: Group = CHEAT) -> Verdict:
    return check_evidence(read_evidence(build_verdicts(by.id, by.statements, one, other)))


def test_two_events_with_one_number_are_proof() -> None:
    file = build_fork(CHEAT.id, CHEAT.statements, ONE, OTHER)

    evidence = read_evidence(file)

    assert check_evidence(evidence) == Verdict(Finding.PROVEN)
    assert kind_of(evidence) is EvidenceKind.CHANNEL_FORK


def test_two_verdicts_on_one_payment_are_proof() -> None:
    file = build_verdicts(CHEAT.id, CHEAT.statements, COMMIT, ABORT)

    evidence = read_evidence(file)

    assert check_evidence(evidence) == Verdict(Finding.PROVEN)
    assert kind_of(evidence) is EvidenceKind.TWO_VERDICTS
    assert verdicts(COMMIT, CHEAT.decision(accept=b64(bytes(32)))).proven


def test_the_same_pair_is_the_same_file_whoever_came_first() -> None:
    file = build_fork(CHEAT.id, CHEAT.statements, ONE, OTHER)

    assert build_fork(CHEAT.id, CHEAT.statements, OTHER, ONE) == file
    assert build_verdicts(CHEAT.id, CHEAT.statements, COMMIT, ABORT) == build_verdicts(
        CHEAT.id, CHEAT.statements, ABORT, COMMIT
    )
    assert len(evidence_id(file)) == 32


def test_a_fork_needs_one_line_one_number_and_two_events() -> None:
    assert fork(ONE, ONE).finding is Finding.NO_CONTRADICTION
    assert fork(ONE, CHEAT.event(n=6)).finding is Finding.OTHER_NUMBER
    elsewhere = line_id(CHEAT.id, HONEST.id, 1)
    assert fork(ONE, CHEAT.event(line=elsewhere)).finding is Finding.OTHER_LINE


def test_two_verdicts_need_one_payment_and_two_decisions() -> None:
    assert verdicts(COMMIT, COMMIT).finding is Finding.NO_CONTRADICTION
    elsewhere = CHEAT.decision(verdict=Decided.ABORT, path=b64(b"q" * 16))
    assert verdicts(COMMIT, elsewhere).finding is Finding.OTHER_PATH


def test_the_same_decision_under_a_later_key_is_no_proof() -> None:
    later = key_of(76)
    rotated = CHEAT._replace(
        statements=(*CHEAT.statements, CHEAT.states(Cause.RECOVERY, later, 9, CHEAT.root))
    )

    assert verdicts(COMMIT, CHEAT.decision(key=later), rotated).finding is (
        Finding.NO_CONTRADICTION
    )
    abort = CHEAT.decision(key=later, verdict=Decided.ABORT, accept=None)
    assert verdicts(COMMIT, abort, rotated).proven


def test_nobody_is_accused_of_what_another_signed() -> None:
    theirs = HONEST.event(ts=1_700_000_001)
    forged = CHEAT.event(key=HONEST.log, ts=1_700_000_001)
    blamed = replace(forged, core=CHEAT.event(ts=1_700_000_001).core)

    assert fork(ONE, theirs).finding is Finding.OTHER_ORIGIN
    assert fork(ONE, forged).finding is Finding.KEY_UNKNOWN
    assert fork(ONE, blamed).finding is Finding.BAD_SIGNATURE
    assert fork(ONE, OTHER, CHEAT._replace(statements=HONEST.statements)).finding is (
        Finding.KEYS_DO_NOT_PROVE
    )
    assert verdicts(COMMIT, HONEST.decision()).finding is Finding.OTHER_ORIGIN
    abort = CHEAT.decision(key=HONEST.log, verdict=Decided.ABORT)
    assert verdicts(COMMIT, abort).finding is Finding.KEY_UNKNOWN
    assert verdicts(COMMIT, replace(ABORT, signature=COMMIT.signature)).finding is (
        Finding.BAD_SIGNATURE
    )


def test_an_http_key_signs_no_event_and_no_decision() -> None:
    http = key_of(12)

    assert fork(ONE, CHEAT.event(key=http)).finding is Finding.KEY_UNKNOWN
    abort = CHEAT.decision(key=http, verdict=Decided.ABORT)
    assert verdicts(COMMIT, abort).finding is Finding.KEY_UNKNOWN


def test_a_signature_for_another_purpose_does_not_count() -> None:
    data = unb64(OTHER.core)
    as_decision = replace(OTHER, signature=b64(CHEAT.log.sign(DECISION_PREFIX + data)))

    assert fork(ONE, as_decision) == Verdict(Finding.BAD_SIGNATURE, _place(ONE, as_decision))


def _place(one: SignedEvent, bad: SignedEvent) -> str:
    return "first" if bad.core < one.core else "second"


def test_a_key_does_not_speak_before_its_time() -> None:
    later = key_of(77)
    rotated = CHEAT._replace(
        statements=(*CHEAT.statements, CHEAT.states(Cause.RECOVERY, later, 9, CHEAT.root))
    )

    early = fork(ONE, CHEAT.event(key=later, seq=8), rotated)
    in_time = fork(ONE, CHEAT.event(key=later, seq=9), rotated)

    assert early.finding is Finding.KEY_UNKNOWN
    assert in_time.proven


def test_a_revoked_key_proves_nothing_even_with_an_old_index() -> None:
    revocation = CHEAT.states(Cause.REVOCATION, CHEAT.log, 100, CHEAT.root)
    revoked = CHEAT._replace(statements=(*CHEAT.statements, revocation))

    assert fork(ONE, OTHER, revoked).finding is Finding.KEY_REVOKED
    assert verdicts(COMMIT, ABORT, revoked).finding is Finding.KEY_REVOKED


def test_newer_statements_show_a_revocation_that_the_file_leaves_out() -> None:
    evidence = read_evidence(build_fork(CHEAT.id, CHEAT.statements, ONE, OTHER))
    same = read_history(CHEAT.statements)
    revocation = CHEAT.states(Cause.REVOCATION, CHEAT.log, 100, CHEAT.root)
    newer = read_history((*CHEAT.statements, revocation))
    other = read_history(
        (CHEAT.statements[0], CHEAT.states(Cause.FIRST, key_of(78), 0, CHEAT.root))
    )

    assert check_evidence(evidence, same).proven
    assert check_evidence(evidence, newer).finding is Finding.KEY_REVOKED
    assert check_evidence(evidence, other).finding is Finding.KEYS_DIFFER
    assert check_evidence(evidence, read_history(HONEST.statements)).finding is Finding.KEYS_DIFFER


def test_older_statements_than_the_file_change_nothing() -> None:
    later = key_of(77)
    rotated = (*CHEAT.statements, CHEAT.states(Cause.RECOVERY, later, 9, CHEAT.root))
    revoked = (*rotated, CHEAT.states(Cause.REVOCATION, CHEAT.log, 100, CHEAT.root))
    older = read_history(CHEAT.statements)

    proven = read_evidence(build_fork(CHEAT.id, rotated, ONE, OTHER))
    not_proven = read_evidence(build_fork(CHEAT.id, revoked, ONE, OTHER))

    assert check_evidence(proven, older).proven
    assert check_evidence(not_proven, older).finding is Finding.KEY_REVOKED


@pytest.mark.parametrize(
    "file",
    [
        build_fork(CHEAT.id, CHEAT.statements, ONE, OTHER),
        build_verdicts(CHEAT.id, CHEAT.statements, COMMIT, ABORT),
    ],
    ids=["channel-fork", "two-verdicts"],
)
def test_a_file_with_any_byte_changed_proves_nothing(file: bytes) -> None:
    proven = []
    for place in range(len(file)):
        for flip in FLIPS:
            changed = file[:place] + bytes([file[place] ^ flip]) + file[place + 1 :]
            outcome = outcome_of(lambda: check_evidence(read_evidence(changed)))  # noqa: B023 - called at once
            if isinstance(outcome, Verdict) and outcome.proven:
                proven.append((place, flip))

    assert not proven


def test_random_bytes_and_cut_files_are_refused() -> None:
    chance = Random(3)
    file = build_fork(CHEAT.id, CHEAT.statements, ONE, OTHER)
    for size in range(200):
        assert isinstance(outcome_of(read_evidence, chance.randbytes(size)), VerificationError)
    for size in range(0, len(file), 7):
        assert isinstance(outcome_of(read_evidence, file[:size]), VerificationError)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "same-hour"}, Code.MALFORMED),
        ({"v": 2}, Code.MALFORMED),
        ({"accused": "x"}, Code.MALFORMED),
        ({"keys": []}, Code.MALFORMED),
        ({"note": "extra"}, Code.MALFORMED),
        ({"first": {"core": "A", "signature": ONE.signature}}, Code.BAD_ENCODING),
        ({"first": {"core": b64(b'{"n":1.5}'), "signature": ONE.signature}}, Code.NOT_CANONICAL),
        ({"first": {"core": b64(b'{"n":1}'), "signature": ONE.signature}}, Code.MALFORMED),
        ({"first": {"core": b64(bytes(8193)), "signature": ONE.signature}}, Code.TOO_LARGE),
        ({"first": {"core": b64(b"[" * 5000), "signature": ONE.signature}}, Code.NOT_CANONICAL),
    ],
)
def test_a_hostile_field_is_refused_with_a_code(changes: dict[str, Any], code: Code) -> None:
    fields = fields_of(build_fork(CHEAT.id, CHEAT.statements, ONE, OTHER))
    file = encode(fields | changes)

    outcome = outcome_of(lambda: check_evidence(read_evidence(file)))

    assert isinstance(outcome, VerificationError)
    assert outcome.code is code


def fields_of(file: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file)
    return found


def test_a_file_that_is_too_large_is_not_read() -> None:
    outcome = outcome_of(read_evidence, b" " * (EVIDENCE_SIZE_MAX + 1))

    assert isinstance(outcome, VerificationError)
    assert outcome.code is Code.TOO_LARGE


def test_only_statements_of_root_and_log_are_kept() -> None:
    evidence = read_evidence(build_fork(CHEAT.id, CHEAT.statements, ONE, OTHER))

    assert evidence.keys == CHEAT.statements[:2]


def test_an_event_from_a_future_version_is_not_judged() -> None:
    fields = fields_of(unb64(OTHER.core)) | {"v": 2}
    data = encode(fields)
    future = SignedEvent(core=b64(data), signature=b64(CHEAT.log.sign(EVENT_PREFIX + data)))

    outcome = outcome_of(fork, ONE, future)

    assert isinstance(outcome, VerificationError)
    assert outcome.code is Code.MALFORMED


def test_an_event_of_an_unknown_type_is_proof_like_any_other() -> None:
    data = encode(fields_of(unb64(OTHER.core)) | {"type": "line.wave"})
    wave = SignedEvent(core=b64(data), signature=b64(CHEAT.log.sign(EVENT_PREFIX + data)))

    assert fork(ONE, wave).proven
