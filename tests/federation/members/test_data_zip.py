"""Own data are packed while they are read: what has been packed is let go of."""

from __future__ import annotations

import csv
import json
import random
import weakref
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator
from io import BytesIO, StringIO
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from federation.members.data_zip import Packing, pack
from federation.members.my_data import Rows, Table
from federation.words.texts import texts
from schemas.texts.words import Language

PACKING = Packing(texts(Language.NL), ZoneInfo("Europe/Brussels"), 1_800_000_000)
PAGE, PAGES = 200, 30


class Row(dict[str, Any]):
    """A row of which it is seen whether somebody still holds it."""

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)


class Source:
    """Gives long pages of made-up messages, and sees how many rows are held."""

    def __init__(self) -> None:
        self.given = 0
        self.held: weakref.WeakSet[Row] = weakref.WeakSet()
        self.chance = random.Random(7)

    async def pages(self) -> AsyncGenerator[Rows]:
        for _ in range(PAGES):
            yield [self._row() for _ in range(PAGE)]

    def _row(self) -> Row:
        row = Row(thread=self.given, text=self.chance.randbytes(40).hex())
        self.given += 1
        self.held.add(row)
        return row


async def no_pictures() -> AsyncIterator[tuple[str, bytes]]:
    for picture in list[tuple[str, bytes]]():
        yield picture


async def test_a_long_table_leaves_page_by_page_and_is_let_go_of() -> None:
    source, sent = Source(), b""
    given, held = [], []

    async for piece in pack([Table("messages", source.pages)], no_pictures(), PACKING):
        sent += piece
        given.append(source.given)
        held.append(len(source.held))

    assert given[0] <= PAGE, "the first bytes leave before the second page is read"
    assert max(after - before for before, after in pairwise(given)) <= 4 * PAGE, "packing buffers"
    assert max(held) <= 2 * PAGE
    assert source.given == 2 * PAGE * PAGES
    with zipfile.ZipFile(BytesIO(sent)) as found:
        assert found.testzip() is None
        told = json.loads(found.read("mijn-gegevens/berichten.json"))
        table = found.read("mijn-gegevens/berichten.csv").decode("utf-8-sig")
    lines = list(csv.reader(StringIO(table), delimiter=";"))
    assert lines[0] == ["Gesprek", "Tekst"]
    assert [line[0] for line in lines[1:]] == [str(n) for n in range(PAGE * PAGES)]
    assert [row["thread"] for row in told] == list(range(PAGE * PAGES, 2 * PAGE * PAGES))


async def test_who_stops_listening_lets_go_of_everything() -> None:
    source = Source()
    pieces = pack([Table("messages", source.pages)], no_pictures(), PACKING)

    while source.given < 3 * PAGE:
        await anext(pieces)
    await pieces.aclose()

    assert source.given == 3 * PAGE
    assert not source.held


async def test_empty_pages_between_full_ones_leave_no_trace() -> None:
    async def pages() -> AsyncGenerator[Rows]:
        for rows in ([], [{"text": "een"}], [], [{"text": "twee"}], []):
            yield rows

    sent = b""
    async for piece in pack([Table("messages", pages)], no_pictures(), PACKING):
        sent += piece

    with zipfile.ZipFile(BytesIO(sent)) as found:
        assert json.loads(found.read("mijn-gegevens/berichten.json")) == [
            {"text": "een"},
            {"text": "twee"},
        ]
        table = found.read("mijn-gegevens/berichten.csv").decode("utf-8-sig")
        assert table == "Tekst\r\neen\r\ntwee\r\n"
