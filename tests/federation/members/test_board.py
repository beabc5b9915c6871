"""News, calendar and documents: who writes and reads, and that the log brings all of it back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from events.restore import Mode
from federation.members import activities, board, document_files, projector
from federation.members.board import ItemForm
from federation.members.document_files import Upload
from federation.members.queries import SQL
from federation.members.reader import ANONYMOUS, NEIGHBOUR, OPERATOR
from federation.node.postgres import PostgresServer
from federation.node.rebuild import rebuild_tables
from federation.node.service import now_s
from federation.node.use_cases import new_key
from federation.node.verify import verify_log
from schemas.board_bodies import ItemKind
from schemas.errors import Code, InputError, RefusedError
from tests.federation.members.conftest import Group
from tests.federation.world.backups import Backups, groups, pay, recovery_key
from tests.federation.world.conftest import World, WorldNode, eventually
from tests.federation.world.test_verify import intruder

HOUR_S = 3_600
PDF = b"%PDF-1.4 verslag van de vergadering"
CHANGES = (
    "UPDATE board_item SET starts_at_s = starts_at_s # 1 WHERE item = 1",
    "UPDATE board_item SET kind = CASE kind WHEN 'news' THEN 'date' ELSE 'news' END WHERE item = 1",
    "UPDATE board_item SET seq = seq # 1 WHERE item = 1",
    "UPDATE board_item SET removed = NOT removed WHERE item = 4",
    "UPDATE board_item SET ends_at_s = CASE WHEN ends_at_s IS NULL THEN 9 END WHERE item = 1",
)


async def news(group: Group, title: str = "Nieuwe leden", **said: Any) -> int:
    fields: dict[str, Any] = {"title": title, "starts_at_s": now_s()} | said
    form = ItemForm(**fields)
    reader = group.reader("003")
    return await board.place(group.node, reader, ItemKind.NEWS, form, key=new_key())


async def document(group: Group, name: str = "verslag.pdf", content: bytes = PDF) -> int:
    reader = group.reader("003")
    file, called = await document_files.store(group.node, reader, Upload(name, content))
    form = ItemForm(title="Verslag", starts_at_s=now_s(), file=file, file_name=called)
    return await board.place(group.node, reader, ItemKind.DOCUMENT, form, key=new_key())


async def lively(group: Group) -> None:
    """Let something of every kind happen."""
    coordinator = group.reader("003")
    first = await news(group, text="Een\nTwee")
    form = ItemForm(title="Feest", place="Zaal", starts_at_s=9, ends_at_s=10)
    await board.place(group.node, coordinator, ItemKind.DATE, form, key=new_key())
    await document(group)
    gone = await news(group, "Weg ermee")
    await board.remove(group.node, coordinator, gone, key=new_key())
    anders = ItemForm(title="Anders", starts_at_s=7)
    await board.change(group.node, coordinator, first, anders, key=new_key())


def facts(group: Group) -> Any:
    return dict(group.node.machine.books.members.parts())["board_item"]


async def plain(group: Group) -> list[str]:
    rows = await group.node.pool.fetch("SELECT to_jsonb(t)::text AS row FROM plain.board_item t")
    return sorted(row["row"] for row in rows)


async def test_a_start_and_a_rebuild_give_what_was_folded(group: Group) -> None:
    await lively(group)
    before, opened = facts(group), await plain(group)
    assert len(before) == 4
    assert len(opened) == 3
    settings = group.world.folder.settings()

    for chunk in (0, 1, 4096):
        await group.world.stop()
        if chunk:
            await rebuild_tables(settings.database, settings.database_owner, chunk=chunk)
            assert (await verify_log(group.world.folder)).findings == []
        await group.world.start()
        await projector.reached(group.node, group.node.sequencer.size - 1)

        assert facts(group) == before
        assert await plain(group) == opened
    assert await news(group) == 5


async def test_verify_finds_a_changed_table(group: Group, postgres_server: PostgresServer) -> None:
    await lively(group)
    await group.world.stop()
    assert (await verify_log(group.world.folder)).findings == []
    missed = []

    async with intruder(postgres_server, group.world) as connection:
        for change in CHANGES:
            assert (await connection.execute(change)).endswith(" 1")
            found = {f.what for f in (await verify_log(group.world.folder)).findings}
            await connection.execute(change)
            if found != {"board_item"}:
                missed.append((change, found))

    assert missed == []
    assert (await verify_log(group.world.folder)).findings == []


@pytest.fixture
async def backups(postgres_server: PostgresServer) -> AsyncIterator[Backups]:
    made = Backups(postgres_server)
    yield made
    await made.close()


async def titles(node: WorldNode) -> list[str]:
    await projector.reached(node.node, node.node.sequencer.size - 1)
    rows = await node.node.pool.fetch("SELECT item, title FROM plain.board_item ORDER BY item")
    return [f"{row['item']} {row['title']}" for row in rows]


async def test_what_nobody_saw_is_told_anew_under_its_new_number(
    world: World, backups: Backups
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None

    async def tell(title: str) -> int:
        form = ItemForm(title=title, starts_at_s=1)
        return await board.place(a.node, OPERATOR, ItemKind.NEWS, form, key=new_key())

    await backups.take(a, machine=True)
    await tell("Van voor de ramp")
    await pay(a, 3)
    await koepel.ask("audit.report")
    await backups.restore(a, machine=True)
    await koepel.stop()
    await b.stop()
    await a.start()
    assert a.node.gate.mode is Mode.RELEASES_NOTHING
    first, second = await tell("Feest"), await tell("Vergissing")
    changed = ItemForm(title="Groot feest", starts_at_s=2)
    await board.change(a.node, OPERATOR, first, changed, key=new_key())
    await board.remove(a.node, OPERATOR, second, key=new_key())
    await b.start()
    await koepel.start()
    await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)

    report = await a.ask("node.recover", key=recovery_key(a))

    assert report["mode"] == "open", report
    assert [line for line in report["tail"] if ": appended anew" not in line] == []
    assert len(report["tail"]) == 4
    assert await titles(a) == ["1 ", "2 Groot feest"]  # texts since the backup are lost
    assert (await verify_log(a.folder)).findings == []


async def test_members_read_and_nobody_else(group: Group) -> None:
    item = await news(group)
    number = await document(group)

    for reader in (ANONYMOUS, NEIGHBOUR):
        for asked in (
            board.item(group.node, reader, item, ItemKind.NEWS),
            board.items(group.node, reader, ItemKind.NEWS),
            board.coming(group.node, reader, now_s=0),
            board.past(group.node, reader, now_s=0),
            board.file_of(group.node, reader, number),
        ):
            with pytest.raises(RefusedError) as refused:
                await asked
            assert refused.value.code is Code.FORBIDDEN
    member = group.reader("001")
    assert (await board.item(group.node, member, item, ItemKind.NEWS)).title == "Nieuwe leden"
    assert await board.file_of(group.node, member, number) == ("verslag.pdf", PDF)


async def test_members_write_nothing(group: Group) -> None:
    item, member = await news(group), group.reader("001")
    form = ItemForm(title="Van mij", starts_at_s=1)

    for deed in (
        board.place(group.node, member, ItemKind.NEWS, form, key=new_key()),
        board.change(group.node, member, item, form, key=new_key()),
        board.remove(group.node, member, item, key=new_key()),
        document_files.store(group.node, member, Upload("a.pdf", PDF)),
    ):
        with pytest.raises(RefusedError) as refused:
            await deed
        assert refused.value.code is Code.FORBIDDEN
    assert await group.node.pool.fetchval("SELECT count(*) FROM document_file") == 0


async def test_a_retried_command_tells_it_once_and_alike_commands_are_told_apart(
    group: Group,
) -> None:
    reader, key = group.reader("003"), new_key()
    form = ItemForm(title="Eén keer", starts_at_s=1)

    numbers = await asyncio.gather(
        *(board.place(group.node, reader, ItemKind.NEWS, form, key=key) for _ in range(3))
    )

    assert len(set(numbers)) == 1
    assert len(await board.items(group.node, reader, ItemKind.NEWS)) == 1
    await group.post("003")
    with pytest.raises(RefusedError) as refused:  # another deed under the same key
        await board.remove(group.node, reader, numbers[0], key=key)
    assert refused.value.code is Code.CONFLICT


async def test_an_item_is_found_under_its_own_kind_only(group: Group) -> None:
    item, reader = await news(group), group.reader("001")

    for number, kind in ((item, ItemKind.DATE), (item + 1, ItemKind.NEWS)):
        with pytest.raises(InputError) as error:
            await board.item(group.node, reader, number, kind)
        assert error.value.code is Code.NOT_FOUND


async def test_the_calendar_holds_dates_and_activities_in_order(group: Group) -> None:
    now, member = now_s(), group.reader("001")
    for title, start, end in (
        ("Voorbij", -2, None),
        ("Bezig", -1, 1),
        ("Straks", 3, None),
    ):
        form = ItemForm(
            title=title,
            starts_at_s=now + start * HOUR_S,
            ends_at_s=None if end is None else now + end * HOUR_S,
        )
        await board.place(group.node, group.reader("003"), ItemKind.DATE, form, key=new_key())
    helping = activities.ActivityForm("Snoeien", now + 2 * HOUR_S, now + 4 * HOUR_S)
    done = await activities.place(group.node, member, helping, key=new_key())

    found = await board.coming(group.node, member, now_s=now)
    gone = await board.past(group.node, member, now_s=now)

    assert [entry.title for entry in found] == ["Bezig", "Snoeien", "Straks"]
    assert [entry.activity for entry in found] == [None, done.activity, None]
    assert [entry.title for entry in gone] == ["Voorbij"]


async def test_the_newest_news_comes_first_and_a_page_at_a_time(group: Group) -> None:
    for number in range(3):
        await news(group, f"Nr {number}", starts_at_s=100 - number)
    await news(group, "Zelfde dag", starts_at_s=100)
    reader = group.reader("001")

    found = await board.items(group.node, reader, ItemKind.NEWS, limit=3)
    rest = await board.items(group.node, reader, ItemKind.NEWS, limit=3, offset=3)

    titled = [item.title for item in (*found, *rest)]
    assert titled == ["Zelfde dag", "Nr 0", "Nr 1", "Nr 2"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("verslag.pdf", "verslag.pdf"),
        ("C:\\Mijn documenten\\Verslag.PDF", "Verslag.pdf"),
        ("../../etc/lijst.csv", "lijst.csv"),
        ('a"b\r\nX: y.txt', "a'b X: y.txt"),
        ("\u202efdp.txt", "fdp.txt"),
        ("x" * 200 + ".docx", "x" * 95 + ".docx"),
        ("notulen mei.odt", "notulen mei.odt"),
    ],
)
def test_a_file_keeps_a_name_that_does_no_harm(name: str, kept: str) -> None:
    assert document_files.file_name(name) == kept
    assert len(kept) <= document_files.NAME_MAX


@pytest.mark.parametrize(
    "name", ["", "pdf", ".pdf", "a.exe", "a.html", "a.svg", "a.pdf.js", "a.pdf/", "..", "a."]
)
def test_other_kinds_of_files_are_not_taken(name: str) -> None:
    with pytest.raises(InputError) as error:
        document_files.file_name(name)

    assert error.value.code is Code.MALFORMED


async def test_a_file_is_sealed_kept_once_and_not_too_large(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    await document(group)
    await document(group, "nog eens.pdf")
    rows = await group.node.pool.fetch("SELECT size, sealed FROM document_file")

    assert [row["size"] for row in rows] == [len(PDF)]
    assert PDF not in rows[0]["sealed"]
    monkeypatch.setattr(document_files, "FILE_MAX", 2 * len(PDF))
    for content, code in ((b"", Code.TEXT_MISSING), (PDF * 3, Code.TOO_LARGE)):
        with pytest.raises(InputError) as error:
            await document(group, content=content)
        assert error.value.code is code
    monkeypatch.setattr(document_files, "ALL_FILES_MAX", 2 * len(PDF))
    with pytest.raises(InputError) as error:
        await document(group, content=PDF * 2)
    assert error.value.code is Code.TOO_MANY


async def test_a_removed_file_is_swept_and_one_that_is_shown_is_not(group: Group) -> None:
    reader = group.reader("003")
    kept, gone = await document(group), await document(group, content=b"weg")
    await board.remove(group.node, reader, gone, key=new_key())
    with pytest.raises(InputError):
        await board.file_of(group.node, reader, gone)

    await group.node.pool.execute(SQL["drop_files"], now_s() + 1)

    assert await board.file_of(group.node, reader, kept) == ("verslag.pdf", PDF)
    assert await group.node.pool.fetchval("SELECT count(*) FROM document_file") == 1


async def test_a_file_that_did_not_come_back_is_not_found(group: Group) -> None:
    number, reader = await document(group), group.reader("001")
    await group.node.pool.execute("DELETE FROM document_file")

    with pytest.raises(InputError) as error:
        await board.file_of(group.node, reader, number)

    assert error.value.code is Code.NOT_FOUND
    form = ItemForm(
        title="Verslag",
        starts_at_s=1,
        file=(await board.item(group.node, reader, number, ItemKind.DOCUMENT)).file,
        file_name="verslag.pdf",
    )
    with pytest.raises(InputError) as error:
        await board.change(group.node, group.reader("003"), number, form, key=new_key())
    assert error.value.code is Code.NOT_FOUND
