"""What a world is held to besides its invariants: real signatures now and then, and coming to rest.

Each bound is tried by a replacement of a product function that breaks it and nothing else.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import pytest

from events.machine import EVENT_PREFIX
from events.signing import PrivateKey, PublicKey
from federation.node.delivery import Delivery, wait_s
from tests.simulation import outbox, world
from tests.simulation.crypto import FakeKey, fake_signatures
from tests.simulation.world import REAL_ONE_IN, World, quiet, run_seed, signs_for_real

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.world import Outcome

REAL: Final = 4 * REAL_ONE_IN
"""A world with real keys, in which honest nodes trade with each other."""
SEEDS: Final = 20
_VERIFY: Final = PublicKey.verify
_SIGN: Final = PrivateKey.sign


def lived(seed: int) -> tuple[Outcome, Counter[bool]]:
    """Live through a world; counts what the product's own verification said meanwhile."""
    said: Counter[bool] = Counter()

    def verify(key: PublicKey, signature: bytes, message: bytes) -> bool:
        fits = _VERIFY(key, signature, message)
        said[fits] += 1
        return fits

    quiet()
    with patch.object(PublicKey, "verify", verify):
        outcome, _ = run_seed(seed)
    return outcome, said


def made(seed: int) -> World:
    """Make a world in which nothing happens."""
    if signs_for_real(seed):
        return World(seed)
    with fake_signatures():
        return World(seed)


def test_of_any_hundred_worlds_one_has_real_keys() -> None:
    first = random.SystemRandom().randrange(2**40)

    worlds = [made(seed) for seed in range(first, first + 100)]

    kinds = Counter(type(host.log_key) for each in worlds for host in each.hosts[:1])
    assert kinds == {FakeKey: 99, PrivateKey: 1}
    for each in worlds:
        keys = [party.identity.log_key for party in each.hosts]
        keys += [party.identity.log_key for party in each.puppets]
        assert len({type(key) for key in keys}) == 1
        each.schedule.close()


def test_a_world_with_real_keys_verifies_for_real_and_no_other_does() -> None:
    outcome, said = lived(REAL)
    _, said_of_fake = lived(REAL + 1)

    assert (outcome.rule, said[False]) == ("", 0)
    assert said[True] > outcome.settled > 0
    assert not said_of_fake


def _one_bit_off(key: PrivateKey, message: bytes) -> bytes:
    signature = _SIGN(key, message)
    return signature[:-1] + bytes([signature[-1] ^ 1])


def _for_another_message(key: PrivateKey, message: bytes) -> bytes:
    return _SIGN(key, message + b" ")


def _faked(key: PrivateKey, message: bytes) -> bytes:
    """Sign so that a world without real keys would believe it."""
    fake = FakeKey(b"")
    fake.public, fake._mark = key.public, key.public.data
    return fake.sign(message)


@pytest.mark.parametrize("wrong", [_one_bit_off, _for_another_message, _faked])
def test_a_wrong_signature_is_noticed_where_keys_are_real(
    wrong: Callable[[PrivateKey, bytes], bytes],
) -> None:
    def sign(key: PrivateKey, message: bytes) -> bytes:
        how = wrong if message.startswith(EVENT_PREFIX) else _SIGN
        return how(key, message)

    with patch.object(PrivateKey, "sign", sign):
        outcome, said = lived(REAL)

    assert outcome.rule == "settle", "nobody takes in what anybody says"
    assert outcome.settled == 0
    assert said[False]


def _asks_each_minute(delivery: Delivery, *facts: Any, **how: Any) -> float | None:
    """Ask again when the minute is full, though there is nothing to bring and nothing to ask."""
    waits = wait_s(delivery, *facts, **how)
    return -how["now_s"] % 60.0 if waits is None and not delivery.serving else waits


def _asks_at_once(delivery: Delivery, *facts: Any, **how: Any) -> float | None:
    waits = wait_s(delivery, *facts, **how)
    return 0.0 if waits is None and not delivery.serving else waits


def first_found(replacement: Any) -> Outcome | None:
    """Give the first finding in worlds in which workers wait as told."""
    quiet()
    with patch.object(outbox, "wait_s", replacement):
        outcomes = (run_seed(seed)[0] for seed in range(1, SEEDS + 1))
        return next((one for one in outcomes if one.rule), None)


def test_a_world_that_needs_exchanges_without_end_is_a_finding() -> None:
    found = first_found(_asks_each_minute)

    assert found is not None
    assert found.rule == "settle"
    assert "exchanges on" in found.text
    with (
        patch.object(outbox, "wait_s", _asks_each_minute),
        patch.object(world, "EXCHANGES_MAX", 10**9),
    ):
        assert run_seed(found.seed)[0].rule == "", "nothing else is wrong in that world"


def test_a_world_that_never_comes_to_rest_is_a_finding() -> None:
    found = first_found(_asks_at_once)

    assert found is not None
    assert (found.rule, found.text) == ("settle", "settle: this never ends")
