"""A nonce counts once while its signature is valid, and memory has an end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.peer.nonces import NonceMemory
from schemas.errors import Code, RefusedError, VerificationError


def test_nonce_is_refused_the_second_time_until_its_last_second() -> None:
    nonces = NonceMemory()
    nonces.admit("a", "n", expires_s=400, now_s=100)

    for now_s in (100, 400):
        with pytest.raises(VerificationError) as refused:
            nonces.admit("a", "n", expires_s=400, now_s=now_s)
        assert refused.value.code == Code.SIGNATURE_REPLAYED


def test_nonce_of_another_sender_is_another_nonce() -> None:
    nonces = NonceMemory()
    nonces.admit("a", "n", expires_s=400, now_s=100)

    nonces.admit("b", "n", expires_s=400, now_s=100)

    assert len(nonces) == 2


def test_nonces_are_forgotten_after_their_validity() -> None:
    nonces = NonceMemory()
    nonces.admit("a", "n", expires_s=400, now_s=100)
    nonces.admit("b", "m", expires_s=300, now_s=100)

    nonces.admit("a", "o", expires_s=700, now_s=401)

    assert len(nonces) == 1


def test_clock_set_back_lets_nothing_in_twice() -> None:
    nonces = NonceMemory()
    nonces.admit("a", "n", expires_s=400, now_s=100)
    nonces.admit("a", "o", expires_s=700, now_s=401)

    with pytest.raises(VerificationError) as refused:
        nonces.admit("a", "n", expires_s=400, now_s=100)

    assert refused.value.code == Code.SIGNATURE_EXPIRED


def test_full_sender_is_refused_and_others_are_not() -> None:
    nonces = NonceMemory(sender_max=2)
    nonces.admit("a", "1", expires_s=400, now_s=100)
    nonces.admit("a", "2", expires_s=500, now_s=100)

    with pytest.raises(RefusedError) as refused:
        nonces.admit("a", "3", expires_s=500, now_s=100)
    nonces.admit("b", "3", expires_s=500, now_s=100)
    with pytest.raises(VerificationError):
        nonces.admit("a", "1", expires_s=400, now_s=100)  # a replay, not forgotten for lack of room

    assert refused.value.code == Code.BUSY


def test_full_memory_refuses_all_until_something_expires() -> None:
    nonces = NonceMemory(overall_max=1)
    nonces.admit("a", "1", expires_s=400, now_s=100)

    with pytest.raises(RefusedError):
        nonces.admit("b", "1", expires_s=500, now_s=100)
    nonces.admit("b", "1", expires_s=500, now_s=401)

    assert len(nonces) == 1


steps = st.tuples(
    st.sampled_from("ab"), st.sampled_from("12"), st.integers(1, 60), st.integers(-20, 20)
)


@given(st.lists(steps, max_size=60))
def test_no_nonce_is_admitted_twice_whatever_the_clock_does(
    moves: list[tuple[str, str, int, int]],
) -> None:
    nonces, admitted, now_s = NonceMemory(sender_max=5, overall_max=8), set(), 1_000
    for sender, nonce, valid_s, step_s in moves:
        now_s += step_s
        message = (sender, nonce, now_s + valid_s)
        try:
            nonces.admit(sender, nonce, expires_s=now_s + valid_s, now_s=now_s)
        except (VerificationError, RefusedError):
            continue
        assert message not in admitted
        admitted.add(message)
        assert len(nonces) <= 8
