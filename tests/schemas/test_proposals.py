"""What members say to each other is read strictly, and what was written before reads as before."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import bodies
from schemas.encoding import encode, parse
from schemas.openings import NoteText
from schemas.proposals import Answer, PricedBy, Proposal, Reply, Side, Thanks, ToldContact

SALT, HASH = "A" * 22, "A" * 43
NOTE = {"v": 1, "thread": SALT, "sender": HASH, "recipient": HASH}
DECODER = msgspec.json.Decoder(NoteText)
BODY: msgspec.json.Decoder[Any] = msgspec.json.Decoder(bodies.AnyBody)


def read(**fields: Any) -> NoteText:
    return parse(DECODER, encode({**NOTE, **fields}))


def test_bytes_of_before_mean_what_they_meant() -> None:
    note = b'{"recipient":"%s","sender":"%s","text":"Ja","thread":"%s","v":1}' % (
        HASH.encode(),
        HASH.encode(),
        SALT.encode(),
    )
    transfer = (
        b'{"at_s":1,"key":"AAAAAAAAAAAAAAAAAAAAAA","postings":[{"account":1,"amount_minor":-1},'
        b'{"account":2,"amount_minor":1}],"type":"transfer","v":1}'
    )
    said = b'{"account":5,"thread":"AAAAAAAAAAAAAAAAAAAAAA","type":"line.note","v":1}'

    assert encode(parse(DECODER, note)) == note
    booked = BODY.decode(transfer)
    assert (booked.request, booked.reverses, booked.activity) == (None, None, None)
    assert encode(booked) == transfer
    assert encode(BODY.decode(said)) == said
    assert BODY.decode(said).thanks is False


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": ""},
        {"thanks": {"trade": SALT}},
        {"text": "x" * 2001},
        {"proposal": {"payer": "sender", "amount_minor": 0}},
        {"proposal": {"payer": "sender", "amount_minor": -1}},
        {"proposal": {"payer": "sender", "amount_minor": 1.5}},
        {"proposal": {"payer": "sender", "amount_minor": 2**53}},
        {"proposal": {"payer": "somebody", "amount_minor": 1}},
        {"proposal": {"payer": "sender", "amount_minor": 1, "fixed": "line"}},
        {"proposal": {"payer": "sender", "amount_minor": 1, "day": "2027-13-01"}},
        {"proposal": {"payer": "sender", "amount_minor": 1, "day": "morgen"}},
        {"proposal": {"payer": "sender", "amount_minor": 1, "more": 1}},
        {"answer": {"reply": "maybe"}},
        {"answer": {"reply": "yes", "to": "A" * 42}},
        {"text": "x", "contacts": [{"kind": "tel", "value": "1"}] * 5},
        {"text": "x", "contacts": [{"kind": "tel", "value": "1" * 101}]},
        {"text": "x", "name": "n" * 81},
        {"text": "x", "sender": "B" * 43},
        {"text": "x", "more": 1},
    ],
)
def test_what_breaks_the_shape_of_a_message_is_not_read(fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.MsgspecError):
        read(**fields)


PARTS = st.fixed_dictionaries(
    {"text": st.text(min_size=1, max_size=50)},
    optional={
        "answer": st.builds(Answer, reply=st.sampled_from(Reply), to=st.sampled_from([None, HASH])),
        "proposal": st.builds(
            Proposal,
            payer=st.sampled_from(Side),
            amount_minor=st.integers(1, 2**53 - 1),
            fixed=st.sampled_from(PricedBy),
            day=st.dates().map(str),
        ),
        "thanks": st.builds(Thanks, trade=st.just(SALT), public=st.booleans()),
        "contacts": st.lists(
            st.builds(ToldContact, kind=st.just("tel"), value=st.text(min_size=1, max_size=100)),
            max_size=4,
        ).map(tuple),
        "name": st.text(max_size=80),
    },
)


@given(PARTS)
def test_a_message_reads_as_it_was_written(parts: dict[str, Any]) -> None:
    note = NoteText(v=1, thread=SALT, sender=HASH, recipient=HASH, **parts)

    assert parse(DECODER, encode(note)) == note


@given(st.binary(max_size=200))
def test_random_bytes_are_no_message_and_no_surprise(data: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        parse(DECODER, data)
