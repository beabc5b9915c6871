"""Coordinators take all of their group along, whole or table by table; nobody else does."""

from __future__ import annotations

import io
import re
import zipfile

from federation.migrate.written import HEADERS
from federation.web.pages.exporting import PIECES
from tests.federation.web.conftest import House


async def test_the_file_of_the_page_is_that_of_the_command(house: House) -> None:
    browser = await house.signed_in("003")

    page = await browser.get("/group/export")
    async with browser.session.get(f"{browser.url}/group/export.zip") as answer:
        content = await answer.read()

    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    assert set(archive.namelist()) == {f"{name}.csv" for name in HEADERS}
    for piece in PIECES:
        path = f"/group/export/{piece.table}.csv"
        assert path in page.text
        table = await browser.get(path)
        assert timeless(table.text) == timeless(archive.read(f"{piece.table}.csv").decode())
    assert "attachment" in answer.headers["Content-Disposition"]


def timeless(table: str) -> str:
    """Leave out when a table was written: the whole and its parts are made one after the other."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "", table)


async def test_a_table_that_is_not_there_and_a_second_export_are_told_so(house: House) -> None:
    browser = await house.signed_in("003")

    assert (await browser.get("/group/export/login_link.csv")).status == 404
