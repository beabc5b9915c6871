"""A group goes on, on another server, by its root key; partners and umbrella go on with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from events.restore import Mode
from events.signing import PrivateKey
from federation.group.commands import Transfer
from federation.leaving import hand_over
from federation.leaving.exporting import export_log
from federation.leaving.take_over import Place, take_over
from federation.node import fence, key_changes
from federation.node.identity import read_key_file
from federation.node.service import Node, record_checkpoint
from federation.node.settings import NodeFolder
from federation.node.use_cases import new_key
from federation.node.verify import verify_log
from schemas.errors import Code, InputError, RuilbrugError, StorageError, VerificationError
from schemas.keys import Role
from tests.federation.world.backups import balances, groups, pay
from tests.federation.world.conftest import World, WorldNode, eventually, lines
from tests.ports import free_port

Databases = Callable[[], tuple[str, str]]


def paper(node: WorldNode) -> tuple[PrivateKey, bytes]:
    """The root and the recovery key, as they lie on paper."""
    keys = node.folder.keys
    return PrivateKey(read_key_file(keys / "root.key")), read_key_file(keys / "recovery.key")


def new_place(another_database: Databases) -> Place:
    owner, runtime = another_database()
    port = free_port()
    return Place(f"http://127.0.0.1:{port}", runtime, owner, port)


async def successor(
    world: World, old: WorldNode, file: Path, place: Place, *, folder: str = "new"
) -> WorldNode:
    """The group of an export, on another server and not started yet."""
    root, recovery = paper(old)
    path = NodeFolder(file.parent / folder)
    taken = await take_over(path, file, place, root=root, recovery=recovery)
    node = WorldNode(path, f"{place.url}#{taken.node}", old.name)
    world.nodes.append(node)
    return node


async def settled(a: WorldNode, b: WorldNode) -> None:
    await eventually(lambda: lines(a)[0].paid_units == lines(b)[0].credited_units)


@pytest.mark.parametrize("umbrella", [True, False])
async def test_a_partner_keeps_trading_on_the_same_line_with_a_group_that_moved(
    world: World, tmp_path: Path, another_database: Databases, *, umbrella: bool
) -> None:
    a, b, koepel = await groups(world, umbrella=umbrella)
    await pay(a)
    await settled(a, b)
    before = await balances(a)
    file = tmp_path / "alfa.zip"

    await a.ask("hand-over", file=str(file))

    # the old server neither books nor releases, and does not go on by accident
    with pytest.raises(StorageError) as error:
        await a.ask("pay", payer="001", payee="002", amount_minor=1, description="x")
    assert error.value.code is Code.HANDED_OVER
    await a.stop()
    await a.start()
    assert a.node.gate.mode is Mode.READ_ONLY
    await a.stop()
    with pytest.raises(StorageError):
        await key_changes.rotate(a.folder, Role.LOG)
    # what the partner books meanwhile waits
    under_way = b.ask("pay", payer="001", payee="002", amount_minor=60, group="alfa")
    with pytest.raises(RuilbrugError):
        await under_way

    new = await successor(world, a, file, new_place(another_database))
    assert (await verify_log(new.folder)).findings == []
    await new.open()

    assert await balances(new) == before
    assert [one.line for one in lines(new)] == [one.line for one in lines(b)]
    await eventually(lambda: b.node.peers.require(new.node.id).url == new.node.settings.public_url)
    await pay(new)
    await settled(new, b)
    await b.ask("pay", payer="001", payee="002", amount_minor=60, group="alfa")
    await eventually(lambda: lines(b)[0].paid_units == lines(new)[0].credited_units > 0)
    if koepel is not None:
        (row,) = [g for g in (await koepel.ask("group.list"))["groups"] if g["name"] == "alfa"]
        assert row["url"] == new.node.settings.public_url
        report = await koepel.ask("audit.report")
        assert report["report"]["findings"] == []
    # the old one, its fence torn down, is answered by nobody, so it releases nothing
    fence.take_down(a.folder)
    await a.start()
    assert not await a.node.question.again()


async def test_only_the_root_key_on_paper_takes_a_group_over(
    world: World, tmp_path: Path, another_database: Databases
) -> None:
    a, b = await world.pair()
    file = tmp_path / "alfa.zip"
    await a.ask("hand-over", file=str(file))
    place, (root, recovery) = new_place(another_database), paper(a)
    other_root, other_recovery = paper(b)
    folder = NodeFolder(tmp_path / "new")

    with pytest.raises(InputError) as error:
        await take_over(folder, file, place, root=other_root, recovery=recovery)
    assert error.value.facts == {"field": "root"}
    with pytest.raises(VerificationError) as sealed:
        await take_over(folder, file, place, root=root, recovery=other_recovery)
    assert sealed.value.code is Code.BACKUP_OTHER_KEY
    assert not folder.path.exists()
    # two at once: there is one empty database
    await take_over(folder, file, place, root=root, recovery=recovery)
    again = NodeFolder(tmp_path / "again")
    with pytest.raises(StorageError) as full:
        await take_over(again, file, place, root=root, recovery=recovery)
    assert full.value.code is Code.RESTORE_NOT_EMPTY
    assert not again.path.exists()


async def test_a_take_over_that_was_interrupted_goes_on(
    world: World, tmp_path: Path, another_database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await world.pair()
    file = tmp_path / "alfa.zip"
    await a.ask("hand-over", file=str(file))
    await a.stop()
    place = new_place(another_database)
    recover = key_changes.recover

    async def breaks(folder: NodeFolder, role: Role, root: PrivateKey) -> key_changes.Change:
        if role is Role.HTTP:
            raise StorageError(Code.DATABASE_UNAVAILABLE)
        return await recover(folder, role, root)

    with monkeypatch.context() as patch:
        patch.setattr(key_changes, "recover", breaks)
        with pytest.raises(StorageError):
            await successor(world, a, file, place)

    new = await successor(world, a, file, place)

    history = await key_changes.key_history(new.folder)
    assert [key.role for key in history.keys][-3:] == [Role.LOG, Role.HTTP, Role.WITNESS]
    await new.open()
    await pay(new)
    await settled(new, b)


async def test_an_export_that_cannot_be_written_hands_nothing_over(
    world: World, tmp_path: Path
) -> None:
    a, b = await world.pair()

    with pytest.raises(StorageError) as error:
        await a.ask("hand-over", file=str(tmp_path / "nowhere" / "alfa.zip"))

    assert error.value.code is Code.EXPORT_UNWRITABLE
    assert not fence.is_handed_over(a.folder)
    await pay(a)
    await settled(a, b)


async def test_a_log_that_grows_while_its_end_is_shown_is_handed_over_whole(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Partners trade on: something is written behind the checkpoint, and under the export."""
    a, _ = await world.pair()
    codes = a.node.machine.books.ledger.codes
    late = [Transfer(new_key(), codes["001"], codes["002"], 1) for _ in range(2)]
    shown, exported = record_checkpoint, export_log

    async def grows_behind(node: Node) -> None:
        await shown(node)
        if len(late) == 2:
            await node.sequencer.submit(late.pop())

    async def grows_under(node: Node, *given: Any, **named: Any) -> Any:
        made = await exported(node, *given, **named)
        if late:
            await node.sequencer.submit(late.pop())
        return made

    monkeypatch.setattr(hand_over, "record_checkpoint", grows_behind)
    monkeypatch.setattr(hand_over, "export_log", grows_under)
    size = a.node.sequencer.size

    made = await a.ask("hand-over", file=str(tmp_path / "alfa.zip"))

    assert late == []
    assert made["entries"] == a.node.sequencer.size == size + 2
    assert fence.is_handed_over(a.folder)
