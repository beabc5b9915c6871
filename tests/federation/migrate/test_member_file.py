"""A file about members: any order, language, encoding and delimiter; what is wrong is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.group.member_list import Column
from federation.migrate.member_file import COLUMNS, SIZE_MAX, Field, read
from federation.web.member_cells import CODE, NAME
from federation.web.member_cells import COLUMNS as HEADS
from federation.words.texts import texts
from schemas.codes import Code
from schemas.errors import InputError
from schemas.texts.words import Language

MEMBERS = {"001": 1, "002": 2, "A 3": 3}
HEAD = "Letscode;Naam;Telefoon"


def rows(
    text: str, encoding: str = "utf-8-sig"
) -> list[tuple[int, str, int | None, dict[str, str]]]:
    found = read(text.encode(encoding), "x.csv", MEMBERS)
    return [
        (row.line, row.code, row.account, {field.value: text for field, text in row.said.items()})
        for row in found.rows
    ]


def issues(text: str) -> list[tuple[int, str, bool]]:
    found = read(text.encode(), "x.csv", MEMBERS)
    return [(one.line, one.field, one.refused) for one in found.issues]


@pytest.mark.parametrize("language", list(Language))
def test_every_column_of_the_list_is_known_by_its_head(language: Language) -> None:
    said = texts(language).say
    heads = {Field.CODE: CODE, Field.NAME: NAME}
    heads |= {f: HEADS[Column(f.value)] for f in Field if f.value in set(Column)}

    assert set(heads) == set(COLUMNS)
    for field, head in heads.items():
        assert said(head).casefold() in COLUMNS[field], said(head)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spreadsheets_may_write_it_as_they_like(encoding: str, delimiter: str, end: str) -> None:
    text = f"Naam;Saldo;Letscode{end}Zoë;5;001{end}".replace(";", delimiter)

    assert rows(text, encoding) == [(2, "001", 1, {"name": "Zoë"})]


def test_an_empty_cell_says_nothing_and_a_dash_empties() -> None:
    found = rows(f"{HEAD}\n001;;-\n002;'=Bob;'+32 3\n;;\n")

    assert found == [
        (2, "001", 1, {"phone": ""}),
        (3, "002", 2, {"name": "=Bob", "phone": "+32 3"}),
    ]


def test_codes_are_found_without_zeros_and_in_any_case_and_others_are_new() -> None:
    found = read(f"{HEAD}\n1;An;\na3;Cor;\n001 bis;Dan;\n".encode(), "x.csv", MEMBERS)

    assert [row.account for row in found.rows] == [1, 3, None]
    assert [(one.line, one.refused) for one in found.issues] == [(2, False)]


def test_a_doubled_row_counts_once_and_a_contradicting_one_is_refused() -> None:
    text = f"{HEAD}\n001;An;\n001;An;\n1;Anna;\n9;Nieuw;\n09;Nieuw;\n"

    assert issues(text) == [(3, "code", False), (4, "code", False), (4, "code", True)]
    assert [row[1] for row in rows(text)] == ["001", "9", "09"]


def test_what_a_spreadsheet_has_spoilt_is_named() -> None:
    assert issues(f"{HEAD}\n001;An;3,24701E+10\n;Zonder;\n002;B;1;2\n") == [
        (2, "phone", True),
        (3, "code", True),
        (4, "row", True),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", Code.CSV_COLUMN_MISSING),
        (b"PK\x03\x04spreadsheet", Code.CSV_COLUMN_MISSING),
        (b"Naam;Telefoon\nAn;1\n", Code.CSV_COLUMN_MISSING),
        (b"Letscode;Naam;naam\n001;a;b\n", Code.CSV_COLUMN_TWICE),
        (b'Letscode;Naam\n001;"An', Code.CSV_TRUNCATED),
        (b"Letscode;Naam;Postcode\n001;An\n002", Code.CSV_TRUNCATED),
        (b'Letscode;Naam\n001;A"n"\n', Code.CSV_QUOTES),
        ("Letscode;Naam\n001;Zoë\n".encode() + b"002;\xff\n", Code.CSV_ENCODING),
        (b"Letscode;Naam\n" + b"x" * SIZE_MAX, Code.TOO_LARGE),
    ],
)
def test_a_damaged_file_is_refused_as_a_whole(content: bytes, code: Code) -> None:
    with pytest.raises(InputError) as refused:
        read(content, "x.csv", MEMBERS)

    assert refused.value.code is code


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for given_bytes in (content, b"Letscode;Naam\n" + content):
        try:
            read(given_bytes, "x.csv", MEMBERS)
        except InputError:
            continue
