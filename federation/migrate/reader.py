"""Streams the tables of an archive as typed rows and keeps count of what it saw.

Invariant: a table may be read again and again, and gives the same rows each time. An absent
table has no rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from federation.migrate.csv_rows import Rows
from federation.migrate.file_form import open_as
from federation.migrate.issues import Issue, Issues
from federation.migrate.moments import REWRITTEN
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.migrate.archive import Archive
    from federation.migrate.choices import Choices
    from federation.migrate.g3 import Table
    from federation.migrate.planned import DoubleCode
    from federation.migrate.sources import Found, Sources

T = TypeVar("T")


class Reader:
    """Reads one archive; what is odd goes to `issues`."""

    def __init__(
        self, archive: Archive, sources: Sources, choices: Choices, issues: Issues
    ) -> None:
        """Read nothing yet."""
        self._archive = archive
        self.sources = sources
        self.choices = choices
        self.issues = issues
        self.rows_read: dict[str, int] = {}
        """By file."""
        self.aside: dict[str, tuple[str, ...]] = {}
        """Columns that were not looked at, by file."""
        self.pictures = archive.pictures()
        """Names of the pictures that are there."""
        self.doubles: list[DoubleCode] = []
        """Accounts whose code another one had already."""
        self._told: set[tuple[str, str]] = set()

    def file(self, table: Table[T]) -> str:
        """Name the file in which the rows of a table are."""
        return self.sources.file(table.name)

    def rows(self, table: Table[T]) -> Iterator[T]:
        """Yield the usable rows of a table in the order of the file.

        Raises:
            InputError: as `csv_rows.Rows` and `Archive.open`.

        """
        for found in self.sources.of(table.name):
            yield from self._read(found)

    def _read(self, found: Found) -> Iterator[Any]:
        file, line, read = found.file, 0, 0
        issues = self.issues if found.first else Issues()
        seen: set[int] = set()

        def note(field: str, reason: str) -> None:
            if reason == REWRITTEN:  # a spreadsheet has done it to all rows
                if (file, field) in self._told:
                    return
                self._told.add((file, field))
            issues.add(Issue(file, line, Code.MALFORMED, field, reason))

        with open_as(self._archive.open(found.table), found.form) as stream:
            rows = Rows(stream, file, found.read.columns, found.form)
            self.issues.name_columns(file, rows.called)
            before = rows.aside if found.first else self.aside.get(file, rows.aside)
            self.aside[file] = tuple(name for name in before if name in rows.aside)
            for line, cells in rows.read(issues):
                read += 1
                try:
                    row = found.read.make(cells, line, note)
                except InputError as error:
                    issues.add(_issue(file, line, error))
                    continue
                if row is None or (found.once and row.id in seen):
                    continue
                if found.once:
                    seen.add(row.id)
                yield row
        if found.first:
            self.rows_read[file] = read + rows.refused


def _issue(file: str, line: int, error: InputError) -> Issue:
    field, reason = str(error.facts["field"]), str(error.facts["reason"])
    return Issue(file, line, error.code, field, reason, refused=True)
