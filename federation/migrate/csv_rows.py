"""Rows of a CSV file as PostgreSQL writes it: RFC 4180, LF, UTF-8, streamed.

Other encodings are made UTF-8 by `file_form` before, other delimiters and the bare quotes of eLAS
are told to `Rows`.

Invariant: NULL (empty, unquoted) and the empty text (`""`) stay apart, and a cell of a column
that was not asked for never leaves this module, so a password hash cannot either. Damage to the
form (bytes, quotes, an end inside a row) ends the reading: what follows cannot be trusted. A row
of another width than the header is refused by itself. What cells mean is for `g3`.

Line numbers are physical lines, 1-based, of the row's start.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from federation.migrate.bare_quotes import BareRecords, split_bare
from federation.migrate.file_form import PLAIN, Delimiter, FileForm
from federation.migrate.issues import Issue, Issues
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FIELD_SIZE_MAX: Final = 2**20
"""Characters of one cell; the longest that eLAND takes is some thousands."""
ROW_SIZE_MAX: Final = 4 * 2**20
"""Bytes of one row."""
ROWS_MAX: Final = 2_000_000
"""Rows of one file; a group of 250 members reaches 100,000 in 30 years."""
COLUMNS_MAX: Final = 200
_ASIDE_MAX: Final = 40
_BOM: Final = b"\xef\xbb\xbf"
_CHUNK_SIZE: Final = 64 * 1024
_NOT_ENDED: Final = "the last row does not end with a line feed; is the file whole?"
_TWICE: Final = "interlets"
"""Stands twice in an export of eLAND before 2019: behind the payer, and behind the payee."""
_TWICE_SECOND: Final = "interlets 2"
_BLANKS: Final = re.compile(r"\s+")
_CELL: Final = {
    each: re.compile(rf'(?:"([^"]*(?:""[^"]*)*)"|([^"{each}\n]*))({each}|\Z)')
    for each in map(str, Delimiter)
}

Cell = str | None
"""`None` is NULL."""


class Record(NamedTuple):
    """A row before its columns have names."""

    line: int
    cells: list[Cell]
    ended: bool
    """Whether a line feed ended it; only a file's last row can lack one."""


class Column(NamedTuple):
    """A column that a reader asks for, by its name today and its former ones."""

    name: str
    former: tuple[str, ...] = ()
    necessary: bool = False


class Row(NamedTuple):
    """The cells that were asked for, in the order of the columns; absent columns are NULL."""

    line: int
    cells: tuple[Cell, ...]


class Rows:
    """A file's header, read at once, and its rows, read as they are taken."""

    def __init__(
        self,
        stream: IO[bytes],
        file: str,
        columns: tuple[Column, ...],
        form: FileForm = PLAIN,
    ) -> None:
        """Read the header of a stream in UTF-8, written as `form` says.

        Raises:
            InputError: `csv_column_missing`, `csv_column_twice`, or as `records`.

        """
        self._file = file
        self._records = records(stream, file, form)
        first = next(self._records, None)
        self._cut = first is not None and not first.ended
        header = header_names([] if first is None else first.cells)
        if len(header) > COLUMNS_MAX:
            raise InputError(
                Code.CSV_TOO_LARGE, field=file, line=1, limit=COLUMNS_MAX, what="columns"
            )
        places = {name: place for place, name in enumerate(header)}
        if len(places) < len(header):
            twice = next(name for name in header if header.count(name) > 1)
            raise InputError(Code.CSV_COLUMN_TWICE, field=file, column=_shown(twice))
        self._width = len(header)
        self._take, taken = _taker(file, places, columns)
        self.called = _called(places, columns)
        """What the header calls each column, by every name that the column may have."""
        self.aside = tuple(_shown(name) for place, name in enumerate(header) if place not in taken)[
            :_ASIDE_MAX
        ]
        """Names of the columns that nobody asked for."""
        self.refused = 0
        """Rows of another width, so far."""

    def read(self, issues: Issues) -> Iterator[Row]:
        """Yield each row that is as wide as the header; the others become issues.

        Raises:
            InputError: `csv_truncated` for a last row that is cut off, or as `records`.

        """
        if self._cut:
            issues.add(Issue(self._file, 1, Code.CSV_TRUNCATED, "row", _NOT_ENDED))
        for line, cells, ended in self._records:
            if len(cells) != self._width:
                if not ended and len(cells) < self._width:
                    raise InputError(Code.CSV_TRUNCATED, field=self._file, line=line)
                self.refused += 1
                reason = f"{len(cells)} fields where the header has {self._width}"
                issues.add(Issue(self._file, line, Code.CSV_WIDTH, "row", reason, refused=True))
                continue
            if not ended:
                issues.add(Issue(self._file, line, Code.CSV_TRUNCATED, "row", _NOT_ENDED))
            cells.append(None)
            yield Row(line, self._take(cells))


