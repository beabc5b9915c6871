"""Whatever the rules write can be read again, by the partner and by a rebuild."""

from __future__ import annotations

from typing import Final

import msgspec

from federation.line import commands as line
from federation.peer.channel import decode_line_core
from schemas import bodies, cores
from schemas.core_parts import FreezeReason
from schemas.encoding import encode
from schemas.member_bodies import Role
from schemas.openings import NoteText
from tests.federation.line.pair import HOUR, KEY, MEMBER, Pair, path

BODY: Final = msgspec.json.Decoder(bodies.AnyBody)


def lived() -> Pair:
    """Live through each kind of event at least once."""
    pair = Pair()
    pair.agree(pair.terms(a_owes=2 * HOUR), old_accounts=(1, 1))
    pair.start(1, 30)
    pair.start(2, 20, node=pair.b)
    pair.settle()
    pair.request(3, 9)
    pair.request(4, 9)
    pair.settle()
    pair.consent(3)
    pair.decline(pair.a, 4)
    pair.settle()
    pair.reverse(3, 5)
    pair.settle()
    pair.start(7, 12)
    pair.deliver(pair.a)
    pair.a.do(line.CancelPayment(path(7), pair.line_id))
    pair.settle()
    pair.a.set_rate(33)
    pair.propose(terms=pair.terms(rev=2))
    pair.deliver(pair.a)
    pair.answer(pair.b, accept=False)
    pair.settle()
    pair.agree(pair.terms(rev=2))
    pair.start(6, 12)
    pair.b.do(line.LowerLimit(pair.line_id, 0))
    pair.settle()
    pair.a.do(line.SendHeads(pair.line_id))
    text = NoteText(v=1, thread=path(7), sender=KEY, recipient=KEY, text="Good day")
    pair.a.do(line.SendNote(pair.line_id, MEMBER, text, path(0)))
    pair.a.do(line.Forget(pair.line_id, (KEY,)))
    pair.a.do(line.Freeze(pair.line_id, FreezeReason.MAINTENANCE))
    pair.a.do(line.Unfreeze(pair.line_id))
    pair.settle()
    pair.b.do(line.Quarantine(pair.line_id, 1, "claim_differs"))
    pair.b.do(line.EndQuarantine(pair.line_id, pair.b.member_as(Role.COORDINATOR)))
    pair.b.do(line.CloseLine(pair.line_id, gone=True))
    pair.settle()
    return pair


def test_every_event_and_body_that_the_rules_write_can_be_read_again() -> None:
    pair = lived()

    for node in (pair.a, pair.b):
        for event in node.events:
            if isinstance(event.core, cores.LineCore):
                assert decode_line_core(encode(event.core)) == event.core
            if event.body is not None:
                assert BODY.decode(encode(event.body)) == event.body


def test_this_life_has_each_kind_of_event_in_it() -> None:
    pair = lived()

    assert {*pair.a.types(), *pair.b.types()} == cores.KNOWN_TYPES
