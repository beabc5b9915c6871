"""Notes between two coordinators: they arrive, are sealed at rest, and can be forgotten."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from events.restore import Mode
from federation.cli.lines import _note
from federation.node.postgres import PostgresServer
from federation.node.verify import verify_log
from federation.node.written import written_text
from schemas.errors import Code, InputError, RuilbrugError
from schemas.openings import NOTE_LENGTH_MAX
from tests.federation.world.backups import Backups, groups, recovery_key
from tests.federation.world.conftest import World, WorldNode, eventually, lines
from tests.independent import judge

SECRET = "Zullen we de limiet naar veertig uur brengen? Groeten, Godelieve"
COLUMNS = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1, 2
"""
READ = (
    "SELECT format('SELECT DISTINCT %I::text FROM %I WHERE %I IS NOT NULL', $1::text, $2::text, $1)"
)
TEXTS = """
SELECT commitment FROM sealed_text WHERE layer = 'peer'
UNION ALL SELECT commitment FROM line_inbox_text
UNION ALL SELECT commitment FROM unreleased_text
"""


@pytest.fixture
async def backups(postgres_server: PostgresServer) -> AsyncIterator[Backups]:
    made = Backups(postgres_server)
    yield made
    await made.close()


async def everything(node: WorldNode) -> str:
    """Give every column of every table as text, as a dump would."""
    connection = await asyncpg.connect(node.folder.settings().database_owner, timeout=10)
    try:
        found: list[str] = []
        for table, column in await connection.fetch(COLUMNS):
            query = await connection.fetchval(READ, column, table)
            found += [row[0] for row in await connection.fetch(query)]
        return "\n".join(found)
    finally:
        await connection.close()


def spellings(text: str) -> list[str]:
    """Give the ways in which a text could lie in a dump: as it is, in hexadecimal, in base64."""
    data = text.encode()
    coded = [base64.urlsafe_b64encode(bytes(lead) + data)[4:-4].decode() for lead in range(3)]
    return [text, data.hex(), *coded]


async def sealed_texts(node: WorldNode) -> set[bytes]:
    connection = await asyncpg.connect(node.folder.settings().database_owner, timeout=10)
    try:
        return {row[0] for row in await connection.fetch(TEXTS)}
    finally:
        await connection.close()


async def read(node: WorldNode, group: str) -> list[tuple[bool, str]]:
    return [(row["own"], row["text"]) for row in await node.ask("line.notes", group=group)]


async def has_arrived(a: WorldNode, b: WorldNode) -> None:
    await eventually(lambda: lines(a)[0].out_n == lines(b)[0].in_n)
    await eventually(lambda: lines(b)[0].out_n == lines(a)[0].in_n)


async def refused(node: WorldNode, name: str, **arguments: Any) -> RuilbrugError:
    with pytest.raises(RuilbrugError) as caught:
        await node.ask(name, **arguments)
    return caught.value


async def judged(a: WorldNode, b: WorldNode) -> None:
    judge.compare(*[await judge.read_log(n.folder.settings().database_owner) for n in (a, b)])
    for node in (a, b):
        assert (await verify_log(node.folder)).findings == []


async def test_notes_of_both_sides_are_read_in_one_order(world: World) -> None:
    a, b = await world.pair()
    trade = await a.ask("pay", payer="001", payee="002", group="beta", amount_minor=3)
    first = await a.ask("line.note", group="beta", text=f"  {SECRET}\nen tot gauw ")
    await has_arrived(a, b)
    await b.ask("line.note", group="alfa", text="Ja, graag", trade=trade["path"])
    await has_arrived(a, b)
    await a.ask("line.note", group="beta", text="Dan stel ik het voor")
    await has_arrived(a, b)

    told = [f"{SECRET}\nen tot gauw", "Ja, graag", "Dan stel ik het voor"]
    assert await read(a, "beta") == list(zip([True, False, True], told, strict=True))
    assert await read(b, "alfa") == list(zip([False, True, False], told, strict=True))
    about = [row["trade"] for row in await a.ask("line.notes", group="beta")]
    assert about == ["", trade["path"], ""]
    assert first["n"] == (await b.ask("line.notes", group="alfa"))[0]["n"]
    await judged(a, b)


