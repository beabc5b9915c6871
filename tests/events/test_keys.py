"""Key histories: who speaks where; what is forged, back-dated, borrowed, or comes too late."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.keys import read_history, still_speak, with_statement
from schemas.encoding import b64
from schemas.errors import Code, VerificationError
from schemas.keys import Cause, KeySignature, Role, SignedKeyStatement
from tests.events.stated import StatedGroup

GROUP, OTHER = StatedGroup(1), StatedGroup(2)


def log_speaker(statements: tuple[SignedKeyStatement, ...], index: int) -> list[int]:
    """Name the log keys of the group that speak at an index."""
    history = read_history(statements)
    return [at for at in range(6) if history.speaks(Role.LOG, GROUP.key(at), index)]


def test_each_index_has_one_key() -> None:
    statements = (*GROUP.first, GROUP.rotation(1, 10), GROUP.recovery(4, 25))

    assert [log_speaker(statements, index) for index in (0, 9, 10, 24, 25, 10**6)] == [
        [0], [0], [1], [1], [4], [4],
    ]  # fmt: skip


def test_a_revoked_key_speaks_where_it_spoke_before_and_nowhere_behind() -> None:
    statements = (*GROUP.first, GROUP.recovery(3, 20), GROUP.revocation(0, 15))

    assert [log_speaker(statements, index) for index in (14, 15, 19, 20)] == [[0], [], [], [3]]
    history = read_history(statements)
    assert history.revoked(GROUP.key(0))
    assert not history.revoked(GROUP.key(3))
    assert history.current(Role.LOG) is not None


@given(
    st.lists(st.tuples(st.sampled_from(["rotation", "recovery"]), st.integers(0, 9)), max_size=5),
    st.integers(0, 60),
)
def test_whatever_is_stated_no_index_has_two_keys(
    changes: list[tuple[str, int]], index: int
) -> None:
    statements, holds_from = list(GROUP.first), 0
    for at, (cause, ahead) in enumerate(changes, 1):
        holds_from += ahead
        make = GROUP.rotation if cause == "rotation" else GROUP.recovery
        statements.append(make(at, holds_from))

    assert len(log_speaker(tuple(statements), index)) == 1


@given(st.integers(1, 20), st.integers(0, 40), st.integers(0, 40))
def test_a_statement_leaves_what_was_signed_or_comes_too_late(
    size: int, holds_from: int, revoked_from: int
) -> None:
    """The first key has signed every entry below `size`."""
    used = {GROUP.key(0): size - 1}
    replaced = (*GROUP.first, GROUP.recovery(1, holds_from))
    revoked = (*replaced, GROUP.revocation(0, revoked_from))

    assert still_speak(read_history(replaced), used) is (holds_from >= size)
    assert still_speak(read_history(revoked), used) is (min(holds_from, revoked_from) >= size)


FORGED = {
    "by nobody who may": GROUP.states(Cause.RECOVERY, 1, 9, (GROUP.log[0],)),
    "a rotation without the old key": GROUP.states(Cause.ROTATION, 1, 9, (GROUP.log[1],)),
    "a rotation without the new key": GROUP.states(Cause.ROTATION, 1, 9, (GROUP.log[0],)),
    "a rotation to a key that was not announced": GROUP.states(
        Cause.ROTATION, 2, 9, (GROUP.log[0], GROUP.log[2])
    ),
    "a revocation by the key itself": GROUP.states(Cause.REVOCATION, 0, 9, (GROUP.log[0],)),
    "a revocation of a key that was never stated": GROUP.revocation(3, 9),
    "the root key of another group": GROUP.states(Cause.RECOVERY, 1, 9, (OTHER.root,)),
    "the statement of another group": OTHER.recovery(1, 9),
    "a key that was stated before": GROUP.recovery(0, 9),
    "another first key": GROUP.states(Cause.FIRST, 1, 9, (GROUP.root,)),
}


@pytest.mark.parametrize("what", FORGED)
def test_a_forged_or_borrowed_statement_is_refused(what: str) -> None:
    history = read_history(GROUP.first)

    with pytest.raises(VerificationError) as caught:
        with_statement(history, FORGED[what])

    assert caught.value.code is Code.BAD_KEY_STATEMENT


def test_a_statement_whose_signature_is_another_is_refused() -> None:
    fine = GROUP.recovery(1, 9)
    signature = KeySignature(key=fine.signatures[0].key, signature=b64(bytes(64)))

    with pytest.raises(VerificationError) as caught:
        with_statement(
            read_history(GROUP.first), msgspec.structs.replace(fine, signatures=(signature,))
        )

    assert caught.value.code is Code.BAD_SIGNATURE


@pytest.mark.parametrize("revoked", [False, True])
def test_a_key_never_holds_from_before_the_one_that_it_follows(revoked: bool) -> None:
    statements = (*GROUP.first, GROUP.recovery(1, 20))
    if revoked:
        statements = (*statements, GROUP.revocation(1, 20))

    with pytest.raises(VerificationError) as caught:
        read_history((*statements, GROUP.recovery(2, 19)))

    assert caught.value.facts["reason"] == "it is back-dated"
