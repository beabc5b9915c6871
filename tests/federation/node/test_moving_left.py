"""What comes in only half, or is left lying, goes: names and addresses of a whole group."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

import msgspec
import pytest

from federation.migrate.template import template
from federation.node import half_import, moving_in, moving_work, service
from federation.node.moving_stage import Moving
from schemas.errors import Code, InputError, StorageError
from tests.federation.node.test_moving_in import bring, ended, group, looked, pieces
from tests.federation.world.conftest import WorldNode, eventually

__all__ = ["group"]


def left(group: WorldNode) -> list[str]:
    """Name what lies where files of an import come in."""
    folder = group.node.folder.path / moving_in.FOLDER
    return sorted(path.name for path in folder.iterdir())


async def test_a_file_beyond_the_limit_stops_coming(
    group: WorldNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving_in, "FILE_MAX", 2_500)

    with pytest.raises(InputError) as caught:
        await bring(group.node, {"a.csv": b"x" * 1_500, "b.csv": b"x" * 1_500})

    assert caught.value.code is Code.TOO_LARGE
    assert await moving_in.standing(group.node) is None
    assert left(group) == []


@pytest.mark.parametrize("deed", ["coming", "keep"])
async def test_a_full_disk_is_said_and_nothing_half_stays(
    group: WorldNode, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    before = await looked(group.node, template("nl"))
    stood = left(group)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(moving_in.Chest, deed, full)
    with pytest.raises(StorageError) as caught:
        await bring(group.node, template("nl"))

    assert caught.value.code is Code.IMPORT_UNWRITABLE
    assert left(group) == stood
    assert await moving_in.standing(group.node) == before


async def test_a_disk_that_gets_full_on_the_way_is_said(
    group: WorldNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path) -> BinaryIO:
        return os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb")

    monkeypatch.setattr(moving_in, "_private", full)

    with pytest.raises(StorageError) as caught:
        await bring(group.node, {"leden.csv": b"x" * 1_500})

    assert caught.value.code is Code.IMPORT_UNWRITABLE
    assert left(group) == []


async def test_of_a_broken_connection_nothing_stays_and_what_stood_does(group: WorldNode) -> None:
    before = await looked(group.node, template("nl"))
    stood = left(group)

    async def breaks() -> AsyncIterator[bytes]:
        yield b"lidnummer;naam"
        raise ConnectionResetError

    async def half() -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        yield "leden.csv", breaks()

    with pytest.raises(ConnectionResetError):
        await moving_in.bring(group.node, half(), actor=None)

    assert left(group) == stood
    assert await moving_in.standing(group.node) == before


async def test_of_a_visit_that_was_cut_off_nothing_stays(group: WorldNode) -> None:
    began = asyncio.Event()

    async def waits() -> AsyncIterator[bytes]:
        yield b"lidnummer;naam"
        began.set()
        await asyncio.Event().wait()

    async def half() -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        yield "leden.csv", waits()

    coming = asyncio.create_task(moving_in.bring(group.node, half(), actor=None))
    await began.wait()
    assert len(left(group)) == 1
    coming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await coming

    await eventually(lambda: left(group) == [])


async def test_one_that_breaks_off_leaves_another_that_comes_meanwhile(group: WorldNode) -> None:
    began, going = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        began.set()
        await going.wait()
        yield b"x"
        raise ConnectionResetError

    async def half() -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        yield "leden.csv", slow()

    first = asyncio.create_task(moving_in.bring(group.node, half(), actor=None))
    await began.wait()

    async def other() -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        for name, content in template("nl").items():
            yield name, pieces(content)
            if not going.is_set():
                going.set()
                with pytest.raises(ConnectionResetError):
                    await first

    brought = await moving_in.bring(group.node, other(), actor=None)

    assert await moving_in.standing(group.node) == brought
    assert left(group) == ["brought.zip", "state.json"]


async def test_what_a_stop_left_half_come_goes_at_the_next_start(group: WorldNode) -> None:
    seen = await looked(group.node, template("nl"))
    stood = left(group)
    await group.stop()
    half = group.node.folder.path / moving_in.FOLDER / "coming-123"
    half.mkdir()
    (half / "0").write_bytes(b"name;address")

    await group.start()

    assert left(group) == stood
    assert await moving_in.standing(group.node) == seen


async def test_a_file_that_nobody_goes_on_with_goes_after_a_month(group: WorldNode) -> None:
    node = group.node
    seen = await looked(node, template("nl"))
    end_s = seen.brought_at_s + moving_in.KEPT_S

    await moving_in.drop_forgotten(node, now_s=end_s)
    assert await moving_in.standing(node) == seen
    await moving_in.drop_forgotten(node, now_s=end_s + 1)

    assert await moving_in.standing(node) is None
    assert not (node.folder.path / moving_in.FOLDER).exists()


async def test_a_node_that_starts_drops_what_was_left_too_long(group: WorldNode) -> None:
    seen = await looked(group.node, template("nl"))
    chest = moving_in.chest_of(group.node)
    await group.stop()
    past_s = seen.brought_at_s - moving_in.KEPT_S - 60
    chest.write(msgspec.structs.replace(seen, brought_at_s=past_s))

    await group.start()

    assert await moving_in.standing(group.node) is None
    assert chest.file() is None


async def test_a_node_that_runs_on_drops_it_too(
    group: WorldNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    await group.stop()
    monkeypatch.setattr(moving_work, "SWEEP_S", 0.01)
    await group.start()
    chest = moving_in.chest_of(group.node)
    past_s = service.now_s() - moving_in.KEPT_S - 60
    forgotten = Moving(file="leden.csv", size=1, brought_at_s=past_s, brought_by=None)

    chest.write(forgotten)

    await eventually(lambda: chest.read() is None)


async def test_what_is_half_written_or_done_is_kept_however_old(group: WorldNode) -> None:
    node = group.node
    seen = await looked(node, template("nl"))
    late_s = seen.brought_at_s + 2 * moving_in.KEPT_S
    half_import.begin(node.folder.path)

    await moving_in.drop_forgotten(node, now_s=late_s)
    assert await moving_in.standing(node) == seen

    half_import.end(node.folder.path)
    await moving_work.write(node, seen.ticket)
    done = await ended(node)
    await moving_in.drop_forgotten(node, now_s=late_s)
    assert await moving_in.standing(node) == done
