"""A disk that is full while a group moves in is said by its name, and nothing half-done stays."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import BinaryIO

import msgspec
import pytest

from federation.migrate.choices import Choices
from federation.migrate.template import template
from federation.node import moving_in, moving_work
from federation.node.moving_stage import Moving, Stage
from schemas.errors import Code, StorageError
from tests.federation.node.test_moving_in import bring, ended, group, looked
from tests.federation.node.test_moving_left import left
from tests.federation.world.conftest import WorldNode

__all__ = ["group"]


def no_room(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file begin, and no byte of it reach the disk."""

    def full(path: Path) -> BinaryIO:
        path.touch()
        return os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb")

    monkeypatch.setattr(moving_in, "_private", full)


async def standing(group: WorldNode) -> Moving:
    found = await moving_in.standing(group.node)
    assert found is not None
    return found


@pytest.mark.parametrize("deed", ["choose", "look", "write"])
async def test_what_cannot_be_noted_is_said_and_what_stood_stands(
    group: WorldNode, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    node = group.node
    before = await looked(node, template("nl"))
    stood = left(group)

    deeds = {
        "choose": lambda: moving_in.choose(node, before.ticket, Choices(code_width=5)),
        "look": lambda: moving_work.look(node, before.ticket),
        "write": lambda: moving_work.write(node, before.ticket),
    }

    with monkeypatch.context() as full:
        nothing_is_kept(full)
        with pytest.raises(StorageError) as caught:
            await deeds[deed]()

    assert caught.value.code is Code.IMPORT_UNWRITABLE
    assert await moving_in.standing(node) == before
    assert left(group) == stood
    await moving_work.write(node, before.ticket)
    assert (await ended(node)).stage is Stage.DONE


async def test_another_file_that_cannot_be_noted_leaves_the_one_that_stood(
    group: WorldNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await looked(group.node, template("nl"))
    file = moving_in.chest_of(group.node).file()
    assert file is not None
    stood = file.read_bytes()
    with monkeypatch.context() as full:
        full.setattr(moving_in, "_write", no_room)
        with pytest.raises(StorageError) as caught:
            await bring(group.node, {"leden.csv": b"lidnummer;naam\n"})

    assert caught.value.code is Code.IMPORT_UNWRITABLE
    assert (await standing(group), file.read_bytes()) == (before, stood)


async def test_an_import_that_cannot_begin_for_want_of_room_says_so(
    group: WorldNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = await looked(group.node, template("nl"))
    size = group.node.sequencer.size
    with monkeypatch.context() as full:
        full.setattr(Path, "touch", no_room)
        await moving_work.write(group.node, seen.ticket)
        stopped = await ended(group.node)

    assert stopped.fault is not None
    assert (stopped.stage, stopped.fault.code) == (Stage.LOOKED, Code.IMPORT_UNWRITABLE)
    assert group.node.sequencer.size == size
    await moving_work.write(group.node, seen.ticket)
    assert (await ended(group.node)).stage is Stage.DONE


@pytest.mark.parametrize("deed", ["look", "write"])
async def test_an_end_that_cannot_be_noted_is_said_and_it_goes_on_when_told(
    group: WorldNode, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    node = group.node
    seen = await looked(node, template("nl"))
    with monkeypatch.context() as full:
        noted = moving_in.Chest.write

        def begins_only(chest: moving_in.Chest, moving: Moving) -> None:
            if moving.stage not in (Stage.LOOKING, Stage.WRITING):
                no_room()
            noted(chest, moving)

        full.setattr(moving_in.Chest, "write", begins_only)
        await getattr(moving_work, deed)(node, seen.ticket)
        stopped = await ended(node)

    assert stopped.fault is not None
    assert (stopped.stage, stopped.fault.code) == (Stage.LOOKED, Code.IMPORT_UNWRITABLE)
    assert stopped.receipt == seen.receipt
    size = node.sequencer.size
    await moving_work.write(node, stopped.ticket)
    done = await ended(node)
    assert (done.stage, done.fault) == (Stage.DONE, None)
    assert done.written is not None
    if deed == "write":
        assert node.sequencer.size == size, "nothing came twice"


async def test_a_node_starts_on_a_full_disk_and_says_what_was_cut_off(
    group: WorldNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = await looked(group.node, template("nl"))
    chest = moving_in.chest_of(group.node)
    await group.stop()
    chest.write(msgspec.structs.replace(seen, stage=Stage.WRITING))
    with monkeypatch.context() as full:
        full.setattr(moving_in.Chest, "write", no_room)
        await group.start()

    stopped = await standing(group)
    assert stopped.fault is not None
    assert (stopped.stage, stopped.fault.code) == (Stage.LOOKED, Code.IMPORT_STOPPED)


async def test_what_an_end_could_not_note_is_forgotten_after_a_month_too(
    group: WorldNode,
) -> None:
    seen = await looked(group.node, template("nl"))
    chest = moving_in.chest_of(group.node)
    chest.write(msgspec.structs.replace(seen, stage=Stage.LOOKING))

    await moving_in.drop_forgotten(group.node, now_s=seen.brought_at_s + moving_in.KEPT_S + 1)

    assert await moving_in.standing(group.node) is None
    assert chest.file() is None
