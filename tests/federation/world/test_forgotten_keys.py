"""A machine put back to before its key was revoked learns from others what it had stated.

The umbrella has heard of the revocation, and nothing was cosigned since: nobody has seen a longer
log, and still the register takes no other statement in the place of those.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest

from events.restore import Mode
from federation.node import key_changes
from federation.node.postgres import PostgresServer
from schemas.encoding import b64
from schemas.errors import Code, StorageError
from schemas.keys import Cause, Role
from tests.federation.world.backups import Backups, groups, pay
from tests.federation.world.conftest import World, WorldNode, eventually, lines
from tests.federation.world.test_key_changes import key_file, settled, sound, statement


@pytest.fixture
async def backups(postgres_server: PostgresServer) -> AsyncIterator[Backups]:
    """Backups of this test, dropped at its end."""
    kept = Backups(postgres_server)
    yield kept
    await kept.close()


def recorded(umbrella: WorldNode, node: WorldNode) -> list[tuple[str, int, int | None]]:
    """What the register says of a node's log keys."""
    history = umbrella.node.machine.books.register.groups[node.node.id].history
    assert history is not None
    return [(k.key, k.holds_from, k.holds_until) for k in history.keys if k.role is Role.LOG]


async def stated_and_forgotten(
    world: World, backups: Backups, *, unseen: int = 0
) -> tuple[WorldNode, WorldNode, WorldNode]:
    """Revoke a log key, let the umbrella hear of it alone, and put the whole machine back.

    So many entries that nobody has seen stand before the revocation.
    """
    a, b, umbrella = await groups(world, umbrella=True)
    assert umbrella is not None
    await pay(a)
    await settled(a, b)
    await backups.take(a, machine=True)
    shutil.copytree(a.folder.keys, a.folder.path / "keys.kept")
    await eventually(lambda: a.node.outbox.delivery(lines(a)[0].line).met)
    await a.stop()
    await b.stop()
    await a.start()  # it releases nothing: its partner is away
    for number in range(unseen):
        await a.ask("member.add", code=f"1{number:02}", name="Nieuw")
    await a.stop()
    await key_changes.revoke(a.folder, Role.LOG, key_file(a, "root"))
    await a.start()
    await a.node.peers.read_register()
    await backups.restore(a, machine=True)
    shutil.rmtree(a.folder.keys)
    shutil.copytree(a.folder.path / "keys.kept", a.folder.keys)
    return a, b, umbrella


async def test_the_next_revocation_stands_on_top_of_the_forgotten_one(
    world: World, backups: Backups
) -> None:
    a, b, umbrella = await stated_and_forgotten(world, backups)
    before = recorded(umbrella, a)
    await b.start()
    await a.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)
    with pytest.raises(StorageError) as refused:
        await a.ask("member.add", code="009", name="Nieuw")
    await a.stop()

    change = await key_changes.revoke(a.folder, Role.LOG, key_file(a, "root"))

    await a.open()
    await a.node.peers.read_register()
    now = recorded(umbrella, a)
    assert refused.value.code is Code.KEYS_FORGOTTEN
    assert [key for key, _, _ in now] == [*(key for key, _, _ in before), change.key]
    assert change.revoked == before[-1][0], "the one that was lost with the machine"
    assert change.key == b64(key_file(a, "log").public.data)
    await pay(a)
    await settled(a, b)
    await sound(umbrella, a, b)


async def test_who_revokes_again_without_having_asked_takes_that_back(
    world: World, backups: Backups
) -> None:
    a, b, umbrella = await stated_and_forgotten(world, backups)
    before = recorded(umbrella, a)
    await key_changes.revoke(a.folder, Role.LOG, key_file(a, "root"))
    await b.start()
    await a.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)
    assert recorded(umbrella, a) == before
    await a.stop()
    with pytest.raises(StorageError) as refused:
        await key_changes.recover(a.folder, Role.LOG, key_file(a, "root"))
    await a.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)

    report = await a.ask("node.recover")
    await a.stop()
    change = await key_changes.recover(a.folder, Role.LOG, key_file(a, "root"))

    await a.open()
    await a.node.peers.read_register()
    assert refused.value.code is Code.KEYS_FORGOTTEN
    assert "key recover log" in str(report)
    assert [key for key, _, _ in recorded(umbrella, a)] == [
        *(key for key, _, _ in before),
        change.key,
    ]
    await pay(a)
    await settled(a, b)
    await sound(umbrella, a, b)


async def test_entries_that_were_lost_with_the_machine_are_not_signed_by_a_later_key(
    world: World, backups: Backups
) -> None:
    """The revocation stood behind entries that nobody has seen: the old key fills their places."""
    a, b, umbrella = await stated_and_forgotten(world, backups, unseen=3)
    before = recorded(umbrella, a)
    await b.start()
    await a.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)
    size = a.node.sequencer.size
    await a.stop()

    change = await key_changes.recover(a.folder, Role.LOG, key_file(a, "root"))

    assert size < before[-1][1] == change.holds_from
    await a.open()
    await a.node.peers.read_register()
    assert recorded(umbrella, a)[-1][:2] == (change.key, change.holds_from)
    await pay(a)
    await settled(a, b)
    await sound(umbrella, a, b)


async def test_only_a_new_log_key_brings_them_back_once_the_old_one_is_silent(
    world: World, backups: Backups
) -> None:
    a, b, _ = await stated_and_forgotten(world, backups)
    await b.start()
    await a.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)
    size = a.node.sequencer.size
    await a.stop()

    for change in (
        key_changes.rotate(a.folder, Role.LOG),
        key_changes.rotate(a.folder, Role.HTTP),
        key_changes.recover(a.folder, Role.HTTP, key_file(a, "root")),
    ):
        with pytest.raises(StorageError) as refused:
            await change
        assert refused.value.code is Code.KEYS_FORGOTTEN

    await a.start()
    assert a.node.sequencer.size == size


async def test_an_umbrella_that_invents_statements_makes_nobody_give_up_a_key(
    world: World,
) -> None:
    a, _, umbrella = await groups(world, umbrella=True)
    assert umbrella is not None
    stranger, size = key_file(umbrella, "root"), a.node.sequencer.size
    invented = statement(a, stranger, Cause.REVOCATION, a.node.identity.log, size)
    own = a.node.identity.statements
    await a.stop()
    umbrella.node.peers._statements[a.node.id] = (*own, invented)

    await a.open()

    assert (*own, invented) in a.node.question._told.values(), "it was told so"
    await pay(a)


async def test_a_partner_tells_what_it_knows_too(world: World) -> None:
    a, b = await world.pair()

    await a.node.question.ask(b.node.id)

    assert a.node.question._told[b.node.id] == a.node.identity.statements
