"""The published vectors and docs/protocol.md fit the code of today."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from events.policy import parse_policy
from projections.receipt import check_receipt
from schemas.core_parts import FreezeReason, WireCode
from schemas.cores import KNOWN_TYPES
from schemas.encoding import unb64
from schemas.errors import VerificationError
from tests.independent.booked import read_proof
from tests.vectors.make import FOLDER, ROOT, written

PAGE = ROOT / "docs" / "protocol.md"


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return written()


def test_the_vectors_are_those_of_the_code(files: dict[str, str]) -> None:
    stored = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}

    assert stored == files, "run tests/vectors/make.py"


def test_there_is_an_example_of_every_event(files: dict[str, str]) -> None:
    assert {event["type"] for event in json.loads(files["events.json"])} == KNOWN_TYPES


def test_the_examples_verify_by_hand(files: dict[str, str]) -> None:
    for event in json.loads(files["events.json"]):
        core = event["core"].encode()
        key = Ed25519PublicKey.from_public_bytes(unb64(event["public_key"]))
        key.verify(unb64(event["signature"]), b"ruilbrug/event/v1\n" + core)
        assert unb64(event["id"]) == sha256(b"\x00" + core).digest()
        fields = json.loads(core)
        if "opening" in event:
            salt, text = unb64(event["opening"]["salt"]), unb64(event["opening"]["bytes"])
            committed = sha256(b"ruilbrug/commit/v1\npeer" + salt + text).digest()
            assert unb64(fields["commitments"]["peer"]) == committed
        if "decision" in event:
            signed = b"ruilbrug/decision/v1\n" + event["decision"].encode()
            key.verify(unb64(event["decision_signature"]), signed)


def test_the_proofs_are_read_by_hand_and_the_others_are_refused(files: dict[str, str]) -> None:
    proofs = json.loads(files["proofs.json"])
    policy = parse_policy(proofs["policy"].encode())
    log = policy.logs[0].key

    for file in proofs["proven"].values():
        assert read_proof(file.encode(), log.name, log.key.data)["description"] == "Fiets hersteld"
        check_receipt(file.encode(), policy)
    for code, file in proofs["refused"].items():
        with pytest.raises(VerificationError) as caught:
            check_receipt(file.encode(), policy)
        assert caught.value.code.value == code


def test_the_page_shows_the_feed_as_it_is_written(files: dict[str, str]) -> None:
    page, feed = PAGE.read_text(encoding="utf-8"), json.loads(files["feed.json"])

    assert f"`{feed['question']}`" in page
    assert f"```json\n{feed['page']}\n```" in page


def test_the_names_in_a_feed_can_be_made_by_hand(files: dict[str, str]) -> None:
    feed = json.loads(files["feed.json"])
    secret = hmac.digest(unb64(feed["data_key"]), b"ruilbrug/pseudonym/v1\n", "sha256")

    assert unb64(feed["pseudonym"]) == hmac.digest(secret, feed["reader"].encode(), "sha256")
    named = f"ruilbrug/offer/v1\n{feed['post']}".encode()
    assert unb64(feed["offer"]) == hmac.digest(secret, named, "sha256")[:16]


def test_the_page_names_every_event_and_every_code() -> None:
    page = PAGE.read_text(encoding="utf-8")

    missing = [
        name for name in (*sorted(KNOWN_TYPES), *WireCode, *FreezeReason) if f"`{name}`" not in page
    ]

    assert not missing, f"docs/protocol.md does not say: {missing}"
