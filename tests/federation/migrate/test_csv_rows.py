"""The CSV reader tells NULL from the empty text, and names file and line of any damage."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.migrate import csv_rows
from federation.migrate.csv_rows import (
    Column,
    Record,
    Row,
    Rows,
    count_rows,
    records,
    split,
)
from federation.migrate.issues import Issues
from schemas.errors import Code, InputError

COLUMNS = (Column("id", necessary=True), Column("name", ("former",)))


def read(content: bytes, columns: tuple[Column, ...] = COLUMNS) -> tuple[list[Row], Issues]:
    issues = Issues()
    return list(Rows(io.BytesIO(content), "users.csv", columns).read(issues)), issues


def refused(content: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read(content)
    return caught.value


def all_records(content: bytes) -> list[Record]:
    return list(records(io.BytesIO(content), "x.csv"))


def test_null_and_empty_text_stay_apart() -> None:
    rows, _ = read(b'id,name\n1,\n2,""\n,x\n')

    assert [row.cells for row in rows] == [("1", None), ("2", ""), (None, "x")]


def test_quotes_commas_and_line_ends_in_a_cell_are_kept() -> None:
    rows, _ = read(b'id,name\n1,"a,""b""\nc\r\nd"\n2,x\n')

    assert rows == [Row(2, ("1", 'a,"b"\nc\r\nd')), Row(5, ("2", "x"))]


def test_columns_are_found_by_name_in_any_order_and_others_are_named() -> None:
    rows = Rows(io.BytesIO(b"Name,x, ID \na,b,c\n"), "users.csv", COLUMNS)

    assert rows.aside == ("x",)
    assert [row.cells for row in rows.read(Issues())] == [("c", "a")]


def test_a_former_name_is_accepted_and_an_absent_column_is_null() -> None:
    assert read(b"former,id\na,b\n")[0] == [Row(2, ("b", "a"))]
    assert read(b"id,y\nb,c\n")[0] == [Row(2, ("b", None))]


def test_todays_name_goes_before_the_former_one() -> None:
    assert read(b"former,name,id\na,b,c\n")[0] == [Row(2, ("c", "b"))]


def test_a_byte_order_mark_and_crlf_are_tolerated() -> None:
    assert read(b"\xef\xbb\xbfid,name\r\n1,a\r\n")[0] == [Row(2, ("1", "a"))]


def test_a_missing_column_is_named() -> None:
    error = refused(b"name,x\n")

    assert (error.code, error.facts) == (
        Code.CSV_COLUMN_MISSING,
        {"field": "users.csv", "column": "id"},
    )


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_header_lacks_its_columns(content: bytes) -> None:
    assert refused(content).code is Code.CSV_COLUMN_MISSING


def test_a_column_that_stands_twice_is_named() -> None:
    error = refused(b"id,van,aan,Van\n")

    assert error.code is Code.CSV_COLUMN_TWICE
    assert error.facts["column"] == "van"


@pytest.mark.parametrize("bad", [b"2,\xff", b"2,\xe9t\xe9", b"2,\xed\xa0\x80"])
def test_bytes_that_are_not_utf8_name_file_and_line(bad: bytes) -> None:
    error = refused(b'id,name\n1,"a\nb"\n' + bad + b"\n")

    assert (error.code, error.facts) == (Code.CSV_ENCODING, {"field": "users.csv", "line": 4})
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'id,name\n1,a\n2,"begin of a', 3),
        (b'id,name\n1,a\n2,"begin\nmiddle\n', 3),
        (b"id,name\n1,a\n2", 3),
        (b'id,"na', 1),
    ],
)
def test_a_file_cut_off_inside_a_row_names_the_line(content: bytes, line: int) -> None:
    error = refused(content)

    assert (error.code, error.facts) == (Code.CSV_TRUNCATED, {"field": "users.csv", "line": line})


def test_a_last_row_without_line_feed_is_taken_and_noted() -> None:
    rows, issues = read(b"id,name\n1,a")

    assert rows == [Row(2, ("1", "a"))]
    assert [(issue.line, issue.code, issue.refused) for issue in issues.kept] == [
        (2, Code.CSV_TRUNCATED, False)
    ]


@pytest.mark.parametrize("bad", [b'2,a"b"c', b'2,"a"b', b'"2"x,"b"', b'2,"a" ', b'2, "a"'])
def test_a_quote_in_a_wrong_place_names_the_line(bad: bytes) -> None:
    error = refused(b'id,name\n1,"a"\n' + bad + b"\n")

    assert (error.code, error.facts) == (Code.CSV_QUOTES, {"field": "users.csv", "line": 3})


@pytest.mark.parametrize(("bad", "found"), [(b"2", 1), (b"2,b,c", 3), (b"", 1)])
def test_a_row_of_another_width_is_refused_alone(bad: bytes, found: int) -> None:
    rows, issues = read(b"id,name\n1,a\n" + bad + b"\n3,c\n")

    assert [row.line for row in rows] == [2, 4]
    (issue,) = issues.kept
    assert (issue.file, issue.line, issue.code, issue.refused) == (
        "users.csv",
        3,
        Code.CSV_WIDTH,
        True,
    )
    assert issue.reason.startswith(f"{found} fields")


def test_limits_on_rows_fields_and_columns_name_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "ROW_SIZE_MAX", 50)
    monkeypatch.setattr(csv_rows, "FIELD_SIZE_MAX", 20)
    monkeypatch.setattr(csv_rows, "ROWS_MAX", 3)

    for content, line in (
        (b"id,name\n1," + b"x" * 60 + b"\n", 2),
        (b'id,name\n1,"' + b"x\n" * 40 + b'"\n', 2),
        (b"id,name\n1," + b"x" * 21 + b"\n", 2),
        (b"id,name\n" + b"1,a\n" * 4, 5),
    ):
        error = refused(content)
        assert (error.code, error.facts["line"]) == (Code.CSV_TOO_LARGE, line)
    assert len(read(b"id,name\n" + b"1,a\n" * 3)[0]) == 3


def test_too_many_columns_are_refused() -> None:
    error = refused(b"id" + b",x" * 200 + b"\n")

    assert (error.code, error.facts["what"]) == (Code.CSV_TOO_LARGE, "columns")


def test_a_cell_that_was_not_asked_for_does_not_come_out() -> None:
    rows, _ = read(b"id,name,password\n1,a,hash\n")

    assert rows == [Row(2, ("1", "a"))]


def test_rows_of_an_unread_table_are_counted() -> None:
    assert count_rows(io.BytesIO(b"")) == 0
    assert count_rows(io.BytesIO(b"id\n")) == 0
    assert count_rows(io.BytesIO(b'id,x\n1,"a\nb"\n2,\xff\n3')) == 3


cells = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
tables = st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=6)


def write(table: list[list[str | None]], quoting: int) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=quoting)  # type: ignore[arg-type]
    writer.writerows(table)
    return out.getvalue().encode()


@given(tables)
def test_what_the_standard_writer_quotes_is_read_back(table: list[list[str | None]]) -> None:
    found = all_records(write(table, csv.QUOTE_ALL))

    assert [record.cells for record in found] == [[cell or "" for cell in row] for row in table]


@given(tables)
def test_what_the_standard_writer_writes_sparingly_is_read_back(
    table: list[list[str | None]],
) -> None:
    table = [[(cell or "").replace("\r", "") or None for cell in row] for row in table]
    table[0][0] = (table[0][0] or "").replace("\ufeff", "") or None

    found = all_records(write(table, csv.QUOTE_MINIMAL))

    assert [record.cells for record in found] == table


def written(row: list[str | None]) -> str:
    """Write a row as PostgreSQL does, every text quoted."""
    quoted = ("" if cell is None else '"' + cell.replace('"', '""') + '"' for cell in row)
    return ",".join(quoted)


@given(tables)
def test_null_empty_text_and_line_numbers_survive(table: list[list[str | None]]) -> None:
    lines = [written(row) for row in table]
    starts = [1 + sum(line.count("\n") + 1 for line in lines[:at]) for at in range(len(lines))]

    found = all_records(("\n".join(lines) + "\n").encode())

    assert [(record.line, record.cells) for record in found] == list(
        zip(starts, table, strict=True)
    )


@given(tables)
def test_counting_agrees_with_reading(table: list[list[str | None]]) -> None:
    content = ("\n".join(map(written, table)) + "\n").encode()

    assert count_rows(io.BytesIO(content)) == len(all_records(content)) - 1


@given(st.binary(max_size=60) | st.text('a,"\n\r', max_size=30).map(str.encode))
def test_any_bytes_are_read_or_refused_by_code(content: bytes) -> None:
    try:
        all_records(content)
    except InputError as error:
        assert error.code in {Code.CSV_ENCODING, Code.CSV_QUOTES, Code.CSV_TRUNCATED}


@given(st.text('ab,"', max_size=20))
def test_splitting_agrees_with_the_standard_reader_where_it_is_strict(text: str) -> None:
    cells = split(text)

    def strict() -> Iterator[list[str]]:
        return csv.reader([text], strict=True)

    if cells is not None and text:
        assert [cell or "" for cell in cells] == next(strict())
