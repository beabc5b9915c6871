"""Signed notes against public examples, and against everything that is none."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.note import (
    COSIGNATURE,
    ED25519,
    NOTE_SIZE_MAX,
    SIGNATURES_MAX,
    NoteKey,
    NoteSigner,
    SignedNote,
    key_id,
    sign_note,
)
from events.signing import PrivateKey
from schemas.errors import Code, VerificationError
from tests.outcome import outcome_of

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "één tekst\n\nmet een lege regel\n".encode()
ADA = NoteSigner("ada.example/log", PrivateKey(b"a" * 32))
BEN = NoteSigner("ben.example/log", PrivateKey(b"b" * 32))
DASH = "\N{EM DASH}"


def opened(written: bytes, trusted: list[NoteKey]) -> list[NoteKey]:
    return SignedNote.parse(written).require(trusted)


def refused(written: bytes) -> str:
    with pytest.raises(VerificationError) as caught:
        SignedNote.parse(written)
    assert caught.value.code is Code.BAD_NOTE
    return str(caught.value.facts["reason"])


def test_a_note_is_written_and_read_back() -> None:
    note = sign_note(TEXT, ADA, BEN)

    written = note.encode()

    assert written.startswith(TEXT + f"\n{DASH} ada.example/log ".encode())
    assert SignedNote.parse(written) == note
    assert note.require([BEN.public, ADA.public]) == [ADA.public, BEN.public]


def test_signatures_of_unknown_keys_are_ignored() -> None:
    note = SignedNote.parse(sign_note(TEXT, ADA, BEN).encode())

    assert note.require([BEN.public]) == [BEN.public]


def test_a_note_without_a_known_signature_is_refused() -> None:
    with pytest.raises(VerificationError, match="no known key"):
        sign_note(TEXT, ADA).require([BEN.public])
    with pytest.raises(VerificationError, match="no known key"):
        sign_note(TEXT, ADA).require([])


def test_a_key_of_the_same_name_with_another_id_is_unknown() -> None:
    namesake = NoteSigner(ADA.public.name, PrivateKey(b"c" * 32))

    with pytest.raises(VerificationError, match="no known key"):
        sign_note(TEXT, ADA).require([namesake.public])


def test_one_bad_signature_of_a_known_key_refuses_the_note() -> None:
    good, other = sign_note(TEXT, ADA), sign_note(b"other\n", ADA, BEN)
    both = SignedNote(TEXT, (*good.signatures, *other.signatures))

    with pytest.raises(VerificationError, match="does not verify"):
        both.require([ADA.public])
    with pytest.raises(VerificationError, match="does not verify"):
        both.require([ADA.public, BEN.public])


class GroundKey(NoteKey):
    """A key ground until it has the id of another."""

    __slots__ = ()

    def __init__(self, like: NoteKey) -> None:
        super().__init__(like.name, BEN.public.key)
        self.key_id = like.key_id


def test_a_trusted_key_with_the_name_and_id_of_another_stands_in_nobodys_way() -> None:
    ground = GroundKey(ADA.public)

    assert sign_note(TEXT, ADA).require([ground, ADA.public]) == [ADA.public]
    assert sign_note(TEXT, ADA).require([ADA.public, ground]) == [ADA.public]
    with pytest.raises(VerificationError, match="does not verify"):
        sign_note(TEXT, ADA).require([ground])


def test_a_changed_byte_of_text_or_signature_is_refused() -> None:
    written = sign_note(TEXT, ADA).encode()
    for at in range(len(written)):
        changed = written[:at] + bytes((written[at] ^ 1,)) + written[at + 1 :]

        with pytest.raises(VerificationError):
            SignedNote.parse(changed).require([ADA.public])


WHOLE = sign_note(TEXT, ADA).encode().decode()
LINE = WHOLE.removeprefix(TEXT.decode() + "\n")


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        pytest.param("", "no signature lines", id="nothing"),
        pytest.param("text\n", "no signature lines", id="a text alone"),
        pytest.param("text\n\n", "no signature lines", id="an empty block"),
        pytest.param("text\n" + LINE, "no signature lines", id="no empty line"),
        pytest.param(WHOLE[:-1], "no signature lines", id="no line feed at the end"),
        pytest.param(WHOLE + "x\n", "malformed", id="something behind"),
        pytest.param("t\n\n" + LINE[2:], "malformed", id="no dash"),
        pytest.param("t\n\n" + LINE.replace(DASH, "-"), "malformed", id="another dash"),
        pytest.param(f"t\n\n{DASH} ada\n", "malformed", id="no signature"),
        pytest.param(f"t\n\n{DASH}  AAAAAAA=\n", "malformed", id="no name"),
        pytest.param(f"t\n\n{DASH} a+b AAAAAAA=\n", "malformed", id="a plus sign"),
        pytest.param(f"t\n\n{DASH} a\u00a0b AAAAAAA=\n", "malformed", id="a Unicode space"),
        pytest.param(f"t\n\n{DASH} a b AAAAAAA=\n", "base64", id="a space"),
        pytest.param(f"t\n\n{DASH} a AAAAAAA=  \n", "base64", id="spaces behind"),
        pytest.param(f"t\n\n{DASH} a AAAAAA==\n", "too short", id="an id alone"),
        pytest.param(f"t\n\n{DASH} a AAAAAAB=\n", "base64", id="loose trailing bits"),
        pytest.param(f"t\n\n{DASH} a AAAAAAA\n", "base64", id="no padding"),
        pytest.param(f"t\n\n{DASH} a AAAA_AA=\n", "base64", id="the other alphabet"),
        pytest.param(f"t\n\n{DASH} a ééééééé=\n", "base64", id="no ASCII"),
        pytest.param("t\r\n\n" + LINE, "control", id="a carriage return"),
        pytest.param("t\t\n\n" + LINE, "control", id="a tab"),
    ],
)
def test_malformed_notes_are_refused(written: str, reason: str) -> None:
    assert reason in refused(written.encode())


def test_a_note_that_is_not_utf_8_is_refused() -> None:
    assert "UTF-8" in refused(b"\xff\n\n" + LINE.encode())


def test_the_number_of_signatures_is_limited_exactly() -> None:
    most = b"t\n\n" + LINE.encode() * SIGNATURES_MAX

    assert len(SignedNote.parse(most).signatures) == SIGNATURES_MAX
    assert "signatures" in refused(most + LINE.encode())


def test_the_size_is_limited_exactly() -> None:
    line = LINE.encode()
    largest = b"t" * (NOTE_SIZE_MAX - len(line) - 2) + b"\n\n" + line

    assert len(SignedNote.parse(largest).encode()) == NOTE_SIZE_MAX
    with pytest.raises(VerificationError) as caught:
        SignedNote.parse(b"t" + largest)
    assert caught.value.code is Code.TOO_LARGE


LINES = st.sampled_from([LINE, f"{DASH} a AAAAAAA=\n", "\n", "t\n", f"{DASH} ", "AAAA", "\0", "é"])


@given(
    st.binary(max_size=100) | st.lists(LINES, max_size=8).map(lambda lines: "".join(lines).encode())
)
def test_random_bytes_are_read_as_they_are_written_or_refused(written: bytes) -> None:
    outcome = outcome_of(SignedNote.parse, written)

    if isinstance(outcome, VerificationError):
        assert outcome.code is Code.BAD_NOTE
    else:
        assert outcome.encode() == written


def test_a_verifier_key_is_written_and_read_back() -> None:
    vkey = ADA.public.vkey()

    key = NoteKey.parse(vkey)

    assert vkey.startswith(f"ada.example/log+{key.key_id.hex()}+A")
    assert (key.name, key.key, key.vkey()) == (ADA.public.name, ADA.public.key, vkey)
    assert repr(key) == f"NoteKey({vkey})"


NAME, ID, TYPED = ADA.public.vkey().split("+", 2)


@pytest.mark.parametrize(
    "vkey",
    [
        pytest.param("", id="nothing"),
        pytest.param(f"{NAME}+{ID}", id="no key"),
        pytest.param(f"+{ID}+{TYPED}", id="no name"),
        pytest.param(f"a da+{ID}+{TYPED}", id="a space in the name"),
        pytest.param(f"a\x01da+{ID}+{TYPED}", id="a control character in the name"),
        pytest.param(f"{NAME}+{ID.upper()}+{TYPED}", id="an id in upper case"),
        pytest.param(f"{NAME}+00000000+{TYPED}", id="another id"),
        pytest.param(f"other+{ID}+{TYPED}", id="another name"),
        pytest.param(f"{NAME}+{ID}+{TYPED[:-4]}", id="a short key"),
        pytest.param(f"{NAME}+{ID}+B{TYPED[1:]}", id="another type"),
        pytest.param(f"{NAME}+{ID}+{TYPED}\n", id="a line feed"),
        pytest.param(
            f"{NAME}+c8cd0eab+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", id="low order"
        ),
    ],
)
def test_malformed_verifier_keys_are_refused(vkey: str) -> None:
    with pytest.raises(VerificationError) as caught:
        NoteKey.parse(vkey)

    assert caught.value.code is Code.BAD_KEY


@pytest.mark.parametrize("name", ["", "a da", "a+da", "a\x01da", "a\nda", "a\u2003da"])
def test_a_name_that_cannot_stand_in_a_note_is_refused(name: str) -> None:
    with pytest.raises(VerificationError, match="name") as caught:
        NoteSigner(name, PrivateKey(b"a" * 32))

    assert caught.value.code is Code.BAD_KEY


@given(st.text(max_size=60) | st.text(f"{TYPED}+ 0", max_size=60).map(f"n+{ID}".__add__))
def test_random_text_is_no_verifier_key(vkey: str) -> None:
    with pytest.raises(VerificationError) as caught:
        NoteKey.parse(vkey)

    assert caught.value.code is Code.BAD_KEY


def test_the_public_keys_sign_the_public_notes(shared_vectors: Path) -> None:
    cases = json.loads((shared_vectors / "notes" / "keys.json").read_bytes())
    for case in cases["signing"]:
        key = NoteKey.parse(case["vkey"])
        seed = b64decode(case["skey"].split("+", 4)[4])[1:]
        signer = NoteSigner(key.name, PrivateKey(seed))

        assert signer.public.vkey() == case["vkey"]
        if "want" in case:
            assert sign_note(case["text"].encode(), signer).encode() == case["want"].encode()
    for vkey in cases["bad_vkeys"]:
        with pytest.raises(VerificationError):
            NoteKey.parse(vkey)


def public_notes(folder: Path) -> list[dict[str, Any]]:
    notes: list[dict[str, Any]] = json.loads((folder / "notes" / "notes.json").read_bytes())[
        "notes"
    ]
    return notes


def typed(vkey: str) -> tuple[str, int, bytes]:
    """Read a vkey of any type; `0x04:` marks one that is to be given that type."""
    name, _, encoded = vkey.removeprefix("0x04:").split("+", 2)
    decoded = b64decode(encoded)
    return name, COSIGNATURE if vkey.startswith("0x04:") else decoded[0], decoded[1:]


def test_the_public_notes_are_accepted_or_refused_as_expected(shared_vectors: Path) -> None:
    checked = 0
    for case in public_notes(shared_vectors):
        if any(typed(vkey)[1] != ED25519 for vkey in case["trusted_vkeys"]):
            continue
        trusted = [NoteKey.parse(vkey) for vkey in case["trusted_vkeys"]]

        outcome = outcome_of(opened, case["note"].encode(), trusted)

        if isinstance(outcome, VerificationError):
            assert outcome.code is Code.BAD_NOTE
            assert case["expect"] == "reject", case["id"]
        else:
            assert case["expect"] == "accept", case["id"]
            assert [key.name for key in outcome] == case["expect_verified_names"], case["id"]
        checked += 1
    assert checked > 20


def test_the_ids_of_public_witness_keys_are_found_in_their_notes(shared_vectors: Path) -> None:
    found = 0
    for case in public_notes(shared_vectors):
        keys = [typed(vkey) for vkey in case["trusted_vkeys"]]
        for name, kind, key in keys:
            if kind == COSIGNATURE:
                note = SignedNote.parse(case["note"].encode())

                ids = {one.key_id for one in note.signatures if one.name == name}

                assert key_id(name, COSIGNATURE, key) in ids, case["id"]
                assert note.encode() == case["note"].encode()
                found += 1
    assert found > 3
