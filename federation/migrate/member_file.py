"""A file about members, to change or add some: the list that pages give, filled in and read again.

Read by the names of its columns, in any order and in our three languages; other columns are named
and left alone. Invariant: what is noticed names file, line and column, never what stands there. An
empty cell says nothing, a dash says that nothing is to stand there.
"""

from __future__ import annotations

import io
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.migrate.codes import Codes, folded, number_of
from federation.migrate.csv_rows import Column, Rows
from federation.migrate.file_form import Encoding, detect, open_as
from federation.migrate.issues import Issue, Issues
from federation.migrate.spreadsheets import HEAD_BYTES, is_spreadsheet
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.migrate.csv_rows import Row

SIZE_MAX: Final = 1024 * 1024
ROWS_MAX: Final = 2_000
NOTHING: Final = "-"
_ZIP: Final = b"PK\x03\x04"
_FORMULA: Final = re.compile(r"'[=+\-@\t\r]")
_AS_NUMBER: Final = re.compile(r"[0-9]([.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)


class Field(StrEnum):
    """What such a file may say of a member, by the name of its column in English."""

    CODE = "code"
    NAME = "name"
    FULL_NAME = "full_name"
    POSTCODE = "postcode"
    PLACE = "place"
    MAIL = "mail"
    PHONE = "phone"
    LANGUAGE = "language"
    NOTE = "note"


COLUMNS: Final[Mapping[Field, tuple[str, ...]]] = {
    Field.CODE: ("letscode", "code du membre", "member code", "code", "lidnummer", "numéro"),
    Field.NAME: ("naam", "nom", "name"),
    Field.FULL_NAME: ("volledige naam", "nom complet", "full name"),
    Field.POSTCODE: ("postcode", "code postal"),
    Field.PLACE: ("gemeente", "commune", "town", "place", "localité"),
    Field.MAIL: ("mailadres", "adresse mail", "mail address", "e-mail", "email", "courriel"),
    Field.PHONE: ("telefoon", "téléphone", "telephone", "phone"),
    Field.LANGUAGE: ("taal", "langue", "language"),
    Field.NOTE: ("notitie", "note", "nota", "notes"),
}


class MemberRow(NamedTuple):
    """What one row says: only the fields that say something; an empty text empties a field."""

    line: int
    code: str
    account: int | None
    """The member who has this code; none when nobody has it yet."""
    said: Mapping[Field, str]


class MemberFile(NamedTuple):
    """A file as it was read."""

    rows: tuple[MemberRow, ...]
    issues: tuple[Issue, ...]
    aside: tuple[str, ...]
    """Columns that change nothing."""


def read(content: bytes, file: str, accounts: Mapping[str, int]) -> MemberFile:
    """Read a file; `accounts` are those of members by their codes.

    Raises:
        InputError: `too_large`, `csv_column_missing`, `csv_column_twice`, `csv_encoding`,
            `csv_quotes`, `csv_truncated`, `csv_too_large`, `spreadsheet_file`; `malformed` for what
            is no CSV at all.

    """
    if len(content) > SIZE_MAX:
        raise InputError(Code.TOO_LARGE, field=file, limit=SIZE_MAX)
    if is_spreadsheet(file, content[:HEAD_BYTES]):
        raise InputError(Code.SPREADSHEET_FILE, field=file)
    if content.startswith(_ZIP) or not content.strip():
        raise InputError(Code.CSV_COLUMN_MISSING, field=file, column="Letscode")
    form = detect(io.BytesIO(content))
    issues = Issues()
    if form.encoding is not Encoding.UTF_8:
        reason = f"read as {form.encoding.value}: a spreadsheet has written this file anew"
        issues.add(Issue(file, 0, Code.CSV_ENCODING, "", reason))
    columns = tuple(
        Column(names[0], names[1:], field is Field.CODE) for field, names in COLUMNS.items()
    )
    rows = Rows(open_as(io.BytesIO(content), form), file, columns, form)
    reading = _Reading(file, accounts, issues)
    read_rows = [row for row in map(reading.take, rows.read(issues)) if row is not None]
    if len(read_rows) > ROWS_MAX:
        raise InputError(Code.CSV_TOO_LARGE, field=file, line=0, limit=ROWS_MAX, what="rows")
    return MemberFile(tuple(read_rows), tuple(issues.kept), rows.aside)


class _Reading:
    """Reads rows one after the other, and knows those before."""

    def __init__(self, file: str, accounts: Mapping[str, int], issues: Issues) -> None:
        self._file = file
        self._issues = issues
        self._accounts = {folded(code): account for code, account in accounts.items()}
        self._by_number = {
            number_of("account", code): account for code, account in self._accounts.items()
        }
        self._codes = Codes(accounts)
        self._before: dict[int | str, Mapping[Field, str]] = {}

    def take(self, row: Row) -> MemberRow | None:
        """Give what a row says; nothing for one that is refused, and one that says nothing."""
        said = {
            field: _said(cell)
            for field, cell in zip(COLUMNS, row.cells, strict=True)
            if cell is not None and cell.strip()
        }
        if not said:
            return None
        code = said.pop(Field.CODE, "")
        if not code:
            self._refuse(row.line, Code.MALFORMED, Field.CODE, "empty")
            return None
        wrong = [field for field, text in said.items() if _AS_NUMBER.fullmatch(text)]
        for field in wrong:
            reason = "a spreadsheet has made a number of this"
            self._refuse(row.line, Code.MALFORMED, field, reason)
        account = self._account(row.line, code)
        known = folded(code) if account is None else account
        before = self._before.setdefault(known, said)
        if before is not said:
            if before == said:
                reason = "an earlier row says the same; it stands here once"
                self._issues.add(Issue(self._file, row.line, Code.MALFORMED, "code", reason))
            else:
                reason = "an earlier row is about the same member, and says something else"
                self._refuse(row.line, Code.MALFORMED, Field.CODE, reason)
            return None
        return None if wrong else MemberRow(row.line, code, account, said)

    def _account(self, line: int, code: str) -> int | None:
        """Find the member of a code, also where a spreadsheet has dropped the zeros before it."""
        found = self._accounts.get(folded(code))
        if found is not None or not code.isdecimal():
            return found

        def note(field: str, reason: str) -> None:
            self._issues.add(Issue(self._file, line, Code.MALFORMED, field, reason))

        try:
            return self._by_number[self._codes.find(code, Field.CODE, note)]
        except InputError:
            return None

    def _refuse(self, line: int, code: Code, field: Field, reason: str) -> None:
        self._issues.add(Issue(self._file, line, code, field.value, reason, refused=True))


def _said(cell: str) -> str:
    """Give what a cell says: without the mark that keeps a spreadsheet from reckoning with it."""
    said = cell.strip()
    if said == NOTHING:
        return ""
    return said[1:] if _FORMULA.match(said) else said
