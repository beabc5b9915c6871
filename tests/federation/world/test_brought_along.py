"""When a log key is replaced, what is under way on a line comes along at once, by itself."""

from __future__ import annotations

import pytest

from federation.node import key_changes
from schemas.keys import Cause, Role
from tests.federation.world.conftest import World, WorldNode, eventually, lines
from tests.federation.world.test_key_changes import heard_of_keys, key_file, statement


async def revoked(node: WorldNode) -> None:
    """Stop a node, and revoke its log key."""
    root = key_file(node, "root")
    await node.stop()
    await key_changes.revoke(node.folder, Role.LOG, root)


async def test_what_waited_under_a_revoked_key_arrives_without_anybody_writing(
    world: World,
) -> None:
    a, b = await world.pair()
    await b.stop()
    await a.ask("line.freeze", group="beta", reason="maintenance")
    await revoked(a)
    await a.start()
    await heard_of_keys(b, a)

    await b.start()

    await eventually(lambda: lines(b)[0].their_frozen == "maintenance")
    assert not lines(b)[0].quarantined
    assert not a.node.outbox.delivery(lines(a)[0].line).refused, "no alarm about its own event"


async def asked_again(node: WorldNode) -> None:
    """Start a node, and wait until its outbox has spoken with the partner of its one line."""
    await node.open()
    await eventually(lambda: node.node.outbox.delivery(lines(node)[0].line).met)


async def test_the_new_key_is_told_once(world: World) -> None:
    a, _ = await world.pair()
    before = lines(a)[0].out_n
    await revoked(a)
    await asked_again(a)
    told = lines(a)[0].out_n

    await a.stop()
    await asked_again(a)

    assert told == before + 1
    assert lines(a)[0].out_n == told


async def test_who_hears_of_a_new_key_fetches_what_waits_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await world.pair()
    await eventually(lambda: lines(a)[0].in_n == lines(b)[0].out_n)
    monkeypatch.setattr(a.node.outbox, "wake", lambda _line: None)  # it brings nothing itself
    await a.ask("line.freeze", group="beta", reason="maintenance")
    own, size = a.node.identity.statements, a.node.sequencer.size
    new = statement(a, key_file(a, "root"), Cause.RECOVERY, key_file(a, "log-next"), size)

    assert await b.node.peers.learn(a.node.id, (*own, new))

    await eventually(lambda: lines(b)[0].their_frozen == "maintenance")
