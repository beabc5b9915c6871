"""Cosignatures of witnesses: public examples, and what is none."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.checkpoint import Checkpoint, open_checkpoint
from events.cosignature import COSIGNATURE_SIZE, TIME_MAX, CosignatureKey, CosignatureSigner
from events.note import NoteKey, NoteSignature, NoteSigner, SignedNote, key_id, sign_note
from events.signing import PrivateKey, PublicKey
from schemas.errors import Code, VerificationError
from tests.events.test_note import GroundKey, public_notes, typed
from tests.outcome import outcome_of

if TYPE_CHECKING:
    from pathlib import Path

LOG = NoteSigner("log.example/log", PrivateKey(b"l" * 32))
WITNESS = CosignatureSigner("witness.example", PrivateKey(b"w" * 32))
CHECKPOINT = Checkpoint("log.example/log", 7, b"r" * 32)
AT_S = 1_700_000_000


def cosigned(*, now_s: int = AT_S) -> SignedNote:
    note = sign_note(CHECKPOINT.encode(), LOG)
    return SignedNote(note.text, (*note.signatures, WITNESS.sign(note.text, now_s=now_s)))


def test_a_cosigned_checkpoint_is_opened_by_the_witness_alone() -> None:
    written = cosigned().encode()

    opened = open_checkpoint(written, origin=CHECKPOINT.origin, trusted=[WITNESS.public])

    assert opened == CHECKPOINT
    assert WITNESS.public.cosigned_at_s(SignedNote.parse(written)) == AT_S


def test_what_is_signed_is_what_the_specification_says() -> None:
    one = WITNESS.sign(CHECKPOINT.encode(), now_s=AT_S)

    message = b"cosignature/v1\ntime 1700000000\n" + CHECKPOINT.encode()

    assert one.signature[:8] == bytes.fromhex("000000006553f100")
    assert PrivateKey(b"w" * 32).public.verify(one.signature[8:], message)
    assert one.key_id == key_id("witness.example", 4, PrivateKey(b"w" * 32).public.data)


def test_the_newest_of_several_times_counts() -> None:
    older, newer = cosigned(), cosigned(now_s=AT_S + 9)

    both = SignedNote(older.text, (*newer.signatures, older.signatures[-1]))

    assert WITNESS.public.cosigned_at_s(both) == AT_S + 9
    assert WITNESS.public.cosigned_at_s(sign_note(older.text, LOG)) is None


def signed_by(written: bytes, trusted: list[Any]) -> list[Any]:
    return SignedNote.parse(written).require(trusted)


@given(st.integers(0, TIME_MAX), st.binary(max_size=60))
def test_any_time_and_text_is_verified_and_read_back(now_s: int, text: bytes) -> None:
    one = WITNESS.sign(text + b"\n", now_s=now_s)

    assert len(one.signature) == COSIGNATURE_SIZE
    assert WITNESS.public.verify(text + b"\n", one.signature)
    assert not WITNESS.public.verify(text + b"x\n", one.signature)


@given(st.binary(max_size=100))
def test_other_bytes_are_no_cosignature(signature: bytes) -> None:
    assert not WITNESS.public.verify(CHECKPOINT.encode(), signature)


def test_a_time_beyond_what_is_allowed_is_refused_although_it_was_signed() -> None:
    text, at_s = CHECKPOINT.encode(), TIME_MAX + 1
    message = b"cosignature/v1\n" + f"time {at_s}\n".encode() + text
    signature = at_s.to_bytes(8, "big") + PrivateKey(b"w" * 32).sign(message)

    assert not WITNESS.public.verify(text, signature)


def test_a_plain_signature_by_the_witness_key_is_no_cosignature() -> None:
    plain = NoteSigner("witness.example", PrivateKey(b"w" * 32)).sign(CHECKPOINT.encode())
    passed_off = NoteSignature(plain.name, WITNESS.public.key_id, plain.signature)

    with pytest.raises(VerificationError, match="does not verify"):
        SignedNote(CHECKPOINT.encode(), (passed_off,)).require([WITNESS.public])


def test_a_verifier_key_is_written_and_read_back() -> None:
    vkey = WITNESS.public.vkey()

    key = CosignatureKey.parse(vkey)

    assert vkey.startswith(f"witness.example+{key.key_id.hex()}+B")
    assert (key.name, key.key, key.vkey()) == (WITNESS.public.name, WITNESS.public.key, vkey)
    assert repr(key) == f"CosignatureKey({vkey})"


def test_keys_of_logs_and_of_witnesses_are_told_apart() -> None:
    for parse, vkey in (
        (CosignatureKey.parse, LOG.public.vkey()),
        (NoteKey.parse, WITNESS.public.vkey()),
    ):
        with pytest.raises(VerificationError) as caught:
            parse(vkey)

        assert caught.value.code is Code.BAD_KEY


def test_a_name_that_cannot_stand_in_a_note_is_refused() -> None:
    with pytest.raises(VerificationError, match="name"):
        CosignatureSigner("a witness", PrivateKey(b"w" * 32))


def trusted_key(vkey: str) -> NoteKey | CosignatureKey:
    name, kind, key = typed(vkey)
    if not vkey.startswith("0x04:"):
        return CosignatureKey.parse(vkey) if kind == 4 else NoteKey.parse(vkey)
    again = b64encode(bytes((kind,)) + key).decode()
    return CosignatureKey.parse(f"{name}+{key_id(name, kind, key).hex()}+{again}")


def test_all_public_notes_are_accepted_or_refused_as_expected(shared_vectors: Path) -> None:
    checked = timed = 0
    for case in public_notes(shared_vectors):
        trusted = [trusted_key(vkey) for vkey in case["trusted_vkeys"]]

        outcome = outcome_of(signed_by, case["note"].encode(), trusted)

        if isinstance(outcome, VerificationError):
            assert outcome.code is Code.BAD_NOTE
            assert case["expect"] == "reject", case["id"]
        else:
            assert case["expect"] == "accept", case["id"]
            assert [key.name for key in outcome] == case["expect_verified_names"], case["id"]
            note = SignedNote.parse(case["note"].encode())
            for key in outcome:
                if isinstance(key, CosignatureKey):
                    at_s = key.cosigned_at_s(note)
                    assert at_s is not None
                    assert at_s > 1_600_000_000, case["id"]
                    timed += 1
        checked += 1
    assert checked > 30
    assert timed > 3


def test_a_ground_key_of_the_same_id_is_not_taken_for_the_witness() -> None:
    ground = GroundKey(NoteKey(WITNESS.public.name, PublicKey(PrivateKey(b"g" * 32).public.data)))
    ground.key_id = WITNESS.public.key_id

    assert signed_by(cosigned().encode(), [ground, WITNESS.public]) == [WITNESS.public]


def test_the_public_witnesses_sign_nothing_else(shared_vectors: Path) -> None:
    """A cosignature moved below another checkpoint is refused."""
    moved = 0
    for case in public_notes(shared_vectors):
        keys = [trusted_key(vkey) for vkey in case["trusted_vkeys"]]
        witnesses = [key for key in keys if isinstance(key, CosignatureKey)]
        if case["expect"] == "accept" and witnesses:
            note = SignedNote.parse(case["note"].encode())
            other = SignedNote(CHECKPOINT.encode(), note.signatures)

            assert isinstance(outcome_of(signed_by, other.encode(), witnesses), VerificationError)
            moved += 1
    assert moved > 2
