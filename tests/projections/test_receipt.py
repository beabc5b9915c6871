"""Proofs of bookings: what a sound one says, and by what name everything else is refused."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from events.commitments import commitment
from events.note import NoteSigner
from events.policy import NONE, KnownLog, Policy
from events.signing import PrivateKey
from events.tlog_proof import TlogProof
from projections.receipt import Booked, check_receipt
from schemas import bodies, cores
from schemas.encoding import b64, encode, unb64
from schemas.errors import Code, VerificationError
from schemas.receipt import BodyOpening, Receipt
from tests.projections.receipts import (
    GENT,
    LEGS,
    LEUVEN,
    LINE,
    NOW,
    PATH,
    PLACE,
    POLICY,
    SALT,
    SIZE,
    WITNESSES,
    Proven,
    between,
    local,
    place,
    prove,
    text,
)

OTHER_LOG = NoteSigner("elders.example/log", PrivateKey(b"o" * 32))


def refusal(file: bytes, policy: Policy = POLICY) -> tuple[Code, dict[str, Any]]:
    with pytest.raises(VerificationError) as caught:
        check_receipt(file, policy)
    return caught.value.code, caught.value.facts


def with_receipt(proven: Proven, **changed: Any) -> bytes:
    """Give the proof with another receipt."""
    return replace(proven.proof, extra=encode(replace(proven.receipt, **changed))).encode()


def test_a_booking_inside_a_group_is_proven_with_its_numbers_and_its_text() -> None:
    assert check_receipt(local().file(), POLICY) == Booked(
        log="gent.example/log",
        node=GENT,
        place=PLACE,
        size=SIZE,
        cosigned_at_s={"umbrella": NOW, "partner": NOW},
        kind="transfer",
        at_s=NOW,
        postings=LEGS,
        between=None,
        description="Fiets hersteld",
    )


@pytest.mark.parametrize("arrives", [False, True])
def test_a_trade_between_groups_is_proven_back_to_what_was_prepared(arrives: bool) -> None:
    told = check_receipt(between(arrives=arrives).file(), POLICY)

    assert told.between is not None
    assert (told.between.line, told.between.path) == (LINE, PATH)
    assert (told.between.line_units, told.between.payer_minor) == (144_000, 800)
    assert told.between.payee_minor == 600
    assert (told.between.payer, told.between.payee) == (text("An"), text("Marc"))
    assert told.description == "Fiets hersteld"
    assert told.node == (LEUVEN if arrives else GENT)
    assert told.kind == ("pay.receipt" if arrives else "pay.commit")


def test_a_proof_without_texts_and_earlier_events_proves_the_amounts_alone() -> None:
    told = check_receipt(with_receipt(between(), earlier=(), peer=None), POLICY)

    assert told.postings == LEGS
    assert told.description is None
    assert told.between is not None
    assert (told.between.payer_minor, told.between.payer) == (None, "")


def flipped(text_: str) -> str:
    """Change the first bit of bytes in base64url."""
    data = unb64(text_)
    return b64(bytes((data[0] ^ 0x80,)) + data[1:])


@pytest.mark.parametrize("part", ["body", "text", "peer"])
@pytest.mark.parametrize("half", ["salt", "bytes"])
def test_a_changed_opening_is_refused_by_its_name(part: str, half: str) -> None:
    proven = between() if part == "peer" else local()
    opening = getattr(proven.receipt, part)

    file = with_receipt(
        proven, **{part: replace(opening, **{half: flipped(getattr(opening, half))})}
    )

    assert refusal(file) == (Code.PROOF_CHANGED, {"field": part})


def test_a_text_of_another_booking_is_refused() -> None:
    file = with_receipt(between(), text=local().receipt.text)

    assert refusal(file) == (Code.PROOF_CHANGED, {"field": "text"})


def test_who_gave_whom_is_refused_without_the_prepare_that_says_so() -> None:
    proven = between()
    short = proven.receipt.earlier[:1]

    assert refusal(with_receipt(proven, earlier=short)) == (Code.PROOF_CHANGED, {"field": "peer"})
    assert refusal(with_receipt(local(), peer=proven.receipt.peer))[1] == {"field": "peer"}


def test_an_earlier_event_that_none_names_is_refused() -> None:
    proven = between()
    accept, prepare = proven.receipt.earlier

    for earlier in ((prepare,), (prepare, accept), (accept, prepare, prepare), (flipped(accept),)):
        code, facts = refusal(with_receipt(proven, earlier=earlier, peer=None))
        assert (code, facts) == (Code.PROOF_CHANGED, {"field": "earlier"})


def test_the_entry_of_another_place_is_refused() -> None:
    proven = local()

    moved = replace(proven.proof, index=PLACE + 1).encode()
    outside = replace(proven.proof, index=SIZE).encode()
    claims_another = local(seq=PLACE + 1).file()
    another = with_receipt(proven, core=flipped(proven.receipt.core))

    for file in (moved, outside, claims_another, another):
        assert refusal(file)[0] is Code.PROOF_OTHER_LOG


def test_a_log_that_the_policy_does_not_name_is_refused_by_its_name() -> None:
    code, facts = refusal(local(log=OTHER_LOG).file())

    assert (code, facts) == (Code.PROOF_LOG_UNKNOWN, {"log": "elders.example/log"})


def test_a_log_that_another_key_has_signed_for_is_refused() -> None:
    thief = NoteSigner("gent.example/log", PrivateKey(b"t" * 32))
    both = Policy((KnownLog(OTHER_LOG.public), *POLICY.logs), (), (), NONE)

    code, facts = refusal(local(log=thief).file())
    assert (code, facts["log"]) == (Code.PROOF_UNSIGNED, "gent.example/log")
    borrowed = local().file().replace(b"gent.example/log\n", b"elders.example/log\n", 1)
    assert refusal(borrowed, both)[0] is Code.PROOF_UNSIGNED


def test_too_few_witnesses_are_counted() -> None:
    code, facts = refusal(local(witnesses=WITNESSES[:1]).file())

    assert (code, facts) == (Code.PROOF_WITNESSES_MISSING, {"found": 1, "known": 2})


def test_a_log_is_no_witness_of_itself() -> None:
    assert refusal(local(witnesses=()).file())[0] is Code.PROOF_WITNESSES_MISSING


def test_a_bad_cosignature_of_a_known_witness_is_refused() -> None:
    file = local().file()
    name = b"umbrella.example/witness "
    start = file.index(name) + len(name)
    line = file[start : file.index(b"\n", start)]
    raw = bytearray(b64decode(line))
    raw[-1] ^= 1

    code, facts = refusal(file.replace(line, b64encode(raw)))

    assert code is Code.PROOF_UNSIGNED
    assert "known key" in facts["reason"]


def test_what_books_nothing_is_no_booking() -> None:
    data = encode(bodies.AccountStatusSet(v=1, at_s=NOW, account=1, status="active"))  # type: ignore[arg-type]
    status = local(bodies.AccountStatusSet(v=1, at_s=NOW, account=1, status="active"))  # type: ignore[arg-type]
    empty = local(bodies.TransferBooked(v=1, at_s=NOW, key=PATH, postings=()))
    uneven = local(bodies.TransferBooked(v=1, at_s=NOW, key=PATH, postings=LEGS[:1]))
    commit_alone = local(bodies.CommitBody(v=1, postings=LEGS))
    freeze = encode(cores.LineUnfreeze(**place(GENT, PLACE), line=LINE, n=1, salt=b64(bytes(16))))
    frozen = prove(replace(local().receipt, core=b64(freeze)), core=freeze)
    unknown = b'{"type":"pay.later","v":1}'
    later = prove(replace(local().receipt, core=b64(unknown)), core=unknown)

    assert unb64(status.receipt.body.bytes) == data
    for proven in (status, empty, uneven, commit_alone, frozen, later):
        file = with_receipt(proven, text=None)
        assert refusal(file)[0] is Code.PROOF_NO_BOOKING, proven.receipt


def test_a_core_that_is_no_canonical_json_is_no_booking() -> None:
    core = b'{"v": 1}'

    assert refusal(prove(replace(local().receipt, core=b64(core)), core=core).file())[0] is (
        Code.PROOF_NO_BOOKING
    )


@pytest.mark.parametrize("said", [b"{}", b"", b'{"payee":"x"}', b"\xff"])
def test_an_opened_text_that_says_no_such_thing_is_no_booking(said: bytes) -> None:
    code, facts = refusal(between(said=said).file())

    assert code is Code.PROOF_NO_BOOKING
    assert str(facts["reason"]).startswith("peer:")


@pytest.mark.parametrize("extra", [None, b"", b"{}", b"\xff", b"[" * 2000, b'{"v":1}'])
def test_a_proof_of_something_else_opens_no_booking(extra: bytes | None) -> None:
    file = replace(local().proof, extra=extra).encode()

    assert refusal(file)[0] is Code.PROOF_UNREADABLE


@given(st.binary(max_size=300))
def test_any_extra_data_is_refused_by_name(extra: bytes) -> None:
    assert refusal(replace(local().proof, extra=extra).encode())[0] is Code.PROOF_UNREADABLE


@given(st.binary(max_size=100), st.booleans())
def test_any_entry_and_any_body_that_a_log_holds_is_a_booking_or_refused(
    data: bytes, is_body: bool
) -> None:
    """What a log holds was written by its group, which may write anything."""
    if not is_body:
        proven = prove(replace(local().receipt, core=b64(data)), core=data)
    else:
        committed = b64(commitment("body", SALT, data))
        core = encode(cores.LocalCore(**place(GENT, PLACE), commitment=committed))
        body = BodyOpening(salt=b64(SALT), bytes=b64(data))
        proven = prove(Receipt(v=1, core=b64(core), body=body), core=core)

    assert refusal(proven.file())[0] is Code.PROOF_NO_BOOKING


def test_a_receipt_of_a_later_version_is_not_half_read() -> None:
    known = encode(local().receipt)
    later = known.replace(b'"v":1}', b'"v":2}')
    more = known.replace(b'"v":1}', b'"v":1,"x":1}')
    twice = known.replace(b'"v":1}', b'"v":1,"v":1}')

    for extra in (later, more, twice, b" " + known):
        assert extra != known
        file = replace(local().proof, extra=extra).encode()
        assert refusal(file)[0] is Code.PROOF_UNREADABLE


def test_a_note_that_is_no_checkpoint_is_no_proof() -> None:
    for checkpoint in (b"x\n", local().proof.checkpoint.replace(b"\n11\n", b"\n011\n", 1)):
        file = TlogProof(PLACE, (), checkpoint, encode(local().receipt)).encode()
        assert refusal(file)[0] is Code.PROOF_UNREADABLE


def test_a_huge_receipt_is_refused() -> None:
    fields = {"v": 1, "type": "booking.receipt", "core": "A" * 20_000}
    fields |= {"body": {"salt": b64(SALT), "bytes": ""}}
    file = replace(local().proof, extra=encode(fields)).encode()

    assert refusal(file)[0] is Code.PROOF_UNREADABLE
    assert Receipt.__struct_config__.tag == "booking.receipt"