def records(stream: IO[bytes], file: str, form: FileForm = PLAIN) -> Iterator[Record]:
    """Yield the records of a stream, the header first. A leading BOM is dropped, CRLF taken as LF.

    Raises:
        InputError: `csv_encoding`, `csv_quotes`, `csv_truncated`, `csv_too_large`, each with
            file and line.

    """
    line, raw_record = 1, BareRecords() if form.bare_quotes else _raw_record
    for number in range(ROWS_MAX + 2):
        raw, lines = raw_record(stream, file, line)
        if not raw:
            return
        if number > ROWS_MAX:
            raise InputError(Code.CSV_TOO_LARGE, field=file, line=line, limit=ROWS_MAX, what="rows")
        if number == 0:
            raw = raw.removeprefix(_BOM)
        text = _decoded(raw)
        if text is None:
            raise InputError(Code.CSV_ENCODING, field=file, line=line)
        ended = text.endswith("\n")
        body = text.removesuffix("\n").removesuffix("\r")
        cells = split_bare(body) if form.bare_quotes else split(body, form.delimiter)
        if cells is None:
            raise InputError(Code.CSV_QUOTES, field=file, line=line)
        if len(text) > FIELD_SIZE_MAX and max(len(cell or "") for cell in cells) > FIELD_SIZE_MAX:
            what = "characters in a field"
            raise InputError(
                Code.CSV_TOO_LARGE, field=file, line=line, limit=FIELD_SIZE_MAX, what=what
            )
        yield Record(line, cells, ended)
        line += lines


def read_header(stream: IO[bytes], file: str, form: FileForm = PLAIN) -> list[str]:
    """Read the names of the columns only; raises as `records`."""
    return header_names(_next_cells(records(stream, file, form)))


def header_names(cells: list[Cell]) -> list[str]:
    """Give the names as columns are looked for."""
    names = [_BLANKS.sub(" ", cell or "").strip().lower() for cell in cells]
    if names.count(_TWICE) == len((_TWICE, _TWICE_SECOND)):
        names[names.index(_TWICE, names.index(_TWICE) + 1)] = _TWICE_SECOND
    return names


def split(text: str, delimiter: str = Delimiter.COMMA) -> list[Cell] | None:
    """Split one record without its line end into cells; `None` when a quote is in a wrong place."""
    if '"' not in text:
        return [cell or None for cell in text.split(delimiter)]
    cells: list[Cell] = []
    place = 0
    pattern = _CELL[delimiter]
    while True:
        found = pattern.match(text, place)
        if found is None:
            return None
        quoted, plain, more = found.groups()
        cells.append((plain or None) if quoted is None else quoted.replace('""', '"'))
        if not more:
            return cells
        place = found.end()


def count_rows(stream: IO[bytes]) -> int:
    """Count the rows below the header of a table that is not read, in whatever encoding."""
    ends, quotes, last = 0, 0, b"\n"
    while chunk := stream.read(_CHUNK_SIZE):
        pieces = chunk.split(b'"')
        ends += sum(
            piece.count(b"\n") for place, piece in enumerate(pieces) if not (place + quotes) % 2
        )
        quotes += len(pieces) - 1
        last = chunk[-1:]
    return max(0, ends + (last != b"\n") - 1)


def _raw_record(stream: IO[bytes], file: str, line: int) -> tuple[bytes, int]:
    """Read the physical lines of one record: up to a line feed after an even number of quotes."""
    raw = stream.readline(ROW_SIZE_MAX + 1)
    quotes, size = raw.count(b'"'), len(raw)
    if not quotes % 2 and size <= ROW_SIZE_MAX:
        return raw, 1
    pieces = [raw]
    while quotes % 2 and size <= ROW_SIZE_MAX:
        raw = stream.readline(ROW_SIZE_MAX + 1)
        if not raw:
            raise InputError(Code.CSV_TRUNCATED, field=file, line=line)
        pieces.append(raw)
        quotes += raw.count(b'"')
        size += len(raw)
    if size > ROW_SIZE_MAX:
        raise InputError(
            Code.CSV_TOO_LARGE, field=file, line=line, limit=ROW_SIZE_MAX, what="bytes in a row"
        )
    return b"".join(pieces), len(pieces)


def _decoded(raw: bytes) -> str | None:
    """Decode; the error of the codec holds the bytes (a hash, perhaps), so it stays in here."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def _next_cells(found: Iterator[Record]) -> list[Cell]:
    record = next(found, None)
    return [] if record is None else record.cells


def _taker(
    file: str, places: Mapping[str, int], columns: tuple[Column, ...]
) -> tuple[Callable[[list[Cell]], tuple[Cell, ...]], set[int]]:
    """Find where each column stands; one that is absent is read from a NULL behind the row."""
    indexes: list[int] = []
    for column in columns:
        names = (column.name, *column.former)
        name = next((name for name in names if name in places), None)
        if name is None and column.necessary:
            raise InputError(Code.CSV_COLUMN_MISSING, field=file, column=column.name)
        indexes.append(len(places) if name is None else places[name])
    assert len(indexes) > 1, "one index would make itemgetter give a cell, not a tuple"
    return itemgetter(*indexes), set(indexes)


def _called(places: Mapping[str, int], columns: tuple[Column, ...]) -> dict[str, str]:
    """Find what the header calls each column; its name today wins from a former one of another."""
    there = [
        (column, name)
        for column in columns
        for name in (column.name, *column.former)
        if name in places
    ]
    found = {known: _shown(name) for column, name in reversed(there) for known in column.former}
    return found | {column.name: _shown(name) for column, name in reversed(there)}


def _shown(name: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "?", name)[:40]
