"""Events under a revoked log key: known before, vouched for, under a newer one, or refused."""

from __future__ import annotations

import json

import pytest

from events.keys import HeldKey, KeyHistory
from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from events.signing import PrivateKey
from schemas.encoding import b64, encode, unb64
from schemas.errors import Code, RefusedError
from schemas.keys import Role
from schemas.messages import WireEvent
from tests.federation.line.conversation import Conversation, Said
from tests.federation.line.wire_node import WireNode

AHEAD = 10_000
"""From this place of alfa's log on its first key is revoked, and the second speaks."""
NEW = PrivateKey(b"the second key".ljust(32))


@pytest.fixture(scope="module")
def talk() -> Conversation:
    return Conversation(PrivateKey)


def revoked(alfa: WireNode) -> KeyHistory:
    """What alfa states after its key was stolen."""
    first = alfa.own_history.keys[0]
    ended = HeldKey(first.role, first.key, first.next, 0, AHEAD)
    return KeyHistory(alfa.id, (ended, HeldKey(Role.LOG, b64(NEW.public.data), first.next, AHEAD)))


def told(talk: Conversation, said: Said) -> WireNode:
    """Give beta as it was when an event arrived, but knowing of the revocation."""
    talk.beta.back_to(said.before)
    talk.beta.partner = revoked(talk.alfa)
    talk.beta.vouched_for = set()
    return talk.beta


def test_whatever_it_is_what_was_not_known_before_is_refused(talk: Conversation) -> None:
    for said in talk.said:
        beta = told(talk, said)
        before = beta.state

        with pytest.raises(RefusedError) as caught:
            beta.take(talk.alfa.id, talk.line, [said.wire])

        assert caught.value.code is Code.KEY_REVOKED, said.kind
        assert beta.state == before
        assert beta.forks == 0


def test_what_was_followed_before_the_revocation_is_taken_in(talk: Conversation) -> None:
    for said in talk.said:
        beta = told(talk, said)
        had = 0 if beta.line(talk.line) is None else beta.only_line().in_n
        beta.vouched_for = {b64(leaf_hash(unb64(said.wire.core)))}

        beta.take(talk.alfa.id, talk.line, [said.wire])

        assert beta.only_line().in_n == had + 1, said.kind


def test_what_was_received_before_is_skipped_and_answered_as_before(talk: Conversation) -> None:
    beta = told(talk, talk.said[-1])
    known = beta.only_line().in_n

    answer = beta.take(talk.alfa.id, talk.line, [said.wire for said in talk.said[:known]])

    assert answer.in_n == known
    assert not answer.taken


def test_an_event_under_the_new_key_vouches_for_those_before_it(talk: Conversation) -> None:
    early, *waiting = talk.said[-6:]
    beta = told(talk, early)
    had = beta.only_line().in_n
    events = [early.wire, *(said.wire for said in waiting)]
    newest = under_the_new_key(events[-1])

    with pytest.raises(RefusedError) as caught:
        beta.take(talk.alfa.id, talk.line, events)
    beta.take(talk.alfa.id, talk.line, [*events[:-1], newest])

    assert caught.value.code is Code.KEY_REVOKED
    assert beta.only_line().in_n == had + 6


def under_the_new_key(wire: WireEvent) -> WireEvent:
    """The same event as alfa writes it behind the place where its first key ends."""
    core = json.loads(unb64(wire.core))
    core |= {"key": b64(NEW.public.data), "seq": AHEAD}
    data = encode(core)
    return WireEvent(core=b64(data), signature=b64(NEW.sign(EVENT_PREFIX + data)))
