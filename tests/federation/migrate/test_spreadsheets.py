"""A workbook where CSV was meant is known by its name or first bytes, and said in plain words."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from federation.migrate.archive import Archive
from federation.migrate.member_file import read
from federation.migrate.spreadsheets import HEAD_BYTES, is_spreadsheet
from schemas.errors import Code, InputError, Language, words_of

ODS = b"application/vnd.oasis.opendocument.spreadsheet"


def packed(*parts: tuple[str, bytes]) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return made.getvalue()


XLSX_FILE = packed(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))
ODS_FILE = packed(("mimetype", ODS), ("content.xml", b"<office/>"))
XLS_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
TABLES = packed(("users.csv", b"id;name\n1;An\n"))


@pytest.mark.parametrize("name", ["leden.csv", "leden.zip", "leden"])
@pytest.mark.parametrize("content", [XLSX_FILE, ODS_FILE, XLS_FILE])
def test_a_workbook_is_known_by_its_first_bytes_whatever_it_is_called(
    name: str, content: bytes
) -> None:
    assert is_spreadsheet(name, content[:HEAD_BYTES])


@pytest.mark.parametrize("name", ["a.xlsx", "A.XLSM", "b.xls", "c.ods", "d.numbers"])
def test_a_workbook_is_known_by_its_name(name: str) -> None:
    assert is_spreadsheet(name, b"")


@pytest.mark.parametrize(("name", "content"), [("a.zip", TABLES), ("users.csv", b"id;name\n")])
def test_tables_are_none(name: str, content: bytes) -> None:
    assert not is_spreadsheet(name, content[:HEAD_BYTES])


@pytest.mark.parametrize("content", [XLSX_FILE, ODS_FILE, XLS_FILE])
@pytest.mark.parametrize("name", ["leden.csv", "leden.zip", "leden.xlsx"])
def test_an_import_and_a_file_of_members_say_so(tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    for asking in (lambda: Archive(file), lambda: read(content, name, {})):
        with pytest.raises(InputError) as told:
            asking()
        assert told.value.code is Code.SPREADSHEET_FILE
        assert told.value.facts["field"] == name


def test_what_to_do_stands_in_three_languages() -> None:
    for language in Language:
        words = words_of(Code.SPREADSHEET_FILE, language)
        assert "CSV" in words.next_step
        assert "{field}" in words.what
