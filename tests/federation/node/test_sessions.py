"""Sessions: what was sent before a node asked anew what was seen of it is not taken in."""

from __future__ import annotations

import itertools

import pytest

from federation.node.sessions import Sessions
from schemas.errors import Code, PeerUnavailable, RefusedError, StorageError

PEER, OTHER = "beta", "gamma"


def sessions() -> Sessions:
    numbers = itertools.count(1)
    return Sessions(lambda size: next(numbers).to_bytes(size))


def test_only_what_the_newest_session_brings_is_taken_in() -> None:
    ours = sessions()
    first = ours.open(PEER)
    second = ours.open(PEER)

    with ours.bringing(PEER, second):
        pass
    for wrong in ("", first, ours.open(OTHER)):
        with pytest.raises(RefusedError) as refused, ours.bringing(PEER, wrong):
            pass
        assert refused.value.code is Code.SESSION_UNKNOWN


def test_nobody_brings_anything_before_he_has_asked() -> None:
    with pytest.raises(RefusedError), sessions().bringing(PEER, ""):
        pass


def test_an_answer_to_what_was_asked_before_the_newest_session_is_not_taken_in() -> None:
    ours = sessions()
    at_asking = ours.opened(PEER)
    with ours.answering(PEER, at_asking):
        pass

    ours.open(PEER)

    with pytest.raises(PeerUnavailable), ours.answering(PEER, at_asking):
        pass
    with ours.answering(PEER, ours.opened(PEER)):
        pass


@pytest.mark.parametrize("what", ["bringing", "answering"])
def test_while_something_is_being_taken_in_nobody_learns_what_was_seen(what: str) -> None:
    ours = sessions()
    session = ours.open(PEER)

    with getattr(ours, what)(PEER, session):
        ours.open(OTHER)
        with pytest.raises(StorageError) as refused:
            ours.open(PEER)

    assert refused.value.code is Code.BUSY
    with pytest.raises(RefusedError), ours.bringing(PEER, session):  # it ended all the same
        pass
    assert ours.open(PEER) == ours.opened(PEER)


def test_a_session_that_the_partner_does_not_know_is_forgotten_once() -> None:
    ours = sessions()
    ours.hold(PEER, "old")
    ours.hold(PEER, "new")

    ours.ended(PEER, "old")
    assert ours.held(PEER) == "new"
    ours.ended(PEER, "new")
    assert ours.held(PEER) == ""
