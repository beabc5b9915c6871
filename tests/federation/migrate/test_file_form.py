"""A file is read whatever wrote it: encodings, delimiters, spreadsheets; damage is named."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.migrate.archive import Archive
from federation.migrate.choices import Choices
from federation.migrate.csv_rows import records
from federation.migrate.file_form import (
    PLAIN,
    Delimiter,
    Encoding,
    FileForm,
    detect,
    open_as,
)
from federation.migrate.plan import build_plan, transfers
from federation.migrate.planned import Plan
from schemas.errors import Code, InputError

Tables = dict[str, str | bytes]
OpenTables = Callable[[Mapping[str, str | bytes]], Archive]

TEXT = "id,name\n1,Zoë\n2,€ 5\n"


def cells_of(content: bytes, form: FileForm | None = None) -> list[list[str | None]]:
    form = detect(io.BytesIO(content)) if form is None else form
    return [each.cells for each in records(open_as(io.BytesIO(content), form), "x.csv", form)]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), Encoding.UTF_8),
        (TEXT.encode("utf-8-sig"), Encoding.UTF_8),
        (TEXT.encode("utf-16"), Encoding.UTF_16_LE),
        (TEXT.encode("utf-16-le"), Encoding.UTF_16_LE),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), Encoding.UTF_16_BE),
        (TEXT.encode("utf-16-be"), Encoding.UTF_16_BE),
        (TEXT.encode("cp1252"), Encoding.CP1252),
    ],
)
def test_an_encoding_is_found_and_read(content: bytes, encoding: Encoding) -> None:
    assert detect(io.BytesIO(content)).encoding is encoding
    assert cells_of(content) == [["id", "name"], ["1", "Zoë"], ["2", "€ 5"]]


@pytest.mark.parametrize("delimiter", Delimiter)
def test_a_delimiter_is_found_outside_quotes(delimiter: Delimiter) -> None:
    content = f'id{delimiter}"a,;,;,;\t\t"{delimiter}c\n1{delimiter}2{delimiter}3\n'.encode()

    assert detect(io.BytesIO(content)).delimiter is delimiter
    assert cells_of(content)[1] == ["1", "2", "3"]


def test_one_damaged_byte_does_not_change_how_the_rest_is_read() -> None:
    content = "id,name\n1,Zoë\n".encode() + b"2,\xeb\n"

    with pytest.raises(InputError) as caught:
        cells_of(content)

    assert (caught.value.code, caught.value.facts["line"]) == (Code.CSV_ENCODING, 3)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (TEXT.encode("cp1252") + b"3,\x81\n", 4),
        (TEXT.encode("utf-16") + b"3\x00,\x00\x00\xd8\n\x00", 4),
    ],
)
def test_damage_in_another_encoding_names_its_line(content: bytes, line: int) -> None:
    with pytest.raises(InputError) as caught:
        cells_of(content)

    assert (caught.value.code, caught.value.facts["line"]) == (Code.CSV_ENCODING, line)


@given(st.binary(max_size=300), st.sampled_from([None, *Encoding]), st.booleans())
def test_any_bytes_in_any_form_are_read_or_refused_by_code(
    content: bytes, encoding: Encoding | None, bare_quotes: bool
) -> None:
    form = detect(io.BytesIO(content), encoding=encoding, bare_quotes=bare_quotes)

    try:
        cells_of(content, form)
    except InputError as error:
        assert error.code in {Code.CSV_ENCODING, Code.CSV_QUOTES, Code.CSV_TRUNCATED}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.sampled_from(Encoding))
def test_what_is_written_in_an_encoding_comes_out_as_utf8(text: str, encoding: Encoding) -> None:
    content = text.encode(encoding.value, errors="replace")
    form = FileForm(encoding=encoding)

    with open_as(io.BytesIO(content), form) as stream:
        assert stream.read().decode() == content.decode(encoding.value)


ELAS = (
    '"letscode","cdate","comments","name","status"\r\n'
    '"001","","een "mooie" dag","Els","1"\r\n'
    '"002","","twee\r\nregels, en "x"\r\nslot","Bart","1"\r\n'
    '"003","","te","wijd","An","1"\r\n'
    '"004","","te kort"\r\n'
    '"005","","","Jo","1"\r\n'
)


def test_the_bare_quotes_of_elas_are_read_and_only_a_row_in_doubt_is_not() -> None:
    form = detect(io.BytesIO(ELAS.encode()), bare_quotes=True)

    rows = [(each.line, each.cells) for each in records(io.BytesIO(ELAS.encode()), "x", form)]

    assert form.bare_quotes
    assert rows[1:] == [
        (2, ["001", "", 'een "mooie" dag', "Els", "1"]),
        (3, ["002", "", 'twee\r\nregels, en "x"\r\nslot', "Bart", "1"]),
        (6, ["003", "", "te", "wijd", "An", "1"]),
        (7, ["004", "", "te kort"]),
        (8, ["005", "", "", "Jo", "1"]),
    ]


def test_elas_cut_off_in_a_text_names_the_line() -> None:
    content = ELAS[:-30].encode()
    form = detect(io.BytesIO(content), bare_quotes=True)

    with pytest.raises(InputError) as caught:
        list(records(io.BytesIO(content), "x", form))

    assert (caught.value.code, caught.value.facts["line"]) == (Code.CSV_TRUNCATED, 7)


def noted(plan: Plan) -> list[tuple[str, int, str, bool]]:
    return [(each.file, each.line, each.reason, each.refused) for each in plan.receipt.issues]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_an_export_that_a_spreadsheet_saved_means_the_same(
    open_tables: OpenTables, tables: Tables, encoding: str, delimiter: str
) -> None:
    tables["users"] = str(tables["users"]).replace("Bart", "Zoë")
    as_downloaded = build_plan(open_tables(tables))
    saved: Tables = {
        name: str(text)
        .replace('"Taart, groot"', "Taart groot")
        .replace(",", delimiter)
        .replace("\n", "\r\n")
        .encode(encoding)
        for name, text in tables.items()
    }

    archive = open_tables(saved)
    plan = build_plan(archive)

    assert plan.accounts == as_downloaded.accounts
    assert plan.receipt.balances == as_downloaded.receipt.balances
    assert [each.source_key for each in transfers(archive, plan)] == [
        *("transid:aa", "id:2", "transid:cc")
    ]
    told = {each.file for each in plan.receipt.issues if "spreadsheet" in each.reason}
    changed = delimiter != "," or encoding == "utf-16"
    assert told >= ({"users.csv", "transactions.csv", "balance.csv"} if changed else set())


def test_dates_that_a_spreadsheet_wrote_anew_are_taken_and_told_once_a_column(
    open_tables: OpenTables, tables: Tables
) -> None:
    plain = build_plan(open_tables(tables))
    tables["transactions"] = (
        str(tables["transactions"])
        .replace("2024-01-02 03:04:05.678901", "2/01/2024 3:04:05")
        .replace("2024-01-03 00:00:00", "03/01/2024 0:00")
        .replace("2024-01-01 00:00:00", "1-1-2024 00:00")
    )

    archive = open_tables(tables)
    plan = build_plan(archive)

    assert [each.at_s for each in transfers(archive, plan)] == [
        *(1_704_164_645, 1_704_240_000, 1_704_067_200)
    ]
    assert plan.receipt.balances == plain.receipt.balances
    assert [(file, line) for file, line, reason, _ in noted(plan) if "spreadsheets" in reason] == [
        ("transactions.csv", 2)
    ]


def test_a_month_before_its_day_is_refused_where_it_shows(
    open_tables: OpenTables, tables: Tables
) -> None:
    tables["transactions"] = str(tables["transactions"]).replace(
        "2024-01-03 00:00:00", "01/31/2024 0:00"
    )

    plan = build_plan(open_tables(tables))

    assert ("transactions.csv", 3, "no such time (day before month?)", True) in noted(plan)


def test_zeros_that_a_spreadsheet_dropped_are_told_and_put_back(open_tables: OpenTables) -> None:
    users = "id,code,name,status\n1,1,Els,1\n2,45,Bart,1\n3,101,An,1\n"

    plain = build_plan(open_tables({"users": users}))
    filled = build_plan(open_tables({"users": users}), Choices(code_width=3))

    assert [each.code for each in plain.accounts] == ["1", "45", "101"]
    assert "none begins with 0" in noted(plain)[0][2]
    assert [each.code for each in filled.accounts] == ["001", "045", "101"]
    assert filled.receipt.issues == ()


def test_a_chosen_form_is_not_looked_for(open_tables: OpenTables) -> None:
    users = "id,code,name,status\n1,1,Zoë,1\n".encode()

    chosen = Choices(encoding=Encoding.CP1252, delimiter=Delimiter.COMMA)

    assert build_plan(open_tables({"users": users}), chosen).accounts[0].name == "ZoÃ«"
    assert detect(io.BytesIO(users)) == PLAIN


def test_double_codes_are_told_apart_as_chosen(open_tables: OpenTables) -> None:
    users = "id,code,name,status\n1,001,Els,1\n2,001,Bart,1\n"

    plan = build_plan(open_tables({"users": users}), Choices(codes={"2": "001b"}))

    assert [each.code for each in plan.accounts] == ["001", "001b"]
    assert plan.receipt.issues == ()
