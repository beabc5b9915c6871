"""An export holds the log as it was signed; what is cut off or changed is refused by name."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from events.growing import GrowingTree
from events.merkle import leaf_hash
from federation.leaving.log_export import LOG, MANIFEST
from federation.leaving.log_file import opened_export
from schemas.errors import Code, VerificationError
from tests.federation.world.backups import pay
from tests.federation.world.conftest import World, WorldNode, eventually, lines

Change = Callable[[str, bytes], bytes | None]


async def traded(world: World) -> tuple[WorldNode, WorldNode]:
    """Two groups of which one has paid the other."""
    a, b = await world.pair()
    await pay(a)
    await eventually(lambda: lines(a)[0].paid_units == lines(b)[0].credited_units > 0)
    return a, b


def rewritten(file: Path, change: Change) -> Path:
    """Pack an export anew, each part changed or, where nothing is given, left out."""
    target = file.with_name("changed.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def without(name: str) -> Change:
    return lambda part, content: None if part == name else content


def longer(name: str) -> Change:
    return lambda part, content: content + b"\n" * (part == name)


def refused(file: Path) -> VerificationError:
    with pytest.raises(VerificationError) as error, opened_export(file) as opened:
        opened.require_whole()
    assert error.value.facts["field"] == file.name
    return error.value


async def test_an_export_is_the_log_as_it_was_signed_and_nothing_else(
    world: World, tmp_path: Path
) -> None:
    a, _ = await traded(world)
    file = tmp_path / "alfa.zip"

    answer = await a.ask("export.log", file=str(file))

    with opened_export(file) as opened:
        opened.require_whole()
        entries = list(opened.entries())
        notes = list(opened.checkpoints())
    assert answer["entries"] == len(entries) == a.node.sequencer.size
    rows = await a.node.pool.fetch("SELECT core, signature FROM log_event ORDER BY seq")
    assert [entry.core.encode() for entry in entries] == [row["core"] for row in rows]
    assert {o.layer for e in entries for o in e.openings if o.salt} == {"personal", "peer"}
    assert any("Lid 001" in o.text for e in entries for o in e.openings)
    assert [note.size for note in notes] == sorted({note.size for note in notes})
    content = file.read_bytes()
    for key in a.folder.keys.glob("*.key"):
        assert key.read_bytes().strip() not in content
    # cut off anywhere
    for size in (0, 3, 100, len(content) // 2, len(content) - 1):
        cut = tmp_path / "cut.zip"
        cut.write_bytes(content[:size])
        code = Code.EXPORT_TRUNCATED if size >= 4 else Code.EXPORT_UNKNOWN
        assert refused(cut).code is code
    # a byte flipped anywhere
    for at in range(10, len(content), len(content) // 40):
        flipped = tmp_path / "flipped.zip"
        flipped.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        try:
            with opened_export(flipped) as opened:
                opened.require_whole()
        except VerificationError as error:
            assert error.facts["field"] == flipped.name
        else:
            assert not _differs(flipped, file)
    # packed anew
    names = zipfile.ZipFile(file).namelist()
    for name in names:
        assert refused(rewritten(file, without(name))).facts["part"] == name
        assert refused(rewritten(file, longer(name))).code is Code.EXPORT_DAMAGED
    more = rewritten(file, lambda _, c: c)
    with zipfile.ZipFile(more, "a") as archive:
        archive.writestr("more.csv", b"a")
    assert refused(more).facts["part"] == "more.csv"
    newer = refused(rewritten(file, lambda part, c: b'{"v":2}' if part == MANIFEST else c))
    assert newer.code is Code.EXPORT_NEWER


def _differs(one: Path, other: Path) -> bool:
    """Tell whether the parts of two exports differ: a ZIP has bytes that nobody reads."""
    with zipfile.ZipFile(one) as a, zipfile.ZipFile(other) as b:
        return any(a.read(name) != b.read(name) for name in b.namelist())


async def test_a_manifest_that_somebody_else_signed_is_refused(
    world: World, tmp_path: Path
) -> None:
    a, b = await traded(world)
    for node in (a, b):
        await node.ask("export.log", file=str(tmp_path / f"{node.name}.zip"))
    other = zipfile.ZipFile(tmp_path / "beta.zip")

    def change(name: str, content: bytes) -> bytes:
        return other.read(name) if name == "manifest.sig" else content

    assert refused(rewritten(tmp_path / "alfa.zip", change)).facts["part"] == MANIFEST


async def test_an_entry_that_opens_to_other_words_is_refused(world: World, tmp_path: Path) -> None:
    a, _ = await traded(world)
    file = tmp_path / "alfa.zip"
    await a.ask("export.log", file=str(file))

    with opened_export(file) as opened:
        entry = next(e for e in opened.entries() if any(o.salt for o in e.openings))
        tree = GrowingTree.from_tiles([], [])
        for before in opened.entries():
            if before.seq == entry.seq:
                break
            tree.append(leaf_hash(before.core.encode()))
        words = msgspec.structs.replace(entry.openings[0], text="{}")
        with pytest.raises(VerificationError) as error:
            opened.require_entry(msgspec.structs.replace(entry, openings=(words,)), tree)
    assert error.value.facts == {"field": "alfa.zip", "part": LOG}
