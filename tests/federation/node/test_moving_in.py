"""A group moves in: looked at before it is written, one at a time, and never half."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from deploy.demo.make_export import SECRET_MARKER, ExportFacts, ExportSize, make_export
from federation.group.statuses import who_has_left
from federation.migrate.choices import Choices
from federation.migrate.template import template
from federation.node import half_import, import_use_case, moving_in, moving_work, service
from federation.node.moving_stage import Moving, Stage
from federation.node.service import Node
from projections.books import Books
from schemas.errors import Code, InputError, RefusedError
from tests.federation.world.conftest import World, WorldNode, eventually

SIZE = ExportSize(members=8, posts=10, transactions=40)
Files = dict[str, bytes]


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1000):
        yield content[start : start + 1000]


async def sent(files: Files) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
    for name, content in files.items():
        yield name, pieces(content)


async def bring(node: Node, files: Files) -> Moving:
    return await moving_in.bring(node, sent(files), actor=None)


async def ended(node: Node) -> Moving:
    await eventually(lambda: not moving_work.worker_of(node).busy)
    moving = await moving_in.standing(node)
    assert moving is not None
    return moving


async def looked(node: Node, files: Files) -> Moving:
    moving = await bring(node, files)
    await moving_work.look(node, moving.ticket)
    return await ended(node)


def exported(path: Path) -> tuple[Files, ExportFacts]:
    facts = make_export(path / "group.zip", seed=5, size=SIZE)
    return {"group.zip": (path / "group.zip").read_bytes()}, facts


@pytest.fixture
async def group(world: World) -> WorldNode:
    return await world.make("alfa", 20)


async def test_a_group_is_looked_at_then_written_and_its_file_goes(
    group: WorldNode, tmp_path: Path
) -> None:
    node = group.node
    files, facts = exported(tmp_path)
    size = node.sequencer.size

    seen = await looked(node, files)
    folder = node.folder.path / moving_in.FOLDER
    brought = moving_in.chest_of(node).file()

    assert (seen.stage, seen.fault, node.sequencer.size) == (Stage.LOOKED, None, size)
    assert seen.receipt is not None
    assert (seen.receipt.transfers, seen.receipt.file) == (facts.transfers, "group.zip")
    assert brought is not None
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, brought)} == {0o700, 0o600}

    await moving_work.write(node, seen.ticket)
    done = await ended(node)

    assert (done.stage, done.fault, done.differ) == (Stage.DONE, None, ())
    assert done.written is not None
    assert done.written.transfers == facts.transfers
    assert moving_in.chest_of(node).file() is None
    assert all(SECRET_MARKER not in path.read_text() for path in folder.iterdir())


async def test_tables_are_taken_together_as_one_import(group: WorldNode) -> None:
    seen = await looked(group.node, template("nl"))

    assert seen.receipt is not None
    assert (seen.receipt.members, seen.receipt.posts, seen.receipt.transfers) == (2, 2, 1)


async def test_a_leaver_is_not_closed_before_its_bookings_have_come(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "TICK_S", 0.01)
    left: list[list[int]] = []

    def counted(books: Books) -> list[int]:
        left.append(who_has_left(books))
        return left[-1]

    monkeypatch.setattr(service, "who_has_left", counted)
    group = await world.make("alfa", 20)
    categories = import_use_case._categories

    async def slow(work: Any) -> None:  # the node looks for leavers between accounts and bookings
        left.clear()
        await eventually(lambda: sum(map(bool, left)) > 1)
        await categories(work)

    monkeypatch.setattr(import_use_case, "_categories", slow)
    tables = template("nl")
    tables["leden.csv"] = tables["leden.csv"].replace(b";actief;", b";uitstapper;")
    seen = await looked(group.node, tables)

    await moving_work.write(group.node, seen.ticket)
    done = await ended(group.node)

    rows = {row["code"]: row for row in await group.ask("member.list")}
    assert done.stage is Stage.DONE
    assert [(rows[c]["status"], rows[c]["balance_minor"]) for c in ("L001", "L002")] == [
        ("leaving", -5),
        ("leaving", 5),
    ]
    assert not half_import.stands(group.node.folder.path)


async def test_pictures_come_beside_the_tables(group: WorldNode) -> None:
    files = template("nl") | {f"{number}.jpg": b"x" for number in range(20)}
    files["vraag-en-aanbod.csv"] = files["vraag-en-aanbod.csv"].replace(
        b";leden;\r\n", b";leden;3.jpg|4.JPG\r\n"
    )

    seen = await looked(group.node, files)

    assert seen.receipt is not None
    assert (seen.receipt.posts, seen.receipt.pictures) == (2, 4)


async def test_what_nobody_looked_at_is_not_written(group: WorldNode, tmp_path: Path) -> None:
    moving = await bring(group.node, exported(tmp_path)[0])

    with pytest.raises(RefusedError) as caught:
        await moving_work.write(group.node, moving.ticket)

    assert caught.value.code is Code.IMPORT_CHANGED


async def test_of_two_coordinators_the_second_is_told(group: WorldNode, tmp_path: Path) -> None:
    node = group.node
    first = await looked(node, exported(tmp_path)[0])
    second = await looked(node, template("nl"))
    assert first.ticket != second.ticket

    for stale in (
        moving_work.write(node, first.ticket),
        moving_work.look(node, first.ticket),
        moving_in.choose(node, first.ticket, Choices()),
        moving_in.drop(node, first.ticket),
    ):
        with pytest.raises(RefusedError) as caught:
            await stale
        assert caught.value.code is Code.IMPORT_CHANGED

    both = await asyncio.gather(
        *(moving_work.write(node, second.ticket) for _ in range(2)), return_exceptions=True
    )
    assert [getattr(each, "code", None) for each in both].count(Code.IMPORT_RUNS) == 1
    assert (await ended(node)).stage is Stage.DONE


async def test_other_choices_want_another_look(group: WorldNode) -> None:
    node = group.node
    seen = await looked(node, template("nl"))

    chosen = await moving_in.choose(node, seen.ticket, Choices(code_width=5))
    with pytest.raises(RefusedError):
        await moving_work.write(node, chosen.ticket)
    await moving_work.look(node, chosen.ticket)

    assert (await ended(node)).stage is Stage.LOOKED
    again = await bring(node, template("fr"))
    assert again.choices == Choices(code_width=5)  # remembered


async def test_who_is_here_already_keeps_the_account_when_it_is_the_same(group: WorldNode) -> None:
    node = group.node
    await group.ask("member.add", code="l001", name="Els")
    seen = await looked(node, template("nl"))
    assert seen.clashes == ("L001",)

    await moving_work.write(node, seen.ticket)
    refused = await ended(node)
    assert refused.fault is not None
    assert refused.fault.code is Code.CODE_TAKEN
    chosen = await moving_in.choose(node, seen.ticket, Choices(same_codes=True))
    await moving_work.look(node, chosen.ticket)
    await ended(node)
    await moving_work.write(node, chosen.ticket)
    done = await ended(node)

    assert done.written is not None
    assert (done.written.joined, done.written.accounts) == (1, 1)
    ledger = node.machine.books.ledger
    assert [ledger.balance(ledger.codes[code]) for code in ("l001", "l002")] == [-5, 5]


async def test_a_group_with_decimals_gets_whole_units(world: World) -> None:
    group = await world.make("alfa", 20, decimals=2)
    seen = await looked(group.node, template("nl"))

    await moving_work.write(group.node, seen.ticket)
    done = await ended(group.node)

    ledger = group.node.machine.books.ledger
    assert [ledger.balance(ledger.codes[code]) for code in ("l001", "l002")] == [-500, 500]
    assert ledger.accounts[ledger.codes["l001"]].lower_minor == -50_000
    assert done.differ == ()


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, Code.TEXT_MISSING),
        ({"a.xlsx": b"x"}, Code.SPREADSHEET_FILE),
        ({"a.csv": b"PK\x03\x04" + bytes(26) + b"xl/workbook.xml"}, Code.SPREADSHEET_FILE),
        ({"a.pdf": b"x"}, Code.MALFORMED),
        ({".csv": b"x"}, Code.MALFORMED),
        ({"a.zip": b"x", "b.csv": b"y"}, Code.MALFORMED),
        ({"a.csv": b"x", "map/A.CSV": b"y"}, Code.ARCHIVE_DUPLICATE),
        ({f"{number}.csv": b"x" for number in range(13)}, Code.TOO_MANY),
    ],
)
async def test_what_cannot_be_an_import_is_refused_and_leaves_what_stood(
    group: WorldNode, files: Files, code: Code
) -> None:
    before = await looked(group.node, template("nl"))

    with pytest.raises(InputError) as caught:
        await bring(group.node, files)

    assert caught.value.code is code
    assert await moving_in.standing(group.node) == before


async def test_damage_is_named_and_another_file_can_be_brought(group: WorldNode) -> None:
    files = template("nl")
    files["transacties.csv"] = files["transacties.csv"][:-6] + b'"'

    seen = await looked(group.node, files)

    assert seen.stage is Stage.LOOKED
    assert seen.fault is not None
    assert (seen.fault.code, seen.fault.facts) == (
        Code.CSV_TRUNCATED,
        {"field": "transacties.csv", "line": 2},
    )
    assert seen.receipt is None
    assert (await looked(group.node, template("nl"))).fault is None


async def test_thrown_away_is_gone(group: WorldNode) -> None:
    seen = await looked(group.node, template("nl"))

    await moving_in.drop(group.node, seen.ticket)

    assert await moving_in.standing(group.node) is None
    assert not (group.node.folder.path / moving_in.FOLDER).exists()


async def test_an_import_that_a_stop_cut_off_goes_on_when_told(group: WorldNode) -> None:
    seen = await looked(group.node, template("nl"))
    chest = moving_in.chest_of(group.node)
    await group.stop()

    chest.write(msgspec.structs.replace(seen, stage=Stage.WRITING))
    await group.start()

    stopped = await moving_in.standing(group.node)
    assert stopped is not None
    assert stopped.fault is not None
    assert (stopped.stage, stopped.fault.code) == (Stage.LOOKED, Code.IMPORT_STOPPED)
    await moving_work.write(group.node, stopped.ticket)
    assert (await ended(group.node)).stage is Stage.DONE


async def test_state_of_another_release_is_dropped(group: WorldNode) -> None:
    await looked(group.node, template("nl"))
    (group.node.folder.path / moving_in.FOLDER / "state.json").write_bytes(b'{"v":99}')

    assert await moving_in.standing(group.node) is None
