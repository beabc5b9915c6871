"""`ruilbrug proof check`: what is proven in plain words, and a clear sentence for each failure."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from events.note import NoteSigner
from events.policy import NONE, Policy, parse_policy, write_policy
from events.signing import PrivateKey
from federation.cli.main import cli
from federation.cli.proof_words import tell
from projections.receipt import check_receipt
from schemas import bodies
from schemas.encoding import encode
from schemas.errors import Language, VerificationError, sentence
from tests.projections.receipts import (
    LEGS,
    POLICY,
    WITNESSES,
    between,
    local,
)

OTHER_LOG = NoteSigner("elders.example/log", PrivateKey(b"o" * 32))
FAILURES = {
    "proof_unreadable": b"%PDF-1.7",
    "proof_log_unknown": local(log=OTHER_LOG).file(),
    "proof_unsigned": local(log=NoteSigner("gent.example/log", PrivateKey(b"t" * 32))).file(),
    "proof_witnesses_missing": local(witnesses=WITNESSES[:1]).file(),
    "proof_other_log": local(seq=3).file(),
    "proof_changed": replace(
        local().proof, extra=encode(replace(local().receipt, text=between().receipt.peer))
    ).encode(),
    "proof_no_booking": local(bodies.CommitBody(v=1, postings=LEGS)).file(),
}


def run(folder: Path, file: bytes, *more: str, policy: bytes = b"") -> Result:
    (folder / "file").write_bytes(file)
    (folder / "policy").write_bytes(policy or write_policy(POLICY))
    words = ["proof", "check", str(folder / "file"), "--policy", str(folder / "policy"), *more]
    return CliRunner().invoke(cli, words)


def test_a_booking_inside_a_group_is_told_with_its_witnesses(tmp_path: Path) -> None:
    told = run(tmp_path, local().file())

    assert told.exit_code == 0
    assert told.output.startswith(
        "PROVEN: this booking stands in the log gent.example/log, at place 5 of 11."
    )
    assert "account 12: -800" in told.output
    assert "account 7: +800" in told.output
    assert "for:       Fiets hersteld" in told.output
    assert "witnessed: umbrella, 2027-01-15" in told.output
    assert "No witness" not in told.output


def test_a_trade_between_groups_is_told_with_both_amounts(tmp_path: Path) -> None:
    told = run(tmp_path, between().file())
    as_json = json.loads(run(tmp_path, between().file(), "--json").output)

    assert "worth:     24 min of time" in told.output
    assert "800 at the payer's group, 600 at the payee's" in told.output
    assert as_json["proven"] is True
    assert as_json["between"]["line_units"] == 144_000
    assert as_json["postings"] == [
        {"account": 12, "amount_minor": -800},
        {"account": 7, "amount_minor": 800},
    ]


def test_what_nobody_has_witnessed_is_called_so(tmp_path: Path) -> None:
    alone = Policy(POLICY.logs, (), (), NONE)

    told = run(tmp_path, local(witnesses=()).file(), policy=write_policy(alone))

    assert told.exit_code == 0
    assert "No witness has cosigned this" in told.output


@pytest.mark.parametrize("code", FAILURES)
def test_each_failure_is_told_by_its_name(tmp_path: Path, code: str) -> None:
    told = run(tmp_path, FAILURES[code])
    as_json = json.loads(run(tmp_path, FAILURES[code], "--json").output)

    unreadable = code == "proof_unreadable"
    head = "UNREADABLE" if unreadable else "NOT PROVEN"
    assert told.output.startswith(f"{head} ({code}): ")
    assert told.exit_code == (2 if unreadable else 1)
    assert (as_json["proven"], as_json["code"]) == (False, code)


@pytest.mark.parametrize("code", FAILURES)
@pytest.mark.parametrize("language", Language)
def test_each_failure_has_a_whole_sentence_in_each_language(code: str, language: Language) -> None:
    with pytest.raises(VerificationError) as caught:
        check_receipt(FAILURES[code], POLICY)

    assert caught.value.code.value == code
    assert "?" not in sentence(caught.value.code, caught.value.facts, language)


def test_a_policy_that_cannot_be_read_names_the_line(tmp_path: Path) -> None:
    told = run(tmp_path, local().file(), policy=write_policy(POLICY) + b"quorum none\n")

    assert told.exit_code == 2
    assert "UNREADABLE (malformed)" in told.output
    assert "policy, line 6: there is a quorum above already" in told.output


def test_a_file_too_large_is_not_read_whole(tmp_path: Path) -> None:
    told = run(tmp_path, b64encode(bytes(600_000)))

    assert told.exit_code == 2
    assert "too_large" in told.output


def test_a_time_beyond_every_calendar_is_a_number() -> None:
    booked = check_receipt(local().file(), parse_policy(write_policy(POLICY)))

    assert "second 9007199254740991" in tell(booked._replace(at_s=2**53 - 1))
