"""Checkpoints: one text for one state of one log."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from events.merkle import EMPTY_ROOT
from events.note import NoteSigner, SignedNote, sign_note
from events.signing import PrivateKey
from schemas.errors import Code, VerificationError
from schemas.ids import SAFE_INTEGER
from tests.outcome import outcome_of

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "lets.example.org/log"
LOG = NoteSigner(ORIGIN, PrivateKey(b"l" * 32))
OTHER = NoteSigner("other.example.org/log", PrivateKey(b"o" * 32))
ROOT = bytes(range(32))
ROOT_TEXT = b64encode(ROOT).decode()


def test_a_checkpoint_is_written_signed_and_opened() -> None:
    checkpoint = Checkpoint(ORIGIN, 20852163, ROOT)

    note = sign_checkpoint(checkpoint, LOG, OTHER)

    assert note.startswith(f"{ORIGIN}\n20852163\n{ROOT_TEXT}\n\n".encode())
    assert open_checkpoint(note, origin=ORIGIN, trusted=[LOG.public]) == checkpoint


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1),
    st.integers(1, SAFE_INTEGER),
    st.binary(min_size=32, max_size=32),
)
def test_any_checkpoint_is_read_back(origin: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin, size, root)

    assert Checkpoint.parse(checkpoint.encode()) == checkpoint


def test_the_empty_log_has_a_checkpoint() -> None:
    assert Checkpoint.parse(Checkpoint(ORIGIN, 0, EMPTY_ROOT).encode()).size == 0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(f"\n5\n{ROOT_TEXT}\n", id="no origin"),
        pytest.param(f"o\n{ROOT_TEXT}\n", id="no size"),
        pytest.param("o\n5\n", id="no root"),
        pytest.param(f"o\n5\n{ROOT_TEXT}", id="no line feed at the end"),
        pytest.param(f"o\n5\n{ROOT_TEXT}\nmore\n", id="an extension line"),
        pytest.param(f"o\n5\n{ROOT_TEXT}\n\n", id="an empty line"),
        pytest.param(f"o\n05\n{ROOT_TEXT}\n", id="a leading zero"),
        pytest.param(f"o\n+5\n{ROOT_TEXT}\n", id="a sign"),
        pytest.param(f"o\n\u0665\n{ROOT_TEXT}\n", id="a digit of another script"),
        pytest.param(f"o\n{SAFE_INTEGER + 1}\n{ROOT_TEXT}\n", id="beyond 2^53-1"),
        pytest.param(f"o\n{10**20}\n{ROOT_TEXT}\n", id="far beyond"),
        pytest.param(f"o\n0\n{ROOT_TEXT}\n", id="an empty log with a root"),
        pytest.param(f"o\n5\n{ROOT_TEXT[:-1]}\n", id="no padding"),
        pytest.param(f"o\n5\n{ROOT_TEXT[:-2]}9=\n", id="loose trailing bits"),
        pytest.param(f"o\n5\n{b64encode(ROOT[:31]).decode()}\n", id="a short root"),
    ],
)
def test_what_is_no_checkpoint_is_refused_though_signed(text: str) -> None:
    written = text.encode()
    note = SignedNote(written, (LOG.sign(written),)).encode()

    alone = outcome_of(Checkpoint.parse, written)
    signed = outcome_of(open_checkpoint, note, origin="o", trusted=[LOG.public])

    for outcome in (alone, signed):
        assert isinstance(outcome, VerificationError)
        assert outcome.code is Code.BAD_NOTE


def test_a_checkpoint_of_another_log_is_refused() -> None:
    note = sign_checkpoint(Checkpoint("other.example.org/log", 5, ROOT), LOG)

    with pytest.raises(VerificationError, match="another log"):
        open_checkpoint(note, origin=ORIGIN, trusted=[LOG.public])


def test_a_checkpoint_that_no_trusted_key_signed_is_refused() -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 5, ROOT), OTHER)

    with pytest.raises(VerificationError, match="no known key"):
        open_checkpoint(note, origin=ORIGIN, trusted=[LOG.public])


def test_another_note_of_the_same_key_is_no_checkpoint() -> None:
    note = sign_note(b"a promise\n", LOG).encode()

    with pytest.raises(VerificationError, match="three lines"):
        open_checkpoint(note, origin=ORIGIN, trusted=[LOG.public])


def test_a_changed_byte_of_a_checkpoint_is_refused() -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 5, ROOT), LOG)
    for at in range(len(note)):
        changed = note[:at] + bytes((note[at] ^ 1,)) + note[at + 1 :]

        with pytest.raises(VerificationError):
            open_checkpoint(changed, origin=ORIGIN, trusted=[LOG.public])


@given(st.binary(max_size=90) | st.text("o5\n0A=/+é", max_size=60).map(str.encode))
def test_random_bytes_are_read_as_they_are_written_or_refused(text: bytes) -> None:
    outcome = outcome_of(Checkpoint.parse, text)

    if isinstance(outcome, VerificationError):
        assert outcome.code is Code.BAD_NOTE
    else:
        assert outcome.encode() == text


def test_public_checkpoints_are_read_as_they_are_written(shared_vectors: Path) -> None:
    cases = json.loads((shared_vectors / "notes" / "notes.json").read_bytes())["notes"]
    read = 0
    for case in cases:
        if case["expect"] == "accept" and case["note"].split("\n")[1].isdecimal():
            text = SignedNote.parse(case["note"].encode()).text

            assert Checkpoint.parse(text).encode() == text
            read += 1
    assert read > 20
