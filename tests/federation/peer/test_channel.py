"""What a partner sends on a line: a text that is not canonical stays closed, its event goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from events.commitments import SALT_SIZE, commitment
from federation.peer.channel import read_event
from schemas.encoding import b64, encode
from schemas.messages import WireEvent
from schemas.openings import Opening, PeerText

VECTORS = Path(__file__).resolve().parents[3] / "docs" / "vectors" / "events.json"
PREPARE = next(event for event in json.loads(VECTORS.read_text()) if event["type"] == "pay.prepare")
CORE = json.loads(PREPARE["core"])
NAME = b64(bytes(32))
TEXT = PeerText(v=1, payer=NAME, payee=NAME, description="Brood, é,\nen confituur")
WRITTEN = encode(TEXT)


def prepare_with(text: bytes) -> WireEvent:
    salt = bytes(SALT_SIZE)
    commitments = CORE["commitments"] | {"peer": b64(commitment("peer", salt, text))}
    return WireEvent(
        core=b64(encode(CORE | {"commitments": commitments})),
        signature=PREPARE["signature"],
        opening=Opening(salt=b64(salt), bytes=b64(text)),
    )


def test_text_of_a_payment_is_opened() -> None:
    event = read_event(prepare_with(WRITTEN), line=CORE["line"], origin=CORE["origin"])

    assert event.peer == TEXT


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[" * 1_000,
        WRITTEN[:-1],
        WRITTEN + b" ",
        WRITTEN.replace(b'"v":1', b'"v":1.0'),
        WRITTEN.replace(b'"v":1', b'"v":9007199254740993'),
        WRITTEN.replace(b'"v":1', b'"v":1,"v":1'),
        WRITTEN.replace(b'"v":1', b'"v":1,"x":1'),
        WRITTEN.replace(b"Brood", b"\\u0042rood"),
        WRITTEN.replace(b"Brood", b"\xff"),
        WRITTEN.replace(b"Brood", b"\\u0007"),
        WRITTEN.replace(b"Brood", b"\x7f"),
        WRITTEN.replace("é".encode(), "e\u0301".encode()),
        WRITTEN.replace("é".encode(), "\u0085".encode()),
        encode({"description": None, **json.loads(WRITTEN.replace(b"description", b"text"))}),
        b'{"description":"",' + WRITTEN[WRITTEN.index(b'"payee"') :],
    ],
)
def test_text_of_a_payment_that_is_not_canonical_stays_closed(text: bytes) -> None:
    event = read_event(prepare_with(text), line=CORE["line"], origin=CORE["origin"])

    assert (event.opening, event.peer) == (None, None)
    assert event.core.n == CORE["n"]
