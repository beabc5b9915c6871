"""Following one log: a statement that comes too late for what stands before it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from events.growing import GrowingTree
from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from events.signing import PrivateKey
from federation.umbrella.following import Follower
from schemas.cores import KeyCore, LocalCore
from schemas.encoding import b64, encode
from schemas.errors import Code, VerificationError
from schemas.keys import SignedKeyStatement
from tests.events.stated import StatedGroup

GROUP = StatedGroup(1)


class Written:
    """A log of key statements and what nobody else needs."""

    def __init__(self) -> None:
        self.tree = GrowingTree.from_tiles([], [])
        self.entries: list[tuple[bytes, bytes]] = []
        for statement in GROUP.first:
            self.states(statement, GROUP.log[0])

    def states(self, statement: SignedKeyStatement, key: PrivateKey) -> None:
        self._write(KeyCore, key, statement=statement, salt=b64(bytes(16)))

    def local(self, key: PrivateKey) -> None:
        self._write(LocalCore, key, commitment=b64(bytes(32)))

    def _write(self, kind: Callable[..., Any], key: PrivateKey, **fields: Any) -> None:
        core = kind(
            v=1,
            origin=GROUP.node,
            seq=self.tree.size,
            root=b64(self.tree.root()),
            key=b64(key.public.data),
            ts=0,
            **fields,
        )
        data = encode(core)
        self.tree.append(leaf_hash(data))
        self.entries.append((data, key.sign(EVENT_PREFIX + data)))


def follow(written: Written, *, resumed: int = 0) -> Follower:
    follower = Follower(GROUP.node)
    for core, _ in written.entries[:resumed]:
        follower.resume(core)
    for core, signature in written.entries[resumed:]:
        follower.check(core, signature)
    return follower


def test_keys_that_take_over_from_their_own_entry_on_are_followed() -> None:
    written = Written()
    written.states(GROUP.recovery(1, 4), GROUP.log[1])
    written.states(GROUP.revocation(0, 4), GROUP.log[1])
    written.states(GROUP.rotation(2, 7), GROUP.log[1])

    assert follow(written).tree.size == 7


@pytest.mark.parametrize("resumed", [0, 4])
def test_a_key_that_claims_entries_of_the_key_before_it_is_late(resumed: int) -> None:
    written = Written()
    written.states(GROUP.recovery(1, 3), GROUP.log[1])

    with pytest.raises(VerificationError) as caught:
        follow(written, resumed=resumed)

    assert caught.value.code is Code.KEY_LATE


def test_a_revocation_of_entries_that_stand_in_the_log_is_late() -> None:
    written = Written()
    written.states(GROUP.recovery(1, 4), GROUP.log[1])
    written.states(GROUP.revocation(0, 2), GROUP.log[1])

    with pytest.raises(VerificationError) as caught:
        follow(written)

    assert caught.value.code is Code.KEY_LATE


def test_a_key_whose_successor_is_announced_speaks_until_that_begins() -> None:
    written = Written()
    written.states(GROUP.rotation(1, 7), GROUP.log[0])
    for _ in range(3):
        written.local(GROUP.log[0])
    follower = Follower(GROUP.node)
    for core, signature in written.entries[:7]:
        follower.take(core, signature)

    with pytest.raises(VerificationError) as caught:
        follower.take(*written.entries[7])

    assert caught.value.code is Code.BAD_KEY


def test_an_entry_under_a_key_that_was_replaced_is_refused() -> None:
    written = Written()
    written.states(GROUP.recovery(1, 4), GROUP.log[1])
    written.states(GROUP.revocation(0, 4), GROUP.log[0])

    with pytest.raises(VerificationError) as caught:
        follow(written)

    assert caught.value.code is Code.BAD_KEY


def test_the_first_entry_under_a_key_that_never_speaks_is_found_as_soon_as_one_does() -> None:
    written = Written()
    core, _ = written.entries[0]
    stranger = GROUP.log[3]
    core = core.replace(GROUP.key(0).encode(), GROUP.key(3).encode())
    follower = Follower(GROUP.node)
    follower.check(core, stranger.sign(EVENT_PREFIX + core))

    with pytest.raises(VerificationError) as caught:
        follower.resume(written.entries[1][0])

    assert caught.value.code is Code.KEY_LATE


def lost_with_its_machine(*, signer: int = 2) -> Written:
    """A log that writes down again that key 1 was stated, when nobody has it any more."""
    written = Written()
    written.states(GROUP.recovery(1, 4), GROUP.log[signer])
    written.states(GROUP.revocation(0, 4), GROUP.log[signer])
    return written


def test_a_run_of_statements_may_be_signed_by_the_key_that_it_states() -> None:
    written = lost_with_its_machine()
    written.states(GROUP.recovery(2, 4), GROUP.log[2])
    written.local(GROUP.log[2])

    assert follow(written).tree.size == 8
    assert follow(written, resumed=5).tree.size == 8


@pytest.mark.parametrize("resumed", [0, 6])
def test_no_other_entry_stands_in_a_run_whose_key_is_not_stated_yet(resumed: int) -> None:
    written = lost_with_its_machine()
    written.local(GROUP.log[2])

    with pytest.raises(VerificationError) as caught:
        follow(written, resumed=resumed)

    assert caught.value.code is Code.BAD_KEY


@pytest.mark.parametrize("key", [0, 1])
def test_what_follows_a_run_that_never_states_its_key_is_refused(key: int) -> None:
    written = Written()
    written.states(GROUP.recovery(1, 5), GROUP.log[2])
    written.local(GROUP.log[key])

    with pytest.raises(VerificationError) as caught:
        follow(written)

    assert caught.value.code is Code.BAD_KEY


def test_a_key_that_holds_only_from_behind_its_run_has_not_signed_it() -> None:
    written = lost_with_its_machine()
    written.states(GROUP.recovery(2, 5), GROUP.log[2])

    with pytest.raises(VerificationError) as caught:
        follow(written)

    assert caught.value.code is Code.KEY_LATE


def test_a_run_is_signed_by_one_key() -> None:
    written = lost_with_its_machine(signer=3)
    written.states(GROUP.recovery(2, 4), GROUP.log[2])

    with pytest.raises(VerificationError) as caught:
        follow(written)

    assert caught.value.code is Code.KEY_LATE