async def test_a_note_is_sealed_at_rest_and_gone_once_it_is_forgotten(world: World) -> None:
    a, b = await world.pair()
    note = await a.ask("line.note", group="beta", text=SECRET)
    await has_arrived(a, b)
    other = await b.ask("line.note", group="alfa", text="Ja, graag")
    await has_arrived(a, b)
    for node in (a, b):
        dump = await everything(node)
        assert "line.note" in dump or b"line.note".hex() in dump, "the dump has it all"
        assert not [text for text in spellings(SECRET) if text in dump]
    before = [await sealed_texts(node) for node in (a, b)]

    await a.ask("line.forget", group="beta", n=note["n"])
    told = lines(a)[0].out_n
    again = await a.ask("line.forget", group="beta", n=note["n"])
    await has_arrived(a, b)

    assert (again["group"], lines(a)[0].out_n) == ("beta", told), "once more changes nothing"
    (gone,) = before[0] - await sealed_texts(a)
    assert before[1] - await sealed_texts(b) == {gone}, "the sealed text is gone on both sides"
    for node, group in ((a, "beta"), (b, "alfa")):
        rows = await node.ask("line.notes", group=group)
        assert [(row["text"], row["forgotten"]) for row in rows] == [
            ("", True),
            ("Ja, graag", False),
        ]
        assert "[forgotten]" in _note(rows[0])
    await b.stop()
    await b.start()
    assert await read(b, "alfa") == [(False, ""), (True, "Ja, graag")]
    assert other["n"] == lines(b)[0].out_n
    await judged(a, b)


async def test_what_is_forgotten_before_it_was_sent_never_leaves(world: World) -> None:
    a, b = await world.pair()
    await a.ask("line.note", group="beta", text="eerst")
    await has_arrived(a, b)
    await b.stop()
    world.nodes.remove(b)
    note = await a.ask("line.note", group="beta", text=SECRET)
    await a.ask("line.forget", group="beta", n=note["n"])

    await b.start()
    world.nodes.append(b)
    await has_arrived(a, b)

    rows = await b.ask("line.notes", group="alfa")
    assert [(row["text"], row["forgotten"]) for row in rows] == [("eerst", False), ("", True)]
    await judged(a, b)


@pytest.mark.parametrize("restored", ["who wrote it", "who read it"])
async def test_what_was_forgotten_does_not_come_back_with_a_backup(
    world: World, backups: Backups, restored: str
) -> None:
    a, b, koepel = await groups(world, umbrella=True)
    assert koepel is not None
    note = await a.ask("line.note", group="beta", text=SECRET)
    await has_arrived(a, b)
    back = a if restored == "who wrote it" else b
    await backups.take(back)
    await a.ask("line.forget", group="beta", n=note["n"])
    await has_arrived(a, b)
    await koepel.ask("audit.report")
    await backups.restore(back)
    await back.start()
    assert await sealed_texts(back), "the backup has the text"
    if back is a:
        await eventually(lambda: a.node.gate.mode is Mode.READ_ONLY)
        assert (await a.ask("node.recover", key=recovery_key(a)))["mode"] == "open"

    await has_arrived(a, b)
    for node, group in ((a, "beta"), (b, "alfa")):
        assert [(r["text"], r["forgotten"]) for r in await node.ask("line.notes", group=group)] == [
            ("", True)
        ]
        assert not await sealed_texts(node)


async def test_bad_notes_are_refused_and_leave_no_trace(world: World) -> None:
    a, b = await world.pair()
    note = await a.ask("line.note", group="beta", text="x" * NOTE_LENGTH_MAX)
    await has_arrived(a, b)
    for letter in "yz":
        theirs = await b.ask("line.note", group="alfa", text=letter)
    await has_arrived(a, b)
    before = lines(a)[0].out_n

    for text, code in (
        ("", Code.MALFORMED),
        (" \n ", Code.MALFORMED),
        ("bel\x07", Code.MALFORMED),
        ("\x1b[2Jweg", Code.MALFORMED),
        ("\ud800", Code.MALFORMED),
        ("x" * (NOTE_LENGTH_MAX + 1), Code.TOO_LARGE),
        ("x" * 100_000, Code.TOO_LARGE),
        (7, Code.MALFORMED),
    ):
        assert (await refused(a, "line.note", group="beta", text=text)).code is code
    assert (await refused(a, "line.note", group="gamma", text="x")).code is Code.PEER_UNKNOWN
    unknown = await refused(a, "line.note", group="beta", text="x", trade="A" * 22)
    assert unknown.code is Code.NOT_FOUND
    for n in (1, note["n"] + 1, 2**40):
        assert (await refused(a, "line.forget", group="beta", n=n)).code is Code.NOT_FOUND
    assert theirs["n"] > before
    other = await refused(a, "line.forget", group="beta", n=theirs["n"])
    assert other.code is Code.NOT_FOUND, "a note of the other side is theirs to have forgotten"
    for n in (0, -1, "x"):
        assert (await refused(a, "line.forget", group="beta", n=n)).code is Code.MALFORMED
    assert lines(a)[0].out_n == before


def test_a_text_is_signed_in_one_form() -> None:
    assert written_text(" de\u0301\n", field="text", length_max=2) == "d\u00e9"
    with pytest.raises(InputError, match="control character"):
        written_text("a\tb", field="text", length_max=4)


def test_no_text_looks_like_another_note() -> None:
    row = {"n": 3, "own": False, "at_s": 0, "trade": "", "forgotten": False}

    shown = _note(row | {"text": "x\ntheirs 4, 1970-01-01 00:00 UTC: y"})

    assert shown.splitlines()[1].startswith("    ")
    assert _note(row | {"text": ""}).endswith("[not readable]")
