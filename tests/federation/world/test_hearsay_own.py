"""Checkpoints of the own log that partners tell of: an alarm, unless the log gets there yet."""

from __future__ import annotations

import pytest

from events.log_store import SQL
from events.restore import Mode
from tests.federation.umbrella.conftest import proofs
from tests.federation.world.conftest import World, WorldNode, eventually
from tests.federation.world.test_cosigning import grow, has_cosigned, served
from tests.federation.world.test_hearsay import forks, heard, honest, signed


@pytest.fixture
async def pair(world: World) -> tuple[WorldNode, WorldNode]:
    a, b = await world.pair()
    await eventually(lambda: has_cosigned(b, a) and has_cosigned(a, b))
    return a, b


async def test_a_longer_log_of_our_own_that_we_do_not_have_is_an_alarm(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, _b = pair
    await served(a)

    assert len(await heard(a, signed(a, a.node.sequencer.size + 50))) == 1
    assert len(await heard(a, await honest(a))) == 1
    assert len(await heard(a, signed(a, 2))) == 2


async def test_the_own_log_is_not_accused_with_evidence(pair: tuple[WorldNode, WorldNode]) -> None:
    a, _ = pair
    await served(a)

    assert len(await heard(a, signed(a, a.node.sequencer.size))) == 1
    assert await proofs(a) == []


async def test_a_node_that_waits_for_its_own_log_raises_no_alarm_about_itself(
    pair: tuple[WorldNode, WorldNode],
) -> None:
    a, _ = pair
    gate, size = a.node.gate, a.node.sequencer.size
    gate.judgement = gate.judgement._replace(mode=Mode.READ_ONLY)

    assert await heard(a, signed(a, size + 50)) == []
    gate.judgement = gate.judgement._replace(mode=Mode.OPEN)
    await a.node.hearsay.look()

    assert len(await forks(a)) == 1, "when it writes again without having got that back"


async def test_a_checkpoint_that_is_still_to_be_recorded_here_raises_no_alarm(
    pair: tuple[WorldNode, WorldNode], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = pair
    before = a.node.sequencer.size
    await grow(a, 3)
    await eventually(lambda: has_cosigned(b, a))
    newest, told = SQL["newest_checkpoint"], await honest(a)

    with monkeypatch.context() as patch:
        older = newest.replace("log_checkpoint", f"log_checkpoint WHERE size <= {before}")
        patch.setitem(SQL, "newest_checkpoint", older)
        assert await heard(a, told) == []

    assert await heard(a, told) == []
    assert a.node.hearsay.waiting == {}
